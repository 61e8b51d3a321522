"""
Cases of a second reading of the specification, held against the bench.

`examined.json` holds base cases, and changes of them: what is put where in the inputs (a path; `-` takes the key away), and
what that makes of the expected answer. Its expectations are not the bench's: they come from small programs written from the
specification alone, before the rules were read, which graded every completion of the missing inputs one by one. Of some
73,000 cases compared so, those stand here that differ most in what they change and in what follows.
"""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.evaluate.cases import differences, evaluate

EXAMINED = json.loads((Path(__file__).parent / "examined.json").read_bytes(), parse_float=Decimal)
BASES: dict[str, dict[str, Any]] = {case["id"]: case for case in EXAMINED["bases"]}
ABSENT = "-"


def put(whole: Any, path: str, value: Any) -> None:
    """Put a value at a path, or take its key away."""
    *within, last = path.split(".")
    for key in within:
        whole = whole[int(key)] if isinstance(whole, list) else whole[key]
    if value == ABSENT:
        del whole[last]
    else:
        whole[last] = value


def changed(base: str, inputs: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """A base case with other inputs and what they make of the answer."""
    case = copy.deepcopy(BASES[base]) | {"id": f"{base}: {inputs}"}
    for part, changes in (("inputs", inputs), ("expected", expected)):
        for path, value in changes.items():
            put(case[part], path, value)
    return case


@pytest.mark.parametrize("base", BASES)
def test_the_bench_says_what_a_second_reading_says(base: str) -> None:
    """B7: unknown, missing and boundary inputs are answered as the specification has them."""
    cases = [changed(base, {}, {}), *(changed(*each) for each in EXAMINED["cases"] if each[0] == base)]
    answers = [evaluate(case) for case in cases]

    assert [] == [row for case, answer in zip(cases, answers, strict=True) for row in differences(case, answer)]
    assert [] == [answer for answer in answers if "error" in answer]
    assert len(cases) > 1
