"""
What a casebook holds as plain rows, for a program that reads tables: flat and long records, the trail, two cuts compared.

Each listing is its columns and a stream of rows, and is written as CSV or JSON. The columns follow from the forms and the
instruments, never from the data: a listing of nobody has them all. Shapes after REDCap's flat and EAV exports.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TextIO

from sqlalchemy import Connection

from app.casebook import history, read
from app.casebook.history import Change, Record, text
from app.casebook.ledger import NOW, SOURCE, Actor, Position
from app.casebook.studies import library
from app.errors import NotFound
from app.tables import CAPTURED
from app.tables.base import Captured, fields

FORMS = tuple(form for form in CAPTURED.values() if form.__form__.scope == "subject")
PLACE = ("record", "siteid", "event", "form", "instance")
"""Where a value stands: subject, site, visit, form, and which of several records of the form at that visit."""


@dataclass(frozen=True, slots=True)
class Asked:
    """
    Which records are asked for: at which position, of which subjects and forms (none named: all), of which visit.

    `since`: those whose standing version was made at that instant or later.
    """

    at: Position = NOW
    subjects: frozenset[str] = frozenset()
    forms: tuple[type[Captured], ...] = FORMS
    visit: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """Columns, and rows as they are read; every row has every column, None where it says nothing."""

    columns: tuple[str, ...]
    rows: Iterable[tuple[Any, ...]] = field(repr=False)

    def write(self, path: Path, kind: Literal["csv", "json"]) -> None:
        """
        The listing as a file. CSV: with a header, what is not recorded an empty cell. JSON: an array of objects, one a line,
        values as text with the digits entered, null where not recorded.
        """
        with path.open("w", encoding="utf-8", newline="") as file:
            self._csv(file) if kind == "csv" else self._json(file)

    def _csv(self, file: TextIO) -> None:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(map(text, row) for row in self.rows)

    def _json(self, file: TextIO) -> None:
        file.write("[")
        for number, row in enumerate(self.rows):
            said = {name: None if cell is None else text(cell) for name, cell in zip(self.columns, row, strict=True)}
            file.write((",\n" if number else "\n") + json.dumps(said, ensure_ascii=False))
        file.write("\n]\n")


def named_forms(paths: Iterable[str]) -> tuple[type[Captured], ...]:
    """The forms of subjects by their paths, none named: all; refused (404) where there is no such form."""
    known, wanted = {form.__form__.path: form for form in FORMS}, list(paths)
    for path in wanted:
        if path not in known:
            raise NotFound("no_such_form", f"There is no form {path[:40]} of a subject")
    return tuple(known[path] for path in dict.fromkeys(wanted)) or FORMS


def _sites(connection: Connection, who: Actor, study_id: str, asked: Asked) -> dict[str, str]:
    """The subjects asked for, of those at the caller's sites, in the order of their codes; each with its site."""
    sites = {row["subject_id"]: row["siteid"] for row in read.subjects(connection, who, study_id)}
    for name in sorted(asked.subjects - sites.keys()):
        raise NotFound("no_such_subject", f"There is no subject {name[:40]} in study {study_id}")
    return {name: sites[name] for name in sorted(sites) if not asked.subjects or name in asked.subjects}


def _records(connection: Connection, study_id: str, asked: Asked, names: Iterable[str]) -> Iterator[Record]:
    for block in history.blocks(list(names)):
        for record in history.records(connection, study_id, block, asked.at, asked.forms):
            if asked.visit is None or record.visit == asked.visit:
                yield record


def _standing(connection: Connection, who: Actor, study_id: str, asked: Asked) -> Iterator[tuple[Record, tuple[Any, ...]]]:
    """The records that stand, each with its place."""
    sites = _sites(connection, who, study_id, asked)
    for record in _records(connection, study_id, asked, sites):
        last, subject = record.versions[-1], record.identity["subject_id"]
        if not last.row["withdrawn"] and (asked.since is None or last.entry["at"] >= asked.since):
            yield record, (subject, sites[subject], record.visit, record.form.__tablename__, record.instance)


def _columns(connection: Connection, study_id: str, asked: Asked) -> dict[str, str | None]:
    """Every field of the forms asked for, with its unit where the form fixes one; items of instruments as `INSTRUMENT.item`."""
    found: dict[str, str | None] = {}
    for form in asked.forms:
        for name, about in fields(form).items():
            if about.kind == "answers":
                used = library.instruments(connection, library.study(connection, study_id), asked.at)
                found |= {f"{one.id}.{item.key}": item.unit for one in used for item in one.items.values()}
            else:
                found.setdefault(name, about.unit)
    return found


def _cells(record: Record) -> dict[str, Any]:
    """What the standing version says, an instrument's items under the instrument's name."""
    row = record.versions[-1].row
    said = history.values(record, row)
    return {name.replace("answers.", f"{row['instrument']}.") if "." in name else name: said[name] for name in said}


def flat(connection: Connection, who: Actor, study_id: str, asked: Asked) -> Listing:
    """One row a record of a form at a visit, one column a field of any of the forms, after its place, version and instant."""
    columns = list(_columns(connection, study_id, asked))

    def rows() -> Iterator[tuple[Any, ...]]:
        for record, place in _standing(connection, who, study_id, asked):
            said, last = _cells(record), record.versions[-1]
            made = (last.row["record_id"], last.row["version"], last.entry["at"])
            yield (*place, *made, *(said.get(name) for name in columns))

    return Listing((*PLACE, "record_id", "version", "entered_at", *columns), rows())


def long(connection: Connection, who: Actor, study_id: str, asked: Asked) -> Listing:
    """One row a value that was recorded: its place, field, value, and the unit where the form fixes it."""
    units = _columns(connection, study_id, asked)

    def rows() -> Iterator[tuple[Any, ...]]:
        for record, place in _standing(connection, who, study_id, asked):
            for name, value in _cells(record).items():
                if value is not None:
                    yield (*place, name, value, units.get(name))

    return Listing((*PLACE, "field", "value", "unit"), rows())


TRAIL = ("at", "actor", "role", "act", "reason_code", "reason", "subject", "event", "form", "instance", "record_id")
Wanted = Callable[[Record, Change], bool]


def trail(connection: Connection, who: Actor, study_id: str, asked: Asked, wanted: Wanted) -> Listing:
    """
    Every change of every value of the records asked for: who, when (UTC), what, from what, to what, why (A12); of what was
    imported also whose act it was, and when, in the system that it came from.

    `wanted` says which changes; `since` of what is asked is not looked at: a change has its own instant.
    """

    def rows() -> Iterator[tuple[Any, ...]]:
        for record in _records(connection, study_id, asked, _sites(connection, who, study_id, asked)):
            for change in history.changes(record):
                if wanted(record, change):
                    yield _told(record, change)

    return Listing((*TRAIL, "version", "field", "old", "new", "entry_id", "build", *SOURCE), rows())


def _told(record: Record, change: Change) -> tuple[Any, ...]:
    entry, row = change.by.entry, change.by.row
    who = (entry[name] for name in ("at", "actor", "role", "act", "reason_code", "reason"))
    place = (record.identity["subject_id"], record.visit, record.form.__tablename__, record.instance, row["record_id"])
    made = (entry[name] for name in ("entry_id", "build", *SOURCE))
    return (*who, *place, row["version"], change.field, change.old, change.new, *made)
