"""
Entries and their hash chain; rows now, rows as they stood at a cut or an instant.

Every row that is kept hangs on one entry, and every entry is appended here. An entry's `content_digest` covers the rows
that hang on it, its `hash` covers itself and the hash before it: whoever alters, adds or removes a row behind the
triggers' back leaves a digest that no longer fits. A chain is gapless, so a position in it names a state of its subject
for ever; a cut is one position for every chain of the study.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Join,
    Select,
    Table,
    and_,
    bindparam,
    exists,
    func,
    select,
    true,
)
from uuid_utils.compat import uuid7

from app.errors import Invalid
from app.tables import Base
from app.tables.base import Captured, table
from app.tables.ledger import CutHead, Entry, Record
from app.tables.review import Mark

Row = Mapping[Any, Any]

ENTRY = table(Entry)
RECORD = table(Record)
CUT_HEAD = table(CutHead)
MARK = table(Mark)
APPROVAL = "APPROVAL"
"""The meaning of a signature by which a record comes into force."""
TABLES = Base.metadata.sorted_tables
"""Every table after those that its foreign keys name."""
STUDY: BindParameter[str] = bindparam("study")
SUBJECT: BindParameter[str] = bindparam("subject")
"""The chain that a statement is about: statements are built once, and these are what they are asked with."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the person (or the system), in which role, in which study and at which sites (None: all)."""

    person: str
    role: str
    study_id: str | None = None
    sites: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """The act of another system's that an imported entry repeats: whose it was, in which role, when, under which name there."""

    actor: str
    role: str
    at: datetime
    entry: str


@dataclass(frozen=True, slots=True)
class Act:
    """
    The circumstances of one act: by whom, in which request, by which build of the software, and why.

    `source`: the act that this one repeats, where it is imported.
    """

    actor: Actor
    request_id: str
    build: str
    reason_code: str | None = None
    reason: str | None = None
    idempotency_key: str | None = None
    request_digest: str | None = None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends: its last number and hash; number 0 for a chain that has not begun."""

    study_id: str
    subject_id: str
    chain_no: int = 0
    hash: str | None = None
    study_version: int | None = None


@dataclass(frozen=True, slots=True)
class Appended:
    """An entry just appended, and the head that the chain now has."""

    entry_id: UUID
    at: datetime
    head: Head


def canonical(value: Any) -> Any:
    """
    A value as the digest sees it: decimals tagged with the digits entered (`1.2` and `1.20` differ, `-0` is `0`),
    instants in microseconds since 1970 UTC, identifiers as hex.
    """
    match value:
        case Decimal():
            digits = format(value, "f")
            return {"d": digits.removeprefix("-") if value.is_zero() else digits}
        case datetime():
            return {"t": (value - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)}
        case UUID():
            return value.hex
        case dict():
            return {key: canonical(item) for key, item in value.items()}
        case list() | tuple():
            return [canonical(item) for item in value]
        case _:
            return value


def digest(value: Any) -> str:
    """SHA-256 of a value's canonical JSON."""
    text = json.dumps(canonical(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def content_digest(rows: Iterable[tuple[str, Row]]) -> str:
    """The digest of the rows that hang on one entry, in whatever order: a null field counts as absent."""
    return digest(sorted(digest([table, {k: v for k, v in row.items() if v is not None}]) for table, row in rows))


def entry_hash(entry: Row) -> str:
    """The hash of an entry: all its own fields but the hash, the hash before it among them."""
    return digest({k: v for k, v in entry.items() if v is not None and k != "hash"})


def append(connection: Connection, head: Head, act: Act, kind: str, rows: Sequence[tuple[Table, dict[str, Any]]]) -> Appended:
    """
    Append one entry to a chain with the rows that hang on it, one statement for the entry and one a table.

    A writer who appended to the same chain meanwhile makes the database refuse the number (see `database.is_conflict`).
    """
    entry_id, at, number = uuid7(), datetime.now(UTC), head.chain_no + 1
    key = {"study_id": head.study_id, "subject_id": head.subject_id, "chain_no": number, "entry_id": entry_id}
    by_table: dict[Table, list[dict[str, Any]]] = defaultdict(list)
    for into, row in rows:
        by_table[into].append(dict.fromkeys(into.columns.keys()) | row | key)
    entry = key | {
        "act": kind,
        "actor": act.actor.person,
        "role": act.actor.role,
        "at": at,
        "reason_code": act.reason_code,
        "reason": act.reason,
        "request_id": act.request_id,
        "build": act.build,
        "study_version": head.study_version,
        "idempotency_key": act.idempotency_key,
        "request_digest": act.request_digest,
        "content_digest": content_digest((t.name, row) for t, each in by_table.items() for row in each),
        "prev_no": head.chain_no or None,
        "prev_hash": head.hash,
        **_source(act.source),
    }
    entry["hash"] = entry_hash(entry)
    connection.execute(ENTRY.insert(), entry)
    for into in TABLES:
        if into in by_table:
            connection.execute(into.insert(), by_table[into])
    return Appended(entry_id, at, replace(head, chain_no=number, hash=str(entry["hash"])))


def _source(of: Source | None) -> dict[str, Any]:
    """Whose act is repeated, as an entry keeps it: nothing where none is."""
    return {f"source_{name}": getattr(of, name) if of else None for name in ("actor", "role", "at", "entry")}


def consequence(act: Act, of: Appended) -> Act:
    """The same request, as the system's own act: what follows from an entry is attributed to the system and to that entry."""
    system = Actor("casebook", "system", act.actor.study_id)
    whose = "" if of.head.subject_id else " of the study's own chain"
    return Act(system, act.request_id, act.build, "CONSEQUENCE", f"follows from entry {of.head.chain_no}{whose}")


def last(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """One column of the last entry of the chain `:study`, `:subject`, as a scalar subquery of any statement."""
    of_chain = and_(ENTRY.c.study_id == STUDY, ENTRY.c.subject_id == SUBJECT)
    return select(column).where(of_chain).order_by(ENTRY.c.chain_no.desc()).limit(1).scalar_subquery()


@lru_cache
def head_statement() -> Select[Any]:
    """The head of one chain: always one row."""
    return select(
        func.coalesce(last(ENTRY.c.chain_no), 0).label("chain_no"),
        last(ENTRY.c.hash).label("hash"),
    )


def head(connection: Connection, study_id: str, subject_id: str, study_version: int | None = None) -> Head:
    """The head of a chain as this transaction sees it; take the chain's lock first."""
    row = connection.execute(head_statement(), {"study": study_id, "subject": subject_id}).one()
    return Head(study_id, subject_id, row.chain_no, row.hash, study_version)


def by_key(connection: Connection, study_id: str, act: Act) -> Appended | None:
    """
    The entry that a request with this idempotency key made before; None where there is none, or the act carries no key.

    Refused where that was another request: a key belongs to one body at one path for ever.
    """
    if act.idempotency_key is None:
        return None
    mine = (ENTRY.c.study_id == study_id, ENTRY.c.idempotency_key == act.idempotency_key)
    row = connection.execute(select(ENTRY).where(*mine)).one_or_none()
    if row is None:
        return None
    if row.request_digest != act.request_digest:
        raise Invalid(
            "idempotency_key_reused", "This Idempotency-Key belongs to another request; a new request needs a new key"
        )
    return Appended(row.entry_id, row.at, Head(study_id, row.subject_id, row.chain_no, row.hash, row.study_version))


@dataclass(frozen=True, slots=True)
class Position:
    """
    Where in the ledger a reader stands: now (both None), at a cut, or at an instant.

    An instant is turned into the last number of each chain whose entry is not later.
    """

    cut_id: UUID | None = None
    instant: datetime | None = None

    @property
    def kind(self) -> str:
        return "cut" if self.cut_id else "instant" if self.instant else "now"

    @property
    def parameters(self) -> dict[str, Any]:
        return {"cut": self.cut_id} if self.cut_id else {"instant": self.instant} if self.instant else {}


NOW = Position()


def within(table: Any, kind: str) -> ColumnElement[bool]:
    """Whether a row's `chain_no` lies within the position of its chain."""
    if kind == "now":
        return true()
    if kind == "cut":
        heads = CUT_HEAD.alias()
        mine = and_(heads.c.study_id == table.c.study_id, heads.c.head_subject_id == table.c.subject_id)
        limit = select(heads.c.head_no).where(mine, heads.c.cut_id == bindparam("cut")).scalar_subquery()
    else:
        entries = ENTRY.alias()
        mine = and_(entries.c.study_id == table.c.study_id, entries.c.subject_id == table.c.subject_id)
        early = entries.c.at <= bindparam("instant", type_=ENTRY.c.at.type)
        limit = select(func.max(entries.c.chain_no)).where(mine, early).scalar_subquery()
    return table.c.chain_no <= limit  # type: ignore[no-any-return]


def latest(table: Table, kind: str, *identity: str) -> ColumnElement[bool]:
    """Whether no later version of the same thing stands at the position: portable, and served by the version index."""
    later = table.alias()
    same = [later.c[name] == table.c[name] for name in ("study_id", "subject_id", *identity)]
    newer = exists().where(*same, later.c.version > table.c.version, within(later, kind))
    return and_(within(table, kind), ~newer)


IDENTITY = (RECORD.c.visit_id, RECORD.c.origin, RECORD.c.source)
"""What a record is besides its form and subject."""


def identified(own: Table) -> Join:
    """A captured table with the identity of its records."""
    return own.join(RECORD, and_(RECORD.c.study_id == own.c.study_id, RECORD.c.record_id == own.c.record_id))


def _approved(own: Table, kind: str) -> ColumnElement[bool]:
    """Whether a version is signed for approval at a kind of position."""
    same = (MARK.c.study_id == own.c.study_id, MARK.c.record_id == own.c.record_id, MARK.c.record_version == own.c.version)
    return exists().where(*same, MARK.c.status == "signed", MARK.c.meaning == APPROVAL, within(MARK, kind))


@lru_cache
def live_statement(form: type[Captured], kind: str, scope: str) -> Select[Any]:
    """
    Live records of one form (one subject's, or the study's) at a kind of position, with visit and origin, and `signed` where
    the form is one to be signed; built once.
    """
    own = table(form)
    signed = [_approved(own, kind).label("signed")] if form.__form__.signed else []
    rows = select(own, *IDENTITY, *signed).select_from(identified(own))
    rows = rows.where(own.c.study_id == STUDY, ~own.c.withdrawn, latest(own, kind, "record_id"))
    if scope == "subject":
        rows = rows.where(own.c.subject_id == SUBJECT)
    return rows.order_by(own.c.subject_id, own.c.record_id)


def live(connection: Connection, form: type[Captured], study_id: str, subject_id: str | None, at: Position = NOW) -> list[Row]:
    """The live records of a form, of one subject or (None) of the whole study, in the order in which they were created."""
    statement = live_statement(form, at.kind, "study" if subject_id is None else "subject")
    found = connection.execute(statement, {"study": study_id, "subject": subject_id, **at.parameters})
    return list(found.mappings())


SOURCE = ("source_actor", "source_role", "source_at", "source_entry")
MADE = ("act", "actor", "role", "at", "reason_code", "reason", "request_id", "build", *SOURCE)
"""What the history of a record tells of the entry that made a version."""


def versions(connection: Connection, form: type[Captured], study_id: str, subject_id: str, record_id: UUID) -> list[Row]:
    """Every version of one record with the entry that made it, oldest first: withdrawn ones too, nothing is hidden."""
    own = table(form)
    keys = ("study_id", "subject_id", "chain_no")
    of = identified(own).join(ENTRY, and_(*(ENTRY.c[key] == own.c[key] for key in keys)))
    mine = (own.c.study_id == study_id, own.c.subject_id == subject_id, own.c.record_id == record_id)
    rows = select(own, *IDENTITY, *(ENTRY.c[name].label(f"entry_{name}") for name in MADE)).select_from(of).where(*mine)
    return list(connection.execute(rows.order_by(own.c.version)).mappings())
