"""Myasthenia gravis: a meaningful fall by scale, and minimal symptom expression."""

from __future__ import annotations

from decimal import Decimal

from app.rules.efficacy.mg import MOST_POINTS, meaningful, minimal_symptoms
from app.rules.verdict import Value
from tests.rules.cases import cases, truth
from tests.rules.given import number

SAYS = {True: Value.MET, False: Value.NOT_MET, None: Value.NOT_EVALUABLE}


@cases("mg")
def test_myasthenia(case: dict[str, str]) -> None:
    found = meaningful(case["instrument"], number(case["baseline"]), number(case["post"]))

    assert SAYS[truth(case["meaningful"])] is found.value
    assert truth(case["minimal"]) is minimal_symptoms(case["instrument"], number(case["post"]))
    assert (case["meaningful"] == "") == bool(found.missing)


def test_what_is_missing_is_named() -> None:
    assert ("baseline",) == meaningful("QMG", None, Decimal(3)).missing
    assert ("now",) == meaningful("QMG", Decimal(3), None).missing


def test_the_scales_run_as_far_as_their_items() -> None:
    """MG-ADL: 8 items, QMG: 13, of 0 to 3 each; MGC: weighted, 50."""
    assert {"MG-ADL": 8 * 3, "QMG": 13 * 3, "MGC": 50} == MOST_POINTS
