"""Deviations that follow from what was recorded: the edges of windows and tolerances, and what a person reported already."""

from __future__ import annotations

import pytest

from app.rules.study import Window
from app.rules.subjects import deviations
from app.rules.subjects.deviations import Deviation
from tests.rules.cases import cases
from tests.rules.given import number

M1 = Window("M1", 30, 7, 7)


@cases("deviations")
def test_a_deviation_is_what_certainly_lies_outside(case: dict[str, str]) -> None:
    """B7: what is not known is no deviation."""
    at = case["at"] or None
    if case["what"] == "visit":
        found = deviations.visit(M1, at, case["anchor"] or None, "first infusion")
    else:
        found = deviations.dose("Infusion 2", at, number(case["given"]), number(case["planned"]), number(case["part"]))

    assert (case["deviation"] or None) == (found and found.words)
    assert found is None or found.at == at


def test_a_dose_is_held_against_the_tolerance_of_the_document() -> None:
    found = deviations.dose("Infusion 2", "2025-03-03", number("2.69"), number("3"), number("0.1"))

    assert "Dose of the study document, tolerance 10.0 %" == (found and found.basis)


@cases("missed_visits")
def test_a_visit_is_missed_where_the_subject_was_still_in_the_study(case: dict[str, str]) -> None:
    """B7: a visit that nobody wrote of may only be not entered yet."""
    days = {name: [day.replace("unknown", "") or None for day in case[name].split()] for name in ("seen", "left")}

    found = deviations.missed(M1, case["told"] == "N", case["anchor"] or None, "first infusion", **days)

    assert (case["missed"] or None) == (found and found.at)
    assert found is None or found.words == "M1 did not take place by 37 days from the first infusion"


@pytest.mark.parametrize(
    ("kind", "answer", "entered", "words"),
    [
        ("INCLUSION", "N", "2025-03-01", "Entered into the trial with INCL03 not met"),
        ("EXCLUSION", "Y", "2025-03-01", "Entered into the trial with INCL03 met"),
        ("INCLUSION", "Y", "2025-03-01", None),
        ("EXCLUSION", "N", "2025-03-01", None),
        ("INCLUSION", None, "2025-03-01", None),
        ("INCLUSION", "N", None, None),
    ],
)
def test_entry_against_a_criterion(kind: str, answer: str | None, entered: str | None, words: str | None) -> None:
    found = deviations.not_eligible("INCL03", kind, answer, entered)

    assert words == (found and found.words)


def test_a_dose_against_a_gate_names_the_gate_and_one_without_a_date_says_nothing() -> None:
    found = deviations.against_gate("Infusion 2 was given", "2025-03-06T10:00", "Lot of the infusion")

    assert found is not None
    assert found.words == "Infusion 2 was given although a gate was not met: Lot of the infusion"
    assert deviations.against_gate("Infusion 2 was given", None, "Lot of the infusion") is None


@pytest.mark.parametrize(
    ("term", "on", "told"),
    [
        ("GATE NOT MET", "2025-03-06", True),
        ("GATE NOT MET", "2025-03-06T22:00", True),
        ("GATE NOT MET", "2025-03", True),
        ("GATE NOT MET", None, True),
        ("GATE NOT MET", "2025-03-07", False),
        ("GATE NOT MET", "2025-02", False),
        ("OTHER", "2025-03-06", False),
    ],
)
def test_what_was_reported_of_a_day_that_may_be_the_same_is_not_told_twice(term: str, on: str | None, told: bool) -> None:
    found = Deviation("GATE NOT MET", "2025-03-06T10:00", "Infusion 2 was given", "Gates")

    assert told is deviations.reported(found, [("CONSENT", None), (term, on)])
