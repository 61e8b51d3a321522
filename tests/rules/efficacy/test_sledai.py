"""SLEDAI-2K: a sum of weights that stays unknown where a descriptor does."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

from hypothesis import given

from app.rules.efficacy import sledai
from app.rules.facts import Sledai
from app.rules.verdict import Source, Value
from tests.rules import build
from tests.rules.cases import cases, table


def test_the_descriptors_are_those_of_the_table() -> None:
    rows = table("descriptors")

    assert {row["id"]: int(row["weight"]) for row in rows} == sledai.WEIGHTS
    assert {row["id"] for row in rows if row["serology"] == "yes"} == sledai.SEROLOGY
    assert {row["id"] for row in rows if row["laboratory"] == "yes"} == sledai.LAB
    assert {row["id"] for row in rows if row["major_organ"] == "yes"} == sledai.MAJOR_ORGAN
    assert (24, 22, 16, 15) == tuple(map(len, (sledai.ALL, sledai.CLINICAL, sledai.NON_LABORATORY, sledai.MAJOR_ORGAN)))


@cases("sledai")
def test_the_total_is_the_sum_or_unknown(case: dict[str, str]) -> None:
    """B7: a missing descriptor leaves the total unknown, never a default."""
    items = getattr(build.sledai(case["present"]), "items", None)
    found = sledai.score(items)
    clinical, non_laboratory = (sledai.score(items, keys).total for keys in (sledai.CLINICAL, sledai.NON_LABORATORY))

    assert case["total"] == ("" if found.total is None else str(found.total))
    assert (int(case["lowest"]), int(case["highest"])) == (found.lowest, found.highest)
    assert case["csledai"] == ("" if clinical is None else str(clinical))
    assert case["nonlab"] == ("" if non_laboratory is None else str(non_laboratory))


@given(build.sledai_forms)
def test_every_completion_lies_within_the_announced_range(form: Sledai | None) -> None:
    known = {} if form is None else dict(form.items)
    absent = [key for key in sledai.WEIGHTS if known.get(key) is None]
    found = sledai.score(known)
    completed = {
        sledai.score(known | dict(zip(absent, [present] * len(absent), strict=True))).total for present in (True, False)
    }

    assert completed == {found.lowest, found.highest}


def test_enumerating_three_missing_descriptors_gives_exactly_the_range() -> None:
    absent = ("seizure", "rash", "fever")
    known = dict.fromkeys(sledai.WEIGHTS, False) | {"arthritis": True}
    totals = [sledai.score(known | dict(zip(absent, choice, strict=True))).total for choice in product((True, False), repeat=3)]
    found = sledai.score(known | dict.fromkeys(absent))

    assert (min(filter(None, totals)), max(filter(None, totals))) == (found.lowest, found.highest)


def test_the_verdict_is_about_the_assessment_and_names_what_was_present() -> None:
    form = build.sledai("arthritis rash", record="R1")
    verdict = sledai.sledai2k(build.VisitFacts("M3", "2025-06-01", sledai=form))

    assert ("R1", Value.COMPUTED, Decimal(6)) == (verdict.about, verdict.value, verdict.amount)
    assert ["SLEDAI-2K at M3", "ARTHRITIS", "RASH"] == [fact.what for fact in verdict.evidence]
    assert {Source("assessment", "R1", 1)} == {fact.source for fact in verdict.evidence}


def test_the_verdict_names_the_descriptor_that_is_missing() -> None:
    visit = build.m3(present="arthritis? low_complement?")
    whole, clinical = sledai.sledai2k(visit), sledai.csledai(visit)

    assert (Value.NOT_EVALUABLE, None, Decimal(0), Decimal(6)) == (whole.value, whole.amount, whole.lowest, whole.highest)
    assert ("ARTHRITIS of SLEDAI-2K at M3", "LOW_COMPLEMENT of SLEDAI-2K at M3") == whole.missing
    assert ("ARTHRITIS of SLEDAI-2K at M3",) == clinical.missing
    assert "M3" == whole.about


def test_the_non_laboratory_score_is_told_over_its_16_descriptors() -> None:
    found = sledai.nonlab_sledai(build.m3(present="rash proteinuria thrombocytopenia low_complement?"))

    assert (sledai.NON_LABORATORY_RULE, Decimal(2), ()) == (found.rule, found.amount, found.missing)
    assert ["RASH"] == [fact.what for fact in found.evidence[1:]]
