"""One export: the frames of a cut, the trial, and what every algorithm looks up in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import pandas as pd

from cdisc.columns import as_float, cell_text, rows
from cdisc.sdtm.elements import Element, lived_elements, planned_elements
from cdisc.sdtm.people import Subject, subjects
from cdisc.trial import Trial


class VisitOf(NamedTuple):
    """A visit as its records carry it; `visitdy` is the planned study day, NaN where the visit was not planned."""

    visitnum: float
    visit: str
    visitdy: float


@dataclass
class Export:
    """
    The frames of one cut and their trial. `built` fills up with the datasets, each with the hidden columns `_part` and
    `_record` that say which captured record a row came from, until the package drops them.
    """

    frames: Mapping[str, pd.DataFrame]
    trial: Trial
    built: dict[str, pd.DataFrame] = field(default_factory=dict)
    parts: dict[str, pd.DataFrame] = field(default_factory=dict)

    def table(self, name: str) -> pd.DataFrame:
        """The rows of one captured table; an empty frame where the cut has none."""
        return self.frames.get(name, pd.DataFrame())

    @cached_property
    def people(self) -> dict[str, Subject]:
        """The subjects by subject_id."""
        return subjects(self.frames, self.trial)

    @cached_property
    def by_usubjid(self) -> dict[str, Subject]:
        """The subjects by USUBJID."""
        return {person.usubjid: person for person in self.people.values()}

    @cached_property
    def elements(self) -> dict[str, list[Element]]:
        """The elements that each subject lived, by USUBJID."""
        plan = planned_elements(self.trial)
        return {person.usubjid: lived_elements(person, plan, self.trial) for person in self.people.values()}

    @cached_property
    def visits(self) -> dict[str, VisitOf]:
        """The visits by their record_id."""
        frame = self.table("visit")
        if frame.empty:
            return {}
        named = list(rows(frame["visit"], frame["visitnum"]))
        known = {one: self._visit(cell_text(one[0]), one[1]) for one in set(named)}
        return {record: known[one] for record, one in zip(frame["record_id"], named, strict=True)}

    def planned_epoch(self, visit: str) -> str:
        """The epoch of a planned visit; empty for any other name."""
        return self.trial.visits[visit][1] if visit in self.trial.visits else ""

    def _visit(self, name: str, number: object) -> VisitOf:
        planned, _, day = self.trial.visits.get(name, ("", "", None))
        return VisitOf(as_float(planned or number), name, as_float(day))
