"""
A verdict in plain sentences, from the verdict alone: what it says, which criteria decided it, on what, and what was missing.

The same sentences come from a verdict read back from its stored form, see `verdict.from_json`.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.rules.exact import plain
from app.rules.sri import POINTS
from app.rules.verdict import Criterion, Evidence, Truth, Value, Verdict

ASKED = {
    **{f"sledai2k_drop_ge_{n}": f"SLEDAI-2K fell by {n} points or more" for n in POINTS},
    **{f"csledai_drop_ge_{n}": f"clinical SLEDAI-2K fell by {n} points or more" for n in POINTS},
    "no_new_bilag_worsening": "no new BILAG A and at most one new B",
    "pga_not_worsened": "PGA not worsened",
    "no_intercurrent_failure": "no intercurrent failure",
    "all_baseline_A_B_improved": "every BILAG A and B of baseline improved",
    "sledai2k_not_increased": "SLEDAI-2K not increased",
    "c1_sledai_le4_no_major_organ": "SLEDAI-2K of 4 or less without activity in a major organ, haemolysis or gut activity",
    "c2_no_new_features": "no new feature since the previous assessment",
    "c3_pga_le_1": "PGA of 1 or less",
    "c4_glucocorticoid": "glucocorticoid within the limit",
    "c5_background_therapy": "well tolerated standard background therapy",
    "cSLEDAI_eq_0": "clinical SLEDAI-2K of 0",
    "pga_lt_0_5": "PGA below 0.5",
    "glucocorticoid": "glucocorticoid within the limit",
    "stable_background_therapy": "stable background therapy",
    "no_immunosuppressant": "no immunosuppressant and no biologic",
    "fever": "fever, now or treated earlier in the episode",
    "hypotension": "hypotension",
    "hypoxia": "hypoxia",
    "cognition": "ICE or CAPD impaired",
    "consciousness": "depressed consciousness",
    "seizure": "seizure",
    "motor": "motor weakness",
    "oedema": "raised intracranial pressure or oedema",
}
"""What each criterion asks, by its key."""

_SAYS = {
    Value.MET: "is met",
    Value.NOT_MET: "is not met",
    Value.NOT_EVALUABLE: "cannot be evaluated",
    Value.NOT_APPLICABLE: "does not apply",
    Value.COMPUTED: "is determined",
    Value.FLAGGED: "needs an answer",
    Value.CLEAR: "raises no question",
}
_HOLDS: dict[Truth, str] = {False: "No", None: "Unknown", True: "Yes"}


def _place(verdict: Verdict) -> str:
    if verdict.about == "subject":
        return ""
    own = (fact.at for fact in verdict.evidence if fact.source is not None and fact.source.record == verdict.about)
    at = next(own, None)
    return f" at {verdict.about}" if at is None else f" on {at}"


def _says(verdict: Verdict) -> str:
    if verdict.value is Value.NOT_GRADABLE:
        return f"lies between {plain(verdict.lowest)} and {plain(verdict.highest)} and cannot be graded"
    if verdict.value in (Value.COMPUTED, Value.GRADED) and verdict.amount is not None:
        return f"is {plain(verdict.amount)}"
    return _SAYS[verdict.value]


def _fact(fact: Evidence) -> str:
    if fact.value is None:
        return f"{fact.what}: not recorded"
    return f"{fact.what}: {fact.value}" + (f" {fact.unit}" if fact.unit else "")


def _listed(facts: Iterable[Evidence]) -> str:
    return "; ".join(_fact(fact) for fact in facts)


def _reason(criterion: Criterion) -> str:
    because = f" ({_listed(criterion.because)})" if criterion.because else ""
    return f"{_HOLDS[criterion.holds]}: {ASKED[criterion.key]}{because}."


def sentences(verdict: Verdict) -> list[str]:
    """The verdict first, then its criteria, the deciding ones before the others, then its facts and what was missing."""
    order: list[Truth] = [False, None, True]
    said = [f"{verdict.rule.title}{_place(verdict)} {_says(verdict)}."]
    said += [_reason(criterion) for criterion in sorted(verdict.criteria, key=lambda each: order.index(each.holds))]
    said += [f"{_fact(fact)}." for fact in verdict.evidence]
    return said + ([f"Missing: {', '.join(verdict.missing)}."] if verdict.missing else [])
