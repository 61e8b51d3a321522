"""
What the laboratory says after immune effector cells: ICAHT early and late, of neutrophils and of platelets, and LICATS of the
events that may be one, by the B cells of their time.

The rules are those of `icaht`, `icaht_platelets` and `licats`, with their rulings; here they are given what a casebook knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from app.rules.dates import before, days_between, sort_key
from app.rules.facts import Facts, GradedEvent, LocalSigns, Measurement
from app.rules.laboratory.series import B_CELLS, below, of
from app.rules.laboratory.units import converted
from app.rules.safety import icaht, icaht_platelets
from app.rules.safety.kinds import LICATS
from app.rules.safety.licats import LocalToxicity, licats
from app.rules.verdict import Evidence, Truth, Verdict

NEUTROPHILS, PLATELETS = "neutrophils", "platelets"

Counted = tuple[int, Decimal, Measurement]
"""A count with its day since day 0 and its number: neutrophils per uL, platelets in 10^9/L."""


def day_0(facts: Facts) -> str | None:
    """The infusion from which the days of ICAHT are counted, by the study's choice; None where none was given yet."""
    last = max(facts.infusions, key=sort_key, default=facts.first_infusion)
    return last if facts.settings.haematotoxicity_from == "last_infusion" else facts.first_infusion


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
        day, anc = days_between(day_0(facts), one.at), _per_microlitre(one)
        if day is not None and anc is not None:
            yield day, anc, one


def _per_microlitre(one: Measurement) -> Decimal | None:
    anc = converted(one.value, one.unit, "/uL")
    certain = one.qualifier is None or (one.qualifier == "<" and anc is not None and anc <= icaht.PROFOUND)
    return anc if certain else None


def thrombocytopenia(facts: Facts) -> Iterator[Verdict]:
    """T-ICAHT, early from a count of the days 0 to 30 on and late from one of the days 31 to 100."""
    counts = list(_platelets(facts))
    periods = {icaht_platelets.early: (0, icaht.LAST_DAY), icaht_platelets.late: (31, icaht_platelets.LAST_LATE_DAY)}
    for say, (first, last) in periods.items():
        if own := [one for one in counts if first <= one[0] <= last]:
            yield _resting(say(_by_day(own)), own)


def _platelets(facts: Facts) -> Iterator[Counted]:
    for one in of(facts, PLATELETS):
        day, count = days_between(day_0(facts), one.at), converted(one.value, one.unit, "10^9/L")
        certain = one.qualifier is None or (one.qualifier == "<" and count is not None and count < icaht_platelets.PROFOUND)
        if day is not None and count is not None and certain:
            yield day, count, one


def _by_day(counts: Iterable[Counted]) -> dict[int, Decimal]:
    """The lowest count of each day."""
    found: dict[int, Decimal] = {}
    for day, anc, _ in counts:
        found[day] = min(anc, found.get(day, anc))
    return found


def _resting(said: Verdict, counts: Iterable[Counted]) -> Verdict:
    return replace(said, evidence=tuple(one.shown() for _, _, one in counts))


def local_toxicities(facts: Facts) -> Iterator[Verdict]:
    """The LICATS grade of each event in its category, or of which one of its questions was answered, about the event."""
    for event in sorted(facts.adverse_events, key=lambda event: event.id):
        if event in LICATS or replace(event.local, organ=None) != LocalSigns():
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
