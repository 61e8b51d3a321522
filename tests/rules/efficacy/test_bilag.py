"""BILAG-2004: entered grades, and what is new since a reference."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.rules.efficacy import bilag
from app.rules.facts import Bilag
from tests.rules import build
from tests.rules.cases import cases, truth


@cases("bilag")
def test_a_domain_has_risen_or_fallen(case: dict[str, str]) -> None:
    assert truth(case["risen"]) is bilag.risen(case["now"] or None, case["then"] or None)
    assert truth(case["fallen"]) is bilag.fallen(case["now"] or None, case["then"] or None)


@pytest.mark.parametrize(
    ("then", "now", "holds"),
    [
        ("EEEEEEEEE", "EEEEEEEEE", True),
        ("EEEEEEEEE", "BEEEEEEEE", True),
        ("EEEEEEEEE", "BBEEEEEEE", False),
        ("EEEEEEEEE", "AEEEEEEEE", False),
        ("BEEEEEEEE", "AEEEEEEEE", False),
        ("AEEEEEEEE", "BBEEEEEEE", True),
        ("AEEEEEEEE", "ABEEEEEEE", True),
        ("BBBBEEEEE", "BBBBEEEEE", True),
        ("?EEEEEEEE", "EEEEEEEEE", None),
        ("EEEEEEEEE", "EEEEEEEE?", None),
        ("?EEEEEEEE", "EBBEEEEEE", False),
        ("?EEEEEEEE", "AEEEEEEEE", None),
        ("-", "EEEEEEEEE", None),
        ("EEEEEEEEE", "-", None),
    ],
)
def test_no_new_a_and_at_most_one_new_b(then: str, now: str, holds: bool | None) -> None:
    """False on any new A or two new B; else unknown where any domain is missing at either visit."""
    found = bilag.no_new_worsening(build.m3(grades=now), build.visit("BL", "2025-03-02", grades=then))

    assert holds is found.holds
    assert (holds is None) <= bool(found.missing)


def test_the_evidence_is_the_domains_that_are_new_or_both_forms() -> None:
    then = build.visit("BL", "2025-03-02", grades="EEEEEEEEE")
    worse = bilag.no_new_worsening(build.m3(grades="EEEEEEEAE"), then)
    same = bilag.no_new_worsening(build.m3(grades="-"), then)

    assert [("renal of BILAG-2004 at BL", "E"), ("renal of BILAG-2004 at M3", "A")] == [
        (f.what, f.value) for f in worse.because
    ]
    assert [("BILAG-2004 at BL", "EEEEEEEEE"), ("BILAG-2004 at M3", None)] == [(f.what, f.value) for f in same.because]
    assert bilag.shown(build.m3(grades="-"), "renal").value is None


def test_a_grade_is_dated_by_its_form_or_else_by_its_visit() -> None:
    plain = build.m3(grades="EEEEEEEAE")
    own = replace(plain, bilag=Bilag({"renal": "A"}, at="2025-06-02"))

    assert ["2025-06-01T09:00", "2025-06-02"] == [bilag.shown(visit, "renal").at for visit in (plain, own)]
    for visit, at in ((plain, "2025-06-01T09:00"), (own, "2025-06-02")):
        assert [at, at] == [fact.at for fact in bilag.no_new_worsening(visit, visit).because]
