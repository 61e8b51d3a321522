"""
Accelerated titration, then 3+3: one subject a level until the first dose-limiting toxicity or the second moderate one.

| so far, at every level together | recommendation for a level |
| --- | --- |
| no DLT, fewer than two subjects with a moderate toxicity; one evaluable, none waited for | escalate |
| the same; a window is open | wait |
| the same; nobody is evaluable yet | go on enrolling |
| a DLT, or two subjects with a moderate toxicity | as `escalation` says: the level that is at hand is filled to three |

A moderate toxicity is an event of grade 2 or more within the window that is suspected to come from the product.

Rulings. An event whose grade or causality is not recorded may be a moderate one and counts as one: what is not known does not
keep a titration fast. A level with nothing above it, and one that was come down to, are those of 3+3 from the start. A level
with an evaluable subject and no DLT, that was left for a higher one, stays left.

Source: Simon R et al. J Natl Cancer Inst 1997;89:1138-1147, design 2, recalled and not read; the rest is that of 3+3.
"""

from __future__ import annotations

from app.rules.dosing.escalation import Cohort, Decision, Recommendation, three_plus_three
from app.rules.verdict import Rule

RULE = Rule(
    "accelerated_titration", "1", "Accelerated titration, then 3+3", "Simon R et al. J Natl Cancer Inst 1997;89:1138-1147"
)
MOST_MODERATE = 1
"""How many subjects may have a moderate toxicity while the titration is fast."""


def accelerated(cohort: Cohort, moderate: int, *, left: bool) -> Recommendation:
    """
    The recommendation for a level.

    Args:
        cohort: The level, with the DLTs of the others.
        moderate: Subjects at all levels with a toxicity that is moderate, or may be.
        left: Whether somebody was treated at a higher level.
    """
    dlt = cohort.dlt + sum(cohort.dlt_elsewhere.values())
    slow = dlt > 0 or moderate > MOST_MODERATE
    passed = left and cohort.evaluable > 0 and not cohort.dlt
    if cohort.nothing_above or (slow and not passed):
        found = three_plus_three(cohort)
        return Recommendation(RULE, found.decision, f"{found.because}; 3+3 after {_told(dlt, moderate)}")
    seen = f"{cohort.evaluable} evaluable, {cohort.pending} windows open, at level {cohort.level} of {cohort.levels}"
    return Recommendation(RULE, _of_one(cohort), f"{seen}, one subject a level; {_told(dlt, moderate)}")


def _of_one(cohort: Cohort) -> Decision:
    if cohort.pending:
        return Decision.WAIT
    return Decision.ESCALATE if cohort.evaluable else Decision.CONTINUE


def _told(dlt: int, moderate: int) -> str:
    return f"{dlt} DLT and {moderate} with a moderate toxicity at all levels"
