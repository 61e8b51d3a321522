"""
The answer of a rule: three-valued, with its criteria, what they rest on, and what was missing.

`None` is *unknown* throughout: never a no, never a zero. Kleene's logic decides: any criterion false, not met; else any
unknown, not evaluable; else met.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any

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


def check(rule: Rule, about: str, flagged: Truth, evidence: Iterable[Evidence], missing: Iterable[str] = ()) -> Verdict:
    """The verdict of an edit check: flagged, clear, or not evaluable for what was missing."""
    value = Value.FLAGGED if flagged else Value.CLEAR if flagged is False else Value.NOT_EVALUABLE
    return Verdict(rule, about, value, missing=tuple(missing) if flagged is None else (), evidence=tuple(evidence))


def rests_on(verdict: Verdict) -> tuple[Source, ...]:
    """Every version of a record that a verdict looked at, once, in order of form, record and version."""
    facts = (*verdict.evidence, *(fact for criterion in verdict.criteria for fact in criterion.because))
    found = {fact.source for fact in facts if fact.source is not None}
    return tuple(sorted(found, key=lambda source: (source.form, source.record, source.version)))


_PLAIN = frozenset({str, int, bool})


@cache
def _names(kind: type) -> tuple[str, ...]:
    """The fields of a dataclass, asked once: a save turns hundreds of parts into JSON."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


def to_json(part: Any) -> Any:
    """A verdict, or any part of one, as plain JSON: objects by field name, numbers as text with their digits, None as null."""
    if part is None or part.__class__ in _PLAIN:
        return part
    if isinstance(part, tuple):
        return [to_json(each) for each in part]
    if names := _names(part.__class__):
        return {name: to_json(getattr(part, name)) for name in names}
    return str(part) if isinstance(part, Decimal | StrEnum) else part


def evidence_from_json(plain: Mapping[str, Any]) -> Evidence:
    """Evidence from its plain form."""
    source = plain["source"]
    return Evidence(plain["what"], plain["value"], plain["unit"], plain["at"], None if source is None else Source(**source))


def criterion_from_json(plain: Mapping[str, Any]) -> Criterion:
    """A criterion from its plain form."""
    because = tuple(evidence_from_json(each) for each in plain["because"])
    return Criterion(plain["key"], plain["holds"], because, tuple(plain["missing"]))


def from_json(plain: Mapping[str, Any]) -> Verdict:
    """A verdict from its plain form, equal to the one that `to_json` was given."""
    amount, lowest, highest = (
        None if plain[name] is None else Decimal(plain[name]) for name in ("amount", "lowest", "highest")
    )
    return Verdict(
        Rule(**plain["rule"]),
        plain["about"],
        Value(plain["value"]),
        tuple(criterion_from_json(each) for each in plain["criteria"]),
        amount,
        lowest,
        highest,
        tuple(plain["missing"]),
        tuple(evidence_from_json(each) for each in plain["evidence"]),
    )
