"""The analysis value of each endpoint, by the rules' own definition, from the verdicts that are kept."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from app.casebook.exports.analysed import COLUMNS, analysis
from app.rules import explain
from app.rules.derive import RULES
from app.rules.efficacy.analysis import FAILURE
from cdisc import specs


def row(rule: str, value: str, failure: bool | str | None = "unasked") -> dict[str, Any]:
    """A kept verdict at M3, with what it found of an intercurrent failure where it asked."""
    held: list[dict[str, Any]] = (
        [] if failure == "unasked" else [{"key": FAILURE, "holds": failure, "because": [], "missing": []}]
    )
    empty = {"amount": None, "criteria": held, "missing": [], "rests_on": []}
    return {"subject_id": "001", "rule": rule, "rule_version": "1", "about": "M3", "value": value} | empty


@pytest.mark.parametrize(
    ("value", "no_failure", "response", "basis"),
    [
        ("met", True, True, "observed"),
        ("not_met", True, False, "observed"),
        ("not_evaluable", True, False, "imputed"),
        ("met", None, False, "imputed"),
        ("met", False, False, "intercurrent failure"),
        ("not_applicable", True, None, None),
        ("met", "unasked", None, None),
    ],
)
def test_a_state_is_analysed_with_the_failure_that_a_responder_index_found(
    value: str, no_failure: bool | str | None, response: bool | None, basis: str | None
) -> None:
    made = analysis(pd.DataFrame([row("lldas", value), row("sri4", "not_met", no_failure)], columns=list(COLUMNS)))

    state = made.iloc[0]
    assert (state["rule"], state["response"], state["basis"]) == ("lldas", response, basis)


@pytest.mark.parametrize(
    ("holds", "policy"),
    [((True, True), (True, "observed")), ((True, None), (False, "imputed")), ((True, False), (False, "observed"))],
)
def test_by_the_treatment_policy_the_failure_does_not_count(holds: tuple[bool | None, ...], policy: tuple[bool, str]) -> None:
    failed = row("sri4", "not_met", False)
    failed["criteria"] += [{"key": "pga_not_worsened", "holds": each, "because": [], "missing": []} for each in holds]
    made = analysis(pd.DataFrame([failed], columns=list(COLUMNS)))

    assert [policy] == list(zip(made["policy"], made["policy_basis"], strict=True))
    assert [(False, "intercurrent failure")] == list(zip(made["response"], made["basis"], strict=True))


def test_a_measure_has_no_analysis_value_and_a_criterion_its_words() -> None:
    made = analysis(pd.DataFrame([row("pga", "computed"), row("sri4", "met", True)], columns=list(COLUMNS)))

    assert made["response"].tolist() == [None, True]
    assert made["criteria"][1] == ((explain.ASKED[FAILURE], True),)


def test_what_is_analysed_is_said_by_a_rule_in_force() -> None:
    assert {one.source for one in specs.analysed("ADEFF")} <= set(RULES)
