"""What a design recommends of the counts of a study, level by level; `treated/evaluable/pending/dlt` for each level."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from app.rules.recommend import Plan, Tally, recommendations
from tests.rules.cases import cases


@cases("recommend")
def test_a_design_recommends(case: dict[str, str]) -> None:
    levels = [Tally(*map(int, cell.split("/"))) for cell in case["levels"].split()]
    design, _, how = case["design"].partition(" ")
    stated: Any = design
    plan = Plan(stated, Decimal("0.3"), six_to_declare=how != "three")

    found = recommendations(plan, levels, {1} if how == "down" else ())[int(case["level"]) - 1]

    assert (case["decision"] or None) == (None if found is None else found.decision.value)
    assert found is None or found.rule.id == design
