"""
SLE Responder Index: SRI-4, SRI-n for n of 5 to 8, and two labelled sensitivities: without serology, and from
the baseline before lymphodepletion.

A responder at a visit has all four: SLEDAI-2K fell by n points or more since baseline; no new BILAG A and at most one new B
since baseline; PGA did not rise by 0.30 or more on 0 to 3; no intercurrent failure. Any of them false: not met; else any
unknown: not evaluable. With descriptors missing at either visit the first is false where even the best completion (the highest
possible baseline less the points known now) falls short, and is never true; without a visit it is unknown, however low the
baseline. Before the first infusion it does not apply.

The modified index compares the clinical SLEDAI-2K instead: after a depletion of B cells four points can come from complement
and anti-dsDNA alone. Where the last assessment before the infusion was made under lymphodepletion, a study may report the index
from the last assessment before that as well. Each has its own rule id and never stands for the index itself.

Rulings. A PGA that rose by exactly 0.30 has worsened. What a study counts as a violation of its medication rules it lists as
intercurrent events; the index itself has no limit for glucocorticoids.

Disputed. "No new A or no more than one new B" of the first paper is read as *and*, as later trials print it. Trials impute a
missing response as none; here it is not evaluable, and an imputed value belongs to the analysis, where it is flagged.

Source: Furie RA et al. Arthritis Rheum 2009;61:1143-1151; Furie R et al. Arthritis Rheum 2011;63:3918-3930.
"""

from __future__ import annotations

from decimal import Decimal

from app.rules.efficacy import bilag, pga, sledai
from app.rules.efficacy.sledai import ALL, CLINICAL, Score, items_of, score
from app.rules.efficacy.visits import NO_BASELINE, Baseline, Timepoint
from app.rules.facts import VisitFacts
from app.rules.verdict import Criterion, Evidence, Rule, Truth, Value, Verdict, judge

_SOURCE = "Furie RA et al. Arthritis Rheum 2009;61:1143-1151"
POINTS = (4, 5, 6, 7, 8)
RULES = {n: Rule(f"sri{n}", "1", f"SRI-{n}", _SOURCE) for n in POINTS}
CLINICAL_RULES = {n: Rule(f"sri{n}_clinical", "1", f"SRI-{n} without serology (sensitivity)", _SOURCE) for n in POINTS}
UNTOUCHED_RULES = {
    n: Rule(f"sri{n}_untouched", "1", f"SRI-{n} from the baseline before lymphodepletion (sensitivity)", _SOURCE)
    for n in POINTS
}
TABLES = (RULES, CLINICAL_RULES, UNTOUCHED_RULES)
"""The index, without serology, and from the baseline before the lymphodepletion: each by its points."""


def _fell(then: Score, now: Score, points: int) -> Truth:
    if then.total is not None and now.total is not None:
        return then.total - now.total >= points
    return False if then.highest - now.lowest < points else None


def fall(then: VisitFacts | None, now: VisitFacts | None, keys: frozenset[str] = ALL) -> int | None:
    """By how many points the score fell from baseline, negative where it rose; None where either is incomplete."""
    if then is None or now is None:
        return None
    prior, after = score(items_of(then), keys).total, score(items_of(now), keys).total
    return None if prior is None or after is None else prior - after


def _drop(then: VisitFacts, at: Timepoint, points: int, *, clinical: bool) -> Criterion:
    keys, label = (CLINICAL, sledai.CLINICAL_RULE.title) if clinical else (ALL, sledai.RULE.title)
    now = at.visit
    by = fall(then, now, keys)
    because = [sledai.points(then, keys, label), sledai.points(now, keys, label)]
    because += [] if by is None else [Evidence(f"fall of {label}", str(by), "points")]
    return Criterion(
        f"{'csledai' if clinical else 'sledai2k'}_drop_ge_{points}",
        None if at.target is None else _fell(score(items_of(then), keys), score(items_of(now), keys), points),
        tuple(because),
        (*sledai.missing(then, keys), *sledai.missing(now, keys)),
    )


def sri(
    at: Timepoint,
    base: Baseline,
    failure: Criterion,
    *,
    points: int = 4,
    clinical: bool = False,
    worsening: Decimal = pga.WORSENING,
) -> Verdict:
    """
    SRI-n at a timepoint, about the timepoint; `amount` is the fall in points, where both scores are complete.

    Args:
        at: The timepoint with its visit; without one the criteria are unknown, unless a failure decides.
        base: The baseline visit of each instrument.
        failure: `intercurrent.no_failure` at the timepoint.
        points: n, of `POINTS`.
        clinical: The modified index without serology.
        worsening: The rise of the PGA on 0 to 3 that counts as worsening.
    """
    rule = (CLINICAL_RULES if clinical else RULES)[points]
    if not at.treated:
        return Verdict(rule, at.name, Value.NOT_APPLICABLE, evidence=(at.used(),))
    drop = _drop(base.sledai or NO_BASELINE, at, points, clinical=clinical)
    criteria = (
        drop,
        bilag.no_new_worsening(at.visit, base.bilag or NO_BASELINE),
        pga.not_worsened(at.visit, base.pga or NO_BASELINE, worsening),
        failure,
    )
    by = fall(base.sledai, at.target, CLINICAL if clinical else ALL)
    return judge(rule, at.name, criteria, amount=None if by is None else Decimal(by), evidence=(at.used(),))
