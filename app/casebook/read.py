"""What the casebook tells a reader: subjects in scope, records, their history, verdicts and how they came about, queries."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from app.casebook import access, ledger, marks, settle
from app.casebook.ledger import ENTRY, Actor, Position, Row
from app.casebook.studies import library
from app.errors import NotFound
from app.rules import explain
from app.tables import CAPTURED
from app.tables.base import STUDY_CHAIN, Captured, fields, table
from app.tables.review import Query
from app.tables.subjects import Subject, Visit

SUBJECT = table(Subject)
QUERY = table(Query)
VISIT = table(Visit)
Shown = dict[str, Any]


def subjects(connection: Connection, who: Actor, study_id: str) -> list[Shown]:
    """The subjects of a study at the caller's sites, by code."""
    rows = select(SUBJECT.c.subject_id, SUBJECT.c.siteid, SUBJECT.c.origin).where(SUBJECT.c.study_id == study_id)
    if who.sites is not None:
        rows = rows.where(SUBJECT.c.siteid.in_(sorted(who.sites)))
    return [dict(row) for row in connection.execute(rows.order_by(SUBJECT.c.subject_id)).mappings()]


def in_scope(connection: Connection, who: Actor, study_id: str, subject_id: str) -> None:
    """Refuse (404) a subject that does not exist or that another site follows; a study's own chain is everybody's in it."""
    if subject_id == STUDY_CHAIN:
        library.study(connection, study_id)
        return
    mine = (SUBJECT.c.study_id == study_id, SUBJECT.c.subject_id == subject_id)
    if not access.in_scope(who, connection.scalar(select(SUBJECT.c.siteid).where(*mine))):
        raise NotFound("no_such_subject", f"There is no subject {subject_id} in study {study_id}")


def records(
    connection: Connection, who: Actor, study_id: str, subject_id: str, form: type[Captured], at: Position
) -> list[Shown]:
    """The live records of a form of one subject at a position, with the name of the visit that each belongs to."""
    in_scope(connection, who, study_id, subject_id)
    names = _visit_names(connection, study_id, subject_id)
    return [shown(form, row, names.get(row["visit_id"])) for row in ledger.live(connection, form, study_id, subject_id, at)]


def casebook(connection: Connection, who: Actor, study_id: str, subject_id: str, at: Position) -> dict[str, list[Shown]]:
    """Everything collected on one subject at a position: live records by form, forms without records left out."""
    forms = {name: form for name, form in CAPTURED.items() if form.__form__.scope == "subject"}
    found = {name: records(connection, who, study_id, subject_id, form, at) for name, form in forms.items()}
    return {name: rows for name, rows in found.items() if rows}


def history(
    connection: Connection, who: Actor, study_id: str, subject_id: str, form: type[Captured], record_id: UUID
) -> list[Shown]:
    """Every version of a record, oldest first, each with its entry and the fields that it changed, from what to what (A3)."""
    in_scope(connection, who, study_id, subject_id)
    rows = ledger.versions(connection, form, study_id, subject_id, record_id)
    if not rows:
        raise NotFound(
            "no_such_record", f"There is no {form.__form__.title} {record_id} of subject {subject_id or 'the study'}"
        )
    names = _visit_names(connection, study_id, subject_id)
    earlier: list[Row | None] = [None, *rows[:-1]]
    return [
        shown(form, row, names.get(row["visit_id"]))
        | {
            "entry": {"entry_id": row["entry_id"]} | {name: row[f"entry_{name}"] for name in ledger.MADE},
            "changed": _changed(form, before, row),
        }
        for before, row in zip(earlier, rows, strict=True)
    ]


def _changed(form: type[Captured], before: Row | None, after: Row) -> dict[str, Shown]:
    names = [name for name in fields(form) if before is None or before[name] != after[name]]
    return {
        name: {"from": None if before is None else before[name], "to": after[name]}
        for name in names
        if before is not None or after[name] is not None
    }


def _visit_names(connection: Connection, study_id: str, subject_id: str) -> dict[UUID, str]:
    mine = (VISIT.c.study_id == study_id, VISIT.c.subject_id == subject_id, VISIT.c.version == 1)
    return {row.record_id: row.visit for row in connection.execute(select(VISIT.c.record_id, VISIT.c.visit).where(*mine))}


def shown(form: type[Captured], row: Row, visit: str | None) -> Shown:
    """A record as a client sees it: identity, version, the visit where the form has visits, then the fields as captured."""
    own = {name: row[name] for name in ("record_id", "version", "withdrawn", "origin", "source")}
    at = {} if form.__form__.visit == "never" else {"visit": visit}
    return own | {"form": form.__tablename__} | at | {name: row[name] for name in fields(form)}


def verdicts(connection: Connection, who: Actor, study_id: str, subject_id: str, at: Position) -> list[Shown]:
    """What the rules say of one subject at a position, each in a sentence."""
    in_scope(connection, who, study_id, subject_id)
    names = ("verdict_id", "version", "rule", "rule_version", "about", "value", "amount", "lowest", "highest", "missing")
    found = settle.stored(connection, study_id, subject_id, at)
    return [{name: row[name] for name in names} | {"says": explain.sentences(settle.verdict_of(row))[0]} for row in found]


def verdict(connection: Connection, who: Actor, study_id: str, subject_id: str, verdict_id: UUID, at: Position) -> Shown:
    """
    One verdict at a position, explained: criteria with their own answers, the facts with record, version, value, unit and
    date, what was missing, the rule with its version and source, and all of it in sentences.
    """
    in_scope(connection, who, study_id, subject_id)
    row = next((row for row in settle.stored(connection, study_id, subject_id, at) if row["verdict_id"] == verdict_id), None)
    if row is None:
        raise NotFound("no_such_verdict", f"There is no verdict {verdict_id} of subject {subject_id} here")
    found = settle.verdict_of(row)
    names = ("verdict_id", "version", "about", "value", "amount", "lowest", "highest", "criteria", "missing", "rests_on")
    return {name: row[name] for name in names} | {
        "rule": asdict(found.rule),
        "sentences": explain.sentences(found),
        "entry": {"chain_no": row["chain_no"], "entry_id": row["entry_id"]},
        "moves": _moves(connection, study_id, verdict_id),
    }


def _moves(connection: Connection, study_id: str, verdict_id: UUID) -> list[Shown]:
    """The life of a verdict: each version's value, the criteria that moved it, when, and the entry that it follows from."""
    of = settle.VERDICT.c
    joined = settle.VERDICT.join(
        ENTRY, (of.chain_no == ENTRY.c.chain_no) & (of.subject_id == ENTRY.c.subject_id) & (of.study_id == ENTRY.c.study_id)
    )
    columns = (of.version, of.value, of.amount, of.criteria, of.chain_no, ENTRY.c.at, ENTRY.c.reason)
    rows = select(*columns).select_from(joined).where(of.study_id == study_id, of.verdict_id == verdict_id)
    lived = connection.execute(rows.order_by(of.version)).mappings().all()
    earlier = (None, *lived[:-1])
    return [dict(row) | {"criteria": settle.criteria_moved(before, row)} for before, row in zip(earlier, lived, strict=True)]


def queries(connection: Connection, who: Actor, study_id: str, subject_id: str, at: Position) -> list[Shown]:
    """The queries of one subject at a position, oldest first."""
    in_scope(connection, who, study_id, subject_id)
    names = ("query_id", "version", "state", "record_id", "record_version", "field", "rule", "verdict_id", "text")
    mine = (QUERY.c.study_id == study_id, QUERY.c.subject_id == subject_id)
    rows = select(*(QUERY.c[name] for name in names)).where(*mine, ledger.latest(QUERY, at.kind, "query_id"))
    return [dict(row) for row in connection.execute(rows.order_by(QUERY.c.query_id), at.parameters).mappings()]


def signatures(connection: Connection, who: Actor, study_id: str, form: type[Captured], record_id: UUID) -> list[Shown]:
    """
    The signatures of a record of the study, oldest first, each `valid`, or `broken` where its version is not the latest or
    was withdrawn (C5).
    """
    last = history(connection, who, study_id, STUDY_CHAIN, form, record_id)[-1]
    standing = None if last["withdrawn"] else last["version"]
    found = marks.signatures(connection, study_id, record_id)
    return [one | {"state": "valid" if one["record_version"] == standing else "broken"} for one in found]


def trail(connection: Connection, who: Actor, study_id: str, subject_id: str) -> list[Shown]:
    """The entries of one chain, oldest first: who did what, when, why, by which build, and the hashes that chain them."""
    in_scope(connection, who, study_id, subject_id)
    rows = select(ENTRY).where(ENTRY.c.study_id == study_id, ENTRY.c.subject_id == subject_id).order_by(ENTRY.c.chain_no)
    hidden = {"idempotency_key", "request_digest"}
    return [{k: v for k, v in row.items() if k not in hidden} for row in connection.execute(rows).mappings()]
