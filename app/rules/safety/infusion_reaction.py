"""
Infusion reaction: the minutes from the start of the infusion to its onset, and whether what is called so can be one.

The infusion is the last one that had started when the event began, at the same minute too.

| check | flagged |
| --- | --- |
| infusion reaction after 24 hours | it began more than 24 hours after the start of the infusion, or no infusion had started |
| infusion reaction beside CRS | its time and that of an adverse event that is CRS overlap |

Rulings. An event is an infusion reaction by its category, or by its term. An infusion of which the order with the event is not
known may be the one, so that the minutes lie between bounds. 24 hours are still within. Which of the two a fever of the first
hours is, the investigator says: the overlap is asked about and nothing is changed. An event without an end may still last, and
leaves the overlap open where it began before the other.

Source: CTCAE 5.0, infusion related reaction; the 24 hours and the overlap with CRS are rulings of the trial's design.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from app.rules import lasting
from app.rules.dates import before
from app.rules.exact import decimal
from app.rules.facts import Facts, Given, GradedEvent
from app.rules.safety.kinds import CRS, INFUSION_REACTION
from app.rules.spans import Span, above, exact
from app.rules.verdict import Evidence, Rule, Truth, Value, Verdict, all_of, any_of, check, not_

_SOURCE = "CTCAE 5.0, infusion related reaction"
ONSET = Rule("infusion_reaction", "1", "Onset of the infusion reaction after the start of the infusion", _SOURCE)
LATE = Rule("check_infusion_reaction", "1", "Infusion reaction that began after 24 hours", _SOURCE)
BESIDE_CRS = Rule("check_infusion_reaction_crs", "1", "Infusion reaction that overlaps CRS", _SOURCE)
UNIT = "minutes"
HOUR, WITHIN = Fraction(60), exact(Fraction(24 * 60))


def onsets(facts: Facts) -> Iterator[Verdict]:
    """The minutes of each infusion reaction, about the event; it does not apply where no infusion had started."""
    for event in INFUSION_REACTION.of(facts.adverse_events):
        doses = _may_be(event, facts)
        evidence = tuple(_times(event, doses))
        if not doses:
            yield Verdict(ONSET, event.id, Value.NOT_APPLICABLE, evidence=evidence)
            continue
        minutes = _minutes(event, doses)
        yield Verdict(
            ONSET,
            event.id,
            Value.COMPUTED if minutes.known else Value.NOT_EVALUABLE,
            amount=decimal(minutes.low) if minutes.known else None,
            lowest=decimal(minutes.low),
            highest=None if minutes.high is None else decimal(minutes.high),
            missing=() if minutes.known else (_lacking(event),),
            evidence=evidence,
        )


def late(facts: Facts) -> Iterator[Verdict]:
    """Whether an infusion reaction began after 24 hours, or before any infusion."""
    for event in INFUSION_REACTION.of(facts.adverse_events):
        doses = _may_be(event, facts)
        flagged = above(_minutes(event, doses), WITHIN) if doses else True
        yield check(LATE, event.id, flagged, _times(event, doses), (_lacking(event),))


def beside_crs(facts: Facts) -> Iterator[Verdict]:
    """Whether an infusion reaction overlaps an adverse event that is CRS; nothing where there is none."""
    others = CRS.of(facts.adverse_events)
    for event in INFUSION_REACTION.of(facts.adverse_events) if others else ():
        over = [(other, _overlap(event, other)) for other in others]
        shown = [_lasted(event), *(_lasted(other) for other, truth in over if truth is not False)]
        yield check(BESIDE_CRS, event.id, any_of(truth for _, truth in over), shown, ("complete dates of both events",))


def _may_be(event: GradedEvent, facts: Facts) -> list[Given]:
    """The last infusion that had certainly started, and each that may have."""
    later = [(dose, before(event.start, dose.at)) for dose in facts.doses]
    return [*[dose for dose, truth in later if truth is False][-1:], *(dose for dose, truth in later if truth is None)]


def _minutes(event: GradedEvent, doses: list[Given]) -> Span:
    return lasting.either([lasting.hours([(dose.at, event.start)]).times(HOUR) for dose in doses])


def _overlap(one: GradedEvent, other: GradedEvent) -> Truth:
    return all_of((not_(before(one.end, other.start)), not_(before(other.end, one.start))))


def _lacking(event: GradedEvent) -> str:
    return f"times of the start of {event.term} and of the infusion before it"


def _times(event: GradedEvent, doses: list[Given]) -> Iterator[Evidence]:
    yield Evidence(f"start of {event.term}", event.start, None, event.start, event.source)
    yield from (Evidence("start of the infusion", dose.at, None, dose.at, dose.source) for dose in doses)


def _lasted(event: GradedEvent) -> Evidence:
    time = f"{event.start or 'an unknown day'} to {event.end or 'no recorded end'}"
    return Evidence(event.term, time, None, event.start, event.source)
