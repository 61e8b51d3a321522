"""Some rows of a dataset, column by column, each by its distinct values; and such rows as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cdisc import coding
from cdisc.coding import Coded
from cdisc.specs import Variable


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a dataset, column by column."""

    rows: int
    columns: dict[str, Coded]


def coded(variables: Sequence[Variable], frame: pd.DataFrame) -> Batch:
    """The rows of a frame as a batch; text columns without nulls, number columns with NaN for missing."""
    return Batch(len(frame), {each.name: coding.coded(frame[each.name]) for each in variables})


def widths(variables: Sequence[Variable], batch: Batch) -> dict[str, int]:
    """Bytes of the longest value of each text variable."""
    return {each.name: batch.columns[each.name].width for each in variables if each.type == "Char"}


def rows_of_text(columns: Sequence[Coded], start: str, between: str, end: str) -> memoryview:
    """
    Rows as text, one after another: each is `start`, the values of its columns with `between` among them, and `end`.

    Whole columns are taken and joined at once; no row is ever an object.
    """
    first, *others = columns
    opened = [Coded(first.codes, first.each(lambda value: start + value)), *others]
    *leading, last = opened
    closed = [*leading, Coded(last.codes, last.each(lambda value: value + end))]
    cells = [pa.array(column.values, pa.large_string()).take(pa.array(column.codes)) for column in closed]
    rows = pc.binary_join_element_wise(*cells, pa.scalar(between, pa.large_string()))
    _, offsets, content = rows.buffers()
    return memoryview(content)[: int(np.frombuffer(offsets, dtype=np.int64)[len(rows)])]
