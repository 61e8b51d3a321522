"""The screening flag of IEC-HS: ferritin and a second sign, and never a grade."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from app.rules.iechs import HyperinflammationLabs, iechs_screen
from tests.rules.cases import cases
from tests.rules.given import given

QUIET = HyperinflammationLabs(
    Decimal(100), Decimal(300), Decimal(400), Decimal(30), Decimal(40), Decimal(40), Decimal(3), Decimal(2), False, False
)


@cases("iechs")
def test_the_flag(case: dict[str, str]) -> None:
    inputs = given(case["inputs"])
    if "ferritin" in inputs and "ferritin_baseline" not in inputs:
        inputs["ferritin_baseline"] = Decimal(400)
    verdict = iechs_screen(replace(QUIET, **inputs))

    assert case["value"] == verdict.value
    assert tuple(filter(None, [case["missing"]])) == verdict.missing
    assert verdict.amount is None
