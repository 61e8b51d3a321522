"""Standard results and range indicators, case by case, and conversion as a property (B9)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdisc import results, terminology, units
from tests.cdisc.cases import cases

CONVERTED = [row["unit"] for row in terminology.rows("units")]
NUMBERS = st.decimals(Decimal("0.0001"), Decimal(10**6), places=4)


@cases("results")
def test_a_result_in_standard_form(case: dict[str, str]) -> None:
    """B9: the standard value is a second value; the original keeps its digits."""
    expected = results.Result(case["text"], Decimal(case["number"]) if case["number"] else None, case["standard_unit"])

    assert expected == results.standard(case["domain"], case["testcd"], "", case["reported"], case["unit"])


@cases("ranges")
def test_a_result_against_its_range(case: dict[str, str]) -> None:
    """B10: the indicator follows from the limits that came with the result."""
    assert case["indicator"] == results.range_indicator(case["reported"], case["low"], case["high"])


@given(NUMBERS, st.sampled_from(CONVERTED), st.sampled_from(CONVERTED))
def test_a_conversion_can_be_taken_back(number: Decimal, unit: str, other: str) -> None:
    there = units.convert(number, unit, other, Fraction("113.12"))
    back = None if there is None else units.convert(there, other, unit, Fraction("113.12"))

    assert back is None or abs(back - number) <= abs(number) * Decimal("1e-20")


def test_a_unit_that_measures_something_else_is_not_converted() -> None:
    assert units.convert(Decimal(1), "g/L", "10^9/L") is None
    assert units.convert(Decimal(1), "mmol/L", "g/L") is None
    assert units.convert(Decimal(1), "spoons", "g/L") is None


@pytest.mark.parametrize("row", list(terminology.rows("units")), ids=lambda row: row["unit"])
def test_every_unit_that_is_converted_is_a_term(row: dict[str, str]) -> None:
    assert row["unit"] in (*terminology.terms("UNIT"), *terminology.terms("VSRESU"))
    assert row["base"] in CONVERTED


@pytest.mark.parametrize("row", list(terminology.rows("tests")), ids=lambda row: f"{row['testcd']} {row['specimen']}")
def test_every_test_has_a_name_and_a_unit_of_the_terminology(row: dict[str, str]) -> None:
    assert terminology.decode(f"{row['domain']}TESTCD", row["testcd"])
    assert not row["unit"] or row["unit"] in (*terminology.terms("UNIT"), *terminology.terms("VSRESU"))
    assert not row["specimen"] or terminology.is_term("SPECTYPE", row["specimen"])


def test_the_test_of_the_specimen_is_preferred() -> None:
    urine, any_specimen = units.measure("LB", "RBC", "URINE"), units.measure("LB", "RBC", "")

    assert urine is not None
    assert any_specimen is not None
    assert (urine.unit, any_specimen.unit) == ("/HPF", "10^12/L")
    assert units.measure("LB", "NOSUCH", "") is None
