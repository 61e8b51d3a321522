"""
Exact conversion of reported units to the standard unit of a test.

`specs/units.csv` gives each unit as a fraction of its base unit: quantity in base = (number + zero) x ratio x M^molar, where M
is the molar mass in g/mol that `specs/tests.csv` holds for tests reported both by mass and by amount (for a ratio to
creatinine, creatinine's). Fractions, so that 0.9 mg/dL is exactly 9 mg/L, and only the last step is ever rounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache

from cdisc import terminology

DIGITS = 28
"""Significant digits of a conversion that no finite decimal expresses, such as a division by a molar mass."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit's place on the scale of its base unit."""

    base: str
    ratio: Fraction
    molar: int
    zero: Fraction


@dataclass(frozen=True, slots=True)
class Measure:
    """What is fixed for one test of one specimen: category, specimen, standard unit (None: none), molar mass in g/mol."""

    domain: str
    testcd: str
    category: str | None
    specimen: str | None
    unit: str | None
    molar_mass: Fraction | None


@cache
def _units() -> dict[str, Unit]:
    return {
        row["unit"]: Unit(row["base"], Fraction(row["ratio"]), int(row["molar"]), Fraction(row["zero"]))
        for row in terminology.rows("units")
    }


@cache
def _measures() -> dict[tuple[str, str], tuple[Measure, ...]]:
    found: dict[tuple[str, str], tuple[Measure, ...]] = {}
    for row in terminology.rows("tests"):
        mass = Fraction(row["molar_mass"]) if row["molar_mass"] else None
        one = Measure(row["domain"], row["testcd"], row["category"] or None, row["specimen"] or None, row["unit"] or None, mass)
        found[one.domain, one.testcd] = (*found.get((one.domain, one.testcd), ()), one)
    return found


def measures(domain: str, testcd: str, specimen: str) -> tuple[Measure, ...]:
    """What is known of a test: the rows of its specimen, where that is not known (empty) or not listed all its rows."""
    rows = _measures().get((domain, testcd), ())
    return tuple(row for row in rows if row.specimen == specimen) or rows


def measure(domain: str, testcd: str, specimen: str) -> Measure | None:
    """The first of `measures`, whose unit a result is converted to where it can be; None for a test that no row names."""
    return next(iter(measures(domain, testcd, specimen)), None)


def _known(unit: str) -> str:
    for codelist in ("UNIT", "VSRESU"):
        if terminology.is_term(codelist, unit):
            return terminology.submission_value(codelist, unit)
    return unit


def _to_base(number: Fraction, unit: Unit, mass: Fraction) -> Fraction:
    return (number + unit.zero) * unit.ratio * mass**unit.molar


def _as_decimal(number: Fraction) -> Decimal:
    return Context(prec=DIGITS).divide(Decimal(number.numerator), Decimal(number.denominator))


def convert(value: Decimal, unit: str, to: str, molar_mass: Fraction | None = None) -> Decimal | None:
    """
    `value` of `unit` in the unit `to`, exact where a finite decimal can be, else to 28 significant digits.

    The same unit, or another way of writing it (`mg/mg`, `g/g`), gives the value back with its digits as entered. None where
    the two do not measure the same kind of thing, either is unknown, or a molar mass is needed and not given.
    """
    source, target = _known(unit), _known(to)
    if source == target:
        return value
    here, there = _units().get(source), _units().get(target)
    if here is None or there is None or here.base != there.base:
        return None
    if here.molar != there.molar and molar_mass is None:
        return None
    mass = molar_mass or Fraction(1)
    in_base = _to_base(Fraction(value), here, mass)
    return _as_decimal(in_base / (there.ratio * mass**there.molar) - there.zero)
