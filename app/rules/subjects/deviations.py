"""
Departures from the protocol that follow from what was recorded, beside those that a person reports.

| coded term | derived where |
| --- | --- |
| VISIT OUT OF WINDOW | a planned visit took place before or after the days that the study document allows it |
| VISIT NOT DONE | a planned visit did not take place, and its window closed while the subject was still in the study |
| DOSE NOT AS PLANNED | an infusion differs from the dose of its level or weight tier by more than the study tolerates |
| GATE NOT MET | an infusion was given, or an arm entered, although a gate of the study was flagged |
| ELIGIBILITY NOT MET | the subject entered an arm with an inclusion criterion answered no, or an exclusion criterion yes |

Rulings. Nothing is derived of what is not known: a partial date, a dose without its plan, a gate that is not evaluable, a study
that states no tolerance. The edges of a window and of a tolerance are within. A deviation that a person reported under the same
coded term, of a day that may be the same one, is that deviation: it stands as reported, and nothing is derived beside it.

A visit that nobody wrote of may only be not entered yet, so its silence counts once the subject is known to have been in the
study after its window, at another visit or by a disposition: no clock is asked. A visit that is told not to have taken place
needs no such day. Neither is a deviation of a subject who had left, or may have left, by the last day of the window.

Source: ICH E3 1995, section 10.2 (entered against the criteria, wrong treatment or dose); rulings of the study document.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from app.rules.dates import before, days_between, shifted
from app.rules.exact import plain
from app.rules.study import Window

VISIT, MISSED, DOSE = "VISIT OUT OF WINDOW", "VISIT NOT DONE", "DOSE NOT AS PLANNED"
GATE, ELIGIBILITY = "GATE NOT MET", "ELIGIBILITY NOT MET"


@dataclass(frozen=True, slots=True)
class Deviation:
    """One deviation: its coded term, when it happened, what happened in words, and what it was held against in words."""

    term: str
    at: str
    words: str
    basis: str


def visit(window: Window, at: str | None, anchor: str | None, anchored: str) -> Deviation | None:
    """
    A visit outside its window; `anchor`: the day that its days are counted from, called `anchored`.

    The words tell days from the anchor, which is 0, and not study days, of which the first infusion has 1.
    """
    days = days_between(anchor, at)
    first, last = window.nominal - window.before, window.nominal + window.after
    if at is None or days is None or first <= days <= last:
        return None
    words = f"{window.timepoint} took place {days} days from the {anchored}, outside {first} to {last}"
    return Deviation(VISIT, at, words, f"Window of the study document, counted from the {anchored}")


def missed(
    window: Window, told: bool, anchor: str | None, anchored: str, seen: Iterable[str | None], left: Iterable[str | None]
) -> Deviation | None:
    """
    A visit that did not take place, dated to the last day of its window; `told`: a record says that it did not.

    `seen`: the days on which the subject is known to have been in the study; `left`: the days on which they left it, None where
    such a day is not recorded.
    """
    last = shifted(anchor, window.nominal + window.after)
    if last is None or not all(before(last, day) for day in left):
        return None
    if not told and not any(before(last, day) for day in seen):
        return None
    words = f"{window.timepoint} did not take place by {window.nominal + window.after} days from the {anchored}"
    return Deviation(MISSED, last, words, f"Window of the study document, counted from the {anchored}")


def dose(
    infusion: str, at: str | None, given: Decimal | None, planned: Decimal | None, part: Decimal | None
) -> Deviation | None:
    """A dose that differs from the planned one by more than `part` of it; `infusion`: which one, in words."""
    if at is None or given is None or planned is None or part is None or abs(given - planned) <= part * planned:
        return None
    words = f"{infusion}: {plain(given)} given, {plain(planned)} planned"
    return Deviation(DOSE, at, words, f"Dose of the study document, tolerance {plain(100 * part)} %")


def against_gate(what: str, at: str | None, title: str) -> Deviation | None:
    """A dose or an entry that a gate of that title was flagged for."""
    return (
        None
        if at is None
        else Deviation(GATE, at, f"{what} although a gate was not met: {title}", "Gates of the study document")
    )


def not_eligible(criterion: str, kind: str, answer: str | None, entered: str | None) -> Deviation | None:
    """Entry into an arm against a criterion; `kind`: INCLUSION or EXCLUSION."""
    if entered is None or answer != ("N" if kind == "INCLUSION" else "Y"):
        return None
    words = f"Entered into the trial with {criterion} {'not met' if kind == 'INCLUSION' else 'met'}"
    return Deviation(ELIGIBILITY, entered, words, "Criteria of the study document")


def reported(found: Deviation, entered: Iterable[tuple[str, str | None]]) -> bool:
    """Whether a person reported a deviation already; `entered`: coded term and date of each reported one."""
    return any(term == found.term and _may_be(on, found.at) for term, on in entered)


def _may_be(on: str | None, at: str) -> bool:
    days = days_between(on, at)
    return before(on, at) is None if days is None else days == 0
