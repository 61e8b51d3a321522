"""Emergence of an adverse event: three flags apart, and the one that the study means."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.facts import GradedEvent
from app.rules.safety.emergent import ANCHORS, RULES, flags
from app.rules.study import Settings
from app.rules.verdict import Source, Value, Verdict, rests_on
from tests.rules import build
from tests.rules.cases import cases, truth
from tests.rules.given import given as inputs

STARTS = {"apheresis": "2025-01-20T08:00", "lymphodepletion": "2025-02-26T10:00", "infusion": build.INFUSION}
SAYS = {True: Value.MET, False: Value.NOT_MET, None: Value.NOT_EVALUABLE}


def told(
    start: str | None,
    end: str | None = None,
    emergent_from: Any = "lymphodepletion",
    worsening: str = "",
    grades: str = "",
    **differs: Any,
) -> dict[str, Verdict]:
    """The flags of one event by rule, of a subject who had all three anchors unless something else is said."""
    starts: dict[str, Any] = {"lymphodepletion_start": STARTS["lymphodepletion"], "apheresis": STARTS["apheresis"]}
    event = GradedEvent("AE1", "Rash", 2, None, start, end, Source("adverse_event", "R1", 1))
    event = replace(event, **inputs(worsening))
    differs = {"settings": Settings(emergent_from=emergent_from), "event_grades": build.event_grades(grades)} | differs
    return {one.rule.id: one for one in flags(build.facts(adverse_events=(event,), **(starts | differs)))}


@cases("emergent")
def test_an_event_emerges_from_each_anchor_apart(case: dict[str, str]) -> None:
    found = told(case["start"] or None, case["end"] or None, worsening=case["worsening"], grades=case["grades"])

    assert {name: SAYS[truth(case[name])] for name in ANCHORS} == {name: found[RULES[name].id].value for name in ANCHORS}
    assert found["treatment_emergent"].value is found["emergent_lymphodepletion"].value
    assert all((one.value is Value.NOT_EVALUABLE) == bool(one.missing) for one in found.values())
    assert {"AE1"} == {one.about for one in found.values()}


@pytest.mark.parametrize(
    ("meant", "absent", "value"),
    [
        ("apheresis", (), Value.MET),
        ("lymphodepletion", (), Value.NOT_MET),
        ("infusion", (), Value.NOT_MET),
        ("apheresis", ("apheresis",), Value.NOT_MET),
        ("infusion", ("first_infusion",), None),
        ("lymphodepletion", ("lymphodepletion_start", "first_infusion"), None),
    ],
)
def test_the_study_says_which_anchor_is_meant_and_the_next_stands_in(
    meant: str, absent: tuple[str, ...], value: Value | None
) -> None:
    lacking: dict[str, Any] = dict.fromkeys(absent)
    found = told("2025-02-01", "2025-02-03", meant, **lacking)

    assert value is (found["treatment_emergent"].value if "treatment_emergent" in found else None)


def test_without_a_lymphodepletion_the_infusion_stands_in_for_it() -> None:
    found = told("2025-02-27", "2025-03-01", lymphodepletion_start=None)

    assert Value.NOT_MET is found["treatment_emergent"].value
    assert "emergent_lymphodepletion" not in found


def test_before_any_treatment_nothing_is_said() -> None:
    assert {} == told("2025-02-01", apheresis=None, lymphodepletion_start=None, first_infusion=None)


def test_a_flag_names_what_is_missing_and_rests_on_event_and_anchor() -> None:
    given_at = {"infusion": Source("infusion", "I1", 2)}
    found = told("2025-02-20", sources=given_at)["emergent_infusion"]

    assert ("whether Rash worsened after the first infusion",) == found.missing
    assert (Source("adverse_event", "R1", 1), Source("infusion", "I1", 2)) == rests_on(found)
    assert ("whether Rash began on the first infusion or after it",) == told("2025-03")["emergent_infusion"].missing


def test_a_flag_shows_what_was_said_of_a_worsening_and_nothing_where_nothing_was() -> None:
    dated, denied, unasked = (
        [(fact.what, fact.value) for fact in told("2025-02-20", worsening=said)["emergent_infusion"].criteria[0].because[1:-2]]
        for said in ("worsened=yes; worsened_at=2025-03-04", "worsened=no", "")
    )

    (graded,) = (told("2025-02-20", grades=said)["emergent_infusion"].criteria[0].because[1] for said in ("2025-03-04 2",))

    assert ("Rash from 2025-03-04 on", "2", "2025-03-04") == (graded.what, graded.value, graded.at)
    assert [("worsening of Rash", "yes"), ("last worsening of Rash", "2025-03-04")] == dated
    assert [("worsening of Rash", "no")] == denied
    assert [] == unasked


@given(st.dates().map(str), st.dates().map(str))
def test_what_emerged_after_a_later_anchor_emerged_after_an_earlier_one(start: str, end: str) -> None:
    found = told(start, max(start, end))
    emerged = [found[RULES[name].id].value for name in ANCHORS]

    assert emerged == sorted(emerged, key=[Value.MET, Value.NOT_EVALUABLE, Value.NOT_MET].index)
