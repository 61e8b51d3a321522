"""
BILAG-2004 haematological grade from counts and findings.

A: thrombotic thrombocytopenic purpura 2 to 4, haemoglobin below 8 g/dL, leukocytes below 1.0, neutrophils below 0.5, platelets
below 25 x 10^9/L. B: that purpura improving, haemoglobin below 9, leukocytes below 2, neutrophils below 1, platelets below 50,
active haemolysis. C: haemoglobin below 11, leukocytes below 4, neutrophils below 2, lymphocytes below 1.0, platelets below 150,
an isolated positive Coombs test. Else D or E.

Rulings. The published bands are read as continuous. Counts that are due to lymphodepletion are not lupus and do not count;
where that is not known, they may or may not. No count is compared with an earlier one.

Source: Isenberg DA et al. Rheumatology 2005;44:902-906; every limit is recalled: unverified.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from app.rules.efficacy.bilag_items import GRADES, quiet, verdict
from app.rules.exact import plain
from app.rules.verdict import Evidence, Rule, Truth, Verdict

RULE = Rule(
    "bilag_haematology", "1", "BILAG-2004 haematological grade", "Isenberg DA et al. 2005;44:902-906 (limits unverified)"
)

LIMITS: Mapping[str, tuple[tuple[Decimal, str], ...]] = {
    "haemoglobin_g_dl": ((Decimal(8), "A"), (Decimal(9), "B"), (Decimal(11), "C")),
    "wbc": ((Decimal(1), "A"), (Decimal(2), "B"), (Decimal(4), "C")),
    "neutrophils": ((Decimal("0.5"), "A"), (Decimal(1), "B"), (Decimal(2), "C")),
    "platelets": ((Decimal(25), "A"), (Decimal(50), "B"), (Decimal(150), "C")),
    "lymphocytes": ((Decimal(1), "C"),),
}
FINDINGS: Mapping[str, str] = {"active_haemolysis": "B", "coombs_positive_isolated": "C"}
TTP = "ttp"
UNITS = {"haemoglobin_g_dl": "g/dL"}

Counts = Mapping[str, Decimal | None]


def _of_count(name: str, count: Decimal) -> list[str]:
    """The grades whose limits a count lies below, the worst of them its own; nothing where it is not low."""
    return [grade for limit, grade in LIMITS[name] if count < limit]


def _of_purpura(score: int) -> list[str]:
    return ["A"] if score > 1 else ["B"] if score else []


def bilag_haematology(
    counts: Counts,
    findings: Mapping[str, Truth],
    purpura: int | None,
    due_to_lymphodepletion: Truth,
    ever_active: Truth,
) -> Verdict:
    """
    The haematological grade over every completion of what was asked and not done.

    Args:
        counts: Counts in 10^9/L and haemoglobin in g/dL by key; None: not done; one that is not named was not abnormal.
        findings: `FINDINGS` by key; one that is not named was absent.
        purpura: Thrombotic thrombocytopenic purpura, 0 to 4; None: not done.
        due_to_lymphodepletion: Whether the counts are low because of it.
        ever_active: Whether the domain was ever active.
    """
    low = [grade for name, count in counts.items() if count is not None for grade in _of_count(name, count)]
    could_be_low = [LIMITS[name][0][1] for name, count in counts.items() if count is None]
    surely = [FINDINGS[name] for name, truth in findings.items() if truth]
    surely += [] if purpura is None else _of_purpura(purpura)
    surely += low if due_to_lymphodepletion is False else []
    perhaps = [FINDINGS[name] for name, truth in findings.items() if truth is None]
    perhaps += ["A"] if purpura is None else []
    perhaps += [] if due_to_lymphodepletion else [*low, *could_be_low]
    because = tuple(Evidence(name, plain(count), UNITS.get(name, "10^9/L")) for name, count in counts.items())
    missing = tuple(name for name, value in {**counts, **findings, TTP: purpura}.items() if value is None)
    missing += ("whether the counts are due to lymphodepletion",) if due_to_lymphodepletion is None else ()
    missing += ("whether the domain was ever active",) if ever_active is None else ()
    lowest = max(surely, key=GRADES.index, default=quiet(ever_active))
    highest = max([*surely, *perhaps], key=GRADES.index, default=quiet(ever_active, worst=True))
    return verdict(RULE, "haematological", lowest, highest, because, missing)
