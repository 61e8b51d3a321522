"""CTCAE grades, filtration, B cells and serology from the results of a casebook."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from app.rules.derive import verdicts
from app.rules.facts import Facts
from app.rules.laboratory import series
from app.rules.study import Settings
from app.rules.verdict import Source, Value, Verdict
from tests.rules import build
from tests.rules.cases import cases
from tests.rules.measured import measured

INFUSED = date(2025, 3, 3)
LIMITS = Settings(b_cells_depleted_below=Decimal(10), b_cells_reconstituted_from=Decimal(20))


def known(results: str, terms: str = "", **more: object) -> Facts:
    """A subject infused on 3 March 2025, with results counted from that day."""
    of = tuple(terms.split("/")) if terms else ()
    return build.facts(results=measured(results, INFUSED, terms=of), **({"settings": LIMITS} | more))  # type: ignore[arg-type]


def decimal(cell: str) -> Decimal | None:
    """A number; an empty cell is none."""
    return Decimal(cell) if cell else None


def bounds(case: dict[str, str]) -> tuple[object, ...]:
    """What a verdict is expected to say."""
    return (case["value"], *(decimal(case[name]) for name in ("amount", "lowest", "highest")))


def about(found: list[Verdict], record: str) -> list[Verdict]:
    """The verdicts about a record."""
    return [verdict for verdict in found if verdict.about == record]


@cases("grades_of_results")
def test_a_result_has_its_grade_beside_the_baseline(case: dict[str, str]) -> None:
    facts = known(case["results"], case["terms"])
    found = about(list(series.grades(facts, facts.results)), case["of"])

    assert [bounds(case)] * bool(case["value"]) == [(v.value, v.amount, v.lowest, v.highest) for v in found]
    for verdict in found:
        beside = {fact.what: fact.value for fact in verdict.evidence[1:]}
        assert Source("laboratory", case["of"], 1) == verdict.evidence[0].source
        assert ({"baseline": case["beside"]} if case["beside"] else {}) == beside


def test_a_grade_is_that_of_the_studys_version() -> None:
    facts = known("10 platelets 20 10^9/L 125 350", "Platelet count decreased/Thrombocytopenia")
    later = replace(facts, settings=Settings(ctcae_version="6.0"))

    assert [("ctcae_lab_5", Decimal(4))] == [(v.rule.id, v.amount) for v in series.grades(facts, facts.results)]
    assert [("ctcae_lab_6", Decimal(3))] == [(v.rule.id, v.amount) for v in series.grades(later, later.results)]


@cases("filtration")
def test_filtration_is_estimated_by_one_formula_in_one_subject(case: dict[str, str]) -> None:
    first = build.INFUSION if case["infused"] == "yes" else None
    facts = known(case["results"], birth=case["born"] or None, sex=case["sex"] or None, first_infusion=first)
    found = list(series.filtration(facts, facts.results))

    assert [case["of"]] * bool(case["rule"]) == [verdict.about for verdict in found]
    for verdict in found:
        assert case["rule"] == verdict.rule.id
        assert bounds(case) == (verdict.value, verdict.amount, verdict.lowest, verdict.highest)
        assert (case["missing"],) * bool(case["missing"]) == verdict.missing
        assert any(fact.source and fact.source.record == case["of"] for fact in verdict.evidence)


@cases("followed")
def test_b_cells_and_serology_are_followed_from_the_baseline(case: dict[str, str]) -> None:
    found = verdicts(known(case["results"]), [case["rule"]])

    assert [(case["about"], case["value"])] * bool(case["value"]) == [(v.about, v.value) for v in found]
    facts = [fact.what for v in found for fact in (*v.evidence, *(each for c in v.criteria for each in c.because))]
    assert case["moments"] == " ".join(dict.fromkeys(facts))


@pytest.mark.parametrize(("later", "value"), [("Farr", Value.MET), ("ELISA", Value.NOT_MET)])
def test_antibodies_by_another_assay_are_not_those_of_the_baseline(later: str, value: Value) -> None:
    facts = known("-6 anti_dsdna 140 IU/mL - 27; 30 anti_dsdna 20 IU/mL - 27; 60 anti_dsdna 20 IU/mL - 27")
    by_assay = tuple(replace(one, assay=later if one.at > "2025-03-03" else "Farr") for one in facts.results)

    assert [value] == [found.value for found in series.seroconversion(replace(facts, results=by_assay))]


def test_without_the_studys_limits_b_cells_are_not_evaluable() -> None:
    for settings in (Settings(), replace(LIMITS, b_cells_reconstituted_from=None)):
        (found,) = series.b_cells(known("16 b_cells 5 10^6/L - -", settings=settings))

        assert (Value.NOT_EVALUABLE, 1) == (found.value, len(found.missing))


@pytest.mark.parametrize(
    ("infused", "day", "dates", "alone"),
    [
        (True, "10", [], True),
        (True, "10", [None, "2025-04-01"], True),
        (True, "10", ["2025-03-02"], False),
        (True, "-1", [], False),
        (True, "0", [], False),
        (True, "2025-03", [], False),
        (False, "-1", [], True),
    ],
)
def test_new_results_stand_alone_unless_one_may_be_a_baseline(
    infused: bool, day: str, dates: list[str | None], alone: bool
) -> None:
    facts = known(
        f"{day} platelets 150 10^9/L 125 350; -9 platelets 150 10^9/L 125 350",
        first_infusion=build.INFUSION if infused else None,
    )

    assert alone == series.stand_alone(facts, {"L1"}, dates)


def test_what_is_said_of_results_that_stand_alone_is_what_is_said_of_all() -> None:
    cell = "-6 creatinine 50 umol/L 27 66; -6 height 152 cm - -; 10 creatinine 80 umol/L 27 66; 20 creatinine 90 umol/L 27 66"
    facts = known(cell, "Creatinine increased", birth="2013")
    every = [verdict for verdict in verdicts(facts) if verdict.about in ("L3", "L4")]

    assert 4 == len(every)
    assert every == [verdict for verdict in verdicts(facts, records={"L3", "L4"}) if verdict.about.startswith("L")]
