"""Enough activity to enter: above six points, and an incomplete score may only prove too little."""

from __future__ import annotations

from app.rules.subjects.eligibility import active_enough
from app.rules.verdict import Value
from tests.rules import build
from tests.rules.cases import cases


@cases("eligibility")
def test_more_than_six_points(case: dict[str, str]) -> None:
    found = active_enough(build.visit("BL", "2025-03-02", present=case["present"]))

    assert case["value"] == found.value
    assert found.value is not Value.NOT_EVALUABLE or found.missing


def test_no_baseline_is_not_evaluable() -> None:
    assert Value.NOT_EVALUABLE is active_enough(None).value
