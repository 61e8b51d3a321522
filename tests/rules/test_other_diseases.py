"""Responses of myasthenia gravis and of multiple myeloma."""

from __future__ import annotations

from app.rules.imwg import Component, Myeloma, imwg
from app.rules.mg import meaningful, minimal_symptoms
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


def component(cell: str) -> Component:
    """Baseline, lowest value and now."""
    baseline, lowest, now = (number(part.replace("?", "")) for part in cell.split())
    return Component(baseline, lowest, now)


@cases("imwg")
def test_myeloma(case: dict[str, str]) -> None:
    found = imwg(
        Myeloma(
            component(case["serum"]),
            component(case["urine"]),
            case["fixation"] or None,
            number(case["marrow"]),
            truth(case["ratio"]),
            truth(case["clonal"]),
            case["tumour"],
            truth(case["confirmed"]),
        )
    )

    assert (case["certain"] or None, tuple(case["possible"].split())) == (found.certain, found.possible)


def test_an_assessment_of_which_nothing_is_known_is_open() -> None:
    found = imwg(Myeloma(component("? ? ?"), component("? ? ?")))

    assert (None, ("PD", "sCR", "CR", "VGPR", "PR", "MR")) == (found.certain, found.possible)
