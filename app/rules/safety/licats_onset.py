"""
When LICATS began: early within 2 weeks after the infusion, intermediate within 4 weeks, late after that.

The number is that of the calendar days from the last infusion before the event to its start; the day of the infusion is day 0.
Days 0 to 14 are early, 15 to 28 intermediate, 29 and more late. Beside it stand the days since every infusion before.

Rulings. The class is told of every event that may be LICATS by the rule of `licats`. Dates that leave the days open leave the
class open too, unless all the days that they may mean are of one class. An infusion that cannot be put in order with the start
may be the last before it. What began before any infusion has no class.

Disputed. The summaries print "2 to 4 weeks" and "over 1 month", and say nothing of the days between 4 weeks and 1 month. They
are read as one limit of 28 days here, so that the days 29 to 31 are late; with a limit of one calendar month they would be
intermediate.

Source: Hagen M et al. Lancet Rheumatol 2025;7:e424, as summarised at congresses (the paper's table itself was not seen); the
last infusion of several is a ruling.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from app.rules import lasting
from app.rules.dates import before, days_between
from app.rules.exact import decimal
from app.rules.facts import Facts, Given, GradedEvent
from app.rules.grades import told
from app.rules.safety.effector import local_toxicities
from app.rules.safety.licats import RULE as GRADE
from app.rules.spans import Span
from app.rules.verdict import Evidence, Rule, Value, Verdict

RULE = Rule("licats_onset", "1", "Onset of LICATS in days after the last infusion", GRADE.source)
CLASS = "onset class"
"""How the evidence is called that tells the class."""
EARLY_TO, INTERMEDIATE_TO = 14, 28


def licats_onset(facts: Facts) -> Iterator[Verdict]:
    """The onset of each event that may be LICATS, about the event."""
    events = {event.id: event for event in facts.adverse_events}
    for verdict in local_toxicities(facts):
        if told(verdict).highest:
            yield _onset(events[verdict.about], facts.doses)


def _onset(event: GradedEvent, doses: Sequence[Given]) -> Verdict:
    order = [(dose, before(dose.at, event.start)) for dose in doses]
    prior = [dose for dose, first in order if first]
    open_ = [dose for dose, first in order if first is None]
    began = Evidence(f"start of {event.term}", event.start, None, event.start, event.source)
    if not prior and not open_:
        return Verdict(RULE, event.id, Value.NOT_APPLICABLE, evidence=(began,))
    days = lasting.either([_days(dose, event) for dose in (*prior[-1:], *open_)])
    named = _class(days) if prior else None
    known = not open_ and days.known
    return Verdict(
        RULE,
        event.id,
        Value.COMPUTED if known else Value.NOT_EVALUABLE,
        amount=decimal(days.low) if known else None,
        lowest=decimal(days.low),
        highest=None if days.high is None else decimal(days.high),
        missing=() if known else (f"complete dates of {event.term} and of the infusions before it",),
        evidence=(began, Evidence(CLASS, named), *(_since(dose, event) for dose in (*prior, *open_))),
    )


def _days(dose: Given, event: GradedEvent) -> Span:
    """The days from an infusion to the start of an event, which is none before it."""
    counted = lasting.days([(dose.at, event.start)])
    return Span(max(counted.low - 1, Fraction(0)), None if counted.high is None else counted.high - 1)


def _class(days: Span) -> str | None:
    """The class of all of some days; None where they are of several."""
    first, last = (_named(day) for day in (days.low, days.high))
    return first if first == last else None


def _named(day: Fraction | None) -> str:
    if day is None or day > INTERMEDIATE_TO:
        return "late"
    return "intermediate" if day > EARLY_TO else "early"


def _since(dose: Given, event: GradedEvent) -> Evidence:
    days = days_between(dose.at, event.start)
    what = f"start after the infusion of {dose.at or 'an unknown day'}"
    return Evidence(what, None if days is None else str(days), "days", dose.at, dose.source)
