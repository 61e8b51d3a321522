"""Columns by their distinct values: put side by side or below each other, every row keeps its own."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from cdisc import coding
from cdisc.coding import Coded
from cdisc.files.batches import EACH, grouped

CELLS = st.sampled_from(["", "a", "b", "mg/dL", None])
"""Few distinct values in many rows, as an export has them, and a missing one."""


@given(st.lists(st.lists(st.integers(0, 3), min_size=200, max_size=200), min_size=1, max_size=5))
def test_columns_that_are_grouped_say_of_each_row_what_they_said(columns: list[list[int]]) -> None:
    apart = [Coded(np.array(codes, dtype=np.int32), list("wxyz")) for codes in columns]
    together = [Coded(each.codes[codes], each.values) for codes, group in grouped(apart) for each in group]

    assert [read(column) for column in apart] == [read(column) for column in together]


def test_columns_that_hang_together_become_one_group_and_a_column_of_its_own_values_none() -> None:
    rows = 4 * EACH
    unit = Coded(np.arange(rows) % 2, ["g/L", "%"])
    test = Coded(np.arange(rows) % 2, ["HGB", "HCT"])
    number = Coded(np.arange(rows), [str(place) for place in range(rows)])

    assert [2, 1] == [len(group) for _, group in grouped([unit, test, number])]


@given(st.lists(st.lists(CELLS, max_size=20), min_size=1, max_size=4))
def test_frames_below_each_other_keep_every_cell_in_its_row(parts: list[list[str | None]]) -> None:
    frames = [pd.DataFrame({"X": coding.column_of(np.arange(len(cells)), cells)}) for cells in parts]

    assert [cell for cells in parts for cell in cells] == read(coding.coded(coding.below_each_other(frames)["X"]))


def read(column: Coded) -> list[str | None]:
    """The values of a column row by row."""
    return [column.distinct[code] for code in column.codes]
