"""CTCAE laboratory grades: the tables in both versions, units, censored results, and what is missing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.laboratory.ctcae import LabResult, ctcae_lab, terms
from app.rules.verdict import Value
from tests.rules.cases import cases, truth
from tests.rules.given import number

VERSIONS = ("5.0", "6.0")
TERMS = [(version, term) for version in VERSIONS for term in terms(version)]


def result(case: dict[str, str]) -> LabResult:
    """The result of a row."""
    return LabResult(
        case["term"],
        number(case["value"]),
        case["unit"] or None,
        case["qualifier"] or None,
        number(case["lln"]),
        number(case["uln"]),
        number(case["baseline"]),
        case["status"] or None,
        truth(case["symptomatic"]),
    )


@cases("ctcae")
def test_the_tables_of_the_criteria(case: dict[str, str]) -> None:
    verdict = ctcae_lab(case["version"], result(case))

    assert (Decimal(case["lowest"]), Decimal(case["highest"])) == (verdict.lowest, verdict.highest)
    assert (verdict.value is Value.NOT_GRADABLE) == bool(verdict.missing)
    assert verdict.rule.id == f"ctcae_lab_{case['version'][0]}"


def test_a_unit_that_cannot_be_converted_is_named_with_the_one_asked_for() -> None:
    verdict = ctcae_lab("5.0", LabResult("Anemia", Decimal(9), "cells/HPF"))

    assert ("a unit of Anemia that can be converted to g/L, mmol/L; reported in cells/HPF",) == verdict.missing


def test_a_term_of_another_version_is_named() -> None:
    verdict = ctcae_lab("6.0", LabResult("Platelet count decreased", Decimal(9), "10^9/L"))

    assert ("a laboratory table for Platelet count decreased in CTCAE 6.0",) == verdict.missing


def test_what_is_missing_is_named() -> None:
    verdict = ctcae_lab("5.0", LabResult("Alanine aminotransferase increased", Decimal(9), "U/L", "<"))

    assert ("upper limit of normal", "baseline", "whether the baseline was above normal", "exact value") == verdict.missing


def test_known_anticoagulation_decides_the_inr() -> None:
    seen = LabResult("INR increased", Decimal("2.6"), "1", baseline=Decimal("2.5"))

    assert 3 == ctcae_lab("5.0", replace(seen, anticoagulated=False)).amount
    assert 1 == ctcae_lab("5.0", replace(seen, anticoagulated=True)).amount


def test_what_is_not_said_of_a_result_leaves_the_grade_open() -> None:
    inr = ctcae_lab("5.0", LabResult("INR increased", Decimal("2.6"), "1", baseline=Decimal("2.5")))
    potassium = ctcae_lab("5.0", LabResult("Hypokalemia", Decimal("3.2"), "mmol/L", lln=Decimal("3.5")))

    assert (Decimal(1), Decimal(3)) == (inr.lowest, inr.highest)
    assert (Decimal(1), Decimal(2)) == (potassium.lowest, potassium.highest)


def test_a_result_is_shown_as_reported() -> None:
    less, none = LabResult("Hypokalemia", Decimal("3.20"), "mmol/L", "<"), LabResult("Hypokalemia", None, "mmol/L")

    assert ["<3.20", None] == [ctcae_lab("5.0", seen).criteria[0].because[1].value for seen in (less, none)]


@pytest.mark.parametrize(("version", "term"), TERMS)
def test_every_limit_is_reached_in_order(version: str, term: str) -> None:
    """In one direction the grades of a term begin one after the other, so that getting worse never lowers a grade."""
    for row in terms(version)[term]:
        limits = [limit for grade in sorted(row.grades) for limit in row.grades[grade] if limit.reference is None]
        factors = [limit.factor for limit in limits]

        assert factors == sorted(factors, reverse=limits[0].sign.startswith("<") if limits else False)
        assert len({limit.sign[0] for grade in row.grades.values() for limit in grade}) == 1


numbers = st.decimals("0", "500", places=1)
limits = st.decimals("1", "200", places=1)
complete = st.builds(
    lambda term, value, lln, uln, baseline, symptomatic: (
        term[0],
        LabResult(term[1], value, _unit(*term), None, min(lln, uln), max(lln, uln), baseline, None, symptomatic, False),
    ),
    st.sampled_from([each for each in TERMS if "clearance" not in each[1] and each != ("6.0", "Serum amylase increased")]),
    numbers,
    limits,
    limits,
    limits,
    st.booleans(),
)


def _unit(version: str, term: str) -> str:
    return terms(version)[term][0].units[0]


@given(complete)
def test_a_complete_result_is_graded(known: tuple[str, LabResult]) -> None:
    assert ctcae_lab(*known).value is Value.GRADED


@given(complete, st.sets(st.sampled_from(["value", "lln", "uln", "baseline", "symptomatic", "anticoagulated"]), min_size=1))
def test_what_is_missing_never_moves_a_grade_out_of_its_bounds(known: tuple[str, LabResult], lost: set[str]) -> None:
    version, seen = known
    whole = ctcae_lab(version, seen).amount
    nothing: dict[str, Any] = dict.fromkeys(lost)
    partly = ctcae_lab(version, replace(seen, **nothing))

    assert whole is not None
    assert partly.lowest is not None
    assert partly.highest is not None
    assert partly.lowest <= whole <= partly.highest


@given(complete, st.sampled_from("<>"), st.decimals("0.1", "50", places=1))
def test_a_censored_result_holds_the_grade_of_every_result_it_may_be(
    known: tuple[str, LabResult], qualifier: str, distance: Decimal
) -> None:
    version, seen = known
    assert seen.value is not None
    bound = seen.value + distance if qualifier == "<" else max(seen.value - distance, Decimal(0))
    censored = ctcae_lab(version, replace(seen, value=bound, qualifier=qualifier))
    whole = ctcae_lab(version, seen).amount

    assert whole is not None
    assert censored.lowest is not None
    assert censored.highest is not None
    assert bound == seen.value or censored.lowest <= whole <= censored.highest


@given(complete, numbers)
def test_getting_worse_never_lowers_a_grade(known: tuple[str, LabResult], other: Decimal) -> None:
    version, seen = known
    row = terms(version)[seen.term][0]
    falls = next(limit for grade in row.grades.values() for limit in grade).sign.startswith("<")
    assert seen.value is not None
    mild, bad = sorted((seen.value, other), reverse=falls)
    milder, worse = (ctcae_lab(version, replace(seen, value=each)).amount for each in (mild, bad))

    assert milder is not None
    assert worse is not None
    assert milder <= worse
