"""
A grade with its bounds: the lowest and the highest over every completion of what is missing; graded where they agree.

The bounds are computed monotonically, domain by domain; the most severe domain decides, grades are never added.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from app.rules.verdict import Criterion, Evidence, Rule, Truth, Value, Verdict, not_


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade from 0 (none) to 5 (death), `lowest` to `highest`."""

    lowest: int
    highest: int

    @property
    def graded(self) -> bool:
        """Whether every completion gives the same grade."""
        return self.lowest == self.highest

    def __str__(self) -> str:
        return str(self.lowest) if self.graded else f"{self.lowest} to {self.highest}"


NONE = Grade(0, 0)
ANY = Grade(0, 4)
"""What a domain may contribute of which nothing is known; death is never assumed."""
DEATH = Grade(5, 5)


def exactly(grade: int) -> Grade:
    """A grade that is known."""
    return Grade(grade, grade)


def up_to(grade: int) -> Grade:
    """A grade that may be anything from none to so severe."""
    return Grade(0, grade)


def worst(grades: Iterable[Grade]) -> Grade:
    """The most severe of several grades, bound by bound; none at all is grade 0."""
    each = list(grades)
    return Grade(max((g.lowest for g in each), default=0), max((g.highest for g in each), default=0))


def where(holds: Truth, grade: Grade) -> Grade:
    """A grade that something gives where it holds: 0 where it does not, possibly 0 where that is not recorded."""
    if holds is None:
        return up_to(grade.highest)
    return grade if holds else NONE


def unless(other_cause: Truth, grade: Grade) -> Grade:
    """A domain's grade where another cause takes it out: 0 where there is one, possibly 0 where that is not recorded."""
    return where(not_(other_cause), grade)


@dataclass(frozen=True, slots=True)
class Domain:
    """What one domain contributes to a grade, on what, and which of its inputs were missing."""

    name: str
    grade: Grade
    because: tuple[Evidence, ...]
    missing: tuple[str, ...] = ()

    def criterion(self) -> Criterion:
        """The domain as a criterion: it holds where it contributes, and is unknown where it may or may not."""
        holds = True if self.grade.lowest else None if self.grade.highest else False
        contributes = Evidence("contributed grade", str(self.grade))
        return Criterion(self.name, holds, (contributes, *self.because), () if self.grade.graded else self.missing)


def named(what: str, value: object, when: str) -> tuple[str, ...]:
    """The name of an input in words, where it is missing."""
    return (f"{what} at {when}",) if value is None else ()


def graded(
    rule: Rule, about: str, grade: Grade, criteria: tuple[Criterion, ...] = (), evidence: tuple[Evidence, ...] = ()
) -> Verdict:
    """A grade as a verdict; the missing inputs are named where they leave it open."""
    return _verdict(rule, about, grade, (name for each in criteria for name in each.missing), criteria, evidence)


def told(verdict: Verdict) -> Grade:
    """The grade that a verdict tells, with its bounds."""
    return Grade(int(verdict.lowest or 0), int(verdict.highest or 0))


def highest(rule: Rule, about: str, each: Iterable[Verdict], evidence: tuple[Evidence, ...] | None = None) -> Verdict:
    """The highest of several grades as a verdict, resting on those that reach it unless other evidence is given."""
    grades = [(told(verdict), verdict) for verdict in each]
    top = worst(grade for grade, _ in grades)
    reached = tuple(fact for grade, verdict in grades if grade.highest == top.highest for fact in verdict.evidence)
    lacking = (name for _, verdict in grades for name in verdict.missing)
    return _verdict(rule, about, top, lacking, (), reached if evidence is None else evidence)


def _verdict(
    rule: Rule,
    about: str,
    grade: Grade,
    lacking: Iterable[str],
    criteria: tuple[Criterion, ...],
    evidence: tuple[Evidence, ...],
) -> Verdict:
    return Verdict(
        rule,
        about,
        Value.GRADED if grade.graded else Value.NOT_GRADABLE,
        criteria,
        amount=Decimal(grade.lowest) if grade.graded else None,
        lowest=Decimal(grade.lowest),
        highest=Decimal(grade.highest),
        missing=() if grade.graded else tuple(dict.fromkeys(lacking)),
        evidence=evidence,
    )
