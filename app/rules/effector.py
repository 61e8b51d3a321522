"""
What the laboratory says after immune effector cells: ICAHT early and late, the screen for IEC-HS at each ferritin, and LICATS
of the events that may be one, by the B cells of their time.

The rules are those of `icaht`, `iechs` and `licats`, with their rulings; here they are given what a casebook knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from app.rules import icaht
from app.rules.dates import before, days_between
from app.rules.facts import Facts, GradedEvent, LocalSigns, Measurement
from app.rules.iechs import FERRITIN_TIMES, TRANSAMINASE_TIMES, HyperinflammationLabs, iechs_screen
from app.rules.laboratory import B_CELLS, PER_MICROLITRE, baselines, below, of
from app.rules.licats import LocalToxicity, licats
from app.rules.verdict import Evidence, Truth, Value, Verdict

NEUTROPHILS, FERRITIN, FIBRINOGEN = "neutrophils", "ferritin", "fibrinogen"
LICATS = "LICATS"
"""The category of an event that the investigator takes for a local toxicity."""
TRANSAMINASES = ("alanine_aminotransferase", "aspartate_aminotransferase")
GRAMS_PER_LITRE: Mapping[str, Decimal] = {"g/L": Decimal(1), "mg/dL": Decimal("0.01")}
RAISED = (Value.CLEAR, Value.NOT_EVALUABLE, Value.FLAGGED)
"""What the screen may say, the least first."""

Counted = tuple[int, Decimal, Measurement]
"""A neutrophil count with its day since the first infusion and its number per uL."""


def haematotoxicity(facts: Facts) -> Iterator[Verdict]:
    """ICAHT, early from a count of the days 0 to 30 on and late from one after them; without a count nothing is said."""
    counts = list(_counts(facts))
    early = [one for one in counts if 0 <= one[0] <= icaht.LAST_DAY]
    late = sorted((one for one in counts if one[0] > icaht.LAST_DAY), key=lambda one: one[1])[:2]
    if early:
        yield _resting(icaht.early_series(_by_day(early)), early)
    if late:
        yield _resting(icaht.late(anc for _, anc, _ in late), late)


def _counts(facts: Facts) -> Iterator[Counted]:
    for one in of(facts, NEUTROPHILS):
        day, anc = days_between(facts.first_infusion, one.at), _per_microlitre(one)
        if day is not None and anc is not None:
            yield day, anc, one


def _per_microlitre(one: Measurement) -> Decimal | None:
    per = PER_MICROLITRE.get(one.unit or "")
    anc = None if one.value is None or per is None else one.value * per
    certain = one.qualifier is None or (one.qualifier == "<" and anc is not None and anc <= icaht.PROFOUND)
    return anc if certain else None


def _by_day(counts: Iterable[Counted]) -> dict[int, Decimal]:
    """The lowest count of each day."""
    found: dict[int, Decimal] = {}
    for day, anc, _ in counts:
        found[day] = min(anc, found.get(day, anc))
    return found


def _resting(said: Verdict, counts: Iterable[Counted]) -> Verdict:
    return replace(said, evidence=tuple(one.shown() for _, _, one in counts))


def hyperinflammation(facts: Facts) -> Iterator[Verdict]:
    """The screen for IEC-HS about each ferritin after the first infusion; flagged, it asks the investigator."""
    bases = baselines(facts)
    for one in of(facts, FERRITIN):
        if before(facts.first_infusion, one.at):
            that_day = [each for each in facts.results if days_between(each.at, one.at) == 0]
            yield _screen(one, that_day, bases)


Bases = Mapping[tuple[str, str | None], Measurement]


def _screen(ferritin: Measurement, that_day: Iterable[Measurement], bases: Bases) -> Verdict:
    beside = sorted(that_day, key=lambda one: (one.quantity, one.at, one.id))
    fibrinogen = next((one for one in beside if one.quantity == FIBRINOGEN), None)
    livers: list[Measurement | None] = [one for one in beside if one.quantity in TRANSAMINASES]
    each = [iechs_screen(_labs(ferritin, liver, fibrinogen, bases), ferritin.id) for liver in livers or [None]]
    seen = [one for one in (ferritin, *livers, fibrinogen) if one is not None]
    before_ = [base.shown(f"baseline of {base.quantity.replace('_', ' ')}") for one in seen if (base := _base(one, bases))]
    worst = max(each, key=lambda verdict: RAISED.index(verdict.value))
    return replace(worst, evidence=(*(one.shown() for one in seen), *before_))


def _labs(
    ferritin: Measurement, liver: Measurement | None, fibrinogen: Measurement | None, bases: Bases
) -> HyperinflammationLabs:
    per = GRAMS_PER_LITRE.get(fibrinogen.unit or "") if fibrinogen else None
    return HyperinflammationLabs(
        ferritin=_reading(ferritin, FERRITIN_TIMES, bases),
        ferritin_uln=ferritin.upper,
        ferritin_baseline=_number(_base(ferritin, bases)),
        transaminase=_reading(liver, TRANSAMINASE_TIMES, bases),
        transaminase_uln=liver.upper if liver else None,
        transaminase_baseline=_number(_base(liver, bases)),
        fibrinogen=_scaled(_number(fibrinogen), per),
        fibrinogen_lln=_scaled(fibrinogen.lower if fibrinogen else None, per),
    )


def _base(one: Measurement | None, bases: Bases) -> Measurement | None:
    return None if one is None else bases.get((one.quantity, one.unit))


def _number(one: Measurement | None) -> Decimal | None:
    return None if one is None else one.exactly


def _scaled(number: Decimal | None, per: Decimal | None) -> Decimal | None:
    return None if number is None or per is None else number * per


def _reading(one: Measurement | None, times: int, bases: Bases) -> Decimal | None:
    """The number of a result; of one that is above a number, that number where it already exceeds a limit by so many times."""
    if one is None or one.value is None or one.qualifier != ">":
        return _number(one)
    limits = (one.upper, _number(_base(one, bases)))
    return one.value if any(limit is not None and one.value > times * limit for limit in limits) else None


def local_toxicities(facts: Facts) -> Iterator[Verdict]:
    """The LICATS grade of each event in its category, or of which one of its questions was answered, about the event."""
    for event in sorted(facts.adverse_events, key=lambda event: event.id):
        if event.category == LICATS or replace(event.local, organ=None) != LocalSigns():
            yield _local(event, facts)


def _local(event: GradedEvent, facts: Facts) -> Verdict:
    aplasia, counts = _aplasia(facts, event.start)
    asked = event.local
    seen = LocalToxicity(
        organ_affected_before=asked.affected_before,
        in_b_cell_aplasia=aplasia,
        alternative_cause=asked.other_cause,
        glucocorticoid_over_a_week=asked.glucocorticoid_over_a_week,
        inner_organ=asked.inner_organ,
        hospital=event.criteria.get("hospital"),
        intensive_care=asked.intensive_care,
    )
    began = Evidence(f"start of {event.term}", event.start, None, event.start, event.source)
    where = Evidence("organ", asked.organ, None, event.start, event.source)
    return licats(seen, event.id, (began, where, *(one.shown() for one in counts)))


def _aplasia(facts: Facts, at: str | None) -> tuple[Truth, list[Measurement]]:
    """Whether B cells were absent at a moment, by the ruling of `licats`, and the counts that it was read from."""
    limit, counts = facts.settings.b_cells_depleted_below, of(facts, B_CELLS)
    of_the_day = [one for one in counts if days_between(one.at, at) == 0]
    if of_the_day:
        absent = {below(one, limit) for one in of_the_day}
        return (absent.pop() if len(absent) == 1 else None), of_the_day
    prior, later = [one for one in counts if before(one.at, at)], [one for one in counts if before(at, one.at)]
    open_ = [one for one in counts if before(one.at, at) is None]
    around = [*prior[-1:], *open_, *later[:1]]
    enclosed = bool(prior and later) and all(below(one, limit) for one in around)
    return (True if enclosed else None), around
