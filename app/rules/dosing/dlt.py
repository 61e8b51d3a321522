"""
Whether a subject counts for a dose level: treated, the window of dose-limiting toxicity (DLT) open or closed, evaluable.

The window. `first_infusion`: so many days from the first infusion. `last_infusion`: from the first infusion to so many days
after the last, which is known once all planned infusions are given or the treatment has ended. `each_infusion`: so many days
after each infusion given, so that it is closed in between where infusions lie further apart.

A subject with an adjudicated DLT counts at once, where the event began within the window. One that certainly began outside of
it (before the infusion, after the last day, between two windows of `each_infusion`) counts where the study document says so,
and is told of in any case. Another subject is evaluable once the window has closed, an adjudicator has said on or after that
day that it held no DLT, and enough of the planned dose was given. Nobody said so: the subject is waited for, unless it was
replaced.

Rulings. A DLT whose onset is not known, or not to the day that decides, counts: unknown is not outside. While the last
infusion of a window is not known, nothing after the first one is outside. A subject who was replaced still counts with a DLT,
and where it is evaluable all the same.

Source: ICH E4 and the usual wording of phase I protocols; the anchor of a window over several infusions is a parameter of the
study document, and what a published protocol does not state is marked assumed there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from app.rules.dates import before, day, days_between, shifted
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
    """
    What the study document says of the window, of the infusions planned, and of the part of the dose that counts.

    `outside_counts`: whether a DLT counts whose event began outside the window.
    """

    days: int | None
    anchor: Literal["first_infusion", "each_infusion", "last_infusion"] | None
    infusions: int
    least_fraction: Decimal | None
    outside_counts: bool


@dataclass(frozen=True, slots=True)
class Infused:
    """One infusion given; `fraction`: the part of its planned dose, None where either is not known."""

    at: str | None
    fraction: Decimal | None


@dataclass(frozen=True, slots=True)
class Adjudicated:
    """
    One adjudication; `event`: the adverse event that it is about, None where it is about the whole window; `onset`: when that
    event began.
    """

    at: str
    dlt: Truth
    event: str | None = None
    onset: str | None = None


@dataclass(frozen=True, slots=True)
class Exposed:
    """A treated subject. `ended`: whether the study treatment is known to have ended; `replaced`: by another subject."""

    doses: tuple[Infused, ...]
    ended: bool
    adjudications: tuple[Adjudicated, ...]
    replaced: bool


@dataclass(frozen=True, slots=True)
class Count:
    """
    Where a subject stands, the last day of the window as far as it is known, and why in words.

    `outside`: each adjudicated DLT that began outside the window, in words, whether it counts or not.
    """

    standing: Standing
    closes: str | None
    because: str
    outside: tuple[str, ...] = ()


def closes(window: Window, subject: Exposed) -> str | None:
    """The last day of the window; None where the document states none, or the infusion that it hangs on is not known."""
    days = sorted(text for dose in subject.doses if (text := shifted(dose.at, 0)) is not None)
    over = subject.ended or len(subject.doses) >= window.infusions
    if window.days is None or not days or len(days) < len(subject.doses):
        return None
    if window.anchor == "last_infusion" and not over:
        return None
    return shifted(days[0] if window.anchor == "first_infusion" else days[-1], window.days)


def fraction(window: Window, doses: Sequence[Infused]) -> Decimal | None:
    """The part of the whole planned dose that was given; None where that of any infusion is not known."""
    known = [dose.fraction for dose in doses if dose.fraction is not None]
    return sum(known, Decimal(0)) / window.infusions if len(known) == len(doses) else None


def outside(window: Window, subject: Exposed, onset: str | None) -> bool:
    """Whether an event that began then certainly began outside the window: not where onset or window do not decide."""
    if window.days is None or not subject.doses or any(day(dose.at) is None for dose in subject.doses):
        return False
    starts = sorted(str(dose.at) for dose in subject.doses)
    spans = [(starts[0], closes(window, subject))]
    if window.anchor == "each_infusion":
        spans = [(start, shifted(start, window.days)) for start in starts]
    return all(before(onset, first) or before(last, onset) for first, last in spans)


def count(window: Window, subject: Exposed, at: str | None) -> Count:
    """Where a subject stands at a date, which is that of the latest data and never the clock's."""
    limiting = [each for each in subject.adjudications if each.dlt]
    beyond = [each for each in limiting if outside(window, subject, each.onset)]
    told = tuple(sorted(f"{each.event or 'an event'} began on {each.onset}, outside the window" for each in beyond))
    if limiting if window.outside_counts else [each for each in limiting if each not in beyond]:
        because = "a dose-limiting toxicity was adjudicated"
        return Count(Standing.DLT, closes(window, subject), because, told)
    return replace(_without(window, subject, at), outside=told)


def _without(window: Window, subject: Exposed, at: str | None) -> Count:
    """Where a subject without a DLT that counts stands; one who was replaced is not waited for."""
    found = _followed(window, subject, at)
    if subject.replaced and found.standing in (Standing.PENDING, Standing.UNASSESSED):
        return Count(Standing.NOT_EVALUABLE, found.closes, f"replaced by another subject; {found.because}")
    return found


def _followed(window: Window, subject: Exposed, at: str | None) -> Count:
    until = closes(window, subject)
    if window.days is None:
        return Count(Standing.PENDING, None, "the study document states no window")
    if until is None:
        return Count(Standing.PENDING, None, "the infusion that the window hangs on is not known yet")
    past = days_between(until, at)
    if past is None or past <= 0:
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
