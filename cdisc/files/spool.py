"""
Datasets on their way to their files: block by block into a temporary file each, and what must be known of a whole dataset
before its first row is written. How the rows came in blocks leaves no trace in what a reader of the files sees.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyarrow as pa

from cdisc.coding import Coded
from cdisc.files import witnesses
from cdisc.files.batches import Batch, coded, widths
from cdisc.specs import Variable


@dataclass
class Profile:
    """
    What is known of all rows of a dataset so far. `widths`: bytes of the longest value of each text variable; `valued`: the
    variables with a value in any row.
    """

    name: str
    variables: Sequence[Variable]
    rows: int = 0
    widths: dict[str, int] = field(default_factory=dict)
    valued: set[str] = field(default_factory=set)
    _seen: list[pd.DataFrame] = field(default_factory=list)

    def add(self, frame: pd.DataFrame, batch: Batch) -> None:
        """Take note of a block: its frame, and the same rows as a batch."""
        self.rows += batch.rows
        for variable, width in widths(self.variables, batch).items():
            self.widths[variable] = max(width, self.widths.get(variable, 1))
        self.valued |= {variable for variable, column in batch.columns.items() if not column.is_empty}
        self._seen.append(witnesses.of(self.name, self.variables, frame, batch))

    @property
    def witnesses(self) -> pd.DataFrame:
        """The rows that define.xml must see: of those of each block, the ones that stand for all."""
        if len(self._seen) > 1:
            together = pd.concat(self._seen, ignore_index=True)
            self._seen = [witnesses.of(self.name, self.variables, together, coded(self.variables, together))]
        return self._seen[0]


class Spool:
    """One dataset, kept in a temporary file: blocks of rows go in by `add`, and after `close` come out by `batches`."""

    def __init__(self, name: str, variables: Sequence[Variable], path: Path) -> None:
        self.name, self.variables, self.profile = name, variables, Profile(name, variables)
        self._path = path
        self._schema = pa.schema([(each.name, _type(each)) for each in variables])
        self._writer = pa.ipc.new_stream(str(path), self._schema)
        self._leading: list[Batch] = []

    def lead(self, frame: pd.DataFrame) -> None:
        """Put a few rows before all others."""
        self._leading.append(self._noted(frame))

    def add(self, frame: pd.DataFrame) -> None:
        """Add the rows of a block after those that it holds."""
        batch = self._noted(frame)
        arrays = [_array(each, batch.columns[each.name]) for each in self.variables]
        self._writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=self._schema))

    def _noted(self, frame: pd.DataFrame) -> Batch:
        batch = coded(self.variables, frame)
        self.profile.add(frame, batch)
        return batch

    def close(self) -> None:
        """Nothing more comes in."""
        self._writer.close()

    def batches(self) -> Iterator[Batch]:
        """The rows as they came in."""
        yield from self._leading
        with pa.OSFile(str(self._path)) as file, pa.ipc.open_stream(file) as stream:
            for arrow in stream:
                columns = zip(self.variables, arrow.columns, strict=True)
                yield Batch(arrow.num_rows, {each.name: _read(each, column) for each, column in columns})


def _type(variable: Variable) -> pa.DictionaryType:
    return pa.dictionary(pa.int32(), pa.float64() if variable.type == "Num" else pa.string())


def _array(variable: Variable, column: Coded) -> pa.DictionaryArray:
    values = pa.array(column.values, type=_type(variable).value_type, from_pandas=False)
    return pa.DictionaryArray.from_arrays(pa.array(column.codes, pa.int32()), values)


def _read(variable: Variable, array: pa.DictionaryArray) -> Coded:
    values = array.dictionary
    return Coded(array.indices.to_numpy(), values.to_numpy() if variable.type == "Num" else values.to_pylist())
