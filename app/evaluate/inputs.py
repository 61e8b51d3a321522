"""
The inputs of a case, read strictly: a wrong type or an unknown word is an error of that case, with its place.

A key that is not there, and `null`, are *not recorded*. Keys that a rule does not use are ignored. Numbers are decimals as
written.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from app.rules import dates
from app.rules.verdict import Truth

MOST_DIGITS = 40
NOT_DONE = "ND"
Given = TypeVar("Given")


class BadCase(Exception):
    """A case that cannot be evaluated: a stable code, what is wrong, and where (an RFC 6901 pointer within the case)."""

    def __init__(self, code: str, detail: str, pointer: str) -> None:
        super().__init__(detail)
        self.code, self.detail, self.pointer = code, detail, pointer


class Inputs:
    """One object of a case's inputs with its place in the case."""

    def __init__(self, values: object, pointer: str = "/inputs") -> None:
        if not isinstance(values, dict):
            raise BadCase("not_an_object", f"an object is expected, {_type(values)} was given", pointer)
        self.values: Mapping[str, Any] = values
        self.pointer = pointer

    def at(self, key: str) -> str:
        """The pointer of a key."""
        return f"{self.pointer}/{key.replace('~', '~0').replace('/', '~1')}"

    def refuse(self, key: str, detail: str, code: str = "bad_value") -> BadCase:
        """The error of a key."""
        return BadCase(code, detail, self.at(key))

    def _read(self, key: str, expected: str, fits: Callable[[Any], bool]) -> Any:
        value = self.values.get(key)
        if value is not None and not fits(value):
            raise self.refuse(key, f"{expected} or null is expected, {_type(value)} was given", "bad_type")
        return value

    def truth(self, key: str) -> Truth:
        """true, false, or None."""
        answer: Truth = self._read(key, "true, false", lambda value: isinstance(value, bool))
        return answer

    def number(self, key: str, *, least: int | None = 0, most: int | None = None) -> Decimal | None:
        """A number as written, by default not below 0."""
        value = self._read(key, "a number", lambda value: isinstance(value, int | Decimal) and not isinstance(value, bool))
        if value is None:
            return None
        number = Decimal(value)
        if not number.is_finite() or abs(number.adjusted()) > MOST_DIGITS or len(number.as_tuple().digits) > MOST_DIGITS:
            raise self.refuse(key, f"a number of at most {MOST_DIGITS} digits is expected")
        if (least is not None and number < least) or (most is not None and number > most):
            raise self.refuse(key, f"{number} is not in the range that it may have")
        return number

    def whole(self, key: str, *, least: int | None = 0, most: int | None = None) -> int | None:
        """A whole number."""
        number = self.number(key, least=least, most=most)
        if number is not None and number != int(number):
            raise self.refuse(key, f"a whole number is expected, {number} was given")
        return None if number is None else int(number)

    def text(self, key: str) -> str | None:
        """Any text."""
        text: str | None = self._read(key, "a text", lambda value: isinstance(value, str))
        return text

    def word(self, key: str, known: Collection[str]) -> str | None:
        """One of the known words."""
        word = self.text(key)
        if word is not None and word not in known:
            raise self.refuse(key, f"{word!r} is not one of {', '.join(sorted(known))}", "unknown_value")
        return word

    def words(self, key: str) -> tuple[str, ...] | None:
        """A list of texts; empty is recorded: none."""
        found = self._read(
            key, "a list of texts", lambda value: isinstance(value, list) and all(isinstance(each, str) for each in value)
        )
        return None if found is None else tuple(found)

    def moment(self, key: str) -> str | None:
        """A local date or date and time in ISO 8601."""
        text = self.text(key)
        fault = None if text is None else dates.why_not(text)
        if fault is not None:
            raise self.refuse(key, fault)
        return text

    def part(self, key: str) -> Inputs | None:
        """An object of its own."""
        value = self.values.get(key)
        return None if value is None else Inputs(value, self.at(key))

    def parts(self, key: str) -> list[Inputs] | None:
        """A list of objects."""
        value = self._read(key, "a list", lambda value: isinstance(value, list))
        return None if value is None else [Inputs(each, f"{self.at(key)}/{place}") for place, each in enumerate(value)]

    def needed(self, key: str, value: Given | None) -> Given:
        """What was read, which this system cannot do without."""
        if value is None:
            raise self.refuse(key, "this is needed", "missing")
        return value


def _type(value: object) -> str:
    names = {bool: "true or false", int: "a number", Decimal: "a number", str: "a text", list: "a list", dict: "an object"}
    return names.get(type(value), "null")
