"""Accelerated titration: one subject a level while nothing limits, then 3+3. The level is the second of four."""

from __future__ import annotations

from typing import Any

from app.rules.dosing.accelerated import RULE, accelerated
from app.rules.dosing.escalation import Cohort
from tests.rules.cases import cases
from tests.rules.given import given


@cases("accelerated")
def test_one_subject_a_level_until_something_limits(case: dict[str, str]) -> None:
    inputs = given(case["inputs"])
    elsewhere = {3: int(inputs["elsewhere"])} if "elsewhere" in inputs else {}
    counts: dict[str, Any] = {name: int(case[name]) for name in ("evaluable", "dlt", "pending")}
    level = 4 if inputs.get("top") else 2
    cohort = Cohort(level, 4, **counts, de_escalated=bool(inputs.get("de_escalated")), dlt_elsewhere=elsewhere)
    found = accelerated(cohort, int(case["moderate"]), left=bool(inputs.get("left")))

    assert case["decision"] == found.decision
    assert RULE is found.rule
    dlt = int(case["dlt"]) + sum(elsewhere.values())
    assert found.because.endswith(f"{dlt} DLT and {case['moderate']} with a moderate toxicity at all levels")
    assert f"{case['evaluable']} evaluable, {case['pending']} windows open, at level {level} of 4" in found.because
