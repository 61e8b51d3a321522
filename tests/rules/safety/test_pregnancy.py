"""Pregnancy tests beside the sex of the subject and the doses."""

from __future__ import annotations

from datetime import date, timedelta

from app.rules.explain import sentences
from app.rules.facts import Facts, Given
from app.rules.safety.pregnancy import QUANTITY, pregnancy_test_due, pregnancy_tests
from app.rules.study import Settings
from app.rules.verdict import Source
from tests.rules import build
from tests.rules.cases import cases
from tests.rules.measured import measured

START = date(2025, 3, 17)
ASKED = Settings(pregnancy_test_from=12, pregnancy_test_days=7)


def _moment(day: str) -> str:
    return f"{(START + timedelta(days=int(day))).isoformat()}T10:00"


def _result(part: str) -> str:
    day, reported, *rest = part.split()
    return " ".join((day, QUANTITY, reported, *(rest or ("-", "-", "-"))))


def known(case: dict[str, str], settings: Settings = ASKED) -> Facts:
    """A subject tested and dosed as a case says."""
    tests = "; ".join(_result(part) for part in case["tests"].split("; ") if part)
    doses = tuple(Given(f"I{day}", _moment(day), source=Source("infusion", f"I{day}", 1)) for day in case["infusions"].split())
    return build.facts(
        settings=settings,
        sex=case["sex"] or None,
        birth=case["birth"] or None,
        results=measured(tests, START),
        doses=doses,
        first_infusion=doses[0].at if doses else None,
        lymphodepletion_start=_moment(case["depletion"]) if case["depletion"] else None,
    )


@cases("pregnancy")
def test_a_test_is_held_beside_sex_and_doses(case: dict[str, str]) -> None:
    said, due = list(pregnancy_tests(known(case))), list(pregnancy_test_due(known(case)))

    assert case["test"].split() == [verdict.value for verdict in said]
    assert [case["due"]] * bool(case["due"]) == [verdict.value for verdict in due]
    assert all(bool(verdict.missing) == (verdict.value == "not_evaluable") for verdict in (*said, *due))


def test_no_test_is_due_where_the_study_asks_for_none() -> None:
    case = {"sex": "F", "birth": "2010-03", "tests": "", "depletion": "-1", "infusions": "0"}

    assert [] == list(pregnancy_test_due(known(case, Settings())))


def test_a_test_that_is_due_is_asked_for_before_the_first_dose() -> None:
    (asked,) = pregnancy_test_due(known({"sex": "F", "birth": "2010-03", "tests": "", "depletion": "-1", "infusions": "0"}))

    assert ["lymphodepletion: 2025-03-16T10:00.", "sex: F."] == sentences(asked)[1:]


def test_the_question_names_the_test_and_the_doses() -> None:
    case = {"sex": "F", "birth": "2010-03", "tests": "-3 POSITIVE", "depletion": "-1", "infusions": "0"}
    (asked,) = pregnancy_tests(known(case))

    assert [
        "Pregnancy test beside sex and doses on 2025-03-14 needs an answer.",
        "pregnancy test: POSITIVE.",
        "lymphodepletion: 2025-03-16T10:00.",
        "infusion: 2025-03-17T10:00.",
    ] == sentences(asked)
