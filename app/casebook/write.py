"""
The one door: record, correct, withdraw. Nothing else writes what was captured.

Each is one transaction on one subject's chain: lock, one SELECT of all that the decision needs, the entry with its rows,
then what follows from it (`settle`). A new record takes nine statements, a correction eight, plus one for each further
fact table that its rules read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, exists, func, select
from uuid_utils.compat import uuid7

from app.casebook import access, conform, forms, ledger, library
from app.casebook.database import lock_chain
from app.casebook.ledger import ENTRY, IDENTITY, RECORD, STUDY, SUBJECT, Act, Appended, Head, Row
from app.casebook.library import Study
from app.casebook.settle import Settled, settle, told
from app.errors import Conflict, Fault, Invalid, NotFound, Stale
from app.tables.base import STUDY_CHAIN, Captured, fields, table
from app.tables.subjects import Disposition, Eligibility, Subject, Visit

Values = dict[str, Any]
REGISTERED = table(Subject)
VISIT = table(Visit)
DISPOSITION = table(Disposition)
MOST_RECORDS = 500


@dataclass(frozen=True, slots=True)
class Written:
    """What one act did: its entry, the records as they now stand, and what followed: verdicts that moved, queries."""

    entry: Appended
    records: tuple[Values, ...]
    settled: Settled = field(default_factory=Settled)
    repeated: bool = False


def _current_visit(visit_id: ColumnElement[Any]) -> ColumnElement[Any]:
    mine = and_(VISIT.c.study_id == STUDY, VISIT.c.record_id == visit_id, VISIT.c.version == 1)
    return select(VISIT.c.visit).where(mine).scalar_subquery()


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
    own = table(form)
    visit_is = and_(VISIT.c.study_id == STUDY, VISIT.c.subject_id == SUBJECT, VISIT.c.visit == bindparam("visit"))
    named = select(VISIT.c.record_id).where(visit_is, ~VISIT.c.withdrawn, ledger.latest(VISIT, "now", "record_id"))
    consent = and_(DISPOSITION.c.study_id == STUDY, DISPOSITION.c.subject_id == SUBJECT)
    agreed = and_(consent, DISPOSITION.c.dsdecod == conform.CONSENT, ~DISPOSITION.c.withdrawn)
    stands = [own.c.study_id == STUDY, own.c.subject_id == SUBJECT, ~own.c.withdrawn, ledger.latest(own, "now", "record_id")]
    if form.__form__.named:
        stands.append(own.c[form.__form__.named].in_(bindparam("names", expanding=True)))
    repeated = and_(ENTRY.c.study_id == STUDY, ENTRY.c.idempotency_key == bindparam("key"))
    return select(
        *_chain(),
        exists().where(repeated).label("repeated"),
        named.limit(1).scalar_subquery().label("visit_id"),
        exists().where(agreed, ledger.latest(DISPOSITION, "now", "record_id")).label("consented"),
        exists().where(*stands).label("stands"),
    )


@lru_cache
def _before_change(form: type[Captured]) -> Select[Any]:
    """All that a change of a record must know: the record as it stands, and the chain; no row where there is no such record."""
    own = table(form)
    mine = (own.c.study_id == STUDY, own.c.subject_id == SUBJECT, own.c.record_id == bindparam("record"))
    values = [own.c[name] for name in ("record_id", "version", "withdrawn", *fields(form))]
    chain = [column.label(f"chain_{column.name}") for column in _chain()]
    visit = [] if form is Visit else [_current_visit(RECORD.c.visit_id).label("visit")]
    of = ledger.identified(own)
    return select(*values, *IDENTITY, *visit, *chain).select_from(of).where(*mine, ledger.latest(own, "now", "record_id"))


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
        raise Invalid("unknown_code", words, faults=[Fault("/subject_id", "unknown_code", words)])
    if siteid not in {site.siteid for site in study.document.sites} or not access.in_scope(act.actor, siteid):
        raise Invalid(
            "unknown_site",
            words := f"{siteid} is not a site of yours in {study.id}",
            faults=[Fault("/siteid", "unknown_site", words)],
        )
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
    connection: Connection, act: Act, study_id: str, subject_id: str, form: type[Captured], bodies: Sequence[Values]
) -> Written:
    """
    Record one body or a panel of them under one entry; a panel belongs to one visit.

    Refused, with nothing stored: a subject out of scope (404), a gate not passed or a second record where the form allows
    one (409), a body that the study document does not allow (422).
    """
    lock_chain(connection, study_id, subject_id)
    visit = _one_visit(bodies) if form is not Visit else None
    names = _names(form, bodies)
    parameters = {"study": study_id, "subject": subject_id, "visit": visit, "key": act.idempotency_key, "names": names}
    known = connection.execute(_before_record(form), parameters).one()
    if form.__form__.scope == "subject" and not access.in_scope(act.actor, known.siteid):
        raise NotFound("no_such_subject", f"There is no subject {subject_id} in study {study_id}")
    if known.repeated and (repeated := ledger.by_key(connection, study_id, act)):
        return _repeated(connection, study_id, subject_id, form, repeated)
    study = library.study(connection, study_id, known.study_version)
    _gates(connection, study, subject_id, form, known, visit, bodies)
    identities = [_identity(form, known.visit_id, study, body) for body in bodies]
    values = [_values(connection, study, subject_id, form, body) for body in bodies]
    rows = [(RECORD, identity) for identity in identities]
    rows += [
        (table(form), {"record_id": identity["record_id"], "version": 1, "withdrawn": False} | each)
        for identity, each in zip(identities, values, strict=True)
    ]
    head = Head(study_id, subject_id, known.chain_no, known.hash, study.version)
    entry = ledger.append(connection, head, act, "record", rows)
    shown = tuple(
        _shown(form, identity | {"version": 1, "withdrawn": False, "visit": visit} | each)
        for identity, each in zip(identities, values, strict=True)
    )
    return Written(entry, shown, settle(connection, act, study, entry, form))


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
    Correct a record: a new version with the changed fields (None clears one), the reason in its entry.

    Refused: a record out of scope (404), a version that is not the latest (412), a reason that the study does not list, a
    change that changes nothing, or a result that the form or the document does not allow (422).
    """
    study, stands, head = _open(connection, act, study_id, subject_id, form, record_id, seen)
    before = {name: stands[name] for name in fields(form)}
    if fixed := [name for name in changes if conform.is_identity(form, name) and changes[name] != before[name]]:
        raise conform.refuse(fixed[0], "identity", f"{fixed[0]} says what the record is; withdraw it and enter it anew")
    merged = before | changes
    if empty := [name for name, field_ in fields(form).items() if field_.required and merged[name] is None]:
        raise conform.refuse(empty[0], "missing", f"{empty[0]} is required and cannot be cleared")
    if form is not Visit:
        merged = conform.conform(connection, study, subject_id, form, merged)
    if ledger.digest(merged) == ledger.digest(before):
        raise Invalid("nothing_changes", f"The correction of {form.__form__.title} {record_id} changes no value")
    return _next(connection, act, study, head, form, stands, merged, "correct")


def withdraw(
    connection: Connection, act: Act, study_id: str, subject_id: str, form: type[Captured], record_id: UUID, seen: int
) -> Written:
    """Withdraw a record entered in error: its values stay in the trail and no longer count. Refusals as in `correct`."""
    study, stands, head = _open(connection, act, study_id, subject_id, form, record_id, seen)
    values = {name: stands[name] for name in fields(form)}
    return _next(connection, act, study, head, form, stands, values, "withdraw")


def _repeated(connection: Connection, study_id: str, subject_id: str, form: type[Captured], entry: Appended) -> Written:
    """The answer to a request that was answered before: what its entry did, read back from the ledger."""
    own = table(form)
    visit = [] if form is Visit else [_current_visit(RECORD.c.visit_id).label("visit")]
    mine = (own.c.study_id == study_id, own.c.subject_id == subject_id, own.c.chain_no == entry.head.chain_no)
    rows = select(own, *IDENTITY, *visit).select_from(ledger.identified(own)).where(*mine).order_by(own.c.record_id)
    shown = tuple(_shown(form, row) for row in connection.execute(rows, {"study": study_id}).mappings())
    return Written(entry, shown, told(connection, entry.head), repeated=True)


def _one_visit(bodies: Sequence[Values]) -> str | None:
    visits = {body.get("visit") for body in bodies}
    if len(visits) > 1:
        raise Invalid("panel_of_several_visits", "The results of one panel belong to one visit; send the others apart")
    if not 0 < len(bodies) <= MOST_RECORDS:
        raise Invalid("panel_size", f"A panel holds 1 to {MOST_RECORDS} records")
    return next(iter(visits))


def _names(form: type[Captured], bodies: Sequence[Values]) -> list[str]:
    """What the bodies call their records, where the form has names; a record that the service is to name has none yet."""
    named = form.__form__.named
    return [body[named] for body in bodies if named and body.get(named) is not None]


def _gates(
    connection: Connection,
    study: Study,
    subject_id: str,
    form: type[Captured],
    known: Any,
    visit: str | None,
    bodies: Sequence[Values],
) -> None:
    """What must stand in the casebook before a record is accepted (B12); a published table is exempt."""
    if visit is not None and known.visit_id is None:
        raise conform.refuse(
            "visit", "no_such_visit", f"Subject {subject_id} has no visit {visit} in the casebook; record the visit first"
        )
    names = _names(form, bodies)
    if form.__form__.once and (known.stands or len(bodies) > 1):
        raise Conflict("stands_already", f"Subject {subject_id} has its {form.__form__.title} already; correct that record")
    if form.__form__.named and (known.stands or len(names) > len(set(names))):
        words = f"{form.__form__.title} {', '.join(names)} of subject {subject_id} stands already; correct that record"
        raise Conflict("stands_already", words)
    if study.document.study.origin == "published" or form.__form__.after == "nothing":
        return
    if not known.consented:
        raise Conflict(
            "no_consent", f"No informed consent of subject {subject_id} is recorded; {form.__form__.title} may not be entered"
        )
    if form.__form__.after == "eligibility":
        unmet = conform.unmet_criteria(study, ledger.live(connection, Eligibility, study.id, subject_id))
        if unmet:
            raise conform.not_eligible(study, subject_id, unmet)


def _identity(form: type[Captured], visit_id: UUID | None, study: Study, body: Values) -> Values:
    """What the record is: never content, never changed. Only a published study may say how a value was published."""
    declared, default = body.get("origin"), study.document.study.origin
    if (declared or body.get("source")) and default != "published":
        raise conform.refuse(
            "origin", "origin_out_of_place", f"origin and source belong to published data; {study.id} is {default}"
        )
    return {
        "record_id": uuid7(),
        "form": form.__tablename__,
        "visit_id": visit_id,
        "origin": declared or default,
        "source": body.get("source"),
    }


def _values(connection: Connection, study: Study, subject_id: str, form: type[Captured], body: Values) -> Values:
    captured = {name: body.get(name) for name in fields(form)}
    return conform.conform(connection, study, subject_id, form, captured)


def _open(
    connection: Connection, act: Act, study_id: str, subject_id: str, form: type[Captured], record_id: UUID, seen: int
) -> tuple[Study, Row, Head]:
    """The record that a change is about, locked and in scope, at the version that the caller saw."""
    lock_chain(connection, study_id, subject_id)
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
    _reason(study, act)
    return study, stands, Head(study_id, subject_id, stands["chain_chain_no"], stands["chain_hash"], study.version)


def _reason(study: Study, act: Act) -> None:
    """A reason for change is of the study's list, with words where the list says OTHER (A2)."""
    listed = study.document.reasons
    if act.reason_code not in listed:
        words = f"{act.reason_code} is not a reason for change of study {study.id}; it has {', '.join(listed)}"
        raise Invalid("unknown_reason", words, faults=[Fault("/reason/code", "unknown_reason", words)])
    if act.reason_code == "OTHER" and not act.reason:
        words = "the reason OTHER needs a text that says what it is"
        raise Invalid("reason_without_words", words, faults=[Fault("/reason/text", "missing", words)])


def _next(
    connection: Connection, act: Act, study: Study, head: Head, form: type[Captured], stands: Row, values: Values, kind: str
) -> Written:
    row = {"record_id": stands["record_id"], "version": stands["version"] + 1, "withdrawn": kind == "withdraw"} | values
    entry = ledger.append(connection, head, act, kind, [(table(form), row)])
    shown = _shown(form, dict(stands) | row)
    return Written(entry, (shown,), settle(connection, act, study, entry, form))


def _shown(form: type[Captured], row: Row) -> Values:
    """A record as a client sees it: identity, version, then the fields as captured."""
    own = {name: row[name] for name in ("record_id", "version", "withdrawn", "origin", "source")}
    visit = {} if form is Visit else {"visit": row.get("visit")}
    return own | {"form": form.__tablename__} | visit | {name: row[name] for name in fields(form)}
