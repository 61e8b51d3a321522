"""The clocks of expedited reports: seven and fifteen calendar days."""

from __future__ import annotations

from app.rules.clocks import expedited
from tests.rules.cases import cases, truth


@cases("clocks")
def test_a_report_is_due(case: dict[str, str]) -> None:
    clock = expedited(
        serious=truth(case["serious"]),
        related=truth(case["related"]),
        unexpected=truth(case["unexpected"]),
        fatal_or_life_threatening=truth(case["fatal"]),
        aware=case["aware"] or None,
    )

    assert truth(case["expedited"]) is clock.expedited
    assert (case["due"] or None) == clock.due
