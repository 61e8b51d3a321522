"""
What the casebook says of the subjects of an export: the verdicts that are analysed, by subject.

A verdict comes with its criteria in words, what was missing, the facts that it names first, and of an endpoint the analysis
values by the casebook's own definition: nothing is decided again here. Which parameter a rule's verdicts become, the
specification says (`specs/analysis.csv`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import pandas as pd

BASELINE = "baseline"
"""The rule that says which assessments are the baseline."""


@dataclass(frozen=True, slots=True)
class Said:
    """
    One verdict. `criteria`: each in words with its answer, None unknown. `evidence`: the facts it names, `what`, `value`, `at`
    and `source` each. `response`: the analysis value of an endpoint by the composite strategy, None where there is none;
    `basis`: what that rests on. `policy`, `policy_basis`: the same by the treatment policy.
    """

    rule: str
    rule_version: str
    about: str
    value: str
    amount: str | None
    criteria: tuple[tuple[str, bool | None], ...]
    missing: tuple[str, ...]
    evidence: tuple[Mapping[str, Any], ...]
    response: bool | None
    basis: str | None
    policy: bool | None
    policy_basis: str | None

    @property
    def record(self) -> str:
        """The record that it is about first of all; empty where it names none."""
        source = self.evidence[0]["source"] if self.evidence else None
        return source["record"] if source else ""

    @property
    def at(self) -> str:
        """The date of what it is about first of all; empty where it names none."""
        return (self.evidence[0]["at"] or "") if self.evidence else ""


NAMES = tuple(each.name for each in fields(Said))


def by_subject(analysis: pd.DataFrame) -> dict[str, list[Said]]:
    """The verdicts of the frame `analysis` by subject_id, in its order; no subject where the cut has none."""
    found: dict[str, list[Said]] = {}
    if len(analysis):
        for subject, *cells in analysis[["subject_id", *NAMES]].itertuples(index=False, name=None):
            found.setdefault(subject, []).append(Said(*cells))
    return found


def baselines(said: Iterable[Said]) -> dict[str, str]:
    """The record of the assessment that is the baseline of each instrument, by the instrument's name."""
    facts = [fact for one in said if one.rule == BASELINE for fact in one.evidence if fact["source"]]
    return {str(fact["what"]).removeprefix("baseline of "): str(fact["source"]["record"]) for fact in facts}
