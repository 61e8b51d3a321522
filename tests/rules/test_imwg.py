"""Multiple myeloma: the best response that is certain, and what a missing input leaves open."""

from __future__ import annotations

from app.rules.imwg import Component, Myeloma, imwg
from tests.rules.cases import cases, truth
from tests.rules.given import number


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
