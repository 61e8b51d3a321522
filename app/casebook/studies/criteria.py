"""The criteria of a study document, and what they ask of the scores at entry; see `documents`."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from app.casebook.studies.parts import Exact, Line, Part

BILAG = "BILAG-2004"
Grades = Annotated[int, Field(ge=1, le=9)]


class EntryScore(Part):
    """
    What a criterion asks of an instrument: a SLEDAI-2K, or a PGA on 0 to 3, `above` a limit or `at_least` one; a BILAG-2004
    with so many grades A, or with so many grades B.
    """

    instrument: Literal["SLEDAI-2K", "PGA", "BILAG-2004"]
    above: Exact | None = None
    at_least: Exact | None = None
    a_grades: Grades | None = None
    b_grades: Grades | None = None

    @model_validator(mode="after")
    def _of_its_instrument(self) -> Self:
        limits, grades = (self.above, self.at_least), (self.a_grades, self.b_grades)
        if self.instrument == BILAG and (limits != (None, None) or None in grades):
            raise ValueError(f"a score of {BILAG} needs a_grades and b_grades, and no limit")
        if self.instrument != BILAG and (grades != (None, None) or limits.count(None) != 1):
            raise ValueError(f"a score of {self.instrument} needs above or at_least, one of them, and no grades")
        return self


class Criterion(Part):
    """An inclusion or exclusion criterion; `text` as far as it is public. `score`: what it asks of an instrument."""

    ietestcd: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{0,7}$")]
    iecat: Literal["INCLUSION", "EXCLUSION"]
    text: Line
    score: EntryScore | None = None
