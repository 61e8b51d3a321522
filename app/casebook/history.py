"""
What happened, read back: every entry with the rows that hang on it, every record with its versions.

The one reader of the past. The verification of the chains, the flat and long records, the difference of two cuts and the
archive in ODM all read from here. It reads the chains that it is given at once, so a caller who goes through a study in
`blocks` keeps no more of it than a block in memory.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, bindparam, select

from app.casebook import ledger
from app.casebook.ledger import ENTRY, RECORD, STUDY, Position, Row
from app.tables import CAPTURED, Base
from app.tables.base import Captured, fields, table
from app.tables.subjects import Visit

HANGING: tuple[Table, ...] = tuple(t for t in Base.metadata.sorted_tables if "entry_id" in t.c and t is not ENTRY)
"""Every table whose rows hang on an entry, each after those that its foreign keys name."""
VISIT = table(Visit)
BLOCK = 25
Hanging = Mapping[UUID, Sequence[tuple[Table, Row]]]


def blocks(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """The chains of a study a few at a time: few enough to hold, enough to spare the database a question for each."""
    return (names[at : at + BLOCK] for at in range(0, len(names), BLOCK))


def _read(connection: Connection, source: Table, study_id: str, chains: Collection[str], at: Position) -> list[Row]:
    """In the order of chains and of their entries, then of the table's key; a database would sort text by its own lights."""
    mine = (source.c.study_id == STUDY, source.c.subject_id.in_(bindparam("chains", expanding=True)))
    asked = {"study": study_id, "chains": list(chains), **at.parameters}
    found = connection.execute(select(source).where(*mine, ledger.within(source, at.kind)), asked).mappings()
    key = [column.name for column in source.primary_key]
    return sorted(found, key=lambda row: (row["subject_id"], row["chain_no"], *(str(row[name]) for name in key)))


def entries(connection: Connection, study_id: str, chains: Collection[str], at: Position = ledger.NOW) -> list[Row]:
    """The entries of some chains up to a position, each chain oldest first."""
    return _read(connection, ENTRY, study_id, chains, at)


def hanging(
    connection: Connection,
    study_id: str,
    chains: Collection[str],
    at: Position = ledger.NOW,
    tables: Iterable[Table] = HANGING,
) -> Hanging:
    """The rows of some tables that hang on the entries of some chains, by entry; those of one table as they were made."""
    found: dict[UUID, list[tuple[Table, Row]]] = defaultdict(list)
    for source in tables:
        for row in _read(connection, source, study_id, chains, at):
            found[row["entry_id"]].append((source, row))
    return found


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a record, with the entry that made it."""

    row: Row
    entry: Row


@dataclass(frozen=True, slots=True)
class Record:
    """
    A captured record with all its versions up to a position, oldest first.

    `visit`: the name of the visit that it belongs to (of a visit, its own), None where it has none. `instance`: its number
    among all records of its form at its visit, in the order of their creation: a number that is given once.
    """

    identity: Row
    form: type[Captured]
    visit: str | None
    instance: int
    versions: tuple[Version, ...]


def records(
    connection: Connection,
    study_id: str,
    chains: Collection[str],
    at: Position = ledger.NOW,
    forms: Iterable[type[Captured]] = tuple(CAPTURED.values()),
) -> list[Record]:
    """The records of some forms of some chains, by chain and in the order of their creation."""
    wanted = {form.__tablename__: form for form in forms}
    made_by = {entry["entry_id"]: entry for entry in entries(connection, study_id, chains, at)}
    hung = hanging(connection, study_id, chains, at, {RECORD, VISIT, *(table(form) for form in wanted.values())})
    versions: dict[UUID, list[Version]] = defaultdict(list)
    identities: list[Row] = []
    for entry_id, entry in made_by.items():
        for source, row in hung.get(entry_id, ()):
            if source is RECORD:
                identities.append(row)
            else:
                versions[row["record_id"]].append(Version(row, entry))
    return list(_numbered(identities, versions, wanted))


def _numbered(
    identities: Iterable[Row], versions: Mapping[UUID, list[Version]], wanted: Mapping[str, type[Captured]]
) -> Iterator[Record]:
    counted: dict[tuple[Any, ...], int] = defaultdict(int)
    for identity in identities:
        if identity["form"] in wanted:
            visit = versions.get(identity["record_id"] if identity["form"] == VISIT.name else identity["visit_id"])
            name = visit[0].row["visit"] if visit else None
            counted[place := (identity["subject_id"], identity["form"], name)] += 1
            mine = tuple(versions[identity["record_id"]])
            yield Record(identity, wanted[identity["form"]], name, counted[place], mine)


def values(record: Record, row: Row) -> dict[str, Any]:
    """The captured values of a version by field, those of an instrument's items by `answers.item`; null where not recorded."""
    found: dict[str, Any] = {}
    for name, field in fields(record.form).items():
        if field.kind == "answers":
            found |= {f"{name}.{key}": value for key, value in (row[name] or {}).items()}
        else:
            found[name] = row[name]
    return found


def text(value: Any) -> str:
    """
    One value as a cell of text: digits as entered, instants in UTC, a list with semicolons, empty where not recorded.

    A list that was recorded as empty is NONE, a word of no codelist that has lists: it is not the same as not recorded.
    """
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        case list():
            return ";".join(map(text, value)) or "NONE"
        case _:
            return str(value)


@dataclass(frozen=True, slots=True)
class Change:
    """One field from one value to another, and the version that changed it."""

    field: str
    old: Any
    new: Any
    by: Version


def changes(record: Record, after: int = 0) -> Iterator[Change]:
    """Every change of every field in the versions after entry `after`, oldest first; a withdrawal takes every value away."""
    before: Mapping[str, Any] = {}
    for version in record.versions:
        now = {} if version.row["withdrawn"] else values(record, version.row)
        for name in dict.fromkeys((*before, *now)):
            if text(before.get(name)) != text(now.get(name)) and version.row["chain_no"] > after:
                yield Change(name, before.get(name), now.get(name), version)
        before = now
