"""
Expedited safety reports: when a serious, unexpected, suspected adverse reaction is due, in calendar days.

Day 0 is the day on which the sponsor became aware. Fatal or life-threatening: day 7, complete 8 days later. Any other: day 15.
What is not serious, not unexpected or not suspected to be related is not expedited. Seriousness is not severity. Which
authority and whose clock is the study's to say; where it is not known whether the event was life-threatening, the report is due
by the earlier day. Fatal is an event that is told to be so anywhere in its record: by its outcome, its criterion or its grade.

The site tells the sponsor of a serious event within 24 hours of its own awareness: a check asks where it certainly did not.

Rulings. In a casebook a clock is told of every event that is not said to be not serious, with the day of each authority that
the study document names; a published table has none. Suspected is what is related, probably or possibly, to the product. Where
the day of awareness is not recorded to the day no due day is told. The 24th hour is still in time; days without times that
leave it open are not evaluable, and so is an event of which the sponsor's awareness is not recorded. What is not known to be
serious is asked about like what is.

Source: 21 CFR 312.32(c); ICH E2A; ICH E6(R2) 4.11.1 (all recalled, to be verified before a regulatory claim).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from app.rules.dates import earliest, latest, shifted
from app.rules.facts import Facts, GradedEvent
from app.rules.study import E2A, ReportClock
from app.rules.verdict import Criterion, Evidence, Rule, Truth, Value, Verdict, answered, any_of, check, judge

RULE = Rule("expedited_clock", "1", "Expedited report", "21 CFR 312.32(c); ICH E2A (recalled, unverified)")
SITE = Rule(
    "check_sponsor_told", "1", "Sponsor told of a serious event within 24 hours", "ICH E6(R2) 4.11.1 (recalled, unverified)"
)
FATAL_GRADE = 5
TO_SPONSOR = timedelta(hours=24)
COMPLETE_DAYS = 8
"""The days after the report of a fatal or life-threatening reaction by which the complete report is due."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Whether a report is expedited, and by which calendar day it is due; None where none is, or the awareness is unknown."""

    verdict: Verdict
    due: str | None

    @property
    def expedited(self) -> Truth:
        """Whether a report is due; None where what would decide it is not recorded."""
        return {Value.MET: True, Value.NOT_MET: False}.get(self.verdict.value)


def expedited(
    *, serious: Truth, related: Truth, unexpected: Truth, fatal_or_life_threatening: Truth, aware: str | None
) -> Clock:
    """The clock of one event; `aware`: the date on which the sponsor became aware of it."""
    asked = {"serious": serious, "suspected_related": related, "unexpected": unexpected}
    criteria = [Criterion(key, truth, (answered(key.replace("_", " "), truth),), (key,)) for key, truth in asked.items()]
    verdict = judge(RULE, "event", criteria)
    return Clock(verdict, due(aware, fatal_or_life_threatening, E2A) if verdict.value is Value.MET else None)


def due(aware: str | None, fatal_or_life_threatening: Truth, clock: ReportClock) -> str | None:
    """The calendar day by which an authority has the report; None where the day of awareness is not known."""
    return shifted(aware, clock.other_days if fatal_or_life_threatening is False else clock.fatal_days)


def fatal(event: GradedEvent) -> bool:
    """Whether an event is told to have been fatal anywhere in its record."""
    return event.outcome == "FATAL" or event.criteria.get("death") is True or event.grade == FATAL_GRADE


def expedited_reports(facts: Facts) -> Iterator[Verdict]:
    """The clock of each event that is, or may be, serious, about the event, with the days on which reports are due."""
    for event in sorted(facts.adverse_events, key=lambda event: event.id):
        if event.serious is not False and facts.settings.report_clocks:
            yield _report(event, facts.settings.report_clocks)


def _report(event: GradedEvent, clocks: tuple[ReportClock, ...]) -> Verdict:
    grave = any_of((fatal(event) or event.criteria.get("death"), event.criteria.get("threat to life")))
    asked = {"serious": event.serious, "related": event.related, "unexpected": event.unexpected}
    said = expedited(**asked, fatal_or_life_threatening=grave, aware=event.aware).verdict
    told = (
        Evidence(f"awareness of {event.term} by the sponsor", event.aware, None, event.aware, event.source),
        answered("fatal or life-threatening", grave, event.start, event.source),
        *(fact for clock in clocks if said.value is Value.MET for fact in _days(event.aware, grave, clock)),
    )
    return replace(said, about=event.id, evidence=told)


def _days(aware: str | None, grave: Truth, clock: ReportClock) -> Iterator[Evidence]:
    report = due(aware, grave, clock)
    yield Evidence(f"report due to {clock.authority}", report)
    if grave:
        yield Evidence(f"complete report due to {clock.authority}", shifted(report, COMPLETE_DAYS))


def sponsor_told(facts: Facts) -> Iterator[Verdict]:
    """Whether the sponsor was told later than 24 hours after the site, of each event that is, or may be, serious."""
    for event in sorted(facts.adverse_events, key=lambda event: event.id):
        if event.serious is not False and event.site_aware is not None:
            site = Evidence(f"awareness of {event.term} by the site", event.site_aware, None, event.site_aware, event.source)
            sponsor = Evidence(f"awareness of {event.term} by the sponsor", event.aware, None, event.aware, event.source)
            lacking = (f"times at which site and sponsor became aware of {event.term}",)
            yield check(SITE, event.id, _late(event.site_aware, event.aware), (site, sponsor), lacking)


def _late(site: str, sponsor: str | None) -> Truth:
    first, last = earliest(site), latest(site)
    soonest, latest_ = (None, None) if sponsor is None else (earliest(sponsor), latest(sponsor))
    if first is None or last is None or soonest is None or latest_ is None:
        return None
    return True if soonest - last > TO_SPONSOR else False if latest_ - first <= TO_SPONSOR else None
