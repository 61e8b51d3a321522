"""The analysis value is a third layer: it never changes the endpoint, and says what it imputes."""

from __future__ import annotations

import pytest

from app.rules.efficacy.analysis import non_responder_imputed
from app.rules.verdict import Rule, Truth, Value, Verdict
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
