"""
Edit checks on the forms of instruments, whatever they ask: each asks a question, and none changes a form.

A check is flagged, clear, or not evaluable where what it needs is missing; where it does not apply it says nothing.

| check | asks where |
| --- | --- |
| training of the assessor | the instrument asks for a trained assessor, and no training is recorded or it was later |
| second form | a visit has two forms or more of an instrument, or of a score, of which it has one at most |

Rulings. Which instruments ask for trained assessors, their documents say: those of BILAG-2004 do, whose grades are entered and
not derived. A training on the day of the assessment is in time. Of dates too partial to put in order nothing is asked. Of
two forms at one visit the later counts, and of one time the one recorded last; a form without a date has that of its visit.
Two instruments may give one score, as their documents say by its category: of BILAG-2004 the grades that the assessor entered
count, whatever the dates, and a form of items, from which they would be derived, does not count beside them. Which instruments
are made several times at a visit, their documents say: those of the bedside, ICE and CAPD, are.

Source: rulings of the trial's design; Isenberg DA et al. Rheumatology 2005;44:902-906 (graded by trained physicians).
"""

from __future__ import annotations

from collections.abc import Iterator

from app.rules.dates import before, days_between, sort_key
from app.rules.facts import Assessed, Facts
from app.rules.verdict import Evidence, Rule, Truth, Verdict, check

TRAINING = Rule("check_assessor_training", "1", "Training of the assessor", "Study design: trained assessors of BILAG-2004")
SECOND = Rule("check_second_form", "1", "Second form of an instrument at a visit", "Study design: one form a visit")
RULES = (TRAINING, SECOND)


def standing(at: str | None, record: str) -> tuple[str, str]:
    """Where a form stands among others, the last of which counts: by its date, without one first, then by its record."""
    return sort_key(at) if at else "", record


def _in_order(facts: Facts) -> list[Assessed]:
    return sorted(facts.assessments, key=lambda form: standing(form.at, form.id))


def training(facts: Facts) -> Iterator[Verdict]:
    """Each form of an instrument that asks for a trained assessor, beside the date of the training; about the form."""
    for form in _in_order(facts):
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


def second_forms(facts: Facts) -> Iterator[Verdict]:
    """The forms of a score at one visit where there are several, about the one that counts: one entered before one derived."""
    held: dict[tuple[str, str], list[Assessed]] = {}
    for form in sorted(_in_order(facts), key=lambda form: not form.derived):
        if form.visit is not None and form.one_a_visit:
            held.setdefault((form.visit, form.score), []).append(form)
    for *others, last in held.values():
        if others:
            question = Evidence("question", "Withdraw the form that was made in error, or say why there are two")
            without = (_form(each, "does not count") for each in reversed(others))
            yield check(SECOND, last.id, True, (question, _form(last, "counts"), *without))


def _form(form: Assessed, stands: str) -> Evidence:
    return Evidence(f"{form.instrument} at {form.visit} that {stands}", form.at, None, form.at, form.source)


def checks(facts: Facts) -> Iterator[Verdict]:
    """All of them, in the order of the table."""
    yield from training(facts)
    yield from second_forms(facts)
