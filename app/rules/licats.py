"""
LICATS, local immune effector cell-associated toxicity syndrome: new or worse inflammation, in an organ that the disease had
affected before, while B cells are absent, without another cause.

1: resolves by itself. 2: glucocorticoids because symptoms lasted over a week, or a relevant inner organ is involved. 3: new or
prolonged stay in hospital. 4: intensive care. Where one of the three conditions does not hold it is not LICATS: grade 0.

Ruling: what has neither resolved nor been treated is grade 1.

Source: Hagen M et al. Lancet Rheumatol 2025;7:e424, as summarised at congresses (the paper's table itself was not seen).
"""

from __future__ import annotations

from dataclasses import dataclass

from app.rules.grades import NONE, Domain, Grade, exactly, graded, unless, worst
from app.rules.verdict import Evidence, Rule, Truth, Verdict, all_of, answered, any_of, not_

RULE = Rule("licats", "1", "LICATS grade", "Hagen M et al. Lancet Rheumatol 2025;7:e424 (as summarised; table not seen)")
IN_HOSPITAL = frozenset({"NEW", "PROLONGED"})


@dataclass(frozen=True, slots=True)
class LocalToxicity:
    """What grading one local toxicity asks; `hospitalisation`: NONE, NEW or PROLONGED; None is not recorded."""

    organ_affected_before: Truth = None
    in_b_cell_aplasia: Truth = None
    alternative_cause: Truth = None
    glucocorticoid_over_a_week: Truth = None
    inner_organ: Truth = None
    hospitalisation: str | None = None
    intensive_care: Truth = None


def _step(name: str, holds: Truth, grade: int) -> Domain:
    found = Grade(0, grade) if holds is None else exactly(grade) if holds else NONE
    what = name.replace("_", " ")
    return Domain(name, found, (answered(what, holds),), (what,))


def licats(seen: LocalToxicity, about: str = "event") -> Verdict:
    """The grade over every completion of what is missing, 0 to 4."""
    hospital = None if seen.hospitalisation is None else seen.hospitalisation in IN_HOSPITAL
    conditions = (seen.organ_affected_before, seen.in_b_cell_aplasia, not_(seen.alternative_cause))
    is_licats = all_of(conditions)
    said = Evidence(
        "affected organ, B-cell aplasia, no other cause", None if is_licats is None else "yes" if is_licats else "no"
    )
    steps = (
        Domain("definition", unless(not_(is_licats), exactly(1)), (said,), ("organ, aplasia or alternative cause",)),
        _step("treatment_or_inner_organ", any_of((seen.glucocorticoid_over_a_week, seen.inner_organ)), 2),
        _step("hospitalisation", hospital, 3),
        _step("intensive_care", seen.intensive_care, 4),
    )
    grade = unless(not_(is_licats), worst(step.grade for step in steps))
    return graded(RULE, about, grade, tuple(step.criterion() for step in steps))
