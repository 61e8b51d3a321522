"""CAPD: words to points, the four reversed items, the limit of nine."""

from __future__ import annotations

import tomllib

from app.rules.safety.capd import WORDS, capd, points, positive
from app.rules.safety.icans import CAPD_ITEMS
from tests.rules.cases import cases, truth
from tests.servers import ROOT


@cases("capd")
def test_the_total_of_eight_words(case: dict[str, str]) -> None:
    found = capd([None if word == "-" else word for word in case["answers"].split()])

    assert (int(case["lowest"]), int(case["highest"])) == (found.grade.lowest, found.grade.highest)
    assert truth(case["positive"]) is positive(found.grade)
    assert (case["lowest"] != case["highest"]) == bool(found.missing)


def test_the_document_that_ships_scores_as_the_rule_does() -> None:
    document = tomllib.loads((ROOT / "seed" / "instruments" / "capd.toml").read_text(encoding="utf-8"))
    printed = {item["key"]: {answer["value"]: answer["points"] for answer in item["answers"]} for item in document["items"]}

    assert printed == {item: {word: points(item, word) for word in WORDS} for item in CAPD_ITEMS}


def test_each_item_shows_its_points_and_one_without_an_answer_none() -> None:
    found = capd(["NEVER", "ALWAYS", None, "OFTEN", "NEVER", "ALWAYS", "RARELY", "SOMETIMES"])

    assert ["4", "0", None, "1", "0", "4", "1", "2"] == [fact.value for fact in found.because]
