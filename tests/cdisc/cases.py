"""Decision tables as data: a row is a case that a statistician can review, its `id` the name of the test."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest


def cases(name: str) -> pytest.MarkDecorator:
    """Run a test once for each row of a table, as `case`; an empty cell is an empty text."""
    with (Path(__file__).parent / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return pytest.mark.parametrize("case", rows, ids=[row["id"] for row in rows])
