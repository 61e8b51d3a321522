"""The keyboard: its keys, the published decisions, and where there is no level to go to."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.rules.dosing.boin import Design, Level
from app.rules.dosing.escalation import Decision
from app.rules.dosing.keyboard import keyboard, keys, strongest
from tests.rules.cases import cases

ORDER = {"E": Decision.ESCALATE, "S": Decision.STAY, "D": Decision.DE_ESCALATE, "DU": Decision.ELIMINATE}


@cases("keyboard")
def test_the_published_decisions(case: dict[str, str]) -> None:
    """The decisions from no DLT on."""
    design, n, decisions = Design(Decimal(case["target"])), int(case["n"]), case["decisions"].split()
    found = [keyboard(design, Level(2, 4, n, dlt)).decision for dlt in range(len(decisions))]

    assert [ORDER[letter] for letter in decisions] == found


@cases("dose_levels")
def test_a_design_stays_where_there_is_no_level_to_go_to(case: dict[str, str]) -> None:
    level, n, dlt = (int(case[name]) for name in ("level", "n", "dlt"))
    eliminated = [int(each) for each in case["eliminated"].split()]

    assert case["decision"] == keyboard(Design(Decimal("0.30")), Level(level, 4, n, dlt, eliminated)).decision


@given(st.sampled_from(["0.2", "0.25", "0.3", "0.33"]), st.integers(1, 12), st.integers(0, 11))
def test_another_dlt_never_raises_the_dose(target: str, n: int, dlt: int) -> None:
    order = list(ORDER.values())
    fewer, more = (keyboard(Design(Decimal(target)), Level(2, 4, n, min(each, n))).decision for each in (dlt, dlt + 1))

    assert order.index(fewer) <= order.index(more)


def test_the_keys_lie_side_by_side_with_the_target_in_one() -> None:
    rates, target = keys(Decimal("0.3")), (Fraction(1, 4), Fraction(7, 20))

    assert all(one[1] == other[0] for one, other in pairwise(rates))
    assert target in rates
    assert 0 <= rates[0][0] < Fraction(1, 10)
    assert 0 <= 1 - rates[-1][1] < Fraction(1, 10)
    assert target == strongest(Decimal("0.3"), 3, 1)
    assert "1 DLT in 3; strongest key 0.25 to 0.35" == keyboard(Design(Decimal("0.3")), Level(2, 4, 3, 1)).because
