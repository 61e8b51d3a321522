"""
A death as it is told in several places: each should be told in all of them, and nothing is done after it.

| check | asks where |
| --- | --- |
| death of an event | an event is fatal by its outcome, its criterion or its grade 5, and no disposition tells of the death |
| cause of a death | a disposition tells of a death, and neither a fatal event nor the details of the death name its cause |
| after a death | a visit took place, or an infusion was given, after the day of the death |
| day of a death | two dispositions, or a disposition and the end of the fatal event, tell of different days |

Rulings. What happened on the day of the death is not after it. An event that outlasts the death is no contradiction, one that
was fatal and ended on another day is. Days that are not complete are not compared.

Source: CDASHIG 2.1 and SDTMIG 3.4, DM (DTHDTC, DTHFL), AE (AEOUT), DS, DD: one death, told alike.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.rules.dates import day, days_between
from app.rules.facts import Death, Facts, GradedEvent
from app.rules.safety.clocks import fatal
from app.rules.verdict import Evidence, Rule, Verdict, answered, check

_SOURCE = "SDTMIG 3.4, DM, AE, DS and DD"
EVENT = Rule("check_death_event", "1", "Fatal event beside the disposition", _SOURCE)
CAUSE = Rule("check_death_cause", "1", "Cause of a death", _SOURCE)
AFTER = Rule("check_after_death", "1", "What was done after a death", _SOURCE)
DAY = Rule("check_death_day", "1", "Day of a death as it is told in different places", _SOURCE)
RULES = (EVENT, CAUSE, AFTER, DAY)


def _fatal(facts: Facts) -> list[GradedEvent]:
    return sorted((event for event in facts.adverse_events if fatal(event)), key=lambda event: event.id)


def _told(death: Death) -> Evidence:
    return Evidence("death", death.at or "day not recorded", None, death.at, death.source)


def _of_event(event: GradedEvent) -> Evidence:
    return Evidence(f"{event.term} was fatal and ended", event.end, None, event.end, event.source)


def fatal_events(facts: Facts) -> Iterator[Verdict]:
    """Each fatal event beside the dispositions, about the event."""
    told = tuple(_told(death) for death in facts.deaths) or (answered("death among the dispositions", False),)
    for event in _fatal(facts):
        yield check(EVENT, event.id, not facts.deaths, (_of_event(event), *told))


def causes(facts: Facts) -> Iterator[Verdict]:
    """Whether what a subject died of is told, about the subject."""
    if facts.deaths:
        events = tuple(_of_event(event) for event in _fatal(facts))
        details = tuple(Evidence("detail of the death", one.what, None, one.at, one.source) for one in facts.death_details)
        named = any(one.names_cause for one in facts.death_details)
        yield check(CAUSE, "subject", not events and not named, (*map(_told, facts.deaths), *events, *details))


def after_death(facts: Facts) -> Iterator[Verdict]:
    """Visits and infusions of a later day than a death, about the subject."""
    visits = [Evidence(f"visit {visit.name}", visit.at, None, visit.at, visit.source) for visit in facts.visits]
    doses = [Evidence("infusion", dose.at, None, dose.at, dose.source) for dose in facts.doses]
    done = sorted((fact for fact in (*visits, *doses) if fact.value), key=lambda fact: (fact.value, fact.what))
    for death in facts.deaths[:1]:
        later = [fact for fact in done if (days := days_between(death.at, fact.value)) is not None and days > 0]
        dated = day(death.at) is not None
        yield check(AFTER, "subject", bool(later) if dated else None, (_told(death), *later), ("day of the death",))


def days(facts: Facts) -> Iterator[Verdict]:
    """The days on which different places tell of the death, about the subject; nothing where one alone tells a day."""
    dispositions = [(death.at, _told(death)) for death in facts.deaths]
    events = [(event.end, _of_event(event)) for event in _fatal(facts)]
    whole = [(day(at), fact) for at, fact in (*dispositions, *events) if day(at) is not None]
    if facts.deaths and len(whole) > 1:
        differ = len({on for on, _ in whole}) > 1
        yield check(DAY, "subject", differ, (fact for _, fact in whole))
