"""
ISO 8601 dates as they were entered, possibly partial, and what can be said of two of them.

Nothing is imputed: where the digits given do not decide, the answer is None. Source: SDTMIG 3.4 section 4.4.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

_DATE = r"(?:\d{4}|-)(?:-(?:0[1-9]|1[0-2]|-)(?:-(?:0[1-9]|[12]\d|3[01]))?)?"
_TIME = r"(?:[01]\d|2[0-3]|-)(?::(?:[0-5]\d|-)(?::[0-5]\d(?:\.\d+)?)?)?(?:Z|[+-][01]\d:[0-5]\d)?"
_INSTANT = re.compile(rf"{_DATE}(?:T{_TIME})?")
_DURATION = re.compile(r"[+-]?P(?=\d|T\d)(?:\d+(?:\.\d+)?[YMWD])*(?:T(?:\d+(?:\.\d+)?[HMS])+)?")
_COMPLETE = re.compile(r"\d{4}-\d{2}-\d{2}")
KEPT = 20_000
"""Answers that are kept for the next one who asks: enough for a block of subjects, however many a study has."""


@lru_cache(KEPT)
def day(text: str) -> date | None:
    """The calendar day of a date that is complete to the day; None where it is not, or is no day of the calendar."""
    if not _COMPLETE.match(text):
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


@lru_cache(KEPT)
def is_instant(text: str) -> bool:
    """Whether a text is an ISO 8601 date or date and time as SDTM takes it, missing parts given as hyphens or left off."""
    if not _INSTANT.fullmatch(text):
        return False
    return day(text) is not None or not _COMPLETE.match(text)


def is_duration(text: str) -> bool:
    """Whether a text is an ISO 8601 duration, such as `P0.67Y` or `-P30D`."""
    return _DURATION.fullmatch(text) is not None


@lru_cache(KEPT)
def before(first: str, second: str) -> bool | None:
    """
    Whether `first` is certainly before `second`, compared to the precision that both have.

    None where the common digits are equal and either could be earlier, a part is missing in the middle, or one is empty.
    """
    if not first or not second or "--" in first + second or "-T" in first + second:
        return None
    length = min(len(first), len(second))
    if first[:length] != second[:length]:
        return first[:length] < second[:length]
    return False if len(first) == len(second) > 10 else None


def completed_years(birth: str, on: str) -> int | None:
    """Completed years from a birth date, possibly partial, to a day; None where the digits given allow two answers."""
    if len(birth) < 4 or len(on) < 7:
        return None
    years = int(on[:4]) - int(birth[:4])
    if len(birth) < 7 or birth[5:7] == on[5:7]:
        return None
    return years if birth[5:7] < on[5:7] else years - 1
