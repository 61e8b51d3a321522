"""
An instrument as its document defines it: items, what each may be answered, and how an answer reads in the standard.

The document is data (`seed/instruments/*.toml`); a form, its JSON schema, its SDTM rows and its metadata follow from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True, slots=True)
class Answer:
    """One permitted answer of a choice: what is sent, how it reads as collected and in standard form, and its points."""

    value: str
    original: str
    standard: str
    points: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """
    One item. `key`: the name in the answers; `testcd`, `test`: the standard's (or the sponsor's) code and name;
    `type`: boolean, choice, number or integer; `weight`: points where a boolean is true; `least`, `most`: of a number.
    """

    key: str
    testcd: str
    test: str
    type: Literal["boolean", "choice", "number", "integer"]
    label: str
    weight: int | None = None
    group: str | None = None
    answers: tuple[Answer, ...] = ()
    least: Decimal | None = None
    most: Decimal | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Instrument:
    """
    A published instrument: `total` names the code under which its computed total is sent, None where it has none; `grades` the
    codes of the grades that are derived from its items, by what is graded. `trained_assessor`: whether who assesses must have
    been trained in it; `several_a_visit`: whether one visit has several forms of it.
    """

    id: str
    version: int
    title: str
    domain: str
    category: str
    source: str
    items: Mapping[str, Item]
    look_back_days: int | None = None
    total: tuple[str, str] | None = None
    grades: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    trained_assessor: bool = False
    several_a_visit: bool = False


def points(item: Item, answer: object) -> int | None:
    """The points of one answer; None where the item was not answered or carries none."""
    if answer is None:
        return None
    if item.type == "boolean":
        return (item.weight or 0) if answer else 0
    if item.type == "choice":
        return next((each.points for each in item.answers if each.value == answer), None)
    return answer if isinstance(answer, int) else None


def total(instrument: Instrument, answers: Mapping[str, object]) -> int | None:
    """The sum of an instrument's points; None where an item was not answered or carries no points: never a partial sum."""
    each = [points(item, answers.get(key)) for key, item in instrument.items.items()]
    known = [value for value in each if value is not None]
    return sum(known) if len(known) == len(each) else None
