"""
The units of a laboratory, and how many of one make another, exactly.

`units.csv` holds what each unit measures and how many of the base unit of that measure it is: powers of ten, 60 for katals,
2.54 cm for an inch. Nothing is converted between mass and amount, which takes a molar mass: a rule whose source prints a
limit in both has both. `*` for a power is read as `^`.

Source: Unified Code for Units of Measure (UCUM) 2.1, and the ways in which laboratories write its units.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

from app.rules.exact import DIGITS


@cache
def units() -> Mapping[str, tuple[str, Fraction]]:
    """What each unit measures, and how many of the base unit of that measure it is."""
    with Path(__file__).with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        return {row["unit"]: (row["measures"], Fraction(row["ratio"])) for row in csv.DictReader(file)}


def ratio(unit: str | None, to: str) -> Fraction | None:
    """How many of the unit `to` one of a unit is; None where they do not measure the same, or the table has not both."""
    here, there = (units().get(each.replace("*", "^")) for each in (unit or "", to))
    return here[1] / there[1] if here and there and here[0] == there[0] else None


def converted(value: Decimal | None, unit: str | None, to: str) -> Decimal | None:
    """A number of one unit in another, with its digits where they differ by a power of ten; None where either is not known."""
    scale = ratio(unit, to)
    if value is None or scale is None:
        return None
    return DIGITS.divide(DIGITS.multiply(value, scale.numerator), scale.denominator)
