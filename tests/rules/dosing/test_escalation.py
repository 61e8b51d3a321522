"""3+3: the published table, its precedence, and what it never recommends."""

from __future__ import annotations

from typing import Any

from hypothesis import given as given_
from hypothesis import strategies as st

from app.rules.dosing.escalation import Cohort, Decision, three_plus_three
from tests.rules.cases import cases
from tests.rules.given import given


@cases("escalation")
def test_three_plus_three(case: dict[str, str]) -> None:
    inputs = given(case["inputs"])
    closed = {int(inputs.pop("closed")): 2} if "closed" in inputs else {}
    counts: dict[str, Any] = {name: int(case[name]) for name in ("level", "levels", "evaluable", "dlt", "pending")}
    found = three_plus_three(Cohort(**counts, dlt_elsewhere=closed, **inputs))

    assert case["decision"] == found.decision
    assert found.because.startswith(f"{case['dlt']} DLT in {case['evaluable']} evaluable")


@given_(st.integers(1, 4), st.integers(0, 6), st.integers(0, 6), st.integers(0, 3), st.booleans(), st.booleans())
def test_three_plus_three_never_escalates_after_two_dlts_or_past_the_top(
    level: int, evaluable: int, dlt: int, pending: int, down: bool, six: bool
) -> None:
    cohort = Cohort(level, 4, evaluable, min(dlt, evaluable), pending, down, {}, six)
    decision = three_plus_three(cohort).decision

    assert decision is not Decision.ESCALATE or (cohort.dlt < 2 and level < 4 and not down and not pending)
    assert (cohort.dlt >= 2) == (decision in (Decision.DE_ESCALATE, Decision.STOP_NO_MTD))
