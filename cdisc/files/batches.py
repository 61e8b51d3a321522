"""
Some rows of a dataset, coded: of each column its distinct values once, and for each row the place of its value among them.

Whoever checks or writes a column looks at every distinct value once, however many rows have it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cdisc.specs import Variable


class Coded(NamedTuple):
    """A column: the place of each row's value among the distinct `values`, texts or (variables of type Num) numbers."""

    codes: npt.NDArray[np.int32]
    values: Sequence[str] | npt.NDArray[np.float64]

    @property
    def distinct(self) -> Sequence[Any]:
        """The distinct values as plain texts or floats."""
        return self.values.tolist() if isinstance(self.values, np.ndarray) else self.values

    @property
    def width(self) -> int:
        """Bytes of the longest text, at least 1."""
        return max((len(value.encode()) for value in self.distinct), default=0) or 1

    @property
    def is_empty(self) -> bool:
        """Whether no row has a value: a text that is not empty, a number that is not NaN."""
        return not any(value == value and value != "" for value in self.distinct)

    def each(self, function: Callable[[Any], Any]) -> list[Any]:
        """`function` of every distinct value."""
        return [function(value) for value in self.distinct]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a dataset, column by column."""

    rows: int
    columns: dict[str, Coded]


def coded(variables: Sequence[Variable], frame: pd.DataFrame) -> Batch:
    """The rows of a frame as a batch; text columns without nulls, number columns with NaN for missing."""
    columns = {each.name: _numbers(frame[each.name]) if each.type == "Num" else _texts(frame[each.name]) for each in variables}
    return Batch(len(frame), columns)


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


def _numbers(column: pd.Series[Any]) -> Coded:
    codes, distinct = pd.factorize(column.to_numpy(dtype=np.float64), use_na_sentinel=False)
    return Coded(codes.astype(np.int32), distinct)


def _texts(column: pd.Series[Any]) -> Coded:
    codes, distinct = pd.factorize(column)
    return Coded(codes.astype(np.int32), [str(value) for value in distinct])
