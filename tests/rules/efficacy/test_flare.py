"""Flares: the SELENA index against the previous visit, and the BILAG flare."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from app.rules.efficacy.flare import bilag_flare, selena_flare
from app.rules.facts import Escalation
from app.rules.verdict import Source, Value
from tests.rules import build
from tests.rules.cases import cases
from tests.rules.given import given

STEADY = Escalation(False, False, False, False, False)


def dose(cell: str) -> str:
    """A dose of prednisone in the shorthand of the builders."""
    return cell if cell == "-" else f"{cell} prednisone"


@cases("flare")
def test_the_selena_index(case: dict[str, str]) -> None:
    then = build.visit("M2", "2025-05-02", present=case["then"], mark=case["then_pga"], taking=dose(case["then_mg"]))
    now = build.m3(present=case["now"], mark=case["now_pga"], taking=dose(case["now_mg"]))
    verdict = selena_flare(replace(now, escalation=replace(STEADY, **given(case["change"]))), then)

    assert (Decimal(case["lowest"]), Decimal(case["highest"])) == (verdict.lowest, verdict.highest)
    assert (verdict.value is Value.NOT_GRADABLE) == bool(verdict.missing)


def test_points_marks_and_doses_of_both_visits_are_shown() -> None:
    then, now = build.visit("M2", "2025-05-02", taking="5 prednisone"), build.m3(present="rash", taking="20 prednisone")
    found = selena_flare(replace(now, escalation=STEADY), then)

    assert [
        ("SLEDAI-2K at M2", "0"),
        ("SLEDAI-2K at M3", "2"),
        ("PGA at M2", "0.2"),
        ("PGA at M3", "0.2"),
        ("prednisone equivalent at M2", "5"),
        ("prednisone equivalent at M3", "20"),
    ] == [(fact.what, fact.value) for fact in found.evidence]
    assert all(["contributed grade"] == [fact.what for fact in each.because] for each in found.criteria)


def test_a_dose_without_a_weight_is_a_flare_of_either_kind() -> None:
    then = build.visit("M2", "2025-05-02", taking="5 prednisone")
    now = build.m3(taking="20 prednisone", weight="")
    verdict = selena_flare(replace(now, escalation=replace(STEADY, prednisone_for_lupus=True)), then)

    assert (Decimal(0), Decimal(2)) == (verdict.lowest, verdict.highest)


def test_the_answers_of_the_form_are_shown_with_its_record() -> None:
    form = Source("assessment", "R1", 1)
    now = replace(build.m3(), escalation=replace(STEADY, hospitalised=True, at="2025-06-01", source=form))
    found = selena_flare(now, build.visit("M2", "2025-05-02"))

    assert Decimal(2) == found.amount
    assert ["no", "no", "no", "yes", "no"] == [fact.value for fact in found.evidence if fact.source == form]


def test_what_is_not_said_of_the_change_is_open() -> None:
    verdict = selena_flare(build.m3(taking="20 prednisone"), build.visit("M2", "2025-05-02"))
    asked = ("nsaid_or_antimalarial", "prednisone_rise", "new_immunosuppressant", "hospital", "severe_organ_feature")

    assert [None] * len(asked) == [build.components(verdict)[key] for key in asked]


@pytest.mark.parametrize(
    ("then", "now", "value"),
    [
        ("EEEEEEEEE", "EEEEEEEAE", Value.MET),
        ("EEEEEEEEE", "EBEBEEEEE", Value.MET),
        ("EEEEEEEEE", "EBEEEEEEE", Value.NOT_MET),
        ("EBEBEEEEE", "EBEBEEEEE", Value.NOT_MET),
        ("EEEEEEEEE", "EBEEEEEE?", Value.NOT_EVALUABLE),
    ],
)
def test_the_bilag_flare(then: str, now: str, value: Value) -> None:
    before = build.visit("M2", "2025-05-02", grades=then)

    assert value is bilag_flare(build.m3(grades=now), before).value
