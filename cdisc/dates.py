"""
Days as numbers: since 1960-01-01, as SAS counts them, and since the first day of a subject.

Nothing is imputed: a date that is not complete to the day has no number. Sources: SDTMIG 3.4 section 4.4.4, ADaMIG 1.3
sections 3.1.2 and 3.3.3.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from cdisc import timing
from cdisc.coding import Column

UNKNOWN = float("nan")
ZERO = date(1960, 1, 1)
"""The day from which numeric dates count."""


@lru_cache(timing.KEPT)
def day_number(text: str) -> float:
    """The day of an ISO 8601 date as a number, NaN where it is not complete."""
    day = timing.day(text)
    return UNKNOWN if day is None else float((day - ZERO).days)


def relative_day(at: float, start: float) -> float:
    """The study or analysis day: `start` is day 1, the day before it -1, and there is no day 0; NaN where either is NaN."""
    days = at - start
    return days + 1 if days >= 0 else days


def relative_days(at: Column, start: Column) -> Column:
    """The study or analysis days of a column of dates, each from its own start."""
    days = at - start
    return days + (days >= 0)
