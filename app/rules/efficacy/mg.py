"""
Response in myasthenia gravis: a fall of MG-ADL by 2 points or more, of QMG or MGC by 3 or more, is clinically meaningful.

Minimal symptom expression is an MG-ADL of 0 or 1; the other two scales do not define it. MG-ADL runs from 0 to 24, QMG from 0
to 39, MGC from 0 to 50.

Source: Muppidi S et al. Muscle Nerve 2011;44:727-731 (MG-ADL); Katzberg HD et al. Muscle Nerve 2014;49:661-665 (QMG); Burns
TM et al. Muscle Nerve 2010 (MGC). The limits are recalled, to be verified before a regulatory claim.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from app.rules.exact import plain
from app.rules.verdict import Criterion, Evidence, Rule, Truth, Verdict, judge

RULE = Rule(
    "mg_response", "1", "Myasthenia gravis response", "Muppidi S et al. Muscle Nerve 2011;44:727-731 (limits unverified)"
)
MEANINGFUL_FALL: Mapping[str, int] = {"MG-ADL": 2, "QMG": 3, "MGC": 3}
MOST_POINTS: Mapping[str, int] = {"MG-ADL": 24, "QMG": 39, "MGC": 50}
MINIMAL_TO = 1


def meaningful(instrument: str, baseline: Decimal | None, post: Decimal | None) -> Verdict:
    """Whether the score fell by a meaningful number of points since baseline; unknown where either is missing."""
    fell = None if baseline is None or post is None else baseline - post >= MEANINGFUL_FALL[instrument]
    because = (Evidence("baseline", plain(baseline), "points"), Evidence("now", plain(post), "points"))
    missing = tuple(fact.what for fact in because if fact.value is None)
    return judge(RULE, instrument, (Criterion("meaningful_fall", fell, because, missing),))


def minimal_symptoms(instrument: str, post: Decimal | None) -> Truth:
    """Minimal symptom expression by MG-ADL; None where the score is missing or the instrument is another."""
    return None if post is None or instrument != "MG-ADL" else post <= MINIMAL_TO
