"""What a design recommends of the counts of a study; `treated/evaluable/pending/dlt/moderate` for each level."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from hypothesis import given
from hypothesis import strategies as st

from app.rules.dosing.escalation import Decision
from app.rules.dosing.recommend import Plan, Tally, recommendations
from tests.rules.cases import cases


@cases("recommend")
def test_a_design_recommends(case: dict[str, str]) -> None:
    levels = [Tally(*map(int, f"{cell}/0".split("/")[:5])) for cell in case["levels"].split()]
    design, _, how = case["design"].partition(" ")
    fast = design == "accelerated"
    stated: Any = "three_plus_three" if fast else design
    plan = Plan(stated, Decimal("0.3"), 3, how != "three", accelerated=fast)

    found = recommendations(plan, levels, {1} if how == "down" else ())[int(case["level"]) - 1]

    assert (case["decision"] or None) == (None if found is None else found.decision.value)
    assert found is None or found.rule.id == ("accelerated_titration" if fast else design)


DESIGNS: tuple[Literal["boin", "keyboard"], ...] = ("boin", "keyboard")
TARGETS = ("0.20", "0.25", "0.30", "0.33")
HIGHER = {
    Decision.ESCALATE: 2,
    Decision.DE_ESCALATE: 0,
    Decision.ELIMINATE: -1,
    Decision.STOP_NO_MTD: -1,
    Decision.STOP_ALL_TOXIC: -1,
}
"""How high a recommendation leads; every other one keeps the level."""
PLANS: st.SearchStrategy[Plan] = st.sampled_from(
    [
        Plan("three_plus_three", Decimal(0), 3, six_to_declare=True, accelerated=False),
        Plan("three_plus_three", Decimal(0), 3, six_to_declare=True, accelerated=True),
        *(Plan(design, Decimal(p), 3, six_to_declare=True, accelerated=False) for design in DESIGNS for p in TARGETS),
    ]
)
LEVELS = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 3), st.integers(0, 9)).map(
        lambda of: Tally(sum(of[:2]), of[0], of[1], min(of[0], of[2]), of[2])
    ),
    min_size=1,
    max_size=4,
)


def height(plan: Plan, levels: list[Tally], level: int) -> int | None:
    """How high the recommendation for a level leads; None where there is none."""
    found = recommendations(plan, levels)[level]
    return None if found is None else HIGHER.get(found.decision, 1)


@given(PLANS, LEVELS, st.data())
def test_another_toxicity_never_leads_higher(plan: Plan, levels: list[Tally], data: st.DataObject) -> None:
    """Neither at the level itself nor at any other, while the same subjects are evaluable."""
    where = data.draw(st.integers(0, len(levels) - 1))
    own = levels[where]
    if own.dlt == own.evaluable:
        return
    worse = [*levels]
    worse[where] = Tally(own.treated, own.evaluable, own.pending, own.dlt + 1, own.moderate)

    for level in range(len(levels)):
        before, after = height(plan, levels, level), height(plan, worse, level)
        assert (before is None) == (after is None)
        assert before is None or after is None or after <= before


@given(PLANS, LEVELS, st.data())
def test_a_level_that_is_left_at_once_stays_left(plan: Plan, levels: list[Tally], data: st.DataObject) -> None:
    """Where a subject that was waited for turns out to have a toxicity."""
    where = data.draw(st.integers(0, len(levels) - 1))
    own = levels[where]
    if not own.pending:
        return
    worse = [*levels]
    worse[where] = Tally(own.treated, own.evaluable + 1, own.pending - 1, own.dlt + 1, own.moderate)
    before, after = height(plan, levels, where), height(plan, worse, where)

    assert before is not None
    assert after is not None
    assert before > 0 or after <= 0
