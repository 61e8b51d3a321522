"""
BICLA, the BILAG-based Composite Lupus Assessment.

A responder has all five: every BILAG A of baseline improved to B or less and every B to C or less; no new A and at most one
new B; the SLEDAI-2K total not increased; the PGA not worsened by a tenth of its scale (0.30 on 0 to 3); no intercurrent
failure. It applies to subjects with an A or B at baseline, after the first infusion. Descriptors missing from the SLEDAI-2K can
prove an increase, never its absence.

Rulings. A PGA that rose by exactly 0.30 has worsened, as in SRI-4. Without an A or B at baseline BICLA does not apply: it is
then neither met nor failed.

Source: Wallace DJ et al. Ann Rheum Dis 2014;73:183-190.
"""

from __future__ import annotations

from app.rules.efficacy import bilag, pga, sledai
from app.rules.efficacy.sledai import items_of, score
from app.rules.efficacy.visits import NO_BASELINE, Baseline, Timepoint
from app.rules.facts import VisitFacts
from app.rules.verdict import Criterion, Rule, Truth, Value, Verdict, all_of, any_of, judge

RULE = Rule("bicla", "1", "BICLA", "Wallace DJ et al. Ann Rheum Dis 2014;73:183-190")


def _active(visit: VisitFacts) -> Truth:
    grades = (bilag.grade(visit, domain) for domain in bilag.DOMAINS)
    return any_of(None if grade is None else grade in bilag.ACTIVE for grade in grades)


def _improved(now: VisitFacts, then: VisitFacts) -> Criterion:
    each = [(domain, bilag.fallen(bilag.grade(now, domain), bilag.grade(then, domain))) for domain in bilag.DOMAINS]
    active = [domain for domain, _ in each if bilag.grade(then, domain) in bilag.ACTIVE]
    open_ = tuple(domain for domain, truth in each if truth is None)
    because = tuple(fact for domain in active for fact in (bilag.shown(then, domain), bilag.shown(now, domain)))
    lacking = (*bilag.missing(then, open_), *bilag.missing(now, open_))
    return Criterion("all_baseline_A_B_improved", all_of(truth for _, truth in each), because, lacking)


def _not_increased(now: VisitFacts, then: VisitFacts) -> Criterion:
    after, prior = score(items_of(now)), score(items_of(then))
    holds: Truth = False if after.lowest > prior.highest else None
    if after.total is not None and prior.total is not None:
        holds = after.total <= prior.total
    because = (sledai.points(then), sledai.points(now))
    return Criterion("sledai2k_not_increased", holds, because, (*sledai.missing(then), *sledai.missing(now)))


def bicla(at: Timepoint, base: Baseline, failure: Criterion) -> Verdict:
    """BICLA at a timepoint; not applicable without a baseline A or B, not evaluable where that itself is unknown."""
    then = base.bilag or NO_BASELINE
    applies = _active(then) if at.treated else False
    if applies is False:
        return Verdict(RULE, at.name, Value.NOT_APPLICABLE, evidence=(at.used(),))
    criteria = (
        _improved(at.visit, then),
        bilag.no_new_worsening(at.visit, then),
        _not_increased(at.visit, base.sledai or NO_BASELINE),
        pga.not_worsened(at.visit, base.pga or NO_BASELINE),
        failure,
    )
    if applies is None:
        return Verdict(RULE, at.name, Value.NOT_EVALUABLE, criteria, missing=bilag.missing(then), evidence=(at.used(),))
    return judge(RULE, at.name, criteria, evidence=(at.used(),))
