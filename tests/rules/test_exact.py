"""B9: numbers keep the digits entered, and no float ever touches them."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.exact import decimal, plain


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Fraction(35, 4), "8.75"),
        (Fraction(0), "0"),
        (Fraction(625), "625"),
        (Fraction(20, 3), "6.666667"),
        (Fraction(-3, 10), "-0.3"),
        (Fraction(1, 2_000_000), "0"),
        (Fraction(3, 2_000_000), "0.000002"),
    ],
)
def test_a_fraction_reads_as_a_decimal_of_at_most_six_places(value: Fraction, expected: str) -> None:
    assert Decimal(expected) == decimal(value)
    assert expected == plain(value)


@pytest.mark.parametrize(("value", "expected"), [(Decimal("12.50"), "12.50"), (Decimal("1E+2"), "100"), (7, "7"), (None, None)])
def test_a_number_reads_as_it_was_entered(value: Decimal | int | None, expected: str | None) -> None:
    assert expected == plain(value)


@given(st.decimals(-1000, 1000, places=6))
def test_what_ends_within_six_places_is_exact(value: Decimal) -> None:
    assert value == decimal(Fraction(value))
