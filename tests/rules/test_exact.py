"""B9: numbers keep the digits entered, and no float ever touches them."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.exact import DIGITS, decimal, plain, rounded


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


def test_a_long_number_is_rounded_like_a_short_one_half_to_even() -> None:
    assert [Decimal("0.1234"), Decimal("0.1236")] == [rounded(Decimal(value), 4) for value in ("0.12345", "0.12355")]
    assert f"{'7' * 60}.1234" == plain(rounded(Decimal(f"{'7' * 60}.12345"), 4))


def test_what_has_no_end_has_forty_digits() -> None:
    assert Decimal(f"0.{'3' * 40}") == DIGITS.divide(Decimal(1), Decimal(3))
