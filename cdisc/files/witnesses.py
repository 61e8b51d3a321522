"""
The rows of a dataset that its define.xml must see: a few that stand for all.

For every test (parameter, qualifier, category), in every variable, the first row of each coded value, of the longest text, of a
text that is no number, and of the number with the most digits. First and longest are the same however the rows came in blocks:
the witnesses of witnesses are the witnesses of the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cdisc.coding import Coded, numbered
from cdisc.files.batches import Batch
from cdisc.specs import Variable
from cdisc.value_level import is_number, value_lists

DECIDING = ("TESTCD", "SPEC", "BDAGNT", "CAT", "QNAM", "PARAMCD")
"""What tells the values of one definition from those of another, by how the names of such variables end."""

MOST_TO_MARK = 8
"""Possible keys a row up to which each has a place of its own: faster than to look keys up, and larger."""

Places = npt.NDArray[np.int64]


def of(name: str, variables: Sequence[Variable], frame: pd.DataFrame, batch: Batch) -> pd.DataFrame:
    """The witnesses among the rows of a frame, in their order; `batch` is the same rows coded."""
    if frame.empty:
        return frame
    columns, groups = batch.columns, _groups(variables, batch)
    varied = [each for each in variables if len(columns[each.name].values) > 1]
    chosen = [_first(groups), *(place for each in varied for place in _places(each, columns[each.name], groups))]
    chosen += [_bound(columns[variable], groups, rows) for variable, rows in _coded_by_another(name, frame)]
    places = np.unique(np.concatenate(chosen))
    return pd.DataFrame({each.name: _plainly(each, columns[each.name], places) for each in variables})


def _plainly(variable: Variable, column: Coded, places: Places) -> Any:
    """The values of a few rows as such."""
    values = [column.distinct[code] for code in column.codes[places].tolist()]
    return pd.array(values, dtype="float64" if variable.type == "Num" else "str")


def _groups(variables: Sequence[Variable], batch: Batch) -> Places:
    """One number for all rows of the same test."""
    groups: Places = np.zeros(batch.rows, dtype=np.int64)
    for variable in variables:
        if variable.name.endswith(DECIDING):
            codes, values = batch.columns[variable.name]
            groups, _ = numbered(groups * len(values) + codes)
    return groups


def _first(key: Places) -> Places:
    """The first row of each distinct key, in no order."""
    most = int(key.max(initial=0)) + 1
    if most > MOST_TO_MARK * len(key):
        return numbered(key)[1]
    first = np.full(most, -1)
    first[key[::-1]] = np.arange(len(key))[::-1]
    return first[first >= 0]


def _places(variable: Variable, column: Coded, groups: Places) -> Iterator[Places]:
    codes, values = column
    first = _first(groups * len(values) + codes)
    if variable.codelist or variable.name.endswith(DECIDING):
        yield first
    for size in (_digits, _decimals) if variable.type == "Num" else (len, _wordy, _fraction):
        sizes = np.array(column.each(size))[codes[first]]
        ordered = first[np.lexsort((first, -sizes, groups[first]))]
        yield ordered[_first(groups[ordered])]


def _coded_by_another(name: str, frame: pd.DataFrame) -> Iterator[tuple[str, Places]]:
    """The variables whose codelist depends on another, with the rows in which they have one."""
    for variable, values in value_lists(name, frame).items():
        coded = [value for value, codelist in values.codelists.items() if codelist]
        yield variable, np.flatnonzero(frame[values.deciding[0]].isin(coded))


def _bound(column: Coded, groups: Places, rows: Places) -> Places:
    codes, values = column
    return rows[_first((groups * len(values) + codes)[rows])]


def _wordy(text: str) -> int:
    return int(text != "" and not is_number(text))


def _fraction(text: str) -> int:
    return len(text.partition(".")[2]) if is_number(text) else 0


def _plain(number: float) -> str:
    return "" if number != number else format(Decimal(repr(float(number))).normalize(), "f")


def _digits(number: float) -> int:
    return len(_plain(number))


def _decimals(number: float) -> int:
    return len(_plain(number).partition(".")[2])
