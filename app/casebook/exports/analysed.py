"""
The verdicts of a cut as an analysis takes them: with their criteria in words and, of an endpoint, the analysis values.

The analysis values are those of `rules.efficacy.analysis` by both strategies, given the endpoint and the intercurrent failure
at its timepoint as the rules found them; an endpoint that does not apply to a subject, or of a timepoint whose failures no rule
has asked about, has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from app.rules.derive import RULES
from app.rules.efficacy.analysis import FAILURE, AnalysisValue, non_responder_imputed, treatment_policy
from app.rules.explain import ASKED
from app.rules.verdict import Criterion, Value, Verdict
from cdisc import specs
from cdisc.adam.adae import NUMBERS, ONSET
from cdisc.adam.verdicts import BASELINE
from cdisc.columns import records

ENDPOINTS = frozenset(one.source for one in specs.analysed("ADEFF") if one.kind == "endpoint")
ANALYSED = (BASELINE, *(one.source for one in specs.analysed("ADEFF")), *NUMBERS.values(), ONSET)
"""The rules whose verdicts are analysed."""
COLUMNS = ("subject_id", "rule", "rule_version", "about", "value", "amount", "criteria", "missing", "rests_on")

Row = Mapping[str, Any]


def analysis(verdicts: pd.DataFrame) -> pd.DataFrame:
    """
    The frame `analysis` of an export, from the kept verdicts of some subjects under `COLUMNS`.

    Columns: subject_id, rule, rule_version, about, value, amount (text); criteria, each its words and its answer; missing;
    evidence, the facts named first; response, the analysis value of an endpoint by the composite strategy, None without one;
    basis, what that rests on; policy and policy_basis, the same by the treatment policy.
    """
    found = records(verdicts)
    failures = _failures(found)
    made = [_row(row, failures.get((row["subject_id"], row["about"]))) for row in found]
    names = [*COLUMNS[:-3], "criteria", "missing", "evidence", "response", "basis", "policy", "policy_basis"]
    return pd.DataFrame(made, columns=names, dtype=object)


def _failures(rows: Iterable[Row]) -> dict[tuple[str, str], Criterion]:
    """What was found of intercurrent failures, by subject and timepoint."""
    return {
        (row["subject_id"], row["about"]): Criterion(FAILURE, each["holds"])
        for row in rows
        for each in row["criteria"]
        if each["key"] == FAILURE
    }


def _row(row: Row, failure: Criterion | None) -> tuple[Any, ...]:
    composite, policy = _values(row, failure)
    return (
        *(row[name] for name in COLUMNS[:-3]),
        tuple((ASKED[each["key"]], each["holds"]) for each in row["criteria"]),
        tuple(row["missing"]),
        tuple(row["rests_on"]),
        composite and composite.response,
        composite and composite.basis,
        policy and policy.response,
        policy and policy.basis,
    )


def _values(row: Row, failure: Criterion | None) -> tuple[AnalysisValue, AnalysisValue] | tuple[None, None]:
    """By the composite strategy, and by the treatment policy."""
    if row["rule"] not in ENDPOINTS or failure is None or row["value"] == Value.NOT_APPLICABLE:
        return None, None
    criteria = tuple(Criterion(each["key"], each["holds"]) for each in row["criteria"])
    endpoint = Verdict(RULES[row["rule"]], row["about"], Value(row["value"]), criteria=criteria)
    return non_responder_imputed(endpoint, failure), treatment_policy(endpoint)
