"""
Datasets on their way to their files: block by block into a temporary file each, and what must be known of a whole dataset
before its first row is written. How the rows came in blocks leaves no trace in what a reader of the files sees.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import pyarrow as pa

from cdisc.coding import Coded
from cdisc.files import witnesses
from cdisc.files.batches import Batch, coded, widths
from cdisc.specs import Variable


@dataclass(frozen=True, slots=True)
class Profile:
    """
    What is known of all rows of a dataset. `widths`: bytes of the longest value of each text variable; `valued`: the variables
    with a value in any row; `witnesses`: the rows that define.xml must see.
    """

    name: str
    rows: int
    widths: Mapping[str, int]
    valued: Set[str]
    witnesses: pd.DataFrame


@dataclass(frozen=True)
class Spool:
    """One dataset, kept in temporary files: its rows come out by `batches`, one of each file."""

    name: str
    variables: Sequence[Variable]
    profile: Profile
    paths: tuple[Path, ...]

    def batches(self) -> Iterator[Batch]:
        """The rows, a block at a time."""
        for path in self.paths:
            with pa.OSFile(str(path)) as file, pa.ipc.open_stream(file) as stream:
                for arrow in stream:
                    columns = zip(self.variables, arrow.columns, strict=True)
                    yield Batch(arrow.num_rows, {each.name: _read(each, column) for each, column in columns})


def spooled(name: str, variables: Sequence[Variable], frame: pd.DataFrame, path: Path) -> Spool:
    """The rows of a block, kept in a file."""
    batch = coded(variables, frame)
    schema = pa.schema([(each.name, _type(each)) for each in variables])
    arrays = [_array(each, batch.columns[each.name]) for each in variables]
    with pa.ipc.new_stream(str(path), schema) as writer:
        writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))
    return Spool(name, variables, profiled(name, variables, frame, batch), (path,))


def joined(spools: Sequence[Spool]) -> Spool:
    """The rows of blocks of one dataset, one block after another."""
    first = spools[0]
    if len(spools) == 1:
        return first
    paths = tuple(path for spool in spools for path in spool.paths)
    return replace(first, profile=_together(first.variables, [spool.profile for spool in spools]), paths=paths)


def profiled(name: str, variables: Sequence[Variable], frame: pd.DataFrame, batch: Batch) -> Profile:
    """What is known of the rows of a frame; `batch` is the same rows coded."""
    valued = {variable for variable, column in batch.columns.items() if not column.is_empty}
    return Profile(name, batch.rows, widths(variables, batch), valued, witnesses.of(name, variables, frame, batch))


def _together(variables: Sequence[Variable], profiles: Sequence[Profile]) -> Profile:
    name = profiles[0].name
    seen = pd.concat([each.witnesses for each in profiles], ignore_index=True)
    return Profile(
        name,
        sum(each.rows for each in profiles),
        {variable: max(each.widths[variable] for each in profiles) for variable in profiles[0].widths},
        {variable for each in profiles for variable in each.valued},
        witnesses.of(name, variables, seen, coded(variables, seen)),
    )


def _type(variable: Variable) -> pa.DictionaryType:
    return pa.dictionary(pa.int32(), pa.float64() if variable.type == "Num" else pa.string())


def _array(variable: Variable, column: Coded) -> pa.DictionaryArray:
    values = pa.array(column.values, type=_type(variable).value_type, from_pandas=False)
    return pa.DictionaryArray.from_arrays(pa.array(column.codes, pa.int32()), values)


def _read(variable: Variable, array: pa.DictionaryArray) -> Coded:
    values = array.dictionary
    return Coded(array.indices.to_numpy(), values.to_numpy() if variable.type == "Num" else values.to_pylist())
