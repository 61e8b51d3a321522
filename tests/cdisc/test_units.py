"""Every unit of `units.csv`, by mass and by amount, beside a units library that knows nothing of it (pint)."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import pint
import pytest

from cdisc import terminology
from cdisc.units import convert

SPELLED = {"%": "percent", "fraction of 1": "dimensionless", "LB": "pound", "in": "inch"}
"""The units that the library writes in another way."""
TEMPERATURES = {"C": "degC", "F": "degF", "K": "kelvin"}
COUNTED = re.compile(r"(DNA )?copies|Therapeutic Cells")
"""What is counted has no unit in the library: so many copies are so many."""
UNSAID = ("IU/L", "IU/mL", "mIU/L")
"""What the library cannot say: an international unit is whatever the standard of its substance makes it."""
VALUE = Decimal("36.6")
UNITS = {row["unit"]: row["base"] for row in terminology.rows("units")}
MASSES = sorted({row["molar_mass"] for row in terminology.rows("tests") if row["molar_mass"]})


@cache
def registry() -> Any:
    """The units of the library."""
    return pint.UnitRegistry()


def said(unit: str) -> Any:
    """One of a unit as the library says it."""
    words = SPELLED.get(unit) or COUNTED.sub("1", unit).replace("^", "**")
    return registry().Quantity(1) * registry().parse_expression(words)


def by_library(unit: str, base: str, mass: str) -> float:
    """`VALUE` in the base unit, through the molar mass where one is by mass and the other by amount of substance."""
    if unit in TEMPERATURES:
        return float(registry().Quantity(float(VALUE), TEMPERATURES[unit]).to(TEMPERATURES[base]).magnitude)
    part, molar = said(unit) / said(base), registry().Quantity(float(mass), "g/mol")
    (ratio,) = [each for each in (part, part * molar, part / molar) if each.dimensionless]
    return float(VALUE) * float(ratio.to("dimensionless").magnitude)


@pytest.mark.parametrize("unit", sorted(UNITS.keys() - set(UNSAID)))
def test_a_unit_is_the_part_of_its_base_that_the_library_says(unit: str) -> None:
    for mass in MASSES:
        found = convert(VALUE, unit, UNITS[unit], Fraction(mass))

        assert found is not None
        assert float(found) == pytest.approx(by_library(unit, UNITS[unit], mass), rel=1e-9)


def test_what_the_library_cannot_say_stands_in_the_table_and_is_not_known_to_it() -> None:
    for unit in UNSAID:
        assert unit in UNITS
        with pytest.raises(pint.UndefinedUnitError):
            said(unit)
