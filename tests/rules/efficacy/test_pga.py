"""PGA: one scale, exact arithmetic."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from app.rules.efficacy import pga
from app.rules.facts import Pga
from app.rules.verdict import Value
from tests.rules import build
from tests.rules.cases import cases, truth


@cases("pga")
def test_a_mark_is_brought_to_0_to_3(case: dict[str, str]) -> None:
    expected = Fraction(case["on_0_3"]) if case["on_0_3"] else None

    assert expected == pga.on_0_3(build.pga(case["mark"]))


@cases("worsening")
def test_a_rise_of_0_30_is_a_worsening(case: dict[str, str]) -> None:
    found = pga.not_worsened(build.m3(mark=case["now"]), build.visit("BL", "2025-03-02", mark=case["then"]))

    assert truth(case["not_worsened"]) is found.holds
    assert (found.holds is None) == bool(found.missing)


@pytest.mark.parametrize(("mark", "below", "at_most"), [("0.49", True, True), ("0.50", False, True), ("0.51", False, False)])
def test_a_limit_is_kept_to_the_last_digit(mark: str, below: bool, at_most: bool) -> None:
    visit = build.m3(mark=mark)

    assert below is pga.below("key", visit, Decimal("0.5"), inclusive=False).holds
    assert at_most is pga.below("key", visit, Decimal("0.5"), inclusive=True).holds


def test_a_limit_on_a_missing_mark_is_unknown() -> None:
    found = pga.below("key", build.m3(mark="-"), Decimal("0.5"), inclusive=True)

    assert (None, ("PGA at M3",)) == (found.holds, found.missing)


def test_the_verdict_shows_the_mark_as_made() -> None:
    verdict = pga.pga(build.m3(mark="12.50 0-100mm"))
    missing = pga.pga(build.VisitFacts("M3", "2025-06-01"))

    assert (Value.COMPUTED, Decimal("0.375"), "M3") == (verdict.value, verdict.amount, verdict.about)
    assert ("12.50", "on 0-100mm") == (verdict.evidence[1].value, verdict.evidence[1].unit)
    assert (Value.NOT_EVALUABLE, ("PGA at M3",)) == (missing.value, missing.missing)


def test_a_mark_is_dated_by_its_form_or_else_by_its_visit() -> None:
    plain = build.m3(mark="1.0")
    own = replace(plain, pga=Pga(Decimal(1), "0-3", at="2025-06-02"))

    assert ["2025-06-01T09:00", "2025-06-02"] == [pga.shown(visit).at for visit in (plain, own)]
