"""
The screen for IEC-HS at each ferritin of a casebook, with the results of its day and the tissue taken by then.

The rule is that of `iechs`, with its rulings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from app.rules.dates import before, days_between
from app.rules.facts import Facts, GradedEvent, Measurement
from app.rules.grades import Grade, told
from app.rules.laboratory.ctcae import LabResult, ctcae_lab, terms
from app.rules.laboratory.series import baselines, of
from app.rules.laboratory.units import converted
from app.rules.safety.iechs import FERRITIN_TIMES, TRANSAMINASE_TIMES, HyperinflammationLabs, iechs_screen
from app.rules.safety.kinds import CYTOPENIA
from app.rules.verdict import Truth, Value, Verdict, all_of, answered, any_of

FERRITIN, FIBRINOGEN, TISSUE = "ferritin", "fibrinogen", "haemophagocytosis"
TRANSAMINASES = ("alanine_aminotransferase", "aspartate_aminotransferase")
CYTOPENIAS: Mapping[str, frozenset[str]] = {
    "neutrophils": frozenset({"Neutrophil count decreased"}),
    "platelets": frozenset({"Platelet count decreased", "Thrombocytopenia"}),
    "haemoglobin": frozenset({"Anemia"}),
}
"""The counts of which a cytopenia is told, each with the term that grades it as low in one version of CTCAE or the other."""
SEEN: Mapping[str, bool] = {"PRESENT": True, "ABSENT": False}
"""What a tissue shows, as it is reported."""
RAISED = (Value.CLEAR, Value.NOT_EVALUABLE, Value.FLAGGED)
"""What the screen may say, the least first."""

Bases = Mapping[tuple[str, str | None], Measurement]


def hyperinflammation(facts: Facts) -> Iterator[Verdict]:
    """The screen about each ferritin after the first infusion; flagged, it asks the investigator."""
    bases = baselines(facts)
    for one in of(facts, FERRITIN):
        if before(facts.first_infusion, one.at):
            yield _screen(one, facts, bases)


def _screen(ferritin: Measurement, facts: Facts, bases: Bases) -> Verdict:
    that_day = [one for one in facts.results if days_between(one.at, ferritin.at) == 0]
    beside = sorted(that_day, key=lambda one: (one.quantity, one.at, one.id))
    fibrinogen = next((one for one in beside if one.quantity == FIBRINOGEN), None)
    livers: list[Measurement | None] = [one for one in beside if one.quantity in TRANSAMINASES]
    counts = [one for one in beside if one.quantity in CYTOPENIAS]
    tissues = [one for one in of(facts, TISSUE) if _by(one, ferritin, facts)]
    resisting = _lasting(facts, ferritin)
    low = _cytopenia(counts, bases, facts.settings.ctcae_version, _resists(resisting))
    signs = (low, _phagocytosis(tissues, ferritin))
    each = [iechs_screen(_labs(ferritin, liver, fibrinogen, signs, bases), ferritin.id) for liver in livers or [None]]
    seen = [one for one in (ferritin, *livers, fibrinogen, *counts) if one is not None]
    before_ = [base.shown(f"baseline of {base.quantity.replace('_', ' ')}") for one in seen if (base := _base(one, bases))]
    worst = max(each, key=lambda verdict: RAISED.index(verdict.value))
    said = [answered(f"{one.term} resists treatment", one.refractory, one.start, one.source) for one in resisting]
    return replace(worst, evidence=(*(one.shown() for one in (*seen, *tissues)), *before_, *said))


def _labs(
    ferritin: Measurement,
    liver: Measurement | None,
    fibrinogen: Measurement | None,
    signs: tuple[Truth, Truth],
    bases: Bases,
) -> HyperinflammationLabs:
    unit = fibrinogen.unit if fibrinogen else None
    return HyperinflammationLabs(
        ferritin=_reading(ferritin, FERRITIN_TIMES, bases),
        ferritin_uln=ferritin.upper,
        ferritin_baseline=_number(_base(ferritin, bases)),
        transaminase=_reading(liver, TRANSAMINASE_TIMES, bases),
        transaminase_uln=liver.upper if liver else None,
        transaminase_baseline=_number(_base(liver, bases)),
        fibrinogen=converted(_number(fibrinogen), unit, "g/L"),
        fibrinogen_lln=converted(fibrinogen.lower if fibrinogen else None, unit, "g/L"),
        cytopenia=signs[0],
        haemophagocytosis=signs[1],
    )


def _lasting(facts: Facts, ferritin: Measurement) -> list[GradedEvent]:
    """The cytopenias that the investigator reported and that certainly last on the day of a ferritin."""
    return [one for one in CYTOPENIA.of(facts.adverse_events) if _lasts(one, ferritin)]


def _lasts(event: GradedEvent, ferritin: Measurement) -> bool:
    begun = days_between(event.start, ferritin.at) == 0 or before(event.start, ferritin.at) is True
    return begun and (event.end is None or days_between(event.end, ferritin.at) == 0 or before(ferritin.at, event.end) is True)


def _resists(events: Iterable[GradedEvent]) -> Truth:
    """Whether a cytopenia resists treatment, as the investigator says of those that last; unknown where nobody reported any."""
    said = [event.refractory for event in events]
    return any_of(said) if said else None


def _cytopenia(counts: Iterable[Measurement], bases: Bases, version: str, resists: Truth) -> Truth:
    """
    Whether a count of a day is low anew, lower than at baseline by its grade, or low and resists treatment; one that was not
    counted leaves it open.
    """
    found = {
        each: [_low_sign(one, _base(one, bases), version, resists) for one in counts if one.quantity == each]
        for each in CYTOPENIAS
    }
    return any_of(any_of(each) if each else None for each in found.values())


def _low_sign(count: Measurement, base: Measurement | None, version: str, resists: Truth) -> Truth:
    now = _low(count, version)
    if now.highest == 0:
        return False
    stood = None if base is None else _low(base, version)
    lower = None if stood is None else True if now.lowest > stood.highest else False if now.highest <= stood.lowest else None
    return any_of((lower, all_of((now.lowest > 0 or None, resists))))


def _low(count: Measurement, version: str) -> Grade:
    """The grade of a count as too low, with its bounds."""
    (term,) = CYTOPENIAS[count.quantity].intersection(terms(version))
    return told(ctcae_lab(version, LabResult(term, count.value, count.unit, count.qualifier, count.lower, count.upper)))


def _by(tissue: Measurement, ferritin: Measurement, facts: Facts) -> bool:
    """Whether a tissue was certainly taken after the first infusion, and on the day of a ferritin or before it."""
    by_then = days_between(tissue.at, ferritin.at) == 0 or before(tissue.at, ferritin.at) is True
    return by_then and before(facts.first_infusion, tissue.at) is True


def _phagocytosis(tissues: Iterable[Measurement], ferritin: Measurement) -> Truth:
    """Whether haemophagocytosis was seen by the day of a ferritin; a tissue that showed none answers for its own day alone."""
    shown = [(one, SEEN.get(one.reported)) for one in tissues]
    if any(seen for _, seen in shown):
        return True
    return False if any(seen is False and days_between(one.at, ferritin.at) == 0 for one, seen in shown) else None


def _base(one: Measurement | None, bases: Bases) -> Measurement | None:
    return None if one is None else bases.get((one.quantity, one.unit))


def _number(one: Measurement | None) -> Decimal | None:
    return None if one is None else one.exactly


def _reading(one: Measurement | None, times: int, bases: Bases) -> Decimal | None:
    """The number of a result; of one that is above a number, that number where it already exceeds a limit by so many times."""
    if one is None or one.value is None or one.qualifier != ">":
        return _number(one)
    limits = (one.upper, _number(_base(one, bases)))
    return one.value if any(limit is not None and one.value > times * limit for limit in limits) else None
