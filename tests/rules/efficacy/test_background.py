"""Background therapy: standard doses, tolerance, stability."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.rules.efficacy import background
from app.rules.facts import Background, Dose
from tests.rules import build
from tests.rules.cases import cases, truth


@cases("background")
def test_background_therapy_is_standard_and_stable(case: dict[str, str]) -> None:
    mg, interval = (Decimal(case[name]) if case[name] else None for name in ("mg", "interval"))
    therapy = Background(
        (Dose(case["drug"], mg, interval),),
        truth(case["stable"]),
        case["reason"] or None,
        truth(case["tolerated"]),
        truth(case["investigational"]),
    )
    visit = build.m3(background=therapy)
    adult, child, steady = (
        background.standard_maintenance("key", visit, asks_stability=False),
        background.standard_maintenance("key", visit, asks_stability=True),
        background.stable("key", visit),
    )

    assert (truth(case["adult"]), truth(case["child"]), truth(case["steady"])) == (adult.holds, child.holds, steady.holds)
    assert all((found.holds is None) <= bool(found.missing) for found in (adult, child, steady))


def test_nothing_recorded_is_unknown_by_name() -> None:
    found = background.standard_maintenance("key", build.m3(background=None), asks_stability=True)

    assert found.holds is None
    assert (
        "well tolerated background therapy at M3",
        "other investigational drug at M3",
        "stable background therapy at M3",
        "doses of background agents at M3",
    ) == found.missing


@pytest.mark.parametrize(
    ("agents", "holds"),
    [
        ((), True),
        (("Hydroxychloroquine",), True),
        (("chloroquine", "mycophenolate_mofetil"), False),
        (("belimumab",), False),
        (None, None),
    ],
)
def test_an_antimalarial_is_no_immunosuppressant(agents: tuple[str, ...] | None, holds: bool | None) -> None:
    doses = None if agents is None else tuple(Dose(drug, Decimal(1)) for drug in agents)
    found = background.none_but_antimalarials("key", build.m3(background=Background(doses, True, None, True, False)))

    assert holds is found.holds


@pytest.mark.parametrize(
    ("drug", "mg", "holds"),
    [
        ("mycophenolate_mofetil", "2000", True),
        ("mycophenolate_mofetil", "2001", False),
        ("hydroxychloroquine", "400", True),
        ("hydroxychloroquine", "401", False),
        ("tacrolimus", "3", True),
        ("tacrolimus", "3.1", False),
    ],
)
def test_a_study_sets_its_own_maxima_by_agent_and_the_others_stay(drug: str, mg: str, holds: bool) -> None:
    visit = build.m3(background=Background((Dose(drug, Decimal(mg)),), True, None, True, False))
    maxima = {"Mycophenolate mofetil": Decimal(2000), "tacrolimus": Decimal(3)}

    assert holds is background.standard_maintenance("key", visit, asks_stability=False, maxima=maxima).holds
