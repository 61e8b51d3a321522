"""
What one value may be: text, a number with its digits, a term of a codelist, a clinical date; each refused in words.

Every check takes what was sent and returns what is kept, or raises ValueError with words that follow the field's name.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from decimal import Decimal
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.rules import dates
from cdisc import terminology

MOST_DIGITS = 15
NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
YEARS = range(1900, 2100)
"""The years in which a trial, its subjects and their histories lie; any other is a slip of the pen."""
SHORT_LIST = 60


def clean(value: str) -> str:
    """Text in normal form (NFC); control characters, which one database or no XML would keep, are refused."""
    if CONTROL.search(value):
        raise ValueError("has a control character in it")
    if not value.strip():
        raise ValueError("is blank; leave it out where nothing was recorded")
    return unicodedata.normalize("NFC", value)


def line(length: int) -> AfterValidator:
    """The check of a text of at most `length` characters, counted as they are kept."""

    def check(value: str) -> str:
        kept = clean(value)
        if len(kept) > length:
            raise ValueError(f"has {len(kept)} characters; it may have {length}")
        return kept

    return AfterValidator(check)


def text(length: int) -> Any:
    """The type of a text of at most `length` characters."""
    return Annotated[str, line(length), WithJsonSchema({"type": "string", "minLength": 1, "maxLength": length})]


def exact(value: Any) -> Decimal:
    """A decimal from a JSON string or number, with the digits sent; no exponent, at most 15 digits on either side."""
    number = Decimal(plain(value))
    return abs(number) if number.is_zero() else number


def plain(value: Any) -> str:
    """The digits of a number as they were sent, from a JSON string or number."""
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise ValueError("is not a number")
    if isinstance(value, Decimal) and abs(value.adjusted()) <= MOST_DIGITS:
        value = format(value, "f")
    if not NUMBER.fullmatch(sent := str(value)):
        raise ValueError(f"is not a plain decimal number of at most {MOST_DIGITS} digits before and after the point")
    return sent


Bound = Decimal | None


def number(least: Bound, most: Bound, unit: str | None) -> Any:
    """The type of a decimal in `unit`; outside least to most it is impossible."""
    schema = {"type": ["string", "number"], "pattern": f"^{NUMBER.pattern}$"} | _limits(least, most, unit)
    return Annotated[Decimal, BeforeValidator(exact), AfterValidator(between(least, most, unit)), WithJsonSchema(schema)]


def whole(least: Bound, most: Bound, unit: str | None) -> Any:
    """The type of a whole number in `unit`."""
    schema = {"type": "integer"} | _limits(least, most, unit)
    return Annotated[int, AfterValidator(between(least, most, unit)), WithJsonSchema(schema)]


def between(least: Bound, most: Bound, unit: str | None) -> Callable[[Any], Any]:
    """A check that a number is possible: neither below nor above its bounds, of which either may be missing."""
    bounds = f"at least {least}" if most is None else f"at most {most}" if least is None else f"{least} to {most}"

    def check(value: Decimal | int) -> Decimal | int:
        if (least is not None and value < least) or (most is not None and value > most):
            raise PydanticCustomError(
                "out_of_range", "is impossible; it may be {bounds}", {"bounds": f"{bounds} {unit or ''}".strip()}
            )
        return value

    return check


def _limits(least: Bound, most: Bound, unit: str | None) -> dict[str, Any]:
    limits = {"minimum": least, "maximum": most}
    return {name: float(limit) for name, limit in limits.items() if limit is not None} | ({"x-unit": unit} if unit else {})


def as_reported(value: Any) -> Any:
    """A finding as reported: text, or a number with the digits sent."""
    return plain(value) if isinstance(value, (int, Decimal)) else value


def result(length: int) -> Any:
    """The type of a finding as reported: `4.20`, `<0.5`, `POSITIVE`; a JSON number counts as its digits."""
    schema = WithJsonSchema({"type": ["string", "number"], "minLength": 1, "maxLength": length})
    return Annotated[text(length), BeforeValidator(as_reported), schema]


def term(codelist: str) -> Any:
    """The type of one submission value of a codelist."""
    terms = terminology.terms(codelist)
    listed = {"enum": list(terms)} if len(terms) <= SHORT_LIST else {"description": f"A term of codelist {codelist}"}
    schema = WithJsonSchema({"type": "string", "x-codelist": codelist, **listed})
    return Annotated[str, AfterValidator(in_codelist(codelist)), schema]


def in_codelist(codelist: str) -> Callable[[str], str]:
    """A check that a value is a submission value of a codelist; the refusal names what is allowed, or the closest of it."""

    def check(value: str) -> str:
        if not terminology.is_term(codelist, value):
            allowed = terminology.terms(codelist)
            hint = ", ".join(allowed if len(allowed) <= SHORT_LIST else _like(value[:SHORT_LIST], allowed)) or "none like it"
            raise ValueError(f"is not one of the {len(allowed)} terms of codelist {codelist}: {hint}")
        return value

    return check


def _like(sent: str, allowed: Iterable[str]) -> list[str]:
    """The terms closest to what was sent, whatever their case: `mg/l` is like `mg/L`."""
    folded = {term.casefold(): term for term in allowed}
    return [folded[near] for near in get_close_matches(sent.casefold(), folded, n=5, cutoff=0.5)]


def each_once(values: list[str]) -> list[str]:
    """A list that names nothing twice."""
    if twice := sorted(value for value, times in Counter(values).items() if times > 1):
        raise ValueError(f"names {', '.join(twice)} twice")
    return values


def terms(codelist: str) -> Any:
    """The type of a list of submission values, each once; empty is recorded as none."""
    return Annotated[list[term(codelist)], AfterValidator(each_once)]  # type: ignore[misc]


FLAG = Annotated[Literal["Y", "N", "U"], WithJsonSchema({"enum": ["Y", "N", "U"], "x-codelist": "NY"})]
"""Yes, no, or asked and not known."""

Precision = Literal["any", "month", "time"]


def date(precision: Precision) -> Any:
    """The type of an ISO 8601 date or date and time, possibly partial, as precise or as coarse as the field asks."""
    words = {
        "any": "ISO 8601, as precise as it is known: 2025, 2025-03, 2025-03-04, 2025-03-04T08:30",
        "month": "The year, and the month where it is needed: 2012, 2012-05",
        "time": "ISO 8601 to the minute at least: 2025-03-04T08:30",
    }
    schema = WithJsonSchema({"type": "string", "maxLength": 32, "description": words[precision]})
    return Annotated[str, AfterValidator(iso8601(precision)), schema]


def iso8601(precision: Precision) -> Callable[[str], str]:
    """A check of a clinical date; a full date of birth is refused (G3), and so is a year outside of living memory."""

    def check(value: str) -> str:
        if problem := dates.why_not(value[:40]):
            raise ValueError(f"is not a clinical date: {problem}")
        known = dates.parse(value)
        if known.year is not None and known.year not in YEARS:
            raise ValueError(f"has the year {known.year:04}; a year lies between {YEARS[0]} and {YEARS[-1]}")
        if precision == "month" and (known.year is None or known.day is not None):
            raise ValueError("may hold the year and month only; a full date of birth is not kept")
        if precision == "time" and None in (known.year, known.month, known.day, known.hour, known.minute):
            raise ValueError("needs a date and a time to the minute, such as 2025-03-04T08:30")
        return value

    return check
