"""How long something lasted: a span where its dates leave it open, each hour and each day once."""

from __future__ import annotations

from fractions import Fraction

from app.rules import lasting
from app.rules.lasting import Dated
from tests.rules.cases import cases


def dated(cell: str) -> list[Dated]:
    """`start/end; start/end`; an empty side is not recorded."""
    pairs = (one.split("/") for one in cell.split("; ") if one)
    return [(start or None, end or None) for start, end in pairs]


@cases("lasting")
def test_a_length_is_what_is_certain_and_what_the_dates_may_mean(case: dict[str, str]) -> None:
    certain, possible = dated(case["certain"]), dated(case["possible"])
    for unit, found in (("hours", lasting.hours(certain, possible)), ("days", lasting.days(certain, possible))):
        least, most = case[f"{unit}_least"], case[f"{unit}_most"]

        assert (Fraction(least), Fraction(most) if most else None) == (found.low, found.high)
