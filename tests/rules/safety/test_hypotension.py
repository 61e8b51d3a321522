"""Hypotension for age: the threshold, and that on it the pressure is not low."""

from __future__ import annotations

from decimal import Decimal

from app.rules.safety.hypotension import hypotensive, threshold
from tests.rules.cases import cases


@cases("hypotension")
def test_the_threshold_for_age(case: dict[str, str]) -> None:
    age, limit = int(case["age"]), Decimal(case["threshold"])

    assert limit == threshold(age)
    assert not hypotensive(age, limit)
    assert hypotensive(age, limit - Decimal("0.1"))
