"""
SAS transport files, version 5, written batch by batch, within a batch a column at a time.

The format (SAS technical note TS-140): records of 80 bytes; names of at most 8 and labels of at most 40 characters; numbers in
the hexadecimal floating point of the IBM System/360; text in ASCII, padded with blanks. The stamps in the header are given by
the caller, so the same data give the same bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pandas as pd

from cdisc.coding import Coded
from cdisc.files.batches import AT_ONCE, Batch, coded, grouped, widths
from cdisc.specs import Variable

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
MOST_BYTES = 200
"""The longest text that version 5 can carry."""
MISSING = b".\0\0\0\0\0\0\0"
RECORD = 80
NO_FORMAT, DATE = (b" " * 8, 0), (b"DATE    ", 9)
"""How SAS shows a variable: as it is, or days since 1960-01-01 as a date (DATE9.)."""

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Field:
    """One variable of a file: its metadata, and its width in bytes."""

    variable: Variable
    width: int


def ibm_floats(values: npt.NDArray[np.float64]) -> Bytes:
    """
    Numbers as IBM hexadecimal floating point, eight bytes each, big endian; NaN as the missing value `.`.

    Every double of 16^-64 to 16^63 in size is kept to its last bit; beyond that a ValueError.
    """
    known = ~np.isnan(values)
    fraction, exponent = np.frexp(np.abs(np.where(known, values, 0.0)))
    shift = -exponent % 4
    sixteens = (exponent + shift) // 4 + 64
    if ((sixteens < 0) | (sixteens > 127)).any():
        raise ValueError("a number is outside the range of a transport file")
    mantissa = np.ldexp(fraction, 56 - shift).astype(np.uint64)
    first = (np.signbit(values) & known).astype(np.uint64) << np.uint64(7) | sixteens.astype(np.uint64)
    words = np.where(mantissa == 0, np.uint64(0), first << np.uint64(56) | mantissa)
    cells = words.astype(">u8").view(np.uint8).reshape(-1, 8)
    cells[~known] = np.frombuffer(MISSING, dtype=np.uint8)
    return cells


def texts(values: Sequence[str], width: int) -> npt.NDArray[np.bytes_]:
    """Texts as ASCII padded with blanks to `width`; UnicodeEncodeError where one is not ASCII."""
    return np.array([value.encode("ascii").ljust(width) for value in values], dtype=f"S{width}")


def _field(variable: Variable, bytes_of: Mapping[str, int]) -> Field:
    if len(variable.name) > 8 or len(variable.label) > 40:
        raise ValueError(f"the name or label of {variable.name} is too long for a transport file")
    width = 8 if variable.type == "Num" else max(1, bytes_of[variable.name])
    if width > MOST_BYTES:
        raise ValueError(f"{variable.name} has a value of {width} bytes; a transport file carries {MOST_BYTES}")
    return Field(variable, width)


def _header(kind: str, rest: str = "0" * 30) -> bytes:
    return f"HEADER RECORD*******{kind:<8}HEADER RECORD!!!!!!!{rest}  ".encode("ascii")


def _stamp(at: datetime) -> bytes:
    return f"{at.day:02d}{MONTHS[at.month - 1]}{at.year % 100:02d}:{at:%H:%M:%S}".encode("ascii")


def _namestr(field: Field, number: int, position: int) -> bytes:
    variable = field.variable
    shown = DATE if variable.is_date else NO_FORMAT
    return struct.pack(
        ">hhhh8s40s8shhh2s8shhl52s",
        1 if variable.type == "Num" else 2,
        0,
        field.width,
        number,
        variable.name.encode("ascii").ljust(8),
        variable.label.encode("ascii").ljust(40),
        *shown,
        0,
        0,
        b"\0\0",
        b" " * 8,
        0,
        0,
        position,
        b"\0" * 52,
    )


def _namestrs(fields: Sequence[Field]) -> bytes:
    positions = np.cumsum([0, *(field.width for field in fields)])
    return b"".join(
        _namestr(field, number, int(position))
        for number, (field, position) in enumerate(zip(fields, positions, strict=False), 1)
    )


def _filled(block: bytes) -> bytes:
    return block + b" " * (-len(block) % RECORD)


def write(
    file: BinaryIO,
    name: str,
    label: str,
    variables: Sequence[Variable],
    bytes_of: Mapping[str, int],
    batches: Iterable[Batch],
    at: datetime,
) -> None:
    """
    Write one dataset as a transport file, batch by batch.

    Args:
        name: The dataset's name, at most 8 characters.
        label: The dataset's label, at most 40 characters.
        variables: The variables in order.
        bytes_of: Bytes of the longest value of each text variable in the whole dataset.
        batches: The rows.
        at: The stamp of the file.
    """
    if len(label) > 40 or len(name) > 8:
        raise ValueError(f"the name or label of {name} is too long for a transport file")
    fields = [_field(variable, bytes_of) for variable in variables]
    file.write(_head(name, label, fields, at))
    written = 0
    for batch in batches:
        for rows in _rows(fields, batch):
            written += file.write(rows)
    file.write(b" " * (-written % RECORD))


def _rows(fields: Sequence[Field], batch: Batch) -> Iterator[memoryview]:
    """The rows of a batch as they lie in the file: the distinct rows of a group made once, and each row taken from them."""
    groups = grouped([batch.columns[field.variable.name] for field in fields])
    rest = iter(fields)
    made = [(codes, _side_by_side([_cells(next(rest), each)[each.codes] for each in group])) for codes, group in groups]
    for start in range(0, batch.rows, AT_ONCE):
        which = slice(start, start + AT_ONCE)
        yield _side_by_side([cells[codes[which]] for codes, cells in made]).view(np.uint8).data


def _side_by_side(columns: Sequence[npt.NDArray[np.void]]) -> npt.NDArray[np.void]:
    """Rows of the bytes of several columns."""
    rows = np.empty(len(columns[0]), dtype=[(str(place), column.dtype) for place, column in enumerate(columns)])
    for place, column in enumerate(columns):
        rows[str(place)] = column
    return rows.view(f"V{rows.itemsize}")


def _cells(field: Field, column: Coded) -> npt.NDArray[np.void]:
    """The distinct values of a column as bytes of the file."""
    if field.variable.type == "Num":
        return ibm_floats(np.asarray(column.distinct, dtype=np.float64)).view("V8").reshape(-1)
    return texts(column.distinct, field.width).view(f"V{field.width}")


def _head(name: str, label: str, fields: Sequence[Field], at: datetime) -> bytes:
    stamp = _stamp(at)
    sas, blank = b"SAS     ", b" " * 24
    parts = [
        _header("LIBRARY "),
        sas + sas + b"SASLIB  9.4     " + b" " * 8 + blank + stamp,
        stamp.ljust(RECORD),
        _header("MEMBER  ", "000000000000000001600000000140"),
        _header("DSCRPTR "),
        sas + name.encode("ascii").ljust(8) + b"SASDATA 9.4     " + b" " * 8 + blank + stamp,
        stamp + b" " * 16 + label.encode("ascii").ljust(40) + b" " * 8,
        _header("NAMESTR ", f"000000{len(fields):04d}" + "0" * 20),
        _filled(_namestrs(fields)),
        _header("OBS     "),
    ]
    return b"".join(parts)


def encode(name: str, label: str, variables: Sequence[Variable], frame: pd.DataFrame, at: datetime) -> bytes:
    """One dataset as the bytes of a transport file: text columns without nulls, number columns with NaN for missing."""
    file = BytesIO()
    batch = coded(variables, frame)
    write(file, name, label, variables, widths(variables, batch), [batch], at)
    return file.getvalue()
