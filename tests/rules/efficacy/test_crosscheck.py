"""SLEDAI-2K ticks beside their data: the seven statuses, and what a query says."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from app.rules.efficacy.crosscheck import RULE, Observation, Status, crosscheck
from app.rules.verdict import Value
from tests.rules.cases import cases, table, truth
from tests.rules.given import given


def observation(cell: str) -> Observation:
    """The record beside a tick."""
    inputs: dict[str, Any] = {"sample_day": 0, **given(cell)}
    fractions: dict[str, Any] = {name: (inputs.pop(name), inputs.pop(f"{name}_lln")) for name in ("c3", "c4") if name in inputs}
    for name in ("study_day", "sample_day", "last_present_days"):
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
