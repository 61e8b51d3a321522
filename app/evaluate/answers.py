"""The answer of a system: the rule, and its result in plain values with what the rule has to say for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.rules.grades import Grade
from app.rules.verdict import Criterion, Evidence, Rule, Value, Verdict


@dataclass(frozen=True, slots=True)
class Answer:
    """What one system says of one case."""

    rule: Rule
    result: dict[str, Any]


def told(facts: Iterable[Evidence]) -> list[str]:
    """Facts in words, as they were: what, value, unit, when."""
    return [
        f"{fact.what}: {'not recorded' if fact.value is None else fact.value}"
        + (f" {fact.unit}" if fact.unit and fact.value is not None else "")
        + (f" ({fact.at})" if fact.at else "")
        for fact in facts
    ]


def reasons(verdict: Verdict) -> dict[str, Any]:
    """The criteria of a verdict, the facts that they rest on, and what was missing."""
    facts = [fact for criterion in verdict.criteria for fact in criterion.because] + list(verdict.evidence)
    return {"criteria": holds(verdict.criteria), "because": told(facts), "missing": list(verdict.missing)}


def holds(criteria: Iterable[Criterion]) -> dict[str, bool | None]:
    """What each criterion says."""
    return {criterion.key: criterion.holds for criterion in criteria}


def bounds(grade: Grade) -> dict[str, Any]:
    """A grade in the shape of the format: status, grade, lowest and highest."""
    return {
        "status": "GRADED" if grade.graded else "NOT_GRADABLE",
        "grade": grade.lowest if grade.graded else None,
        "grade_min": grade.lowest,
        "grade_max": grade.highest,
    }


def grade_of(verdict: Verdict) -> Grade:
    """The grade of a verdict with bounds."""
    return Grade(int(verdict.lowest or 0), int(verdict.highest or 0))


def graded(verdict: Verdict) -> Answer:
    """A graded verdict as an answer."""
    return Answer(verdict.rule, bounds(grade_of(verdict)) | reasons(verdict))


def truth(verdict: Verdict) -> bool | None:
    """Met, not met, or None: not evaluable."""
    return {Value.MET: True, Value.NOT_MET: False}.get(verdict.value)
