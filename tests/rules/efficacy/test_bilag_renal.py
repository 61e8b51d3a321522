"""The renal BILAG-2004 grade: six features, protein and function against the previous assessment, what was not done."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from app.rules.efficacy.bilag_renal import RULE, Measured, RenalFindings, bilag_renal
from tests.rules.cases import cases, truth
from tests.rules.given import given, graded

SIGNS = {
    "hypertension": "accelerated_hypertension",
    "sediment": "active_sediment",
    "histology": "active_histology",
    "nephrotic": "nephrotic_syndrome",
}


@cases("bilag_renal")
def test_the_kidney_from_its_findings(case: dict[str, str]) -> None:
    inputs = given(case["inputs"])
    findings: dict[str, Any] = {SIGNS[name]: inputs[name] for name in SIGNS if name in inputs}
    for name in ("upcr", "acr", "dipstick", "creatinine", "gfr", "systolic", "diastolic"):
        before = f"{name}_prev"
        measured = Measured(inputs.get(name), inputs.get(before), asked=True, first=before not in inputs)
        findings |= {name: measured} if name in inputs else {}
    if "protein" in inputs:
        findings["protein_24h"] = Measured(inputs["protein"], asked=True)

    found = bilag_renal(RenalFindings(**findings), truth(case["ever"]))

    graded(case, found)
    assert RULE is found.rule


def test_what_was_asked_and_not_done_is_named() -> None:
    found = bilag_renal(RenalFindings(upcr=Measured(None, asked=True), active_sediment=None), None)

    assert ("upcr", "active_sediment", "whether the domain was ever active") == found.missing


def test_the_previous_values_that_leave_the_grade_open_are_named_and_no_others() -> None:
    seen = RenalFindings(
        upcr=Measured(Decimal(30), asked=True, first=False),
        creatinine=Measured(Decimal(140), asked=True),
        gfr=Measured(Decimal(90), asked=True),
        systolic=Measured(Decimal(150), asked=True),
        diastolic=Measured(Decimal(80), asked=True),
    )

    assert ("previous_creatinine",) == bilag_renal(seen, True).missing
