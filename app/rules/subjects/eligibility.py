"""
Enough lupus activity to enter: a baseline SLEDAI-2K above 6, as the KN5601 trial asks.

An incomplete SLEDAI-2K proves that there is too little where even all the missing descriptors would not make it above 6; it
never proves that there is enough.

Source: registry entry of the trial in children (SLEDAI-2K above 6).
"""

from __future__ import annotations

from decimal import Decimal

from app.rules.efficacy import sledai
from app.rules.efficacy.visits import NO_BASELINE
from app.rules.facts import VisitFacts
from app.rules.verdict import Criterion, Rule, Truth, Verdict, judge

RULE = Rule("eligible_sledai", "1", "SLEDAI-2K above 6 at baseline", "Registry entry of the KN5601 trial in children")
MORE_THAN = Decimal(6)


def active_enough(baseline: VisitFacts | None) -> Verdict:
    """Whether the baseline SLEDAI-2K is above 6, about the subject; `baseline`: the visit that holds it, if any does."""
    visit = baseline or NO_BASELINE
    found = sledai.score(sledai.items_of(visit))
    holds: Truth = None if found.highest > MORE_THAN else False
    if found.total is not None:
        holds = found.total > MORE_THAN
    return judge(RULE, "subject", (Criterion("sledai2k_above_6", holds, (sledai.points(visit),), sledai.missing(visit)),))
