"""
SAS transport files, version 5, written a column at a time.

The format (SAS technical note TS-140): records of 80 bytes; names of at most 8 and labels of at most 40 characters; numbers in
the hexadecimal floating point of the IBM System/360; text in ASCII, padded with blanks. The stamps in the header are given by
the caller, so the same data give the same bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cdisc.columns import Column
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
    """One variable of a file: its metadata, its width in bytes, its values row by row."""

    variable: Variable
    width: int
    cells: Bytes


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


def texts(column: Column) -> Bytes:
    """Text as ASCII padded to the longest value (at least one byte); UnicodeEncodeError and ValueError name what is not."""
    codes, distinct = pd.factorize(column)
    encoded = [str(value).encode("ascii") for value in distinct]
    width = max(map(len, encoded), default=1) or 1
    if width > MOST_BYTES:
        raise ValueError(f"{column.name} has a value of {width} bytes; a transport file carries {MOST_BYTES}")
    padded = b"".join(value.ljust(width) for value in encoded)
    table = np.frombuffer(padded, dtype=np.uint8).reshape(-1, width)
    cells: Bytes = table[codes]
    return cells


def _field(variable: Variable, column: Column) -> Field:
    if len(variable.name) > 8 or len(variable.label) > 40:
        raise ValueError(f"the name or label of {variable.name} is too long for a transport file")
    cells = ibm_floats(column.to_numpy(dtype=np.float64)) if variable.type == "Num" else texts(column)
    return Field(variable, cells.shape[1], cells)


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


def encode(name: str, label: str, variables: Sequence[Variable], frame: pd.DataFrame, at: datetime) -> bytes:
    """
    One dataset as the bytes of a transport file.

    Args:
        name: The dataset's name, at most 8 characters.
        label: The dataset's label, at most 40 characters.
        variables: The variables in order, each a column of the frame.
        frame: Text columns without nulls, number columns with NaN for missing.
        at: The stamp of the file.
    """
    if len(label) > 40 or len(name) > 8:
        raise ValueError(f"the name or label of {name} is too long for a transport file")
    fields = [_field(variable, frame[variable.name]) for variable in variables]
    stamp = _stamp(at)
    sas, blank = b"SAS     ", b" " * 24
    parts: list[Any] = [
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
        _filled(np.concatenate([field.cells for field in fields], axis=1).tobytes()),
    ]
    return b"".join(parts)
