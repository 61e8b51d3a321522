"""Some rows of a dataset, column by column, each by its distinct values; and such rows as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cdisc import coding
from cdisc.coding import Coded, Codes
from cdisc.specs import Variable

AT_ONCE = 8_192
"""Rows put together at a time: few enough to stay in the processor's cache."""
EACH = 32
"""Rows that a distinct row of several columns stands for at least, where they are put together first."""


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


def grouped(columns: Sequence[Coded]) -> list[tuple[Codes, list[Coded]]]:
    """
    Columns that stand side by side, those together that have few distinct rows: for each group the place of each row's among
    its distinct rows, and these rows column by column. Whoever writes puts a distinct row together once.
    """
    groups: list[tuple[Codes, list[Coded]]] = []
    for column in columns:
        joined = _joined(*groups[-1], column) if groups else None
        if joined is None:
            groups.append((column.codes, [Coded(np.arange(len(column.values), dtype=np.int32), column.values)]))
        else:
            groups[-1] = joined
    return groups


def _joined(codes: Codes, group: list[Coded], column: Coded) -> tuple[Codes, list[Coded]] | None:
    """A group with one more column; None where it would have more than one distinct row in `EACH`."""
    size, rows = len(column.values), len(codes)
    pairs = len(group[0].codes) * size
    if pairs > rows:
        return None
    found = codes.astype(np.int32) * size + column.codes
    used = np.zeros(pairs, dtype=bool)
    used[found] = True
    distinct = np.flatnonzero(used)
    if len(distinct) * EACH > rows:
        return None
    place = np.zeros(pairs, dtype=np.int32)
    place[distinct] = np.arange(len(distinct))
    before, own = np.divmod(distinct, size)
    return place[found], [*(Coded(each.codes[before], each.values) for each in group), Coded(own, column.values)]


def rows_of_text(columns: Sequence[Coded], start: str, between: str, end: str) -> Iterator[memoryview]:
    """
    Rows as text, one after another, some at a time: each is `start`, the values of its columns with `between` among them, and
    `end`.

    Whole columns are taken and joined at once; no row is ever an object.
    """
    first, *others = columns
    opened = [Coded(first.codes, first.each(lambda value: start + value)), *others]
    *leading, last = opened
    groups = grouped([*leading, Coded(last.codes, last.each(lambda value: value + end))])
    texts = [(codes, _side_by_side([_taken(each) for each in group], between)) for codes, group in groups]
    for begin in range(0, len(first.codes), AT_ONCE):
        which = slice(begin, begin + AT_ONCE)
        yield _content(_side_by_side([text.take(pa.array(codes[which])) for codes, text in texts], between))


def _taken(column: Coded) -> pa.Array:
    return pa.array(column.values, pa.large_string()).take(pa.array(column.codes))


def _side_by_side(cells: Sequence[pa.Array], between: str) -> pa.Array:
    return pc.binary_join_element_wise(*cells, pa.scalar(between, pa.large_string())) if len(cells) > 1 else cells[0]


def _content(rows: pa.Array) -> memoryview:
    _, offsets, content = rows.buffers()
    return memoryview(content)[: int(np.frombuffer(offsets, dtype=np.int64)[len(rows)])]
