"""
The answer of a rule: three-valued, with its criteria, what they rest on, and what was missing.

`None` is *unknown* throughout: never a no, never a zero. Kleene's logic decides: any criterion false, not met; else any
unknown, not evaluable; else met.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

Truth = bool | None


class Value(StrEnum):
    """What a verdict can say. Numbers are computed or not evaluable, grades graded or not gradable, checks flagged or clear."""

    MET = "met"
    NOT_MET = "not_met"
    NOT_EVALUABLE = "not_evaluable"
    NOT_APPLICABLE = "not_applicable"
    COMPUTED = "computed"
    GRADED = "graded"
    NOT_GRADABLE = "not_gradable"
    FLAGGED = "flagged"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact stands in the casebook: one version of one record."""

    form: str
    record: str
    version: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """One fact that a criterion looked at, as it was: what, value, unit, when, and where it stands; value None is missing."""

    what: str
    value: str | None
    unit: str | None = None
    at: str | None = None
    source: Source | None = None


def answered(what: str, truth: Truth, at: str | None = None, source: Source | None = None) -> Evidence:
    """A question answered by yes or no as evidence; without a value where it was not."""
    return Evidence(what, None if truth is None else "yes" if truth else "no", None, at or None, source)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion of a rule: whether it holds, on what, and the names of the inputs that were missing where it is unknown."""

    key: str
    holds: Truth
    because: tuple[Evidence, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule's name card: its id, version, plain-word title and published source."""

    id: str
    version: str
    title: str
    source: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    What one rule says about one thing.

    `about`: `subject`, a timepoint or visit name (`M3`), or a record id. `amount`: a computed number, in the unit that the
    rule's docstring states. `lowest` and `highest`: the bounds over every completion of what is missing.
    """

    rule: Rule
    about: str
    value: Value
    criteria: tuple[Criterion, ...] = ()
    amount: Decimal | None = None
    lowest: Decimal | None = None
    highest: Decimal | None = None
    missing: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


def all_of(truths: Iterable[Truth]) -> Truth:
    """Kleene's conjunction: False where any is false, else None where any is unknown, else True."""
    seen = list(truths)
    if any(truth is False for truth in seen):
        return False
    return None if any(truth is None for truth in seen) else True


def any_of(truths: Iterable[Truth]) -> Truth:
    """Kleene's disjunction: True where any is true, else None where any is unknown, else False."""
    seen = list(truths)
    if any(truth is True for truth in seen):
        return True
    return None if any(truth is None for truth in seen) else False


def not_(truth: Truth) -> Truth:
    """Kleene's negation: unknown stays unknown."""
    return None if truth is None else not truth


def judge(
    rule: Rule,
    about: str,
    criteria: Iterable[Criterion],
    *,
    amount: Decimal | None = None,
    evidence: tuple[Evidence, ...] = (),
) -> Verdict:
    """The verdict on a conjunction of criteria, with the missing inputs of those that are unknown."""
    each = tuple(criteria)
    whole = all_of(criterion.holds for criterion in each)
    value = Value.MET if whole else Value.NOT_EVALUABLE if whole is None else Value.NOT_MET
    missing = tuple(dict.fromkeys(name for criterion in each if criterion.holds is None for name in criterion.missing))
    return Verdict(rule, about, value, each, amount=amount, missing=missing, evidence=evidence)
