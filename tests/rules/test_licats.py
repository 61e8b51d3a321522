"""LICATS: the four steps, behind the three conditions of the definition."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from app.rules.licats import LocalToxicity, licats
from app.rules.verdict import Value
from tests.rules.cases import cases
from tests.rules.given import given

SKIN = LocalToxicity(True, True, False, False, False, False, False)


@cases("licats")
def test_the_four_steps(case: dict[str, str]) -> None:
    verdict = licats(replace(SKIN, **given(case["inputs"])))

    assert (Decimal(case["lowest"]), Decimal(case["highest"])) == (verdict.lowest, verdict.highest)
    assert (verdict.value is Value.NOT_GRADABLE) == bool(verdict.missing)
