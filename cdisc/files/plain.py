"""
The same tables for whoever reads neither SAS nor Dataset-JSON: CSV and Parquet, each with every variable of its dataset.

A column is there whatever the data, and so is a table without rows: a script written for one cut reads the next. CSV as RFC
4180 has it, a header and CRLF, empty where missing. Parquet with nulls where missing, and the labels as metadata.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from cdisc.coding import Coded
from cdisc.dates import ZERO
from cdisc.files.batches import Batch, rows_of_text
from cdisc.files.dataset_json import is_whole, iso_day
from cdisc.specs import Variable

ROWS_AT_ONCE = 65_536
"""Rows of one group of a Parquet file; what a writer holds, however large the blocks are in which they come."""
TYPED: dict[Any, Callable[[Any], Any]] = {
    pa.string(): str,
    pa.float64(): float,
    pa.int64(): int,
    pa.date32(): lambda days: ZERO + timedelta(days),
}
"""A value as a Parquet column of a type takes it."""
QUOTED = frozenset(',"\r\n')


def write_csv(file: BinaryIO, variables: Sequence[Variable], batches: Iterable[Batch]) -> None:
    """Write one dataset as CSV: a header line, then a row a line; numbers with the digits they have."""
    file.write((",".join(variable.name for variable in variables) + "\r\n").encode("ascii"))
    for batch in batches:
        columns = [(each, batch.columns[each.name]) for each in variables]
        cells = [Coded(column.codes, column.each(partial(_cell, each))) for each, column in columns]
        file.writelines(rows_of_text(cells, "", ",", "\r\n"))


def _cell(variable: Variable, value: Any) -> str:
    if variable.type == "Num":
        return "" if value != value else iso_day(value) if variable.is_date else _digits(variable, value)
    text = str(value)
    return '"' + text.replace('"', '""') + '"' if QUOTED & set(text) else text


def _digits(variable: Variable, value: float) -> str:
    return str(int(value)) if is_whole(variable) else format(Decimal(repr(float(value))).normalize(), "f")


def write_parquet(file: BinaryIO, variables: Sequence[Variable], batches: Iterable[Batch], label: str) -> None:
    """Write one dataset as Parquet: whole numbers as such, the labels of dataset and variables as metadata `label`."""
    schema = pa.schema([_field(variable) for variable in variables], metadata={"label": label})
    with pq.ParquetWriter(file, schema, version="2.6", compression="zstd") as writer:
        for rows in _regrouped(schema, variables, batches):
            writer.write_table(rows, row_group_size=ROWS_AT_ONCE)


def _field(variable: Variable) -> pa.Field:
    kind = pa.string() if variable.type == "Char" else pa.int64() if is_whole(variable) else pa.float64()
    return pa.field(variable.name, pa.date32() if variable.is_date else kind, metadata={"label": variable.label})


def _regrouped(schema: pa.Schema, variables: Sequence[Variable], batches: Iterable[Batch]) -> Iterable[pa.Table]:
    """The rows in tables of one size, so that the file does not show in which blocks they came."""
    held = schema.empty_table()
    for batch in batches:
        columns = [batch.columns[each.name] for each in variables]
        values = [_values(field.type, column) for field, column in zip(schema, columns, strict=True)]
        for begin in range(0, batch.rows, ROWS_AT_ONCE):
            codes = (pa.array(column.codes[begin : begin + ROWS_AT_ONCE]) for column in columns)
            arrays = [known.take(which) for known, which in zip(values, codes, strict=True)]
            held = pa.concat_tables([held, pa.Table.from_arrays(arrays, schema=schema)])
            while len(held) >= ROWS_AT_ONCE:
                yield held.slice(0, ROWS_AT_ONCE).combine_chunks()
                held = held.slice(ROWS_AT_ONCE)
    yield held.combine_chunks()


def _values(kind: pa.DataType, column: Coded) -> pa.Array:
    """The distinct values of a column as Parquet takes them, null where one is missing."""
    return pa.array([None if value != value or value == "" else TYPED[kind](value) for value in column.distinct], type=kind)
