"""
Renal response at a timepoint from the results of a casebook.

The rules are those of `renal`, with their rulings; here they are given the results nearest to the visit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from app.rules.dates import days_between
from app.rules.efficacy import renal, steroids
from app.rules.efficacy.visits import Timepoint
from app.rules.facts import Facts, Measurement
from app.rules.laboratory import egfr
from app.rules.laboratory.series import CREATININE, filtration, of
from app.rules.verdict import Criterion, Verdict, judge, not_

UPCR, BEFORE_FLARE = "upcr", "filtration_before_flare"
DAYS = 7
GRAMS_PER_GRAM: Mapping[str, Decimal] = {
    "g/g": Decimal(1),
    "mg/mg": Decimal(1),
    "mg/g": Decimal("0.001"),
    "mg/mmol": Decimal("0.01"),
}
RULES: Mapping[str, Callable[[Decimal | None, Decimal | None, Decimal | None, bool | None, str], Verdict]] = {
    renal.CRR_RULE.id: renal.crr,
    renal.PERR_RULE.id: renal.perr,
}


def response(rule: str, facts: Facts, at: Timepoint, failure: Criterion) -> Verdict:
    """Complete or primary efficacy renal response at a timepoint, by the id of its rule."""
    ratio, creatinine = _nearest(facts, UPCR, at), _nearest(facts, CREATININE, at)
    before = next(reversed(of(facts, BEFORE_FLARE)), None)
    rate = next(filtration(facts, [creatinine])) if creatinine else None
    said = RULES[rule](_ratio(ratio), rate.amount if rate else None, _rate(before), not_(failure.holds), at.name)
    late = days_between(facts.first_infusion, at.target.at) if at.target else None
    if late is not None and late >= renal.WEEK_24:
        asked = (*said.criteria, steroids.at_most("glucocorticoid", at.visit, renal.MOST_MG))
        said = judge(said.rule, said.about, asked)
    results = [one.shown(name) for one, name in ((ratio, "UPCR"), (before, "eGFR before the flare")) if one]
    return replace(said, evidence=(at.used(), *results, *(rate.evidence if rate else ()), *failure.because))


def _nearest(facts: Facts, quantity: str, at: Timepoint) -> Measurement | None:
    """The result nearest to the visit of a timepoint, within the days allowed; of two as near the later."""
    visit = at.target.at if at.target else None
    gaps = [(gap, one) for one in of(facts, quantity) if (gap := days_between(visit, one.at)) is not None and abs(gap) <= DAYS]
    return max(gaps, key=lambda each: (-abs(each[0]), each[0], each[1].at, each[1].id))[1] if gaps else None


def _ratio(one: Measurement | None) -> Decimal | None:
    per = GRAMS_PER_GRAM.get(one.unit or "") if one else None
    return None if one is None or one.exactly is None or per is None else one.exactly * per


def _rate(one: Measurement | None) -> Decimal | None:
    return one.exactly if one and (one.unit or "").replace(" ", "") == egfr.UNIT else None
