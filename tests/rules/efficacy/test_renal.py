"""Renal response: two definitions, the limits exactly."""

from __future__ import annotations

from decimal import Decimal

from app.rules.efficacy.renal import crr, perr
from app.rules.verdict import Value
from tests.rules.cases import cases, truth
from tests.rules.given import number

SAYS = {True: Value.MET, False: Value.NOT_MET, None: Value.NOT_EVALUABLE}


@cases("renal")
def test_response_of_the_kidney(case: dict[str, str]) -> None:
    inputs = number(case["upcr"]), number(case["egfr"]), number(case["before"]), truth(case["rescue"])
    complete, primary = crr(*inputs), perr(*inputs)

    assert (SAYS[truth(case["crr"])], SAYS[truth(case["perr"])]) == (complete.value, primary.value)
    assert complete.value is not Value.NOT_EVALUABLE or complete.missing


def test_what_keeps_a_response_open_is_named() -> None:
    assert ("UPCR", "eGFR", "eGFR before the flare", "rescue treatment") == crr(None, None, None, None).missing
    assert ("eGFR before the flare",) == perr(Decimal("0.4"), Decimal(50), None, False).missing
