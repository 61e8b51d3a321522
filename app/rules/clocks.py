"""
Expedited safety reports: when a serious, unexpected, suspected adverse reaction is due, in calendar days.

Day 0 is the day on which the sponsor became aware. Fatal or life-threatening: day 7. Any other: day 15. What is not serious,
not unexpected or not suspected to be related is not expedited. Seriousness is not severity. Which authority and whose clock is
the study's to say; where it is not known whether the event was life-threatening, the report is due by the earlier day.

Source: 21 CFR 312.32(c); ICH E2A (both recalled, to be verified before a regulatory claim).
"""

from __future__ import annotations

from dataclasses import dataclass

from app.rules.dates import shifted
from app.rules.verdict import Criterion, Rule, Truth, Value, Verdict, answered, judge

RULE = Rule("expedited_clock", "1", "Expedited report", "21 CFR 312.32(c); ICH E2A (recalled, unverified)")
FATAL_DAYS, OTHER_DAYS = 7, 15


@dataclass(frozen=True, slots=True)
class Clock:
    """Whether a report is expedited, and by which calendar day it is due; None where none is, or the awareness is unknown."""

    verdict: Verdict
    due: str | None

    @property
    def expedited(self) -> Truth:
        """Whether a report is due; None where what would decide it is not recorded."""
        return {Value.MET: True, Value.NOT_MET: False}.get(self.verdict.value)


def expedited(
    *, serious: Truth, related: Truth, unexpected: Truth, fatal_or_life_threatening: Truth, aware: str | None
) -> Clock:
    """The clock of one event; `aware`: the date on which the sponsor became aware of it."""
    asked = {"serious": serious, "suspected_related": related, "unexpected": unexpected}
    criteria = [Criterion(key, truth, (answered(key.replace("_", " "), truth),), (key,)) for key, truth in asked.items()]
    verdict = judge(RULE, "event", criteria)
    days = OTHER_DAYS if fatal_or_life_threatening is False else FATAL_DAYS
    return Clock(verdict, shifted(aware, days) if verdict.value is Value.MET else None)
