"""Points and totals of an instrument document: never a partial sum."""

from __future__ import annotations

import pytest

from app.rules.instrument import Answer, Instrument, Item, points, total

TICK = Item("rash", "RASH", "Rash", "boolean", "Rash", weight=2)
UNWEIGHTED = Item("seen", "SEEN", "Seen", "boolean", "Seen")
WORD = Item("eyes", "EYES", "Eye Contact", "choice", "Eye contact", answers=(Answer("NEVER", "Never", "NEVER", 4),))
SCORE = Item("year", "YEAR", "Year", "integer", "Year")


@pytest.mark.parametrize(
    ("item", "answer", "expected"),
    [
        (TICK, True, 2),
        (TICK, False, 0),
        (TICK, None, None),
        (UNWEIGHTED, True, 0),
        (WORD, "NEVER", 4),
        (WORD, "SELDOM", None),
        (SCORE, 1, 1),
        (SCORE, "1", None),
    ],
)
def test_an_answer_is_worth_its_points(item: Item, answer: object, expected: int | None) -> None:
    assert expected == points(item, answer)


def test_a_total_is_whole_or_unknown() -> None:
    form = Instrument("X", 1, "X", "RS", "X", "none", {item.key: item for item in (TICK, WORD, SCORE)})

    assert 7 == total(form, {"rash": True, "eyes": "NEVER", "year": 1})
    assert total(form, {"rash": True, "eyes": "NEVER"}) is None


def test_a_visit_has_one_form_and_no_trained_assessor_unless_the_document_says_so() -> None:
    form = Instrument("X", 1, "X", "RS", "X", "none", {})

    assert (False, False) == (form.trained_assessor, form.several_a_visit)
