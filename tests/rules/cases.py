"""Decision tables as data: a row is a case that a clinician or statistician can review, its `id` the name of the test."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from app.rules.verdict import Truth

TRUTHS: dict[str, Truth] = {"yes": True, "no": False, "": None}


def table(name: str) -> list[dict[str, str]]:
    """The rows of one decision table, whose name no other room has; an empty cell is `""`."""
    [path] = Path(__file__).parent.rglob(f"{name}.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cases(name: str) -> pytest.MarkDecorator:
    """Run a test once for each row of a table, as `case`."""
    rows = table(name)
    return pytest.mark.parametrize("case", rows, ids=[row["id"] for row in rows])


def truth(cell: str) -> Truth:
    """A cell that says yes, no, or nothing: unknown."""
    return TRUTHS[cell]
