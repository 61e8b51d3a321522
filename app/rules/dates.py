"""
Clinical dates as captured: local ISO 8601 text, possibly partial, never completed by guess.

A part that is not known is left off at the end (`2026-03`) or stands as one hyphen inside (`2026---15`: some month of 2026,
the 15th; `--03-15`: some year). A partial date is the span of all moments that it may mean; what the span does not decide is
unknown. A time to the minute is complete: seconds that are not given are zero.

Source: ISO 8601:2004; CDISC SDTMIG 3.4 section 4.4.2 (representation of intermediate missing components).
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from app.rules.verdict import Truth

_LEAP_YEAR = 2000
_LONG_MONTH = 1
_SHAPE = re.compile(
    r"(\d{4}|-)(?:-(\d{2}|-)(?:-(\d{2}|-)(?:T(\d{2}|-)(?::(\d{2}|-)(?::(\d{2}))?)?)?)?)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Partial:
    """The parts of a clinical date; None is not known."""

    year: int | None
    month: int | None = None
    day: int | None = None
    hour: int | None = None
    minute: int | None = None
    second: int | None = None


class BadDate(ValueError):
    """A text that is no clinical date; the message says why."""


@lru_cache(maxsize=4096)
def parse(text: str) -> Partial:
    """
    The parts of a clinical date.

    Raises:
        BadDate: The text has another shape, ends in a missing part, or names a day or time that does not exist.
    """
    match = _SHAPE.fullmatch(text)
    if match is None or text.endswith("-"):
        raise BadDate(f"{text!r} is not an ISO 8601 date such as 2026, 2026-03, 2026-03-15, 2026---15 or 2026-03-15T09:30")
    found = Partial(*(None if part in (None, "-") else int(part) for part in match.groups()))
    fault = _impossible(found)
    if fault is not None:
        raise BadDate(f"{text!r} has {fault}")
    return found


def why_not(text: str) -> str | None:
    """The reason why a text is no clinical date; None where it is one."""
    try:
        parse(text)
    except BadDate as refusal:
        return str(refusal)
    return None


def _impossible(found: Partial) -> str | None:
    for name, value in (("year", found.year), ("month", found.month), ("day", found.day)):
        if value == 0:
            return f"no {name} 0"
    most = (("month", found.month, 12), ("hour", found.hour, 23), ("minute", found.minute, 59), ("second", found.second, 59))
    for name, value, last in most:
        if value is not None and value > last:
            return f"no {name} {value}"
    days = _last_day(_LEAP_YEAR if found.year is None else found.year, found.month or _LONG_MONTH)
    return f"no day {found.day} in its month" if found.day is not None and found.day > days else None


def _last_day(year: int, month: int) -> int:
    return monthrange(year, month)[1]


@lru_cache(maxsize=4096)
def earliest(text: str) -> datetime | None:
    """The first moment that a clinical date may mean; None where its year is not known."""
    found = parse(text)
    if found.year is None:
        return None
    first_day = date(found.year, found.month or 1, found.day or 1)
    return datetime.combine(first_day, time(found.hour or 0, found.minute or 0, found.second or 0))


@lru_cache(maxsize=4096)
def latest(text: str) -> datetime | None:
    """The last moment that a clinical date may mean; None where its year is not known."""
    found = parse(text)
    if found.year is None:
        return None
    month = found.month or 12
    last_day = date(found.year, month, found.day or _last_day(found.year, month))
    hour = 23 if found.hour is None else found.hour
    if found.minute is None:
        return datetime.combine(last_day, time(hour, 59, 59))
    return datetime.combine(last_day, time(hour, found.minute, found.second or 0))


def sort_key(text: str) -> str:
    """A text that sorts as the first moment of a clinical date does; one without a year sorts last."""
    first = earliest(text)
    return "~" if first is None else first.isoformat()


def before(one: str | None, other: str | None) -> Truth:
    """Whether one clinical date lies before another: None where either is missing or their spans do not decide it."""
    if one is None or other is None:
        return None
    one_first, one_last, other_first, other_last = earliest(one), latest(one), earliest(other), latest(other)
    if one_first is None or one_last is None or other_first is None or other_last is None:
        return None
    if one_last < other_first:
        return True
    return False if one_first >= other_last else None


def day(text: str | None) -> date | None:
    """The calendar day; None where the text is missing or not complete to the day."""
    found = Partial(None) if text is None else parse(text)
    if found.year is None or found.month is None or found.day is None:
        return None
    return date(found.year, found.month, found.day)


def days_between(start: str | None, end: str | None) -> int | None:
    """Calendar days from one date to another, negative where it lies earlier; None unless both are complete to the day."""
    first, last = day(start), day(end)
    return None if first is None or last is None else (last - first).days


def study_day(text: str | None, reference: str | None) -> int | None:
    """The study day: the reference day is 1, the day before it -1, and there is no day 0 (SDTMIG 3.4, section 4.4.4)."""
    days = days_between(reference, text)
    return None if days is None else days + 1 if days >= 0 else days


def completed_age(birth: str | None, at: str | None) -> tuple[int, int] | None:
    """
    The least and the greatest completed age in years that a partial birth date allows at a date; None where unknown.

    Who was born on 29 February completes a year on 1 March where there is no such day.
    """
    if birth is None or at is None:
        return None
    born_first, born_last, at_first, at_last = earliest(birth), latest(birth), earliest(at), latest(at)
    if born_first is None or born_last is None or at_first is None or at_last is None:
        return None
    return _years(born_last, at_first), _years(born_first, at_last)


def _years(born: datetime, at: datetime) -> int:
    return at.year - born.year - ((at.month, at.day) < (born.month, born.day))


def reached(birth: str | None, at: str | None, years: int) -> Truth:
    """Whether so many years are completed at a date; None where a partial birth date, or a missing one, leaves it open."""
    ages = completed_age(birth, at)
    if ages is None:
        return None
    return True if ages[0] >= years else False if ages[1] < years else None


def shifted(text: str | None, days: int) -> str | None:
    """The calendar day so many days later, as text; None where the date is not complete to the day."""
    start = day(text)
    return None if start is None else (start + timedelta(days=days)).isoformat()
