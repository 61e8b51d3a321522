"""
Marks: the status that a person gives one version of one record. The only one as yet is `signed`.

A mark is an entry of its own about a version, so it breaks by construction: it counts while that version is the latest and
not withdrawn, and a correction makes another the latest in its own transaction. What a signature is bound to is a digest of
the version's values, of the version of the study document under which they were written, and, where they name a data cut, of
the entry that sealed the cut: copied to other content it no longer fits, which `casebook verify` shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, func, select
from uuid_utils.compat import uuid7

from app.casebook import ledger
from app.casebook.ledger import ENTRY, MARK, NOW, RECORD, Act, Position, Row
from app.errors import Conflict
from app.tables import CAPTURED
from app.tables.base import Captured, fields, table
from app.tables.ledger import Cut

CUT = table(Cut)
SIGNED = "signed"
SIGNER = {"name": "actor", "role": "role", "at": "at"}
SAYS = ("record_id", "record_version", "meaning", "content")


def content(connection: Connection, study_id: str, form: type[Captured], record_id: UUID, version: int) -> str | None:
    """
    The digest of what a version says, of the definition it was written under, and of the data cut that it names; None where
    there is no such version.
    """
    own = table(form)
    made = and_(*(ENTRY.c[name] == own.c[name] for name in ("study_id", "subject_id", "chain_no")))
    mine = (own.c.study_id == study_id, own.c.record_id == record_id, own.c.version == version)
    row = connection.execute(select(own, ENTRY.c.study_version).join(ENTRY, made).where(*mine)).mappings().one_or_none()
    if row is None:
        return None
    said = {name: row[name] for name in ("record_id", "version", "withdrawn", "study_version", *fields(form))}
    return ledger.digest([form.__tablename__, said, _seal(connection, study_id, row.get("cutname"))])


def _seal(connection: Connection, study_id: str, cut: str | None) -> str | None:
    """The hash of the entry that took a cut, which covers the heads of all its chains; None where no cut is named."""
    if cut is None:
        return None
    same = and_(*(CUT.c[name] == ENTRY.c[name] for name in ("study_id", "subject_id", "chain_no")))
    return connection.scalar(select(ENTRY.c.hash).join(CUT, same).where(CUT.c.study_id == study_id, CUT.c.name == cut))


def signature(
    connection: Connection, act: Act, study_id: str, form: type[Captured], record_id: UUID, version: int, meaning: str
) -> dict[str, Any]:
    """The mark of a signature on a version; refused where the same person has signed it with the same meaning."""
    given = signatures(connection, study_id, record_id)
    name = act.source.actor if act.source else act.actor.person
    mine = {"name": name, "record_version": version, "meaning": meaning}
    if any(mine.items() <= one.items() for one in given):
        words = f"{name} has signed version {version} for {meaning.lower()} already"
        raise Conflict("signed_already", f"{form.__form__.title} {record_id}: {words}")
    said = {"record_id": record_id, "record_version": version, "status": SIGNED, "meaning": meaning}
    return {"mark_id": uuid7(), **said, "content": content(connection, study_id, form, record_id, version)}


def signatures(connection: Connection, study_id: str, record_id: UUID, at: Position = NOW) -> list[dict[str, Any]]:
    """
    The signatures of a record, oldest first: version, printed name, role, instant in UTC, meaning, what was signed (C1); of an
    imported one the name, the role and the instant of who signed it.
    """
    told = {name: func.coalesce(ENTRY.c[f"source_{of}"], ENTRY.c[of]) for name, of in SIGNER.items()}
    made = and_(*(MARK.c[name] == ENTRY.c[name] for name in ("study_id", "subject_id", "chain_no")))
    columns = [*(MARK.c[name] for name in SAYS), *(column.label(name) for name, column in told.items())]
    mine = (MARK.c.study_id == study_id, MARK.c.record_id == record_id, MARK.c.status == SIGNED)
    rows = select(*columns).join(ENTRY, made).where(*mine, ledger.within(MARK, at.kind)).order_by(MARK.c.mark_id)
    return [dict(row) for row in connection.execute(rows, at.parameters).mappings()]


def unfit(connection: Connection, study_id: str, subject_id: str) -> Iterator[Row]:
    """The marks of a chain whose digest is not that of the version they name, or whose version is not there."""
    same = and_(RECORD.c.study_id == MARK.c.study_id, RECORD.c.record_id == MARK.c.record_id)
    mine = (MARK.c.study_id == study_id, MARK.c.subject_id == subject_id)
    for mark in connection.execute(select(MARK, RECORD.c.form).join(RECORD, same).where(*mine).order_by(MARK.c.chain_no)):
        if content(connection, study_id, CAPTURED[mark.form], mark.record_id, mark.record_version) != mark.content:
            yield mark._mapping
