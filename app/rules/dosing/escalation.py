"""
Dose escalation by 3+3: a recommendation from the evaluable subjects of one level. The safety review committee decides.

| DLT / evaluable | recommendation |
| --- | --- |
| two or more, however few | de-escalate at once; at the lowest level stop without a maximum tolerated dose |
| 0/3 | escalate; with no open level above: expand to 6, or declare where six are not asked for |
| 1/3 | expand to 6 |
| 0/6, 1/6 | escalate; with no open level above: declare the maximum tolerated dose |

Before the table: enough DLTs decide at once; else, with windows still open and the cohort at its size (3, or 6 once expanded),
wait; else, a cohort that is not full goes on enrolling. A level with two DLTs is closed: it is never escalated into again, nor
de-escalated to. Whether the level below 1 exists is the protocol's to say.

Ruling: a cohort of three evaluable subjects with more enrolled has been expanded where the table expands it; where the table
would escalate, the further subjects are waited for.

Source: Storer BE. Biometrics 1989;45:925-937; Korn EL et al. Stat Med 1994;13:1799-1806, as in public implementations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.rules.verdict import Rule

RULE = Rule("three_plus_three", "1", "3+3 dose escalation", "Storer BE. Biometrics 1989;45:925-937")
CLOSING_DLTS = 2
COHORT, EXPANDED = 3, 6


class Decision(StrEnum):
    """What a design recommends for one dose level."""

    ESCALATE = "ESCALATE"
    EXPAND = "EXPAND_TO_6"
    CONTINUE = "CONTINUE_ENROLMENT"
    WAIT = "WAIT_DLT_WINDOW"
    STAY = "STAY"
    DE_ESCALATE = "DE_ESCALATE"
    ELIMINATE = "ELIMINATE_AND_DE_ESCALATE"
    DECLARE_MTD = "DECLARE_MTD"
    STOP_NO_MTD = "STOP_NO_MTD"
    STOP_ALL_TOXIC = "STOP_ALL_TOXIC"


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What a design recommends, by which rule, and why in a sentence."""

    rule: Rule
    decision: Decision
    because: str


@dataclass(frozen=True, slots=True)
class Cohort:
    """
    One dose level. `evaluable`: subjects evaluable for DLT; `dlt`: those of them with one; `pending`: subjects whose window is
    open; `dlt_elsewhere`: the DLTs at other levels, by level; `levels`: how many there are, the lowest being 1.
    """

    level: int
    levels: int
    evaluable: int
    dlt: int
    pending: int
    de_escalated: bool = False
    dlt_elsewhere: Mapping[int, int] = field(default_factory=dict)
    mtd_requires_six: bool = True
    level_below_1: bool = False

    def closed(self, level: int) -> bool:
        """Whether another level has had too many DLTs."""
        seen = self.dlt_elsewhere.get(level)
        return seen is not None and seen >= CLOSING_DLTS

    @property
    def nothing_above(self) -> bool:
        """Whether there is no level to escalate to: the top, one that was come down from, or a closed one."""
        return self.level >= self.levels or self.de_escalated or self.closed(self.level + 1)

    @property
    def somewhere_below(self) -> bool:
        """Whether an open level lies below."""
        lowest = 0 if self.level_below_1 else 1
        return any(not self.closed(level) for level in range(lowest, self.level))

    @property
    def size(self) -> int:
        """How many subjects the cohort is to have: three, or six once expanded."""
        more = self.evaluable + self.pending > COHORT
        expands = self.dlt == 1 or (self.nothing_above and self.mtd_requires_six)
        return EXPANDED if self.evaluable > COHORT or (self.evaluable == COHORT and more and expands) else COHORT


def three_plus_three(cohort: Cohort) -> Recommendation:
    """The recommendation for a level, by the precedence and the table above."""
    decision = _decision(cohort)
    seen = f"{cohort.dlt} DLT in {cohort.evaluable} evaluable, {cohort.pending} windows open, at level {cohort.level}"
    return Recommendation(RULE, decision, f"{seen} of {cohort.levels}, cohort of {cohort.size}")


def _decision(cohort: Cohort) -> Decision:
    if cohort.dlt >= CLOSING_DLTS:
        return Decision.DE_ESCALATE if cohort.somewhere_below else Decision.STOP_NO_MTD
    if cohort.pending and cohort.evaluable + cohort.pending >= cohort.size:
        return Decision.WAIT
    if cohort.evaluable < cohort.size:
        return Decision.CONTINUE
    return _of_full(cohort)


def _of_full(cohort: Cohort) -> Decision:
    six = cohort.evaluable >= EXPANDED
    if cohort.dlt and not six:
        return Decision.EXPAND
    if not cohort.nothing_above:
        return Decision.ESCALATE
    return Decision.DECLARE_MTD if six or not cohort.mtd_requires_six else Decision.EXPAND
