"""
Lupus low disease activity state: LLDAS as defined for adults, and childhood LLDAS; both are reported for children.

All five: (c1) SLEDAI-2K total of 4 or less, none of the 15 descriptors of major organs, no haemolytic anaemia and no
gastrointestinal activity; (c2) nothing new since the previous assessment; (c3) PGA of 1 or less on 0 to 3; (c4) prednisone
equivalent of 7.5 mg a day or less, for a child also 0.15 mg/kg a day or less; (c5) well tolerated standard maintenance
therapy without another investigational drug, for a child also stable.

Rulings. c1: a missing input leaves it unknown unless what is known already breaks it; it is never met on an incomplete
SLEDAI-2K. c2: new is a descriptor present now and absent then (serology included), a BILAG domain risen to A or B, haemolytic
anaemia or gastrointestinal activity that was absent then; unknown on either side is unknown where it could be new; without a
previous assessment there is nothing to compare with, so it is unknown. The study product is not an investigational drug here.
c5: the daily maxima are those of adults, see `background`, unless the study sets its own, as a protocol in children does.

Disputed. c1: some analyses leave out fewer descriptors than the 15 that the paper's organs have in SLEDAI-2K; all 15 here. c2:
read against the previous assessment, unscheduled ones included; others read it against baseline, or as a flare.

Source: Franklyn K et al. Ann Rheum Dis 2016;75:1615-1621 (LLDAS); Oon S et al. Ann Rheum Dis 2019;78:629-633 (c2 against the
previous assessment); Smith EMD et al. Ann Rheum Dis 2023;82:748-752 (childhood LLDAS: read in its abstract, the paper
itself was not seen).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from app.rules.efficacy import background, bilag, pga, sledai, steroids
from app.rules.efficacy.beyond import beyond
from app.rules.efficacy.sledai import MAJOR_ORGAN, WEIGHTS, items_of, score
from app.rules.efficacy.visits import Timepoint
from app.rules.facts import VisitFacts
from app.rules.verdict import Criterion, Evidence, Rule, Truth, Verdict, all_of, answered, any_of, judge, not_

RULE = Rule("lldas", "1", "LLDAS", "Franklyn K et al. Ann Rheum Dis 2016;75:1615-1621")
CHILD_RULE = Rule("clldas", "1", "Childhood LLDAS", "Smith EMD et al. Ann Rheum Dis 2023;82:748-752 (read in its abstract)")
MOST_POINTS = 4
MOST_PGA = Decimal("1")
MOST_MG = Decimal("7.5")
MOST_MG_PER_KG = Decimal("0.15")


def _low_activity(visit: VisitFacts) -> Criterion:
    items, found, asked = items_of(visit), score(items_of(visit)), beyond(visit)
    major = [key for key in WEIGHTS if key in MAJOR_ORGAN and items.get(key)]
    few: Truth = False if found.lowest > MOST_POINTS or major else None if found.total is None else True
    holds = all_of((few, *(not_(truth) for _, truth in asked)))
    basis = sledai.points(visit)
    because = [basis, *(Evidence(f"{key.upper()} at {visit.name}", "present", None, basis.at, basis.source) for key in major)]
    because += [answered(f"{what} at {visit.name}", truth, visit.at, visit.review_source) for what, truth in asked]
    lacking = (*sledai.missing(visit), *(f"{what} at {visit.name}" for what, truth in asked if truth is None))
    return Criterion("c1_sledai_le4_no_major_organ", holds, tuple(because), lacking)


def _appeared(now: Truth, then: Truth) -> Truth:
    if now is False or then is True:
        return False
    return None if now is None or then is None else True


def _news(now: VisitFacts, then: VisitFacts) -> list[tuple[str, Truth]]:
    after, prior = items_of(now), items_of(then)
    news = [(f"{key.upper()} of SLEDAI-2K", _appeared(after.get(key), prior.get(key))) for key in WEIGHTS]
    news += [
        (f"{domain} of BILAG-2004", bilag.risen(bilag.grade(now, domain), bilag.grade(then, domain)))
        for domain in bilag.DOMAINS
    ]
    pairs = zip(beyond(now), beyond(then), strict=True)
    return news + [(what, _appeared(current, past)) for (what, current), (_, past) in pairs]


def _nothing_new(at: Timepoint) -> Criterion:
    key, now, then = "c2_no_new_features", at.visit, at.previous
    if then is None:
        return Criterion(key, None, (), (f"an assessment before {now.name}",))
    news = _news(now, then)
    appeared = any_of(truth for _, truth in news)
    compared = Evidence(f"previous assessment of {now.name}", then.name, None, then.at, then.source)
    because = tuple(Evidence(f"new: {what}", now.name, None, now.at or None) for what, truth in news if truth)
    lacking = tuple(f"{what} at {then.name} and {now.name}" for what, truth in news if truth is None)
    return Criterion(key, not_(appeared), (compared, *because), lacking)


def lldas(at: Timepoint, *, child: bool = False, maxima: Mapping[str, Decimal] = background.ADULT) -> Verdict:
    """LLDAS, or childhood LLDAS, at a timepoint; `maxima`: those of background therapy that a study sets, mg a day by agent."""
    visit = at.visit
    criteria = (
        _low_activity(visit),
        _nothing_new(at),
        pga.below("c3_pga_le_1", visit, MOST_PGA, inclusive=True),
        steroids.at_most("c4_glucocorticoid", visit, MOST_MG, MOST_MG_PER_KG if child else None),
        background.standard_maintenance("c5_background_therapy", visit, asks_stability=child, maxima=maxima),
    )
    return judge(CHILD_RULE if child else RULE, at.name, criteria, evidence=(at.used(),))
