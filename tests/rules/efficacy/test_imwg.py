"""Multiple myeloma: the best response that is certain, and what a missing input leaves open."""

from __future__ import annotations

from decimal import Decimal

from app.rules.efficacy.imwg import Component, Myeloma, imwg
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


def test_what_is_not_said_of_an_assessment_is_unknown() -> None:
    gone = component("20 0 0"), component("0 0 0"), "NEGATIVE", Decimal(4)
    risen = component("20 2 8"), component("0 0 0")

    assert ("sCR",) == imwg(Myeloma(*gone, normal_light_chain_ratio=True, plasmacytoma="NONE")).possible
    assert ("sCR",) == imwg(Myeloma(*gone, no_clonal_cells=True, plasmacytoma="NONE")).possible
    assert "PD" in imwg(Myeloma(*risen, plasmacytoma="NONE")).possible
