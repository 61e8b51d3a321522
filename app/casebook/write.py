"""
The one door: record, correct, withdraw, sign. Nothing else writes what was captured.

Each is one transaction on one subject's chain: lock, one SELECT of all that the decision needs, the entry with its rows,
then what follows from it (`settle`). A new record takes nine statements, a correction eight, plus one for each further
fact table that its rules read; a dose that is recorded as given, and an entry into an arm, one more for each table that
their gates read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, exists, func, null, select
from uuid_utils.compat import uuid7

from app.casebook import access, conform, forms, gates, ledger, links, marks
from app.casebook.database import lock_chain, lock_what_is_read
from app.casebook.ledger import ENTRY, IDENTITY, RECORD, STUDY, SUBJECT, Act, Appended, Head, Row
from app.casebook.read import shown
from app.casebook.settle import Settled, settle, told
from app.casebook.studies import library
from app.casebook.studies.library import Study
from app.errors import Conflict, Invalid, NotFound, Stale
from app.rules import derive
from app.tables import CAPTURED
from app.tables.base import STUDY_CHAIN, Captured, fields, table
from app.tables.subjects import Subject, Visit

Values = dict[str, Any]
REGISTERED = table(Subject)
VISIT = table(Visit)


@dataclass(frozen=True, slots=True)
class Written:
    """What one act did: its entry, the records as they now stand, and what followed: verdicts that moved, queries."""

    entry: Appended
    records: tuple[Values, ...]
    settled: Settled = field(default_factory=Settled)
    repeated: bool = False


def _of_visit(form: type[Captured]) -> ColumnElement[Any]:
    """The name of the visit that a record belongs to, which never changes; NULL for a form without visits of its own."""
    if form.__form__.visit == "never":
        return null().label("of_visit")
    mine = and_(VISIT.c.study_id == STUDY, VISIT.c.record_id == RECORD.c.visit_id, VISIT.c.version == 1)
    return select(VISIT.c.visit).where(mine).scalar_subquery().label("of_visit")


def _chain() -> list[ColumnElement[Any]]:
    """What every write must know of the chain it appends to, each a scalar subquery of one SELECT."""
    mine = and_(REGISTERED.c.study_id == STUDY, REGISTERED.c.subject_id == SUBJECT)
    return [
        func.coalesce(ledger.last(ENTRY.c.chain_no), 0).label("chain_no"),
        ledger.last(ENTRY.c.hash).label("hash"),
        library.version_in_force(STUDY).label("study_version"),
        select(REGISTERED.c.siteid).where(mine).scalar_subquery().label("siteid"),
    ]


@lru_cache
def _before_record(form: type[Captured]) -> Select[Any]:
    """All that a new record of a form must know before it is written, in one row."""
    repeated = and_(ENTRY.c.study_id == STUDY, ENTRY.c.idempotency_key == bindparam("key"))
    return select(*_chain(), exists().where(repeated).label("repeated"), *gates.known(form))


@lru_cache
def _before_change(form: type[Captured]) -> Select[Any]:
    """All that a change of a record must know: the record as it stands, and the chain; no row where there is no such record."""
    own = table(form)
    mine = (own.c.study_id == STUDY, own.c.subject_id == SUBJECT, own.c.record_id == bindparam("record"))
    values = [own.c[name] for name in ("record_id", "version", "withdrawn", *fields(form))]
    chain = [column.label(f"chain_{column.name}") for column in _chain()]
    stands = select(*values, *IDENTITY, _of_visit(form), *chain).select_from(ledger.identified(own))
    return stands.where(*mine, ledger.latest(own, "now", "record_id"))


def _turn(connection: Connection, study_id: str, subject_id: str, form: type[Captured]) -> None:
    """Wait for the turn in a chain; what rests on lots or decisions waits for who is writing those, and they for it."""
    on_study = form.__form__.scope == "study"
    lock_chain(connection, study_id, subject_id, reads_study=not on_study and _reads_study(form))
    if on_study:
        lock_what_is_read(connection, study_id)


@lru_cache
def _reads_study(form: type[Captured]) -> bool:
    read = derive.tables(derive.affected(form.__tablename__))
    return any(CAPTURED[name].__form__.scope == "study" for name in read)


def because(act: Act, body: forms.Reasoned) -> Act:
    """The same act, with the reason for change that its body gives."""
    return replace(act, reason_code=body.reason.code, reason=body.reason.text)


def register(connection: Connection, act: Act, study: Study, subject_id: str, siteid: str) -> Written:
    """
    Register a subject under its one code, the first act of its chain.

    Refused: a code that the study's pattern does not allow or that is taken, a site that the study or the caller has not.
    """
    if not re.fullmatch(study.document.study.subject_pattern, subject_id):
        words = f"{subject_id} is no subject code of {study.id}: its codes look like {study.document.study.subject_pattern}"
        raise conform.refuse("subject_id", "unknown_code", words)
    if siteid not in {site.siteid for site in study.document.sites} or not access.in_scope(act.actor, siteid):
        raise conform.refuse("siteid", "unknown_site", f"{siteid} is not a site of yours in {study.id}")
    lock_chain(connection, study.id, subject_id)
    head = ledger.head(connection, study.id, subject_id, study.version)
    row = {"siteid": siteid, "origin": study.document.study.origin}
    if repeated := ledger.by_key(connection, study.id, act):
        return Written(repeated, ({"subject_id": subject_id, **row},), repeated=True)
    if head.chain_no:
        raise Conflict("subject_exists", f"Subject {subject_id} of {study.id} is registered already")
    entry = ledger.append(connection, head, act, "register", [(REGISTERED, row)])
    return Written(entry, ({"subject_id": subject_id, **row},))


def record(
    connection: Connection, act: Act, study_id: str, subject_id: str, form: type[Captured], bodies: Mapping[str, Values]
) -> Written:
    """
    Record one body or a panel of them under one entry, each by where it stands in what was sent (an RFC 6901 pointer).

    Refused, with nothing stored: a subject out of scope (404), a gate not passed or a second record where the form allows
    one (409), a body that the study document does not allow (422).
    """
    _turn(connection, study_id, subject_id, form)
    visit = gates.one_visit(form, bodies)
    asked = {"visit": visit, "key": act.idempotency_key, "names": gates.names(form, bodies)}
    known = connection.execute(_before_record(form), {"study": study_id, "subject": subject_id} | asked).one()
    if form.__form__.scope == "subject" and not access.in_scope(act.actor, known.siteid):
        raise NotFound("no_such_subject", f"There is no subject {subject_id} in study {study_id}")
    if known.repeated and (repeated := ledger.by_key(connection, study_id, act)):
        return _repeated(connection, study_id, subject_id, form, repeated)
    study = library.study(connection, study_id, known.study_version)
    gates.enter(connection, study, subject_id, form, known, bodies)
    made = _made(connection, study, subject_id, form, known.visit_id, bodies)
    first = {"version": 1, "withdrawn": False}
    gates.stop(connection, study, subject_id, form, {at: i | first | v for at, (i, v) in zip(bodies, made, strict=True)})
    rows = [(RECORD, identity) for identity, _ in made]
    rows += [(table(form), {"record_id": identity["record_id"]} | first | values) for identity, values in made]
    head = Head(study_id, subject_id, known.chain_no, known.hash, study.version)
    entry = ledger.append(connection, head, act, "record", rows)
    records = tuple(shown(form, identity | first | values, visit) for identity, values in made)
    new: dict[UUID, Row] = {identity["record_id"]: {} for identity, _ in made}
    return Written(entry, records, settle(connection, act, study, entry, form, new))


def correct(
    connection: Connection,
    act: Act,
    study_id: str,
    subject_id: str,
    form: type[Captured],
    record_id: UUID,
    seen: int,
    changes: Values,
) -> Written:
    """
    Correct a record: a new version with the changed fields (None clears one), the reason in its entry. Of an instrument only
    the items that change need be sent: an item that is left out stays as it is.

    Refused: a record out of scope (404), a version that is not the latest (412), a reason that the study does not list, a
    change that changes nothing, or a result that the form or the document does not allow (422).
    """
    study, stands, head = _open(connection, act, study_id, subject_id, form, record_id, seen)
    gates.reason(study, act)
    before = {name: stands[name] for name in fields(form)}
    if fixed := [name for name in changes if conform.is_fixed(form, name, before) and changes[name] != before[name]]:
        raise conform.refuse(fixed[0], "identity", f"{fixed[0]} says what the record is; withdraw it and enter it anew")
    merged = before | changes | _items(form, before, changes)
    if empty := [name for name, field_ in fields(form).items() if field_.required and merged[name] is None]:
        raise conform.refuse(empty[0], "missing", f"{empty[0]} is required and cannot be cleared")
    merged = conform.conform(connection, study, subject_id, form, merged)
    links.hold(connection, study.id, subject_id, form, {"": merged})
    links.once(connection, study.id, subject_id, form, before, merged)
    if ledger.digest(merged) == ledger.digest(before):
        raise Invalid("nothing_changes", f"The correction of {form.__form__.title} {record_id} changes no value")
    gates.stop(connection, study, subject_id, form, {"": {**stands, **merged}}, stands)
    return _next(connection, act, study, head, form, stands, merged, "correct")


def _items(form: type[Captured], before: Values, changes: Values) -> Values:
    """The answers of an instrument as they stand after a change of some of its items."""
    of = [name for name, field_ in fields(form).items() if field_.kind == "answers"]
    return {name: before[name] | changes[name] for name in of if before[name] is not None and changes.get(name) is not None}


def withdraw(
    connection: Connection, act: Act, study_id: str, subject_id: str, form: type[Captured], record_id: UUID, seen: int
) -> Written:
    """Withdraw a record entered in error: its values stay in the trail and no longer count. Refusals as in `correct`."""
    study, stands, head = _open(connection, act, study_id, subject_id, form, record_id, seen)
    gates.reason(study, act)
    gates.withdraw(connection, study, subject_id, form, record_id)
    links.free(connection, study.id, subject_id, form, stands)
    values = {name: stands[name] for name in fields(form)}
    return _next(connection, act, study, head, form, stands, values, "withdraw")


def sign(
    connection: Connection,
    act: Act,
    study_id: str,
    subject_id: str,
    form: type[Captured],
    record_id: UUID,
    seen: int,
    meaning: str,
) -> None:
    """
    Sign a record at the version that the caller saw; what follows from a record that is now in force is settled with it.

    Refused: a record out of scope (404), one that was withdrawn or that the person has so signed (409), another version (412).
    """
    study, stands, head = _open(connection, act, study_id, subject_id, form, record_id, seen)
    mark = marks.signature(connection, act, study_id, form, record_id, seen, meaning)
    entry = ledger.append(connection, head, act, "sign", [(ledger.MARK, mark)])
    settle(connection, act, study, entry, form, {record_id: stands})


def _repeated(connection: Connection, study_id: str, subject_id: str, form: type[Captured], entry: Appended) -> Written:
    """The answer to a request that was answered before: what its entry did, read back from the ledger."""
    own = table(form)
    mine = (own.c.study_id == study_id, own.c.subject_id == subject_id, own.c.chain_no == entry.head.chain_no)
    rows = select(own, *IDENTITY, _of_visit(form)).select_from(ledger.identified(own)).where(*mine).order_by(own.c.record_id)
    found = connection.execute(rows, {"study": study_id}).mappings()
    records = tuple(shown(form, row, row["of_visit"]) for row in found)
    return Written(entry, records, told(connection, entry.head), repeated=True)


def _made(
    connection: Connection,
    study: Study,
    subject_id: str,
    form: type[Captured],
    visit_id: UUID | None,
    bodies: Mapping[str, Values],
) -> list[tuple[Values, Values]]:
    """Identity and captured values of each new record, in the order in which they were sent."""
    identities: list[Values] = []
    values: dict[str, Values] = {}
    for at, body in bodies.items():
        with forms.within(at):
            identities.append(_identity(form, visit_id, study, body))
            captured = {name: body.get(name) for name in fields(form)}
            values[at] = conform.conform(connection, study, subject_id, form, captured)
    gates.one_name(form, values)
    links.hold(connection, study.id, subject_id, form, values)
    return list(zip(identities, values.values(), strict=True))


def _identity(form: type[Captured], visit_id: UUID | None, study: Study, body: Values) -> Values:
    """What the record is: never content, never changed. Only a published study may say how a value was published."""
    default = study.document.study.origin
    for key in ("origin", "source"):
        if body[key] is not None and default != "published":
            words = f"{key} belongs to published data; the data of {study.id} are {default}"
            raise conform.refuse(key, "origin_out_of_place", words)
    return {
        "record_id": uuid7(),
        "form": form.__tablename__,
        "visit_id": visit_id,
        "origin": body["origin"] or default,
        "source": body["source"],
    }


def _open(
    connection: Connection, act: Act, study_id: str, subject_id: str, form: type[Captured], record_id: UUID, seen: int
) -> tuple[Study, Row, Head]:
    """The record that a change is about, locked and in scope, at the version that the caller saw."""
    _turn(connection, study_id, subject_id, form)
    parameters = {"study": study_id, "subject": subject_id, "record": record_id}
    stands = connection.execute(_before_change(form), parameters).mappings().one_or_none()
    on_study = subject_id == STUDY_CHAIN
    if stands is None or not (on_study or access.in_scope(act.actor, stands["chain_siteid"])):
        raise NotFound(
            "no_such_record", f"There is no {form.__form__.title} {record_id} of subject {subject_id or 'the study'}"
        )
    if stands["version"] != seen:
        raise Stale(
            "stale_version",
            f"{form.__form__.title} {record_id} stands at version {stands['version']}; you saw {seen}",
            current_etag=f'"{stands["version"]}"',
        )
    if stands["withdrawn"]:
        raise Conflict("withdrawn", f"{form.__form__.title} {record_id} was withdrawn; enter it anew")
    study = library.study(connection, study_id, stands["chain_study_version"])
    return study, stands, Head(study_id, subject_id, stands["chain_chain_no"], stands["chain_hash"], study.version)


def _next(
    connection: Connection, act: Act, study: Study, head: Head, form: type[Captured], stands: Row, values: Values, kind: str
) -> Written:
    row = {"record_id": stands["record_id"], "version": stands["version"] + 1, "withdrawn": kind == "withdraw"} | values
    entry = ledger.append(connection, head, act, kind, [(table(form), row)])
    now = shown(form, {**stands, **row}, stands["of_visit"])
    return Written(entry, (now,), settle(connection, act, study, entry, form, {stands["record_id"]: stands}))
