"""Columns of captured frames as the export needs them: text in ASCII, numbers, always by the distinct values of a column."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from cdisc.coding import Coded, Codes, Column, coded, column_of, is_coded, numbered
from cdisc.specs import Variable

Kind: TypeAlias = Literal["str", "float64", "bool"]
Places: TypeAlias = npt.NDArray[np.int64]
MOST_KEYS = 2**62
"""Keys of distinct rows that a machine word can number."""

_SIGNS = str.maketrans(
    {
        "\N{GREATER-THAN OR EQUAL TO}": ">=",
        "\N{LESS-THAN OR EQUAL TO}": "<=",
        "\N{MICRO SIGN}": "u",
        "\N{GREEK SMALL LETTER MU}": "u",
        "\N{DEGREE SIGN}": " deg ",
        "\N{MULTIPLICATION SIGN}": "x",
        "\N{PLUS-MINUS SIGN}": "+/-",
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{LEFT DOUBLE QUOTATION MARK}": '"',
        "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
        "\n": " ",
        "\r": " ",
        "\t": " ",
    }
)


def ascii_text(text: str) -> str:
    """
    Text as a transport file can carry it: signs spelt out, accents dropped, one line.

    What has no such spelling (a Chinese name) stays as it is, and the gate refuses it by name.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    plain = unicodedata.normalize("NFKD", text.translate(_SIGNS))
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).strip()


def unspelt(text: str) -> tuple[str, ...]:
    """The signs of a text that `ascii_text` cannot spell, each once; one that does not show by its number (U+200D)."""
    signs = (sign for sign in dict.fromkeys(text) if not ascii_text(sign).isascii())
    return tuple(sign if sign.isprintable() else f"U+{ord(sign):04X}" for sign in signs)


def missing(value: Any) -> bool:
    """Whether a cell is empty: None, NaN or an empty text; an empty list is an answer, not a missing one."""
    return value is None or (isinstance(value, float) and value != value) or (isinstance(value, str) and not value)


def cell_text(value: Any) -> str:
    """One cell as text: empty where missing, a whole number without a point, a truth as Y or N."""
    if isinstance(value, str):  # as nearly all are
        return ascii_text(value)
    if missing(value):
        return ""
    if isinstance(value, bool | np.bool_):
        return "Y" if value else "N"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return ascii_text(format(value, "f") if isinstance(value, Decimal) else str(value))


def typed(values: Any, index: Any, kind: Kind) -> Column:
    """Values, or one for all rows, as a column of text (empty, never null), of numbers (NaN where missing) or of truths."""
    if kind != "str":
        return pd.Series(values, index=index, dtype=kind)
    if isinstance(values, str):
        return column_of(np.zeros(len(index), dtype=np.int8), [values], index)
    codes, distinct = pd.factorize(np.array(values, dtype=object))
    return column_of(codes, distinct.tolist(), index)


def each(column: Column, function: Callable[[Any], Any], kind: Kind) -> Column:
    """`function` of every value of a column, called once a distinct value; `kind` is the type of the answer."""
    known = coded(column)
    return _placed(known.each(function), known.codes, column.index, kind)


def of_rows(function: Callable[..., Any], kind: Kind, *columns: Column) -> Column:
    """`function` of the values that stand side by side, called once for every distinct row of them."""
    known = [coded(column) for column in columns]
    codes, first = _distinct_rows(known)
    distinct = (map(column.distinct.__getitem__, column.codes[first].tolist()) for column in known)
    return _placed([function(*row) for row in zip(*distinct, strict=True)], codes, columns[0].index, kind)


def _placed(answers: list[Any], codes: Codes, index: Any, kind: Kind) -> Column:
    if kind == "str":
        return column_of(codes, answers, index)
    return pd.Series(np.array(answers, dtype=kind)[codes], index=index)


def _distinct_rows(columns: Sequence[Coded]) -> tuple[Codes, Places]:
    """For each row the place of its values among the distinct rows, and of each distinct row where it first stands."""
    keys, size = np.zeros(len(columns[0].codes), dtype=np.int64), 1
    for column in columns:
        if size * len(column.values) > MOST_KEYS:
            keys, first = numbered(keys)
            size = len(first)
        keys, size = keys * len(column.values) + column.codes, size * len(column.values)
    return numbered(keys)


def by_value(frame: pd.DataFrame, names: Collection[str]) -> pd.DataFrame:
    """A frame in which some columns are kept by their distinct values: looked through once, however often they are read."""
    return frame.assign(**{name: _by_value(frame[name]) for name in names if name in frame and not is_coded(frame[name])})


def _by_value(column: Column) -> Column:
    try:
        codes, distinct = pd.factorize(column)
    except TypeError:  # lists, as of several races, are no keys
        return column
    kept = pd.Categorical.from_codes(codes, categories=pd.Index(distinct, dtype=object))
    return pd.Series(kept, index=column.index)


def rows(*columns: Column) -> Iterator[tuple[Any, ...]]:
    """Columns side by side, row by row, as plain values."""
    return zip(*(column.to_numpy(dtype=object).tolist() for column in columns), strict=True)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame as plain values by column; None is missing."""
    names = [str(name) for name in frame]
    told = ([None if value != value else value for value in frame[name].to_numpy(dtype=object).tolist()] for name in names)
    return [dict(zip(names, row, strict=True)) for row in zip(*told, strict=True)]


def is_missing(column: Column) -> Column:
    """Row by row whether a column has no value."""
    return each(column, missing, "bool")


def text(column: Column) -> Column:
    """A column as text, empty where missing."""
    return each(column, cell_text, "str")


def number(column: Column) -> Column:
    """A column as floating point numbers, NaN where missing or no number."""
    return each(column, as_float, "float64")


def as_float(value: Any) -> float:
    """One cell as a number, NaN where it is none."""
    try:
        return float(cell_text(value))
    except ValueError:
        return float("nan")


def blank(kind: str, index: Any) -> Column:
    """An empty column of an SDTM type."""
    return typed(np.nan, index, "float64") if kind == "Num" else typed("", index, "str")


def complete(variables: Sequence[Variable], given: Mapping[str, Any], index: Any) -> pd.DataFrame:
    """A dataset with all its variables in the standard's order, typed: a missing text is empty, a missing number NaN."""
    blanks = {kind: blank(kind, index) for kind in ("Char", "Num")}
    made = {each.name: _complete(each, given.get(each.name, blanks[each.type]), index) for each in variables}
    return pd.DataFrame(made, index=index)


def _complete(variable: Variable, values: Any, index: Any) -> Column:
    if variable.type == "Num":
        return pd.Series(values, index=index, dtype="float64")
    if isinstance(values, pd.Series):
        return values if is_coded(values) else each(values, lambda value: "" if missing(value) else str(value), "str")
    return typed(values, index, "str")
