"""Body surface by Mosteller."""

from __future__ import annotations

from app.rules.dosing.bsa import bsa
from app.rules.verdict import Value
from tests.rules.cases import cases
from tests.rules.given import number


@cases("bsa")
def test_body_surface(case: dict[str, str]) -> None:
    found = bsa(number(case["height"]), number(case["weight"]))

    assert number(case["m2"]) == found.amount
    assert (Value.NOT_EVALUABLE if case["missing"] else Value.COMPUTED) is found.value
    assert tuple(case["missing"].split()) == found.missing
