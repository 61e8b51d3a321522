"""
The investigator's grade of an event beside the one that the casebook computes, and beside the grades that it went through.

The investigator's grade is the record; the computed one only asks, and is never converted from one scale to another. A check is
flagged, clear, or not evaluable where what it needs is missing; where it does not apply it says nothing.

| check | held beside | of the events |
| --- | --- | --- |
| CRS | the highest ASTCT grade of the event's observations | CRS by ASTCT, or by no scale that is told |
| CRS (Lee 2014) | the highest grade by Lee 2014 of the event's observations | CRS by Lee 2014 |
| ICANS | the highest grade of the event's observations | ICANS by ASTCT, or by no scale that is told |
| LICATS | the grade computed of the event | of the category LICATS, by that scale or none that is told |
| ICAHT | the early grade, of an event that began after day 30 the late one | of the category ICAHT, by that scale or none |
| grades over time | the highest of them, and the last rise | every event with grades over time |

Rulings. An observation belongs to the event that it names or, naming none, to the one in whose time it lies. A difference for
which the investigator gives a reason asks nothing more: the reason is kept with the event. Grades over time contradict the
event where their highest is not its grade, where one lies before its start or after its end, where an event that is said not
to have worsened rose (one that is said to have worsened did not), or the last rise is dated another day than the worsening.
Grades that name no event are asked about. IEC-HS is graded by the investigator alone.

Source: Lee DW et al. Biol Blood Marrow Transplant 2019;25:625-638; Lee DW et al. Blood 2014;124:188-195; Hagen M et al. Lancet
Rheumatol 2025;7:e424; Rejeski K et al. Blood 2023;142:865-877; SDTMIG 3.4, FA about AE (severity over time).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from app.rules.dates import before, days_between
from app.rules.facts import EventGrade, Facts, GradedEvent, Toxicity
from app.rules.grades import Grade, told, worst
from app.rules.safety import crs_lee, icaht, kinds
from app.rules.safety.effector import day_0, haematotoxicity, local_toxicities
from app.rules.safety.emergent import course
from app.rules.safety.episodes import by_time, course_of
from app.rules.safety.icans import icans_grade
from app.rules.safety.kinds import Kind
from app.rules.verdict import Evidence, Rule, Truth, Verdict, answered, any_of, check

_ASTCT = "Lee DW et al. Biol Blood Marrow Transplant 2019;25:625-638"
CRS = Rule("check_crs_grade", "1", "CRS grade of the investigator beside the observations", _ASTCT)
CRS_LEE = Rule(
    "check_crs_lee_grade", "1", "CRS grade (Lee 2014) of the investigator beside the observations", crs_lee.RULE.source
)
ICANS = Rule("check_icans_grade", "1", "ICANS grade of the investigator beside the observations", _ASTCT)
LICATS_GRADE = Rule(
    "check_licats_grade",
    "1",
    "LICATS grade of the investigator beside the computed one",
    "Hagen M et al. Lancet Rheumatol 2025;7:e424",
)
ICAHT = Rule("check_icaht_grade", "1", "ICAHT grade of the investigator beside the computed one", icaht.RULE.source)
COURSE = Rule("check_grades_over_time", "1", "Grades of an event over time beside the event", "SDTMIG 3.4, FA about AE")


@dataclass(frozen=True, slots=True)
class Scale:
    """Which events a scale grades: of what kind, and how its name begins; `usual`: those of which no scale is told as well."""

    kind: Kind
    name: str
    usual: bool = True

    def __contains__(self, event: GradedEvent) -> bool:
        of_scale = self.usual if event.scale is None else event.scale.upper().startswith(self.name)
        return of_scale and event in self.kind


_CRS = Scale(kinds.CRS, "ASTCT")
_CRS_LEE = Scale(kinds.CRS, "LEE 2014", usual=False)
_ICANS = Scale(kinds.ICANS, "ASTCT")
_LICATS = Scale(kinds.LICATS, "LICATS")
_ICAHT = Scale(kinds.ICAHT, "EHA/EBMT")

Computed = tuple[Grade, Evidence]
"""A grade that was computed, and how it is told."""


def of_event(seen: Toxicity, event: GradedEvent) -> bool:
    """Whether an observation belongs to an event: the one that it names or, naming none, one in whose time it lies."""
    if seen.adverse_event is not None:
        return seen.adverse_event == event.id
    starts_later = event.start is None or before(seen.at, event.start)
    return not starts_later and not before(event.end, seen.at)


def _events(facts: Facts) -> list[GradedEvent]:
    return sorted(facts.adverse_events, key=lambda event: event.id)


def _beside(
    rule: Rule, scale: Scale, facts: Facts, computed: Callable[[GradedEvent], Iterable[Computed]], lacking: str
) -> Iterator[Verdict]:
    """The grade of each event of a scale beside the highest of those computed for it; nothing where either is not there."""
    for event in _events(facts):
        found = list(computed(event)) if event in scale and event.grade is not None else []
        if event.grade is None or not found:
            continue
        top = worst(grade for grade, _ in found)
        differs = not top.lowest <= event.grade <= top.highest
        explained = differs and event.difference is not None
        flagged = False if explained else differs if differs or top.graded else None
        yield check(rule, event.id, flagged, _told(event, found), (f"{lacking} of {event.term}",))


def _told(event: GradedEvent, found: Iterable[Computed]) -> Iterator[Evidence]:
    yield Evidence(f"{event.term} as graded by the investigator", str(event.grade), "grade", event.start, event.source)
    yield from (told_as for _, told_as in found)
    if event.difference is not None:
        yield Evidence("reason for the difference", event.difference, None, event.start, event.source)


def _observed(rule: Rule, scale: Scale, facts: Facts, graded: Iterable[tuple[Toxicity, Grade]]) -> Iterator[Verdict]:
    each = list(graded) if any(event in scale for event in facts.adverse_events) else []

    def of(event: GradedEvent) -> Iterator[Computed]:
        for seen, grade in each:
            if of_event(seen, event):
                yield grade, Evidence(f"observed at {seen.at}", str(grade), "grade", seen.at, seen.source)

    return _beside(rule, scale, facts, of, "inputs of the observations")


def crs_grades(facts: Facts) -> Iterator[Verdict]:
    """The investigator's CRS grade beside the highest of the event's observations, each graded within its episode."""
    return _observed(CRS, _CRS, facts, ((each.seen, each.grade) for each in course_of(facts.toxicity)[0]))


def crs_lee_grades(facts: Facts) -> Iterator[Verdict]:
    """The investigator's CRS grade by Lee 2014 beside the highest of the event's observations."""
    graded = ((seen, told(crs_lee.crs_lee(crs_lee.signs(seen), seen.id))) for seen in by_time(facts.toxicity))
    return _observed(CRS_LEE, _CRS_LEE, facts, graded)


def icans_grades(facts: Facts) -> Iterator[Verdict]:
    """The investigator's ICANS grade beside the highest of the event's observations."""
    return _observed(ICANS, _ICANS, facts, ((seen, icans_grade(seen)) for seen in by_time(facts.toxicity)))


def _computed(verdict: Verdict, event: GradedEvent) -> Computed:
    grade = told(verdict)
    return grade, Evidence(f"{verdict.rule.title} as computed", str(grade), "grade", event.start, None)


def licats_grades(facts: Facts) -> Iterator[Verdict]:
    """The investigator's LICATS grade beside the one computed of the event."""
    each = list(local_toxicities(facts))

    def of(event: GradedEvent) -> Iterator[Computed]:
        return (_computed(verdict, event) for verdict in each if verdict.about == event.id)

    return _beside(LICATS_GRADE, _LICATS, facts, of, "what the grade asks")


def icaht_grades(facts: Facts) -> Iterator[Verdict]:
    """The investigator's ICAHT grade beside the early one or, of an event that began after day 30, the late one."""
    each = {verdict.about: verdict for verdict in haematotoxicity(facts)}

    def of(event: GradedEvent) -> Iterator[Computed]:
        day = days_between(day_0(facts), event.start)
        periods = each if day is None else ("late" if day > icaht.LAST_DAY else "early",)
        return (_computed(each[period], event) for period in periods if period in each)

    return _beside(ICAHT, _ICAHT, facts, of, "neutrophils of the time")


def grades_over_time(facts: Facts) -> Iterator[Verdict]:
    """The grades of each event over time beside the event; those of an event that is not there are asked about."""
    events = {event.id: event for event in facts.adverse_events}
    for id_ in sorted({one.event for one in facts.event_grades}):
        each, event = course(facts, id_), events.get(id_)
        shown = [Evidence(f"from {one.at} on", str(one.grade), "grade", one.at, one.source) for one in each]
        if event is None:
            yield check(COURSE, id_, True, (answered(f"adverse event {id_} in the casebook", False), *shown))
        else:
            truths = (_other_highest(event, each), _outside(event, each), _other_rise(event, each))
            yield check(
                COURSE, id_, any_of(truths), (*_of_record(event), *shown), (f"grade and complete dates of {event.term}",)
            )


def _of_record(event: GradedEvent) -> Iterator[Evidence]:
    grade = None if event.grade is None else str(event.grade)
    yield Evidence(f"highest of {event.term}", grade, "grade", event.start, event.source)
    yield Evidence(f"start of {event.term}", event.start, None, event.start, event.source)
    yield Evidence(f"end of {event.term}", event.end, None, event.end, event.source)
    if event.worsened is not None:
        yield answered(f"worsening of {event.term}", event.worsened, event.start, event.source)
    if event.worsened_at is not None:
        yield Evidence(f"last worsening of {event.term}", event.worsened_at, None, event.worsened_at, event.source)


def _other_highest(event: GradedEvent, each: Iterable[EventGrade]) -> Truth:
    return None if event.grade is None else max(one.grade for one in each) != event.grade


def _outside(event: GradedEvent, each: Iterable[EventGrade]) -> bool:
    """Whether a grade certainly lies before the start of its event or after its end."""
    return any(before(one.at, event.start) or before(event.end, one.at) for one in each)


def _other_rise(event: GradedEvent, each: list[EventGrade]) -> bool:
    """Whether what is said of a worsening is not what the grades say; a day that is not known contradicts nothing."""
    rises = [later.at for earlier, later in pairwise(each) if later.grade > earlier.grade]
    if event.worsened is not None and event.worsened != bool(rises):
        return True
    return bool(rises) and days_between(rises[-1], event.worsened_at) not in (None, 0)
