"""BOIN: the published boundaries from the formulas, elimination, and where there is no level to go to."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.dosing.boin import Design, Level, boin, posterior_above, too_toxic
from app.rules.dosing.escalation import Decision
from tests.rules.cases import cases

ORDER = [Decision.ESCALATE, Decision.STAY, Decision.DE_ESCALATE, Decision.ELIMINATE]


@cases("boin")
def test_the_published_boundaries(case: dict[str, str]) -> None:
    """E: escalate with so many DLTs or fewer; D: de-escalate from so many; elim: eliminate from so many; `-`: never."""
    design, n = Design(Decimal(case["target"])), int(case["n"])
    decisions = [boin(design, Level(2, 4, n, dlt)).decision for dlt in range(n + 1)]
    lowered = (Decision.DE_ESCALATE, Decision.ELIMINATE)

    assert int(case["E"]) == max(dlt for dlt in range(n + 1) if decisions[dlt] is Decision.ESCALATE)
    assert int(case["D"]) == min(dlt for dlt in range(n + 1) if decisions[dlt] in lowered)
    assert case["elim"] == str(next((dlt for dlt in range(n + 1) if decisions[dlt] is Decision.ELIMINATE), "-"))


@cases("dose_levels")
def test_a_design_stays_where_there_is_no_level_to_go_to(case: dict[str, str]) -> None:
    level, n, dlt = (int(case[name]) for name in ("level", "n", "dlt"))
    eliminated = [int(each) for each in case["eliminated"].split()]
    found = boin(Design(Decimal("0.30")), Level(level, 4, n, dlt, eliminated))

    assert case["decision"] == found.decision
    assert f"{dlt} DLT in {n}; boundaries 0.2365 and 0.3585" == found.because


@pytest.mark.parametrize(
    ("target", "low", "high"),
    [("0.20", "0.1572", "0.2385"), ("0.25", "0.1968", "0.2984"), ("0.30", "0.2365", "0.3585"), ("0.33", "0.2604", "0.3947")],
)
def test_the_published_lambdas(target: str, low: str, high: str) -> None:
    found = [each.quantize(Decimal("0.0001")) for each in Design(Decimal(target)).boundaries()]

    assert [Decimal(low), Decimal(high)] == found


def test_rates_of_the_protocol_replace_the_usual_ones() -> None:
    usual, stated = Design(Decimal("0.25")), Design(Decimal("0.25"), Decimal("0.15"), Decimal("0.35"))

    assert usual.boundaries() == stated.boundaries()
    assert usual.boundaries() != Design(Decimal("0.25"), Decimal("0.10"), Decimal("0.40")).boundaries()


def test_two_of_three_at_a_quarter_is_not_eliminated() -> None:
    assert Fraction("0.9492") == round(posterior_above(Decimal("0.25"), 3, 2), 4)
    assert not too_toxic(Design(Decimal("0.25")), 3, 2)
    assert not too_toxic(Design(Decimal("0.25")), 2, 2)


def test_a_level_is_eliminated_only_beyond_the_cutoff() -> None:
    """After 3 of 3 a rate above one half has exactly 15/16: not beyond a cut-off of that, beyond the next smaller one."""
    assert Fraction(15, 16) == posterior_above(Decimal("0.5"), 3, 3)
    assert not too_toxic(Design(Decimal("0.5"), cutoff=Decimal("0.9375")), 3, 3)
    assert too_toxic(Design(Decimal("0.5"), cutoff=Decimal("0.9374")), 3, 3)


def test_a_rate_on_a_boundary_moves_the_dose() -> None:
    """Between rates that add up to 1 the boundary is exactly one half, and so is 2 of 4."""
    rising, falling = Design(Decimal("0.6"), safe=Decimal("0.4")), Design(Decimal("0.4"), toxic=Decimal("0.6"))

    assert Decimal("0.5") == rising.boundaries()[0] == falling.boundaries()[1]
    assert Decision.ESCALATE is boin(rising, Level(2, 4, 4, 2)).decision
    assert Decision.DE_ESCALATE is boin(falling, Level(2, 4, 4, 2)).decision


@given(st.sampled_from(["0.2", "0.25", "0.3", "0.33"]), st.integers(1, 12), st.integers(0, 11))
def test_another_dlt_never_raises_the_dose(target: str, n: int, dlt: int) -> None:
    fewer, more = (boin(Design(Decimal(target)), Level(2, 4, n, min(each, n))).decision for each in (dlt, dlt + 1))

    assert ORDER.index(fewer) <= ORDER.index(more)
