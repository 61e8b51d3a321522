"""B2: the investigator's grade is the record; the computed one, and the grades over time, only ask."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.rules import derive
from app.rules.facts import Facts, GradedEvent, LocalSigns, Toxicity
from app.rules.study import Settings
from app.rules.verdict import Source, Value, Verdict
from tests.rules import build
from tests.rules.cases import cases
from tests.rules.given import given
from tests.rules.measured import measured

SAYS = {"yes": [Value.FLAGGED], "no": [Value.CLEAR], "": [Value.NOT_EVALUABLE], "nothing": []}
EVERY = Settings(further=frozenset(derive.FURTHER), b_cells_depleted_below=Decimal(10))
INFUSED = date(2025, 3, 3)


def event(grade: str, start: str, end: str, **differs: Any) -> GradedEvent:
    """An event as the investigator graded it."""
    own = GradedEvent("AE1", "CRS", int(grade) if grade else None, None, start or None, end or None)
    return replace(own, **({"source": Source("adverse_event", "R1", 1)} | differs))


def asked(known: Facts, rule: str) -> tuple[Verdict, ...]:
    """What one check says; what it cannot tell names what is missing."""
    found = derive.verdicts(known, [rule])
    assert all((one.value is Value.NOT_EVALUABLE) == bool(one.missing) for one in found)
    return found


def observation(cell: str) -> Toxicity:
    """An observation that differs as a case says; `ice` in points."""
    inputs = given(cell)
    if "ice" in inputs:
        inputs["ice"] = build.ice(int(inputs["ice"]))
    if inputs.get("hypotension") is False:
        inputs["systolic"] = None
    return build.seen(**inputs)


@cases("investigator")
def test_the_grade_is_held_beside_the_observations(case: dict[str, str]) -> None:
    """The check of each scale is the same one; a scale is never converted into another."""
    told = {"term": case["term"], "scale": case["scale"] or None, "category": case["category"] or None}
    graded = event(case["investigator"], case["start"], case["end"], difference=case["reason"] or None, **told)
    known = build.facts(settings=EVERY, toxicity=(observation(case["differs"]),), adverse_events=(graded,))
    found = asked(known, case["rule"])

    assert SAYS[case["flagged"]] == [one.value for one in found]
    assert all(one.about == "AE1" and one.evidence[1].value == case["observed"] for one in found)
    assert all((one.evidence[-1].value == case["reason"]) == bool(case["reason"]) for one in found)


@cases("investigator_course")
def test_grades_over_time_are_held_beside_their_event(case: dict[str, str]) -> None:
    graded = event(case["grade"], case["start"], case["end"], **given(case["worsening"]))
    known = build.facts(adverse_events=(graded,), event_grades=build.event_grades(case["grades"]))
    found = asked(known, "check_grades_over_time")

    assert SAYS[case["flagged"]] == [one.value for one in found]


def test_grades_that_name_no_event_are_asked_about_and_those_of_another_are_not_its_own() -> None:
    grades = (*build.event_grades("2025-03-04 2"), *build.event_grades("2025-03-05 4", "AE9"))
    known = build.facts(adverse_events=(event("2", "2025-03-04", ""),), event_grades=grades)

    assert {"AE1": Value.CLEAR, "AE9": Value.FLAGGED} == {
        one.about: one.value for one in asked(known, "check_grades_over_time")
    }


def test_what_contradicts_is_shown_and_what_nobody_said_is_not() -> None:
    grades = (*build.event_grades("2025-03-04 2"), *build.event_grades("2025-03-05 4", "AE9"))
    said = {"worsened": True, "worsened_at": "2025-03-06"}
    shown = {}
    for name, graded in {"said": event("2", "2025-03-04", "", **said), "unsaid": event("", "2025-03-04", "")}.items():
        found = asked(build.facts(adverse_events=(graded,), event_grades=grades), "check_grades_over_time")
        shown[name] = {fact.what: fact.value for one in found for fact in one.evidence}

    assert {"worsening of CRS": "yes", "last worsening of CRS": "2025-03-06", "highest of CRS": "2"}.items() <= shown[
        "said"
    ].items()
    assert {"worsening of CRS", "last worsening of CRS"}.isdisjoint(shown["unsaid"])
    assert shown["unsaid"]["highest of CRS"] is None
    assert "no" == shown["said"]["adverse event AE9 in the casebook"]


@pytest.mark.parametrize(
    ("grade", "category", "scale", "b_cells", "said"),
    [
        ("1", "LICATS", "LICATS 2025", "2", "no"),
        ("2", "LICATS", None, "2", "yes"),
        ("1", "LICATS", None, None, ""),
        ("2", "LICATS", "CTCAE", "2", "nothing"),
        ("2", "OTHER", "LICATS 2025", "2", "nothing"),
        ("", "LICATS", None, "2", "nothing"),
    ],
)
def test_a_local_toxicity_is_held_beside_the_grade_computed_of_it(
    grade: str, category: str, scale: str | None, b_cells: str | None, said: str
) -> None:
    mild = LocalSigns("SKIN", True, False, False, False, False)
    rash = event(grade, "2025-03-10", "", category=category, scale=scale, local=mild, criteria={"hospital": False})
    counts = measured(f"7 b_cells {b_cells} 10^6/L - -" if b_cells else "", INFUSED)
    other = replace(rash, id="AE0", category="INFECTION", local=LocalSigns("LUNG", True, False, False, False, True))
    known = build.facts(settings=EVERY, results=counts, adverse_events=(other, rash))

    assert SAYS[said] == [one.value for one in asked(known, "check_licats_grade") if one.about == "AE1"]


@pytest.mark.parametrize(
    ("grade", "start", "scale", "said"),
    [
        ("2", "2025-03-05", "EHA/EBMT 2023", "no"),
        ("1", "2025-03-05", None, "yes"),
        ("1", "2025-04-02", None, "yes"),
        ("3", "2025-04-02", None, "yes"),
        ("1", "2025-04-03", None, "no"),
        ("2", "2025-04-03", None, "yes"),
        ("1", "2025-03", None, "yes"),
        ("2", "", None, "no"),
        ("1", "2025-03-05", "CTCAE", "nothing"),
    ],
)
def test_icaht_is_held_beside_the_grade_of_its_period(grade: str, start: str, scale: str | None, said: str) -> None:
    """Neutropenia for seven days is 2 early; two counts of 1500/uL or less are 1 late. Day 30 is early, day 31 late."""
    low = "; ".join(f"{day} neutrophils 0.5 10^9/L 1.8 -" for day in range(7))
    late = "10 neutrophils 2 10^9/L 1.8 -; 40 neutrophils 1.4 10^9/L 1.8 -; 41 neutrophils 1.5 10^9/L 1.8 -"
    count = event(grade, start, "", category="ICAHT", term="Neutropenia", scale=scale)
    known = build.facts(settings=EVERY, results=measured(f"{low}; {late}", INFUSED), adverse_events=(count,))

    assert SAYS[said] == [one.value for one in asked(known, "check_icaht_grade")]
