"""The screening flag of IEC-HS: ferritin and a second sign, and never a grade."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from app.rules.safety.hyperinflammation import hyperinflammation
from app.rules.safety.iechs import HyperinflammationLabs, iechs_screen
from app.rules.verdict import rests_on
from tests.rules import build
from tests.rules.cases import cases
from tests.rules.given import given
from tests.rules.measured import measured

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


@cases("iechs_ferritin")
def test_a_ferritin_is_screened_with_the_results_of_its_day(case: dict[str, str]) -> None:
    found = list(hyperinflammation(build.facts(results=measured(case["results"], date(2025, 3, 3)))))

    assert [case["says"]] * bool(case["says"]) == [verdict.value for verdict in found]
    assert [case["missing"].split()] * bool(case["says"]) == [list(verdict.missing) for verdict in found]
    assert all(rests_on(verdict) for verdict in found)
