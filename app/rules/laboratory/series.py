"""
What the laboratory of a subject says by itself: CTCAE grades, filtration, B cells, anti-dsDNA and complement, result by result.

The rules are those of `ctcae`, `egfr` and `conversion`, with their rulings on baseline, formula and order; here they are given
the results of a casebook. A sample of the infusion's own day without a time is neither before nor after it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from app.rules.dates import before, completed_age, days_between, reached, sort_key
from app.rules.facts import Facts, Measurement
from app.rules.laboratory import conversion, egfr
from app.rules.laboratory.conversion import Result
from app.rules.laboratory.ctcae import LabResult, ctcae_lab, terms
from app.rules.laboratory.units import converted
from app.rules.verdict import Evidence, Truth, Value, Verdict, not_

COUNTED_IN = "10^6/L"
"""The unit of counted cells: of so many in a microlitre too."""
FRACTIONS = ("c3", "c4", "ch50")
ANTIBODY, B_CELLS, CREATININE, HEIGHT = "anti_dsdna", "b_cells", "creatinine", "height"


def of(facts: Facts, quantity: str) -> list[Measurement]:
    """The results of a quantity in order of time, whatever order they came in."""
    return sorted((one for one in facts.results if one.quantity == quantity), key=lambda one: (sort_key(one.at), one.id))


def stand_alone(facts: Facts, records: Collection[str], dates: Iterable[str | None] = ()) -> bool:
    """
    Whether a change of some results moves nothing that is said of any other: none of them is or was the baseline of another.

    `dates`: of their earlier versions.
    """
    start = facts.treatment_start
    now = (one.at for one in facts.results if one.id in records)
    return start is None or all(at is None or before(start, at) for at in (*now, *dates))


def baselines(facts: Facts) -> Mapping[tuple[str, str | None], Measurement]:
    """The baseline of each quantity, by quantity and unit."""
    start = facts.treatment_start
    known = (one for one in facts.results if one.exactly is not None and before(one.at, start))
    return {(one.quantity, one.unit): one for one in sorted(known, key=lambda one: (sort_key(one.at), one.id))}


def grades(facts: Facts, results: Iterable[Measurement]) -> Iterator[Verdict]:
    """The CTCAE grade of each of some results that has a number and a term in the study's version, about the result."""
    known, bases = terms(facts.settings.ctcae_version), baselines(facts)
    for one in results:
        found = [term for term in one.terms if term in known]
        if found and one.value is not None:
            base = bases.get((one.quantity, one.unit))
            own = base and (base.id == one.id or before(base.at, one.at))
            yield _grade(facts.settings.ctcae_version, one, found, base if own else None)


def _grade(version: str, one: Measurement, found: Iterable[str], base: Measurement | None) -> Verdict:
    number = base.value if base else None
    each = (
        ctcae_lab(version, LabResult(term, one.value, one.unit, one.qualifier, one.lower, one.upper, number), one.id)
        for term in found
    )
    worse = max(each, key=lambda verdict: (verdict.lowest, verdict.highest))
    return replace(worse, evidence=(one.shown(), *((base.shown("baseline"),) if base and base.id != one.id else ())))


def filtration(facts: Facts, results: Iterable[Measurement]) -> Iterator[Verdict]:
    """The estimated filtration rate of each of some results that is a creatinine, about the result."""
    heights = of(facts, HEIGHT)
    for one in results:
        if one.quantity == CREATININE:
            adult = reached(facts.birth, facts.first_infusion or one.at, egfr.ADULT_FROM)
            if adult is None:
                missing = ("age, to choose the formula",)
                yield Verdict(egfr.SCHWARTZ, one.id, Value.NOT_EVALUABLE, missing=missing, evidence=(one.shown(),))
            else:
                yield _of_an_adult(facts, one) if adult else _of_a_child(one, heights)


def _of_a_child(one: Measurement, heights: Iterable[Measurement]) -> Verdict:
    tall = [each for each in heights if (days := days_between(each.at, one.at)) is not None and days >= 0]
    height = tall[-1] if tall else None
    centimetres = converted(height.exactly, height.unit, "cm") if height else None
    found = egfr.egfr_schwartz(centimetres, one.exactly, one.unit, one.id)
    return replace(found, evidence=(_estimate(found), one.shown(), *((height.shown(),) if height else ())))


def _of_an_adult(facts: Facts, one: Measurement) -> Verdict:
    """By CKD-EPI, at each age that the date of birth allows."""
    ages = completed_age(facts.birth, one.at)
    assert ages is not None, "an age at the first infusion is an age at every dated sample"
    each = [egfr.egfr_ckd_epi(Decimal(age), facts.sex, one.exactly, one.unit, one.id) for age in sorted(set(ages))]
    person = facts.sources.get("demographics")
    shown = "to".join(f" {age} " for age in sorted(set(ages))).strip()
    known = (Evidence("age", shown, "years", one.at, person), Evidence("sex", facts.sex, None, None, person))
    first, last = each[0], each[-1]
    if first.amount == last.amount:
        return replace(first, evidence=(_estimate(first), one.shown(), *known))
    evidence = (one.shown(), *known)
    between = replace(first, value=Value.NOT_EVALUABLE, amount=None, lowest=last.amount, highest=first.amount)
    return replace(between, missing=("age to the year",), evidence=evidence)


def _estimate(found: Verdict) -> Evidence:
    return Evidence("estimated filtration rate", None if found.amount is None else format(found.amount, "f"), egfr.UNIT)


def _after(facts: Facts, quantity: str) -> list[Measurement]:
    return [one for one in of(facts, quantity) if before(facts.first_infusion, one.at)]


def b_cells(facts: Facts) -> Iterator[Verdict]:
    """Depletion and reconstitution by the study's limits in 10^6/L; nothing is said before a count after the first infusion."""
    counts = _after(facts, B_CELLS)
    low, high = facts.settings.b_cells_depleted_below, facts.settings.b_cells_reconstituted_from
    if not counts:
        return
    if low is None or high is None:
        missing = ("limits of depletion and reconstitution in the study document",)
        yield Verdict(conversion.B_CELLS_RULE, "subject", Value.NOT_EVALUABLE, missing=missing)
    else:
        yield conversion.b_cells(map(_count, counts), low, high)


def _count(one: Measurement) -> Result:
    value = converted(one.value, one.unit, COUNTED_IN)
    return Result(one.at, value, source=one.source, qualifier=one.qualifier, unit=COUNTED_IN)


def below(count: Measurement, limit: Decimal | None) -> Truth:
    """Whether a cell count lies below a limit in 10^6/L; None without a limit, or where count or unit leave it open."""
    return not_(_count(count).at_least(limit))


def seroconversion(facts: Facts) -> Iterator[Verdict]:
    """Whether anti-dsDNA was lost, about the subject; nothing is said without a baseline and a result after the infusion."""
    baseline, later = _since_baseline(facts, ANTIBODY)
    if baseline and later:
        yield conversion.dsdna_conversion(_upper(baseline), map(_upper, later))


def normal_complement(facts: Facts) -> Iterator[Verdict]:
    """Whether each complement fraction became normal, about the fraction."""
    for name in FRACTIONS:
        baseline, later = _since_baseline(facts, name)
        if baseline and later:
            yield replace(conversion.complement_normal(_lower(baseline), map(_lower, later)), about=name.upper())


def _since_baseline(facts: Facts, quantity: str) -> tuple[Measurement | None, list[Measurement]]:
    start = facts.treatment_start
    prior = [one for one in of(facts, quantity) if one.value is not None and before(one.at, start)]
    return (prior[-1] if prior else None), _after(facts, quantity)


def _upper(one: Measurement) -> Result:
    return Result(one.at, one.value, one.upper, _assay(one), one.source, one.qualifier, one.unit)


def _lower(one: Measurement) -> Result:
    return Result(one.at, one.value, one.lower, _assay(one), one.source, one.qualifier, one.unit)


def _assay(one: Measurement) -> str:
    """Results in another unit are of another assay: they cannot be compared with one limit."""
    return f"{one.assay or ''} in {one.unit or 'no unit'}"
