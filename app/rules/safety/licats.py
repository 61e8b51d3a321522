"""
LICATS, local immune effector cell-associated toxicity syndrome: new or worse inflammation, in an organ that the disease had
affected before, while B cells are absent, without another cause.

1: resolves by itself. 2: glucocorticoids because symptoms lasted over a week, or a relevant inner organ is involved. 3: new or
prolonged stay in hospital. 4: intensive care. Where one of the three conditions does not hold it is not LICATS: grade 0.

Rulings. What has neither resolved nor been treated is grade 1. In a casebook every event in the category LICATS is graded, and
every other of which one of the questions was answered. That B cells are absent is read from their counts, by the study's limit
of depletion: they are where the counts of the day on which the event began lie below it, or, without one, the last before and
the first after it; they are not where a count of that day reaches it; else it is open.

Source: Hagen M et al. Lancet Rheumatol 2025;7:e424, as summarised at congresses (the paper's table itself was not seen).
"""

from __future__ import annotations

from dataclasses import dataclass

from app.rules.grades import NONE, Domain, Grade, exactly, graded, unless, worst
from app.rules.verdict import Evidence, Rule, Truth, Verdict, all_of, answered, any_of, not_

RULE = Rule("licats", "1", "LICATS grade", "Hagen M et al. Lancet Rheumatol 2025;7:e424 (as summarised; table not seen)")


@dataclass(frozen=True, slots=True)
class LocalToxicity:
    """What grading one local toxicity asks; `hospital`: whether a stay is new or prolonged; None is not recorded."""

    organ_affected_before: Truth
    in_b_cell_aplasia: Truth
    alternative_cause: Truth
    glucocorticoid_over_a_week: Truth
    inner_organ: Truth
    hospital: Truth
    intensive_care: Truth


def _step(name: str, holds: Truth, grade: int) -> Domain:
    found = Grade(0, grade) if holds is None else exactly(grade) if holds else NONE
    what = name.replace("_", " ")
    return Domain(name, found, (answered(what, holds),), (what,))


def _definition(seen: LocalToxicity, is_licats: Truth) -> Domain:
    asked = {
        "whether the disease affected the organ before": seen.organ_affected_before,
        "whether B cells were absent": seen.in_b_cell_aplasia,
        "whether there is another cause": seen.alternative_cause,
    }
    because = tuple(answered(what, truth) for what, truth in asked.items())
    missing = tuple(what for what, truth in asked.items() if truth is None)
    return Domain("definition", unless(not_(is_licats), exactly(1)), because, missing)


def licats(seen: LocalToxicity, about: str = "event", evidence: tuple[Evidence, ...] = ()) -> Verdict:
    """The grade over every completion of what is missing, 0 to 4."""
    is_licats = all_of((seen.organ_affected_before, seen.in_b_cell_aplasia, not_(seen.alternative_cause)))
    steps = (
        _definition(seen, is_licats),
        _step("treatment_or_inner_organ", any_of((seen.glucocorticoid_over_a_week, seen.inner_organ)), 2),
        _step("hospitalisation", seen.hospital, 3),
        _step("intensive_care", seen.intensive_care, 4),
    )
    grade = unless(not_(is_licats), worst(step.grade for step in steps))
    return graded(RULE, about, grade, tuple(step.criterion() for step in steps), evidence)
