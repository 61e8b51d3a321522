"""SLEDAI-2K ticks beside their data: the seven statuses, and what a query says."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from app.rules.efficacy.crosscheck import RULE, Observation, Status, crosscheck
from app.rules.verdict import Value
from tests.rules.cases import cases, table, truth
from tests.rules.given import given


def observation(cell: str) -> Observation:
    """The record beside a tick."""
    inputs: dict[str, Any] = {"sample_day": 0, **given(cell)}
    fractions: dict[str, Any] = {name: (inputs.pop(name), inputs.pop(f"{name}_lln")) for name in ("c3", "c4") if name in inputs}
    for name in ("study_day", "depletion_day", "sample_day", "last_present_days", "look_back"):
        inputs |= {name: int(inputs[name])} if name in inputs else {}
    if "temperature_c" in inputs:
        inputs["temperature_c"] = Fraction(inputs["temperature_c"])
    return Observation(complement=fractions, **inputs)


@cases("crosscheck")
def test_a_tick_beside_its_data(case: dict[str, str]) -> None:
    found = crosscheck(case["descriptor"], observation(case["inputs"]), truth(case["ticked"]))
    queried = case["status"].startswith("query")

    assert (case["status"], truth(case["derived"])) == (found.status, found.derived)
    assert queried == (found.verdict.value is Value.FLAGGED)
    assert case["status"].startswith("lab") == (found.verdict.value is Value.NOT_EVALUABLE) == bool(found.verdict.missing)


def test_every_status_has_a_case() -> None:
    assert set(Status) == {case["status"] for case in table("crosscheck")}


def test_a_query_names_value_unit_date_limit_and_rule() -> None:
    seen = Observation(0, upcr=Decimal("0.62"), unit="mg/mg", sampled_on="2025-05-12")

    assert (
        "UPCR 0.62 mg/mg on 2025-05-12 (limit: above 0.5): the limit is met and proteinuria is not scored. "
        f"Score it, or give the non-lupus reason. [{RULE.id} version {RULE.version}]"
    ) == crosscheck("proteinuria", seen, False).message


def test_a_query_names_the_likely_other_cause() -> None:
    seen = Observation(0, count=Decimal("1.2"), unit="10^9/L", study_day=7)

    assert (
        "A likely other cause is lymphodepletion, on day 7 after the first infusion."
        in crosscheck("leukopenia", seen, None).message
    )


def test_a_message_without_a_result_says_so() -> None:
    assert crosscheck("low_complement", Observation(0), True).message.startswith("No result (limit: below")


def test_a_query_names_the_limit_of_the_assay() -> None:
    seen = Observation(0, anti_dsdna=Decimal(31), unit="IU/mL", uln=Decimal(30))

    assert crosscheck("increased_dna_binding", seen, False).message.startswith(
        "anti-dsDNA 31 IU/mL (limit: above the upper limit (30)): the limit is met"
    )


def test_what_two_measures_of_protein_leave_open_is_said() -> None:
    seen = Observation(0, upcr=Decimal(62), unit="mg/mmol", protein_24h=Decimal(400), protein_unit="mg/24h")
    found = crosscheck("proteinuria", seen, False)

    assert (
        "protein of 24 h 400 mg/24h; UPCR 62 mg/mmol (limit: above 500 mg/24h or 50 mg/mmol): the UPCR is above its limit and "
        "the protein of 24 h is not; of one day the 24 hours decide, of two days either may, and whether they are of one day "
        f"is not known; the tick was not checked. [{RULE.id} version {RULE.version}]"
    ) == found.message
    assert ("whether UPCR and protein of 24 h are of one day",) == found.verdict.missing


@pytest.mark.parametrize(
    ("inputs", "limit"),
    [
        ("upcr=0.4; unit=mg/mg", "above 0.5)"),
        ("upcr=40; unit=mg/mmol; protein_24h=0.4; protein_unit=g/24h", "above 0.5 g/24h or 50 mg/mmol)"),
        ("upcr=40; unit=mg/mmol; protein_24h=0.4; protein_unit=mg/L", "above 50)"),
        ("upcr=40; unit=mg/L", "above 0.5 g/24 h or 0.5 mg/mg)"),
        ("", "above 0.5 g/24 h or 0.5 mg/mg)"),
    ],
)
def test_the_limit_of_protein_is_that_of_what_was_measured(inputs: str, limit: str) -> None:
    assert f"(limit: {limit}" in crosscheck("proteinuria", observation(inputs), False).message


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ("study_day=0; depletion_day=5", "on day 0 after the first infusion"),
        ("study_day=-2; depletion_day=3", "on day 3 after its start"),
        ("depletion_day=0", "on day 0 after its start"),
    ],
)
def test_the_days_of_the_lymphodepletion_are_named(inputs: str, words: str) -> None:
    found = crosscheck("leukopenia", observation(f"count=1.2; unit=10^9/L; {inputs}"), True)

    assert f"A likely other cause is lymphodepletion, {words}." in found.message


def test_the_days_that_the_study_looks_back_are_named() -> None:
    outside, finding = observation("count=2; unit=10^9/L; sample_day=-11; look_back=10"), observation("look_back=10")

    assert "the sample is not within 10 days before the visit" in crosscheck("leukopenia", outside, False).message
    assert "(limit: within 10 days before the visit)" in crosscheck("rash", finding, False).message
