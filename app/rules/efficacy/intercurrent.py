"""
Intercurrent failure: an event after the start of treatment that by the composite strategy makes the subject a non-responder.

An event counts where its type is one that the study counts and the adjudicators decided that it does. It counts against a
timepoint when it started before the visit and was not prescribed at that visit; where no visit lies in the window, when it
started before the window's end. An event not yet adjudicated, or whose start cannot be put in order, leaves the answer open.

Source: ICH E9(R1) 2019, section A.3 (intercurrent events and strategies); the choice of events is the study's.
"""

from __future__ import annotations

from app.rules.dates import before
from app.rules.efficacy.analysis import FAILURE
from app.rules.efficacy.visits import Timepoint
from app.rules.facts import Event, Facts
from app.rules.verdict import Criterion, Evidence, Truth, all_of, any_of, not_


def _fails(event: Event, at: Timepoint) -> Truth:
    if at.target is not None and event.prescribed_at == at.target.name:
        return False
    return all_of((event.counts, before(event.start, at.until)))


def _shown(event: Event) -> Evidence:
    return Evidence(event.type.replace("_", " ").lower(), event.detail or "occurred", None, event.start, event.source)


def no_failure(facts: Facts, at: Timepoint) -> Criterion:
    """No counted event before the timepoint; the events that failed it, or may have, are its evidence."""
    counted = sorted(
        (event for event in facts.events if event.type in facts.settings.failure_events),
        key=lambda event: (event.start, event.type),
    )
    fails = [(event, _fails(event, at)) for event in counted]
    failed = any_of(truth for _, truth in fails)
    lacking = tuple(
        f"{'adjudication' if event.counts is None else 'exact start'} of {_shown(event).what} of {event.start}"
        for event, truth in fails
        if truth is None
    )
    because = tuple(_shown(event) for event, truth in fails if truth is not False)
    return Criterion(FAILURE, not_(failed), because, lacking)
