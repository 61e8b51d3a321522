"""
A column of text by its distinct values: each once, and for each row the place of its value among them.

So a column is kept from the database to the file; for pandas it is a categorical whose categories stand in the order of text,
so that it sorts and compares as text does. Whoever checks, changes or writes a column looks at every distinct value once,
however many rows have it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

Column: TypeAlias = "pd.Series[Any]"
Codes: TypeAlias = npt.NDArray[np.signedinteger[Any]]


class Coded(NamedTuple):
    """A column: the place of each row's value among the distinct `values`, texts or (variables of type Num) numbers."""

    codes: Codes
    values: Sequence[Any] | npt.NDArray[np.float64]

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


def is_coded(column: Column) -> bool:
    """Whether a column is kept by its distinct values."""
    return isinstance(column.dtype, pd.CategoricalDtype)


def coded(column: Column) -> Coded:
    """A column by the values that some row has; a missing one is a value among them, None or NaN."""
    if is_coded(column):
        return _in_use(_codes(column), [*column.cat.categories, None])
    codes, values = pd.factorize(column, use_na_sentinel=False)
    return Coded(codes, values if isinstance(values, np.ndarray) and values.dtype == np.float64 else values.tolist())


def of_arrow(cells: pa.ChunkedArray) -> Coded:
    """Cells of dictionary type by the distinct values among them; -1 is missing, which is the last of the values."""
    whole = cells.unify_dictionaries().combine_chunks()
    return Coded(whole.indices.fill_null(-1).to_numpy(), [*whole.dictionary.to_pylist(), None])


def _in_use(codes: Codes, values: list[Any]) -> Coded:
    """The values that some code names; -1 names the last."""
    used = np.zeros(len(values), dtype=bool)
    used[codes] = True
    if used[:-1].all() and not used[-1]:  # as in most columns: the codes stand as they are
        return Coded(codes.astype(np.int32, copy=False), values[:-1])
    places = np.cumsum(used, dtype=np.int32) - 1
    return Coded(places[codes], [value for value, is_used in zip(values, used, strict=True) if is_used])


def column_of(codes: Codes, values: Sequence[str | None], index: Any = None) -> Column:
    """A column of text from the place of each row's value among `values`, which may repeat; None is missing."""
    known = sorted({value for value in values if value is not None})
    place: dict[str | None, int] = {None: -1} | {value: n for n, value in enumerate(known)}
    places = np.array([place[value] for value in values], dtype=np.int32)
    kind = pd.CategoricalDtype(pd.Index(known, dtype=object), ordered=True)
    return pd.Series(pd.Categorical.from_codes(places[codes], dtype=kind, validate=False), index=index)


def numbered(keys: npt.NDArray[np.int64]) -> tuple[Codes, npt.NDArray[np.int64]]:
    """For each row the number of its key, counted as they come; and of each number the first row that has it."""
    codes, distinct = pd.factorize(keys)
    first = np.empty(len(distinct), dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return codes, first


def spread(codes: Codes, values: Sequence[Any]) -> Column:
    """A column of objects, each row's own, from the place of its value among `values`."""
    known = np.empty(len(values), dtype=object)
    known[:] = values
    return pd.Series(known[codes], dtype=object)


def below_each_other(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The rows of frames that have the same columns, one frame after another."""
    if len(frames) == 1:
        return frames[0]
    return pd.DataFrame({name: _stacked([frame[name] for frame in frames]) for name in frames[0]})


def _stacked(columns: Sequence[Column]) -> Column:
    if not all(map(is_coded, columns)):
        return pd.concat(columns, ignore_index=True)
    parts = [coded(column) for column in columns]
    starts = np.cumsum([0, *(len(part.values) for part in parts)])
    codes = np.concatenate([part.codes + start for part, start in zip(parts, starts, strict=False)])
    return column_of(codes, [value for part in parts for value in part.distinct])


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame whose text is kept row by row, for whoever changes single cells."""
    return frame.assign(**{str(name): frame[name].astype("str") for name in frame if is_coded(frame[name])})


def in_order(frame: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """A frame sorted by some of its columns, numbered anew; rows that are the same in them stay as they stand."""
    order = np.lexsort([_sortable(frame[key]) for key in reversed(keys)])
    return frame.take(order).reset_index(drop=True)


def _sortable(column: Column) -> npt.NDArray[Any]:
    return _codes(column) if is_coded(column) else column.to_numpy(dtype=np.float64)


def _codes(column: Column) -> Codes:
    kept: Any = column.array
    codes: Codes = kept.codes
    return codes
