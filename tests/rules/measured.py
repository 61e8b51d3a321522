"""
Results for tests, in the shorthand of the decision tables.

A result is `day quantity reported unit lower upper`, several apart by `; `: the day is counted from the visit or from the first
infusion, as the table says; `-` is not recorded.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from itertools import count

from app.rules.dates import parse
from app.rules.facts import Measurement
from app.rules.verdict import Source


def measured(cell: str, start: date, **more: str | tuple[str, ...]) -> tuple[Measurement, ...]:
    """The results of a cell, under the records L1, L2 and so on."""
    numbers = count(1)
    return tuple(_one(f"L{next(numbers)}", part.split(), start, more) for part in cell.split("; ") if part)


def _one(record: str, words: list[str], start: date, more: dict[str, str | tuple[str, ...]]) -> Measurement:
    day, quantity, reported, unit, lower, upper = words
    at = (start + timedelta(days=int(day))).isoformat() if re.fullmatch(r"-?\d+", day) else day
    assert parse(at)
    number = re.fullmatch(r"([<>]?)([\d.]+)", reported)
    given: dict[str, object] = {
        "value": Decimal(number[2]) if number else None,
        "qualifier": (number[1] or None) if number else None,
        "unit": None if unit == "-" else unit,
        "lower": None if lower == "-" else Decimal(lower),
        "upper": None if upper == "-" else Decimal(upper),
        "source": Source("laboratory", record, 1),
    }
    return Measurement(record, quantity, at, reported, **(given | more))  # type: ignore[arg-type]


def series(cell: str) -> dict[int, Decimal]:
    """`5-10:400 12:600`: counts by day, from a day to another or of one day."""
    days: dict[int, Decimal] = {}
    for part in cell.split():
        span, _, anc = part.partition(":")
        first, _, last = span.rpartition("-") if span.count("-") == 1 and not span.startswith("-") else ("", "", span)
        if span.startswith("-"):
            first, last = span.rsplit("--", 1)[0], "-" + span.rsplit("--", 1)[1]
        days |= dict.fromkeys(range(int(first or last), int(last) + 1), Decimal(anc))
    return days
