"""3+3, BOIN and keyboard: the published tables and boundaries, and what a design never recommends."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given as given_
from hypothesis import strategies as st

from app.rules.boin import Design, boin, posterior_above, too_toxic
from app.rules.escalation import Cohort, Decision, three_plus_three
from app.rules.keyboard import keyboard, keys, strongest
from tests.rules.cases import cases
from tests.rules.given import given

LETTERS = {"E": Decision.ESCALATE, "S": Decision.STAY, "D": Decision.DE_ESCALATE, "DU": Decision.ELIMINATE}


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


@cases("boin")
def test_the_published_boundaries(case: dict[str, str]) -> None:
    """E: escalate with so many DLTs or fewer; D: de-escalate from so many; elim: eliminate from so many; `-`: never."""
    design, n = Design(Decimal(case["target"])), int(case["n"])
    decisions = [boin(design, level=2, levels=4, n=n, dlt=dlt).decision for dlt in range(n + 1)]
    lowered = (Decision.DE_ESCALATE, Decision.ELIMINATE)

    assert int(case["E"]) == max(dlt for dlt in range(n + 1) if decisions[dlt] is Decision.ESCALATE)
    assert int(case["D"]) == min(dlt for dlt in range(n + 1) if decisions[dlt] in lowered)
    assert case["elim"] == str(next((dlt for dlt in range(n + 1) if decisions[dlt] is Decision.ELIMINATE), "-"))


@pytest.mark.parametrize(
    ("target", "low", "high"),
    [("0.20", "0.1572", "0.2385"), ("0.25", "0.1968", "0.2984"), ("0.30", "0.2365", "0.3585"), ("0.33", "0.2604", "0.3947")],
)
def test_the_published_lambdas(target: str, low: str, high: str) -> None:
    found = [each.quantize(Decimal("0.0001")) for each in Design(Decimal(target)).boundaries()]

    assert [Decimal(low), Decimal(high)] == found


def test_two_of_three_at_a_quarter_is_not_eliminated() -> None:
    assert Fraction("0.9492") == round(posterior_above(Decimal("0.25"), 3, 2), 4)
    assert not too_toxic(Design(Decimal("0.25")), 3, 2)
    assert not too_toxic(Design(Decimal("0.25")), 2, 2)


@pytest.mark.parametrize("recommend", [boin, keyboard])
@pytest.mark.parametrize(
    ("level", "n", "dlt", "eliminated", "decision"),
    [
        (4, 3, 0, (), Decision.STAY),
        (2, 3, 0, (3,), Decision.STAY),
        (1, 6, 3, (), Decision.STAY),
        (1, 3, 3, (), Decision.STOP_ALL_TOXIC),
        (3, 3, 3, (), Decision.ELIMINATE),
        (2, 3, 0, (2,), Decision.ELIMINATE),
        (2, 0, 0, (), Decision.STAY),
    ],
)
def test_a_design_stays_where_there_is_no_level_to_go_to(
    recommend: object, level: int, n: int, dlt: int, eliminated: tuple[int, ...], decision: Decision
) -> None:
    found = recommend(Design(Decimal("0.30")), level=level, levels=4, n=n, dlt=dlt, eliminated=eliminated)  # type: ignore[operator]

    assert decision is found.decision


@cases("keyboard")
def test_the_keyboard_table(case: dict[str, str]) -> None:
    design, n = Design(Decimal(case["target"])), int(case["n"])
    found = [keyboard(design, level=2, levels=4, n=n, dlt=dlt).decision for dlt in range(n + 1)]

    assert [LETTERS[letter] for letter in case["decisions"].split()] == found[: len(case["decisions"].split())]


@given_(st.sampled_from(["0.2", "0.25", "0.3", "0.33"]), st.integers(1, 12), st.integers(0, 11))
def test_another_dlt_never_raises_the_dose(target: str, n: int, dlt: int) -> None:
    order = [Decision.ESCALATE, Decision.STAY, Decision.DE_ESCALATE, Decision.ELIMINATE]
    design = Design(Decimal(target))
    for recommend in (boin, keyboard):
        fewer, more = (recommend(design, level=2, levels=4, n=n, dlt=min(each, n)).decision for each in (dlt, dlt + 1))

        assert order.index(fewer) <= order.index(more)


def test_the_keys_lie_side_by_side_with_the_target_in_one() -> None:
    rates = keys(Decimal("0.3"))

    assert all(one[1] == other[0] for one, other in pairwise(rates))
    assert (Fraction(1, 4), Fraction(7, 20)) in rates
    assert rates[0][0] >= 0
    assert rates[-1][1] <= 1
    assert (Fraction(1, 4), Fraction(7, 20)) == strongest(Decimal("0.3"), 3, 1)
