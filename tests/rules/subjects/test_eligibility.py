"""Enough activity to enter: an incomplete score may only prove too little, and an answer is held beside its score."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from app.rules.derive import verdicts
from app.rules.explain import sentences
from app.rules.facts import EntryAnswer, Facts
from app.rules.study import GradeLimit, ScoreLimit, Settings
from app.rules.subjects.eligibility import active_enough
from app.rules.verdict import Source, Value, Verdict
from tests.rules import build
from tests.rules.cases import TRUTHS, cases

SAYS = {"yes": [Value.FLAGGED], "no": [Value.CLEAR], "": [Value.NOT_EVALUABLE], "nothing": []}


@cases("eligibility")
def test_more_than_six_points(case: dict[str, str]) -> None:
    found = active_enough(build.visit("BL", "2025-03-02", present=case["present"]))

    assert case["value"] == found.value
    assert found.value is not Value.NOT_EVALUABLE or found.missing


def test_no_baseline_is_not_evaluable() -> None:
    assert Value.NOT_EVALUABLE is active_enough(None).value


def limit(cell: str) -> ScoreLimit | GradeLimit:
    """What a criterion asks: `SLEDAI-2K > 6`, `PGA >= 1`, `BILAG 1A 2B`."""
    instrument, first, second = cell.split()
    if instrument == "BILAG":
        return GradeLimit(int(first.removesuffix("A")), int(second.removesuffix("B")))
    return ScoreLimit(instrument, Decimal(second), included=first == ">=")


def entering(asked: str, answer: str, at: str | None = "2025-02-14", **differs: Any) -> Facts:
    """A subject who was screened on 10 February and answered four days later."""
    said = EntryAnswer("E1", "INCL03", TRUTHS[answer], at, Source("eligibility", "E1", 1))
    other = replace(said, id="E2", criterion="INCL01")
    visit = build.visit("SCREENING", "2025-02-10", **differs)
    return build.facts(visit, entry_answers=(other, said), settings=Settings(entry={"INCL03": limit(asked)}))


def asked_of(facts: Facts) -> list[Verdict]:
    """What is asked of the answers to criteria."""
    return list(verdicts(facts, ["check_entry_score"]))


@cases("entry_scores")
def test_an_answer_is_held_beside_the_score_that_it_asks_for(case: dict[str, str]) -> None:
    found = asked_of(entering(case["asked"], case["answer"], present=case["present"], grades=case["grades"], mark=case["mark"]))

    assert SAYS[case["flagged"]] == [verdict.value for verdict in found]
    assert all((verdict.value is Value.NOT_EVALUABLE) == bool(verdict.missing) for verdict in found)
    assert all("E1" == verdict.about and verdict.evidence[0].source for verdict in found)


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2025-02-09", Value.NOT_EVALUABLE),
        ("2025-02-10", Value.FLAGGED),
        ("2025-02-24", Value.FLAGGED),
        ("2025-02-25", Value.CLEAR),
        ("2025-03-30", Value.CLEAR),
        ("2025-02", Value.NOT_EVALUABLE),
        (None, Value.NOT_EVALUABLE),
    ],
)
def test_the_score_is_the_last_one_of_the_day_of_the_answer_or_before_it(at: str | None, said: Value) -> None:
    """Screened with 4 points on 10 February, 14 on the 25th, 0 after the treatment."""
    known = entering("SLEDAI-2K > 6", "yes", at, present="arthritis")
    later = build.visit("M1", "2025-04-02", present="")
    [found] = asked_of(replace(known, visits=(later, build.active("BASELINE", "2025-02-25"), *known.visits)))

    assert said is found.value
    assert found.value is not Value.NOT_EVALUABLE or ("SLEDAI-2K by the day of the answer",) == found.missing


def test_a_form_has_a_date_of_its_own() -> None:
    known = entering("PGA >= 2", "yes", mark="1")
    [visit] = known.visits
    assert visit.pga
    late = replace(visit, pga=replace(visit.pga, at="2025-02-15"))

    assert [Value.FLAGGED] == [verdict.value for verdict in asked_of(known)]
    assert [Value.NOT_EVALUABLE] == [verdict.value for verdict in asked_of(replace(known, visits=(late,)))]


@pytest.mark.parametrize(
    ("asked", "words", "shown"),
    [
        ("SLEDAI-2K > 6", "SLEDAI-2K above 6", "SLEDAI-2K at SCREENING: 4 points."),
        ("SLEDAI-2K >= 7", "SLEDAI-2K of 7 or more", "SLEDAI-2K at SCREENING: 4 points."),
        ("PGA > 1", "PGA above 1", "PGA at SCREENING: 0.5 on 0 to 3."),
        ("BILAG 1A 2B", "BILAG-2004 with 1 A or 2 B", "BILAG-2004 at SCREENING: BEEEEEEEE."),
    ],
)
def test_the_question_names_the_criterion_the_answer_and_the_score(asked: str, words: str, shown: str) -> None:
    [found] = asked_of(entering(asked, "yes", present="arthritis", mark="0.5", grades="BEEEEEEEE"))

    assert sentences(found) == [
        "Criterion of entry beside its score on 2025-02-14 needs an answer.",
        f"INCL03 ({words}): yes.",
        shown,
    ]


def test_the_answers_are_asked_about_in_the_order_of_their_records() -> None:
    known = entering("PGA > 1", "yes")
    again = replace(known.entry_answers[1], id="E0")

    assert ["E0", "E1"] == [verdict.about for verdict in asked_of(replace(known, entry_answers=(*known.entry_answers, again)))]
