"""
Whether a subject counts for a dose level: treated, the window of dose-limiting toxicity (DLT) open or closed, evaluable.

The window. `first_infusion`: so many days from the first infusion. `last_infusion`: from the first infusion to so many days
after the last, which is known once all planned infusions are given or the treatment has ended. `each_infusion`: so many days
after each infusion given, so that it is closed in between where infusions lie further apart.

A subject with an adjudicated DLT counts at any time. Another is evaluable once the window has closed, an adjudicator has said
on or after that day that it held no DLT, and enough of the planned dose was given. Nobody said so: the subject is waited for.

Source: ICH E4 and the usual wording of phase I protocols; the anchor of a window over several infusions is a parameter of the
study document, and what a published protocol does not state is marked assumed there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from app.rules.dates import days_between, shifted
from app.rules.verdict import Rule, Truth

RULE = Rule("dlt_evaluable", "1", "Evaluable for dose-limiting toxicity", "ICH E4; study design")


class Standing(StrEnum):
    """Where a subject stands toward the count of a dose level."""

    DLT = "dlt"
    EVALUABLE = "evaluable"
    PENDING = "pending"
    UNASSESSED = "unassessed"
    NOT_EVALUABLE = "not_evaluable"


@dataclass(frozen=True, slots=True)
class Window:
    """What the study document says of the window, of the infusions planned, and of the part of the dose that counts."""

    days: int | None = None
    anchor: Literal["first_infusion", "each_infusion", "last_infusion"] | None = None
    infusions: int = 1
    least_fraction: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Infused:
    """One infusion given; `fraction`: the part of its planned dose, None where either is not known."""

    at: str | None
    fraction: Decimal | None


@dataclass(frozen=True, slots=True)
class Adjudicated:
    """One adjudication; `event`: the adverse event that it is about, None where it is about the whole window."""

    at: str
    dlt: Truth
    event: str | None = None


@dataclass(frozen=True, slots=True)
class Exposed:
    """A treated subject. `ended`: whether the study treatment is known to have ended."""

    doses: tuple[Infused, ...]
    ended: bool = False
    adjudications: tuple[Adjudicated, ...] = ()


@dataclass(frozen=True, slots=True)
class Count:
    """Where a subject stands, the last day of the window as far as it is known, and why in words."""

    standing: Standing
    closes: str | None
    because: str


def closes(window: Window, subject: Exposed) -> str | None:
    """The last day of the window; None where the document states none, or the infusion that it hangs on is not known."""
    days = sorted(text for dose in subject.doses if (text := shifted(dose.at, 0)) is not None)
    over = subject.ended or len(subject.doses) >= window.infusions
    if window.days is None or len(days) < len(subject.doses) or (window.anchor == "last_infusion" and not over):
        return None
    return shifted(days[0] if window.anchor == "first_infusion" else days[-1], window.days)


def fraction(window: Window, doses: Sequence[Infused]) -> Decimal | None:
    """The part of the whole planned dose that was given; None where that of any infusion is not known."""
    known = [dose.fraction for dose in doses if dose.fraction is not None]
    return sum(known, Decimal(0)) / window.infusions if len(known) == len(doses) else None


def count(window: Window, subject: Exposed, at: str | None) -> Count:
    """Where a subject stands at a date, which is that of the latest data and never the clock's."""
    until = closes(window, subject)
    if any(each.dlt for each in subject.adjudications):
        return Count(Standing.DLT, until, "a dose-limiting toxicity was adjudicated")
    if window.days is None:
        return Count(Standing.PENDING, None, "the study document states no window")
    if until is None:
        return Count(Standing.PENDING, None, "the infusion that the window hangs on is not known yet")
    if (days_between(until, at) or 0) <= 0:
        return Count(Standing.PENDING, until, f"the window is open until {until}")
    if not any(_clears(each, until) for each in subject.adjudications):
        return Count(Standing.UNASSESSED, until, f"the window closed on {until}; nobody has said that it held no toxicity")
    return _dosed(window, subject, until)


def _clears(said: Adjudicated, until: str) -> bool:
    after = days_between(until, said.at)
    return said.dlt is False and said.event is None and after is not None and after >= 0


def _dosed(window: Window, subject: Exposed, until: str) -> Count:
    given = fraction(window, subject.doses)
    if window.least_fraction is None or (given is not None and given >= window.least_fraction):
        return Count(Standing.EVALUABLE, until, "the window held no dose-limiting toxicity")
    said = "an unknown part" if given is None else f"{given:.0%}"
    return Count(Standing.NOT_EVALUABLE, until, f"{said} of the planned dose was given; {window.least_fraction:.0%} is asked")
