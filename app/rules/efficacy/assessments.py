"""
Edit checks on the forms of instruments, whatever they ask: each asks a question, and none changes a form.

A check is flagged, clear, or not evaluable where what it needs is missing; where it does not apply it says nothing.

| check | asks where |
| --- | --- |
| training of the assessor | the instrument asks for a trained assessor, and no training is recorded or it was later |

Rulings. Which instruments ask for trained assessors, their documents say: those of BILAG-2004 do, whose grades are entered and
not derived. A training on the day of the assessment is in time. Of dates too partial to put in order nothing is asked.

Source: rulings of the trial's design; Isenberg DA et al. Rheumatology 2005;44:902-906 (graded by trained physicians).
"""

from __future__ import annotations

from collections.abc import Iterator

from app.rules.dates import before, days_between, sort_key
from app.rules.facts import Assessed, Facts
from app.rules.verdict import Evidence, Rule, Truth, Verdict, check

TRAINING = Rule("check_assessor_training", "1", "Training of the assessor", "Study design: trained assessors of BILAG-2004")
RULES = (TRAINING,)


def moment(form: Assessed) -> tuple[str, str]:
    """Where a form stands among others of its instrument: by its date, one without a date first, then by its record."""
    return sort_key(form.at) if form.at else "", form.id


def training(facts: Facts) -> Iterator[Verdict]:
    """Each form of an instrument that asks for a trained assessor, beside the date of the training; about the form."""
    for form in sorted(facts.assessments, key=moment):
        if form.asks_training:
            made = Evidence(f"{form.instrument} assessed", form.at, None, form.at, form.source)
            trained = Evidence("training of the assessor", form.trained)
            lacking = (f"complete dates of {form.instrument} and of the training of its assessor",)
            yield check(TRAINING, form.id, _untrained(form), (made, Evidence("assessor", form.assessor), trained), lacking)


def _untrained(form: Assessed) -> Truth:
    """Whether no training is recorded, or it was after the assessment; on one day it was in time."""
    if form.trained is None:
        return True
    return False if days_between(form.trained, form.at) == 0 else before(form.at, form.trained)


def checks(facts: Facts) -> Iterator[Verdict]:
    """All of them, in the order of the table."""
    yield from training(facts)
