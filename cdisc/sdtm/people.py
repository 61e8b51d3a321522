"""
The subjects of a trial at a cut and their reference dates, from which --DY, EPOCH, --LOBXFL and DM follow.

RFSTDTC is the first infusion of the product, RFXSTDTC the first dose of any protocol treatment (the lymphodepletion where
there is one): the two may differ, and define.xml says so. Dates stay as entered; the earliest and latest are by text, which for
ISO 8601 is by time. Sources: SDTMIG 3.4 section 5.2 (DM).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from cdisc.columns import rows, text
from cdisc.trial import Trial

CONTACTS = {
    "visit": ("svstdtc", "svendtc"),
    "disposition": ("dsstdtc",),
    "infusion": ("ecstdtc", "ecendtc"),
    "lymphodepletion": ("ecstdtc", "ecendtc"),
    "adverse_event": ("aestdtc",),
    "toxicity_observation": ("fadtc",),
    "event_grade": ("fadtc",),
}
"""The dates by which a subject was certainly still followed."""


@dataclass
class Subject:
    """One subject: identifiers, what was given and when (local dates as entered, empty where unknown), consent, ends."""

    subject_id: str
    usubjid: str
    siteid: str
    origin: str
    demographics: dict[str, str]
    infusions: list[tuple[str, str]] = field(default_factory=list)
    lymphodepletion: list[tuple[str, str]] = field(default_factory=list)
    dispositions: list[dict[str, str]] = field(default_factory=list)
    contacts: list[str] = field(default_factory=list)
    epochs_visited: set[str] = field(default_factory=set)
    died_on: str = ""
    died: bool = False

    @cached_property
    def reference(self) -> str:
        """RFSTDTC: start of the first infusion of the product."""
        return min((start for start, _ in self.infusions if start), default="")

    @cached_property
    def exposed(self) -> str:
        """RFXSTDTC: start of the first dose of any protocol treatment."""
        return min((start for start, _ in self.infusions + self.lymphodepletion if start), default="")

    @cached_property
    def last_infusion(self) -> str:
        """End (or start, where no end is known) of the last infusion of the product."""
        return max((end or start for start, end in self.infusions), default="")

    @cached_property
    def last_dose(self) -> str:
        """RFXENDTC: end of the last dose of any protocol treatment."""
        return max((end or start for start, end in self.infusions + self.lymphodepletion), default="")

    @property
    def treated(self) -> bool:
        """Whether any protocol treatment was given, dated or not."""
        return bool(self.infusions or self.lymphodepletion)

    @property
    def consent(self) -> str:
        """RFICDTC: the earliest informed consent; assent is a disposition of its own."""
        return self.first("INFORMED CONSENT OBTAINED")

    @property
    def armcd(self) -> str:
        """The planned arm that the subject was last entered into."""
        entered = [row for row in self.dispositions if row["armcd"]]
        return max(entered, key=lambda row: row["dsstdtc"])["armcd"] if entered else ""

    @property
    def off_treatment(self) -> bool:
        """Whether a disposition says that the study treatment ended."""
        return any(row["dsscat"] == "STUDY TREATMENT" for row in self.dispositions)

    def first(self, decod: str) -> str:
        """The earliest date of the dispositions of one standardised term, empty where none is dated."""
        return min((row["dsstdtc"] for row in self.dispositions if row["dsdecod"] == decod and row["dsstdtc"]), default="")

    def said(self, decod: str) -> bool:
        """Whether a disposition of that standardised term stands."""
        return any(row["dsdecod"] == decod for row in self.dispositions)


def _rows(frame: pd.DataFrame | None, columns: Iterable[str]) -> Iterable[dict[str, str]]:
    if frame is None or frame.empty:
        return
    chosen = ["subject_id", *columns]
    for values in rows(*(text(frame[name]) for name in chosen)):
        yield dict(zip(chosen, values, strict=True))


def subjects(frames: Mapping[str, pd.DataFrame], trial: Trial) -> dict[str, Subject]:
    """The subjects by subject_id, in the order of their identifiers, with what the frames know of them."""
    people = {
        row["subject_id"]: Subject(row["subject_id"], f"{trial.study_id}-{row['subject_id']}", row["siteid"], row["origin"], {})
        for row in _rows(frames["subject"].sort_values("subject_id"), ("siteid", "origin"))
    }
    for row in _rows(frames.get("demographics"), ("dmdtc", "brthdtc", "age", "sex", "race", "ethnic", "country")):
        people[row["subject_id"]].demographics = row
    for table in ("infusion", "lymphodepletion"):
        for row in _rows(frames.get(table), ("ecoccur", "ecstdtc", "ecendtc")):
            if row["ecoccur"] == "Y":
                doses: list[tuple[str, str]] = getattr(people[row["subject_id"]], f"{table}s" if table == "infusion" else table)
                doses.append((row["ecstdtc"], row["ecendtc"]))
    for row in _rows(frames.get("disposition"), ("dscat", "dsscat", "dsdecod", "dsstdtc", "armcd")):
        people[row["subject_id"]].dispositions.append(row)
    _note_contacts(people, frames)
    _note_visits(people, frames, trial)
    _note_deaths(people, frames)
    return people


def _note_contacts(people: dict[str, Subject], frames: Mapping[str, pd.DataFrame]) -> None:
    for table, columns in CONTACTS.items():
        for row in _rows(frames.get(table), columns):
            people[row["subject_id"]].contacts += [row[column] for column in columns if row[column]]


def _note_visits(people: dict[str, Subject], frames: Mapping[str, pd.DataFrame], trial: Trial) -> None:
    for row in _rows(frames.get("visit"), ("visit", "svoccur")):
        if row["svoccur"] == "Y" and row["visit"] in trial.visits:
            people[row["subject_id"]].epochs_visited.add(trial.visits[row["visit"]][1])


def _note_deaths(people: dict[str, Subject], frames: Mapping[str, pd.DataFrame]) -> None:
    for person in people.values():
        if person.said("DEATH"):
            person.died, person.died_on = True, person.first("DEATH")
    for row in _rows(frames.get("adverse_event"), ("aeout", "aesdth", "aeendtc")):
        if row["aeout"] == "FATAL" or row["aesdth"] == "Y":
            person = people[row["subject_id"]]
            person.died, person.died_on = True, person.died_on or row["aeendtc"]
            person.contacts += [person.died_on] if person.died_on else []
