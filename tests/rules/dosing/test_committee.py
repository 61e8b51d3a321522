"""Which level the decisions of a committee open, from when: a table that the committee's chair can read."""

from __future__ import annotations

from collections.abc import Iterator

from app.rules.dosing.committee import in_force, opens, unsigned
from app.rules.facts import LevelDecision
from tests.rules.cases import cases

LEVELS = ("1", "2", "3")


def decisions(cell: str) -> Iterator[LevelDecision]:
    """`OPEN 1 2025-02-01T08:00`, apart by `;`; `unsigned` where nobody has signed it."""
    for words in filter(None, cell.split("; ")):
        decision, level, effective, *unsigned = words.split()
        yield LevelDecision(level, decision, effective, not unsigned)


@cases("committee")
def test_a_level_is_open_by_the_last_decision_that_speaks_of_it(case: dict[str, str]) -> None:
    """In whatever order the decisions were recorded."""
    decided = list(decisions(case["decisions"]))
    found = [in_force(each, LEVELS, case["level"], case["at"]) for each in (decided, decided[::-1])]

    assert [case["standing"]] * 2 == ["" if one is None else f"{one.decision} {one.level}" for one in found]
    assert [case["open"] == "yes"] * 2 == [one is not None and opens(one, LEVELS, case["level"]) is True for one in found]


def test_only_what_would_open_a_level_waits_for_a_signature() -> None:
    decided = list(decisions("OPEN 1 2025-02-01; OPEN 2 2025-03-01 unsigned; STOP 2 2025-04-01 unsigned; OPEN 3 2025-05-01"))

    assert [decided[1]] == unsigned(decided, LEVELS, "2")
