"""
A finding as reported, and in the standard unit of its test.

The original result keeps the digits entered. The standard result is the same number converted exactly; where no finite decimal
expresses it, rounded to 10 significant digits. A censored result (`<0.5`) has a standard text and no standard number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import lru_cache

from cdisc import terminology, units
from cdisc.timing import KEPT

_RESULT = re.compile(r"(?P<sign>[<>]=?)?\s*(?P<number>[+-]?\d+(?:\.\d+)?)")
_TEN_DIGITS = Context(prec=10)


@dataclass(frozen=True, slots=True)
class Result:
    """A result in standard form: text, number (None: censored or text) and unit (empty: none)."""

    text: str
    number: Decimal | None
    unit: str


def _split(reported: str) -> tuple[str, Decimal] | None:
    match = _RESULT.fullmatch(reported)
    return (match["sign"] or "", Decimal(match["number"])) if match else None


def plain(number: Decimal) -> str:
    """A number without exponent or trailing zeros."""
    shown = format(number, "f")
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


@lru_cache(KEPT)
def standard_text(reported: str) -> str:
    """A reported result without exponent or trailing zeros where it is a number, censored or not; else as it is."""
    parts = _split(reported)
    return reported if parts is None else parts[0] + plain(parts[1])


@lru_cache(KEPT)
def standard(domain: str, testcd: str, specimen: str, reported: str, unit: str) -> Result:
    """
    A reported result in the standard unit of its test.

    A test without a standard unit, a unit of another kind and a result that is no number stay as reported.
    """
    parts = _split(reported)
    sent = _sent(unit)
    if parts is None:
        return Result(reported, None, sent)
    sign, number = parts
    measure = units.measure(domain, testcd, specimen)
    converted = units.convert(number, unit, measure.unit, measure.molar_mass) if measure and measure.unit and unit else None
    value, standard_unit = (number, sent) if converted is None or measure is None else (converted, measure.unit or "")
    value = value if converted == number else _TEN_DIGITS.plus(value)
    return Result(sign + plain(value), None if sign else value, standard_unit)


def _sent(unit: str) -> str:
    for codelist in ("UNIT", "VSRESU"):
        if unit and terminology.is_term(codelist, unit):
            return terminology.submission_value(codelist, unit)
    return unit


@lru_cache(KEPT)
def range_indicator(reported: str, low: str, high: str) -> str:
    """
    LOW, NORMAL or HIGH against the limits given with the result; empty where they do not decide.

    Limits belong to the range. A censored result is placed only where every value it stands for falls on one side.
    """
    parts, bounds = _split(reported), [_split(limit) for limit in (low, high)]
    if parts is None or bounds == [None, None]:
        return ""
    sign, number = parts
    lowest, highest = (bound[1] if bound else None for bound in bounds)
    if sign:
        return _censored(sign, number, lowest, highest)
    if lowest is not None and number < lowest:
        return "LOW"
    return "HIGH" if highest is not None and number > highest else "NORMAL"


def _censored(sign: str, number: Decimal, lowest: Decimal | None, highest: Decimal | None) -> str:
    if sign.startswith("<"):
        if lowest is not None:
            return "LOW" if number < lowest or (number == lowest and sign == "<") else ""
        return "NORMAL" if highest is not None and number <= highest else ""
    if highest is not None:
        return "HIGH" if number > highest or (number == highest and sign == ">") else ""
    return "NORMAL" if lowest is not None and number >= lowest else ""
