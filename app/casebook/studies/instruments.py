"""An instrument as a document, as it is read and checked: its items, their answers and points; see `documents`."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from app.casebook import values
from app.casebook.studies.documents import StudyDocument
from app.casebook.studies.parts import Code, Exact, Line, Part, Text, Version, read
from app.rules.instrument import Instrument

LONGEST_KEY = 60
SLEDAI_2K = "SLEDAI-2K"


class InstrumentAnswer(Part):
    value: Line
    original: Line
    standard: Line
    points: int | None = None


class InstrumentItem(Part):
    """One item. A boolean is weighted; a choice lists its answers; a number has bounds and perhaps a unit."""

    key: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=LONGEST_KEY)]
    testcd: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{0,7}$")]
    test: Annotated[str, values.line(40)]
    type: Literal["boolean", "choice", "number", "integer"]
    label: Line
    weight: int | None = None
    group: Line | None = None
    answers: tuple[InstrumentAnswer, ...] = ()
    least: Exact | None = None
    most: Exact | None = None
    unit: Line | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.type == "choice" and not self.answers:
            raise ValueError(f"item {self.key} is a choice without answers")
        return self


class Total(Part):
    testcd: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{0,7}$")]
    test: Annotated[str, values.line(40)]


class Graded(Total):
    """The code and name under which a grade that is derived from the items is sent; `key`: what is graded."""

    key: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]


class InstrumentDocument(Part):
    """An instrument, whole; `source` is its paper, `owner` and `licence` what is known of its rights."""

    id: Code
    version: Version
    title: Line
    domain: Literal["RS", "QS"]
    category: Annotated[str, values.line(40)]
    source: Text
    owner: Text | None = None
    licence: Text | None = None
    look_back_days: Annotated[int, Field(ge=1, le=366)] | None = None
    trained_assessor: bool = Field(default=False, description="Whether who assesses must have been trained in it")
    several_a_visit: bool = Field(default=False, description="Whether one visit has several forms, one an observation")
    items: tuple[InstrumentItem, ...] = Field(min_length=1)
    total: Total | None = None
    grades: tuple[Graded, ...] = ()

    @model_validator(mode="after")
    def _keys_are_distinct(self) -> Self:
        for what, names in (("key", [i.key for i in self.items]), ("test code", [i.testcd for i in self.items])):
            twice = sorted({n for n in names if names.count(n) > 1})
            if twice:
                raise ValueError(f"{what} {', '.join(twice)} is used twice")
        return self


def read_instrument(source: str) -> InstrumentDocument:
    """An instrument document from TOML, refused as a study document is."""
    return read(InstrumentDocument, source)


def look_back(document: StudyDocument, instrument: Instrument) -> int | None:
    """The days that an instrument asks about in a study: its own, and of SLEDAI-2K those that the study sets."""
    return document.endpoints.look_back_days if instrument.id == SLEDAI_2K else instrument.look_back_days
