"""The analysis value is a third layer: it never changes the endpoint, and says what it imputes."""

from __future__ import annotations

import pytest

from app.rules.efficacy.analysis import non_responder_imputed, treatment_policy
from app.rules.verdict import Criterion, Rule, Truth, Value, Verdict
from tests.rules.efficacy.test_sri import failure

RULE = Rule("any", "1", "Any endpoint", "none")


@pytest.mark.parametrize(
    ("endpoint", "failed", "response", "basis"),
    [
        (Value.MET, False, True, "observed"),
        (Value.MET, True, False, "intercurrent failure"),
        (Value.MET, None, False, "imputed"),
        (Value.NOT_MET, False, False, "observed"),
        (Value.NOT_MET, True, False, "intercurrent failure"),
        (Value.NOT_EVALUABLE, False, False, "imputed"),
        (Value.NOT_EVALUABLE, True, False, "intercurrent failure"),
        (Value.NOT_APPLICABLE, False, False, "imputed"),
    ],
)
def test_only_a_met_endpoint_without_a_failure_is_a_response(
    endpoint: Value, failed: Truth, response: bool, basis: str
) -> None:
    found = non_responder_imputed(Verdict(RULE, "M3", endpoint), failure(failed))

    assert (response, basis) == (found.response, found.basis)
    assert found.imputed == (basis == "imputed")


@pytest.mark.parametrize(
    ("holds", "failed", "response", "basis"),
    [
        ((True, True), True, True, "observed"),
        ((True, True), None, True, "observed"),
        ((True, False), True, False, "observed"),
        ((None, True), False, False, "imputed"),
        ((None, False), False, False, "observed"),
        ((), False, False, "imputed"),
    ],
)
def test_the_treatment_policy_looks_past_the_intercurrent_failure(
    holds: tuple[Truth, ...], failed: Truth, response: bool, basis: str
) -> None:
    criteria = (*(Criterion(f"c{place}", truth) for place, truth in enumerate(holds)), failure(failed))
    found = treatment_policy(Verdict(RULE, "M3", Value.NOT_MET, criteria))

    assert (response, basis) == (found.response, found.basis)
