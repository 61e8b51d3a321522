"""
What the design of a study recommends for each of its dose levels, from the counts of its subjects.

The design's own rule decides (`escalation`, `accelerated`, `boin`, `keyboard`). Rulings of what surrounds it: BOIN and keyboard
are asked of complete cohorts; while windows are open they wait, save where a level is already to be eliminated; while a cohort
is not full they go on enrolling. Subjects whom nobody has assessed yet are waited for like open windows. A level where nobody
was treated, and a design that is not public, have no recommendation. The safety review committee decides.

Source: as the three designs name theirs; the waiting is the rule of their cohorts without time-to-event weights.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from app.rules.dosing.accelerated import accelerated
from app.rules.dosing.boin import Design, Level, boin, too_toxic
from app.rules.dosing.escalation import Cohort, Decision, Recommendation, three_plus_three
from app.rules.dosing.keyboard import keyboard

INTERVAL: Mapping[str, Callable[[Design, Level], Recommendation]] = {"boin": boin, "keyboard": keyboard}
AT_ONCE = frozenset({Decision.ELIMINATE, Decision.STOP_ALL_TOXIC})


@dataclass(frozen=True, slots=True)
class Plan:
    """
    The design and its parameters. `target`: the target rate of BOIN and keyboard, 0 for the others; `accelerated`: whether 3+3
    begins with one subject a level.
    """

    design: Literal["three_plus_three", "boin", "keyboard", "none"]
    target: Decimal
    cohort_size: int
    six_to_declare: bool
    accelerated: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """
    One dose level: subjects treated, evaluable (those with a DLT among them), waited for, with a DLT, and with a toxicity that
    is moderate or may be.
    """

    treated: int
    evaluable: int
    pending: int
    dlt: int
    moderate: int


def recommendations(plan: Plan, levels: Sequence[Tally], came_down: Collection[int] = ()) -> list[Recommendation | None]:
    """
    One recommendation a level, the lowest first; None where there is none.

    `came_down`: the levels (1 the lowest) to which a decision of the committee has de-escalated.
    """
    asked = [(number, tally) for number, tally in enumerate(levels, 1)]
    if plan.design == "none":
        return [None] * len(levels)
    if plan.design == "three_plus_three":
        return [_three_plus_three(plan, number, levels, number in came_down) if t.treated else None for number, t in asked]
    return [_interval(plan, number, levels) if tally.treated else None for number, tally in asked]


def _three_plus_three(plan: Plan, number: int, levels: Sequence[Tally], came_down: bool) -> Recommendation:
    own = levels[number - 1]
    elsewhere = {other: tally.dlt for other, tally in enumerate(levels, 1) if other != number}
    cohort = Cohort(number, len(levels), own.evaluable, own.dlt, own.pending, came_down, elsewhere, plan.six_to_declare)
    if not plan.accelerated:
        return three_plus_three(cohort)
    left = any(tally.treated for tally in levels[number:])
    return accelerated(cohort, sum(tally.moderate for tally in levels), left=left)


def _interval(plan: Plan, number: int, levels: Sequence[Tally]) -> Recommendation:
    own, design = levels[number - 1], Design(plan.target)
    numbered = list(enumerate(levels, 1))
    toxic = [other for other, t in numbered if other != number and too_toxic(design, t.evaluable, t.dlt)]
    gone = [other for other, _ in numbered if toxic and other >= min(toxic)]
    found = INTERVAL[plan.design](design, Level(number, len(levels), own.evaluable, own.dlt, gone))
    if found.decision in AT_ONCE:
        return found
    if own.pending:
        return Recommendation(found.rule, Decision.WAIT, f"{found.because}; {own.pending} waited for")
    if own.evaluable % plan.cohort_size or not own.evaluable:
        return Recommendation(found.rule, Decision.CONTINUE, f"{found.because}; cohorts of {plan.cohort_size}")
    return found
