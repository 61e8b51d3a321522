"""One unit in another: exact, or not at all; and beside the exporter's table, which pint holds."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.rules.laboratory.units import converted, ratio, units
from cdisc import units as exporter
from tests.rules.cases import cases
from tests.rules.given import number


@cases("units")
def test_a_number_in_another_unit(case: dict[str, str]) -> None:
    assert converted(number(case["value"]), case["unit"] or None, case["to"]) == number(case["converted"])


def test_the_digits_that_were_entered_stay_where_only_the_power_of_ten_differs() -> None:
    assert str(converted(Decimal("4.50"), "10^3/uL", "/uL")) == "4500.00"


@pytest.mark.parametrize("unit", sorted(units()))
def test_the_exporter_converts_what_both_know_to_the_same(unit: str) -> None:
    for to in units():
        scale, sent = ratio(unit, to), exporter.convert(Decimal(1), unit, to)
        if sent is not None:
            assert scale is not None
            assert abs(Decimal(scale.numerator) / scale.denominator - sent) < Decimal("1e-20")
