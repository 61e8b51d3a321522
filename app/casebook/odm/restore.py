"""
An archive in ODM read back into an empty study: every act done again through the one door, in the order in which it was done.

Each entry keeps whose act it repeats, and when that was, beside who imports it and when; the reason for a change is the
source's. What the rules conclude and ask is not taken from the file: it follows anew, under the rules in force. The whole is
one transaction: a file is imported to its last act, or nothing of it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import Connection, Engine, select

from app.casebook import cut, database, forms, values, write
from app.casebook.database import lock_chain
from app.casebook.ledger import ENTRY, Act, Source
from app.casebook.odm import archive_forms as names
from app.casebook.odm import restore_values
from app.casebook.studies import documents, library
from app.casebook.studies.library import INSTRUMENT_VERSION, STUDY_VERSION
from app.errors import Conflict, Fault, Invalid, NotFound, Problem
from app.tables import CAPTURED
from app.tables.base import STUDY_CHAIN, Captured
from app.tables.ledger import Cut
from app.tables.studies import InstrumentVersion, StudyVersion
from cdisc.odm import reading
from cdisc.odm.reading import Done, File, NotOdm
from cdisc.odm.writing import Audit

KINDS = {
    "registration": "subjects",
    names.group_of(StudyVersion.__tablename__): "documents",
    names.group_of(InstrumentVersion.__tablename__): "documents",
    names.group_of(Cut.__tablename__): "cuts",
    "signature": "signatures",
    "Insert": "records",
    "Update": "corrections",
    "Remove": "withdrawals",
}
"""The kinds of act that are done again, and what each is counted as."""
Place = tuple[str, ...]


class Whose(forms.Body):
    """Whose act a file tells of, and how it names the act."""

    actor: Annotated[str, values.line(100)]
    role: Annotated[str, values.line(40)]
    entry: Annotated[str, values.line(100)]


class Named(forms.Body):
    """A name that a file gives to a subject or to a data cut."""

    name: Annotated[str, values.line(40)]


@dataclass(frozen=True, slots=True)
class Standing:
    """A record that was imported: its form, its identifier here, and the version at which it stands."""

    form: type[Captured]
    record_id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class Import:
    """An import under way: by whom, into which study, from which file; its records by where the file places them."""

    connection: Connection
    act: Act
    study_id: str
    file: File
    known: dict[Place, Standing] = field(default_factory=dict)


def restore(engine: Engine, act: Act, study_id: str, raw: bytes) -> Mapping[str, int]:
    """
    Import an archive into an empty study, and count what was done: subjects, documents, cuts, records, corrections,
    withdrawals, signatures.

    Refused, with nothing stored: a file that is not valid ODM 1.3.2 or another study's (422), a study in which something was
    done (409), and any act that the door refuses, by its line and in its words.
    """
    try:
        file = reading.read(raw)
    except NotOdm as error:
        raise Invalid("not_odm", f"The file is no archive in ODM 1.3.2: {error}", faults=_faults(error)) from None
    if file.study != f"ST.{study_id}":
        raise Invalid("another_study", f"The file is of {file.study[:60]}, not of ST.{study_id}")
    try:
        return database.attempt(engine, lambda connection: _restored(Import(connection, act, study_id, file)))
    except BaseException:
        library.forget(engine, study_id)  # a document that was read from what did not come to stand
        raise


def _faults(error: NotOdm) -> list[Fault]:
    return [Fault("", "not_odm", words) for words in error.faults]


def _restored(doing: Import) -> Mapping[str, int]:
    lock_chain(doing.connection, doing.study_id, STUDY_CHAIN)
    _empty(doing)
    counted: Counter[str] = Counter(dict.fromkeys(sorted(set(KINDS.values())), 0))
    for entry in _entries(doing.file):
        with _told(entry[0]):
            counted[KINDS[_again(doing, entry)]] += len(entry)
    return counted


def _empty(doing: Import) -> None:
    """Nothing was done in the study but to publish, and that at most its first version."""
    mine = (ENTRY.c.study_id == doing.study_id, ENTRY.c.act != "publish")
    done = doing.connection.scalar(select(ENTRY.c.act).where(*mine).limit(1))
    version = doing.connection.scalar(select(library.version_in_force(doing.study_id))) or 0
    if done or version > 1:
        words = f"Study {doing.study_id} is not empty: an archive is imported where nothing but its first version was published"
        raise Conflict("study_not_empty", words)


def _entries(file: File) -> Iterator[Sequence[Done]]:
    """The acts by the entries that did them, in the order of their instants; each chain in its own, whatever its clock said."""
    reached: dict[str, datetime] = {}
    placed = []
    for done in file.done:
        if done.act.transaction != "Context" or done.act.signed or any(told.items for told in done.act.values):
            at = reached[done.subject] = max(done.act.audit.at, reached.get(done.subject, done.act.audit.at))
            placed.append((at, done))
    in_order = (done for _, done in sorted(placed, key=itemgetter(0)))
    return (tuple(each) for _, each in groupby(in_order, lambda done: (done.subject, done.act.audit.source)))


@contextmanager
def _told(done: Done) -> Iterator[None]:
    """A refusal says which act of the file it is about; what that act asks for and is not there is a fault of the file."""
    try:
        yield
    except Problem as told:
        problem = Invalid(told.code, told.detail, faults=told.faults) if isinstance(told, NotFound) else told
        where = f"line {done.line}, {f'subject {done.subject[:40]}' if done.subject else 'the study as a whole'}"
        problem.detail = f"{where}: {problem.detail}"
        problem.faults = tuple(replace(fault, pointer="", detail=f"{where}: {fault.detail}") for fault in problem.faults)
        raise problem from None


def _again(doing: Import, entry: Sequence[Done]) -> str:
    """Do one entry again; the kind of act that it was."""
    first = entry[0]
    kind = _kind(first)
    if kind not in AGAIN:
        raise Invalid("unknown_act", f"{kind[:40]} is nothing that an archive tells of a record")
    if len(entry) > 1 and kind != "Insert":
        raise Invalid("unknown_act", "The file tells several acts as one entry, which only new records are")
    AGAIN[kind](doing, replace(doing.act, **_circumstances(doing.file, first.act.audit)), entry)
    return kind


def _kind(done: Done) -> str:
    if done.subject and not done.act.form:
        return "registration"
    if done.act.signed:
        return "signature"
    group = done.act.values[0].group if done.act.values else ""
    return group if group in KINDS and not done.subject else done.act.transaction


def _circumstances(file: File, audit: Audit) -> dict[str, Any]:
    """Whose act it was and when, and why; the identifier of a user adds the role to the name."""
    if (user := file.users.get(audit.user)) is None:
        raise Invalid("unknown_user", f"{audit.user[:60]} is no user that the file defines")
    role = user.oid.removeprefix("U.").removesuffix(f".{user.name}")
    whose = forms.read(Whose, {"actor": user.name, "role": role, "entry": audit.source})
    source = Source(whose.actor, whose.role, audit.at, whose.entry)
    if not audit.reason:
        return {"source": source}
    code, _, words = audit.reason.partition(": ")
    why = forms.read(forms.Reason, {"code": code, "text": words or None})
    return {"source": source, "reason_code": why.code, "reason": why.text}


def _register(doing: Import, act: Act, entry: Sequence[Done]) -> None:
    (done,) = entry
    name = forms.read(Named, {"name": done.subject}).name
    study = library.study(doing.connection, doing.study_id)
    write.register(doing.connection, act, study, name, done.site.removeprefix("L.SITE."))


def _said(entry: Sequence[Done], name: str) -> str:
    """What an act on the study as a whole says of one of its items."""
    (done,) = entry
    (told,) = done.act.values
    item = f"{told.group.replace('IG.', 'I.', 1)}.{name.upper()}"
    return next((value or "" for oid, value in told.items if oid == item), "")


def _document(doing: Import, entry: Sequence[Done], name: str) -> str:
    """The document that an act published, whole and unchanged."""
    source = doing.file.documents.get(f"DOC.{name}.{_said(entry, 'version')}", "")
    if documents.checksum(source) != _said(entry, "checksum"):
        raise Invalid("document_refused", f"The file does not carry the document {name} that was published, or not unchanged")
    return source


def _publish_study(doing: Import, act: Act, entry: Sequence[Done]) -> None:
    source = _document(doing, entry, "STUDY")
    of = STUDY_VERSION.c
    stands = select(of.checksum).where(of.study_id == doing.study_id, of.checksum == documents.checksum(source))
    if doing.connection.scalar(stands) is None:
        study, _ = library.publish_study(doing.connection, act, source)
        if study.id != doing.study_id:
            raise Invalid("another_study", f"The document is of study {study.id}, not of {doing.study_id}")


def _publish_instrument(doing: Import, act: Act, entry: Sequence[Done]) -> None:
    source = _document(doing, entry, _said(entry, "instrument"))
    of = INSTRUMENT_VERSION.c
    stands = select(of.checksum).where(of.study_id == doing.study_id, of.checksum == documents.checksum(source))
    if doing.connection.scalar(stands) is None:
        library.publish_instrument(doing.connection, act, library.study(doing.connection, doing.study_id), source)


def _cut(doing: Import, act: Act, entry: Sequence[Done]) -> None:
    name = forms.read(Named, {"name": _said(entry, "name")}).name
    cut.cut(doing.connection, act, library.study(doing.connection, doing.study_id), name)


def _place(done: Done) -> Place:
    """Where a file places a record: its chain, its table, its event, and its number there."""
    return (done.subject, done.act.values[0].group, done.act.event, done.act.event_key, done.act.form_key)


def _form(done: Done) -> type[Captured]:
    """The form of a record, refused where there is none such on that chain, or where the file tells it as another one."""
    if not done.act.values:
        raise Invalid("unknown_form", f"The file tells nothing of a record on {done.act.form[:60]}")
    group = done.act.values[0].group
    form = next((form for name, form in CAPTURED.items() if names.group_of(name) == group), None)
    if form is None or (form.__form__.scope == "study") == bool(done.subject):
        raise Invalid("unknown_form", f"{group[:60]} is no form that is known here")
    if done.subject and done.act.form.split(".")[1:2] != [form.__tablename__.upper()]:
        raise Invalid("unknown_form", f"{done.act.form[:60]} is not the form of {form.__form__.title}")
    return form


def _standing(doing: Import, done: Done) -> Standing:
    """The record that a later act is about."""
    form = _form(done)
    if (found := doing.known.get(_place(done))) is None:
        raise Invalid("no_such_record", f"The file changes or signs a record of {form.__form__.title} that it has not told")
    return found


def _record(doing: Import, act: Act, entry: Sequence[Done]) -> None:
    form, study = _form(entry[0]), library.study(doing.connection, doing.study_id)
    if any(_form(done) is not form for done in entry):
        raise Invalid("unknown_act", "The file tells records of several forms as one entry")
    bodies: dict[str, dict[str, Any]] = {}
    for number, done in enumerate(entry):
        with forms.within(f"/{number}"):
            bodies[f"/{number}"] = restore_values.body(doing.connection, study, form, done.act)
    written = write.record(doing.connection, act, doing.study_id, entry[0].subject, form, bodies)
    for done, record in zip(entry, written.records, strict=True):
        doing.known[_place(done)] = Standing(form, record["record_id"], 1)


def _correct(doing: Import, act: Act, entry: Sequence[Done]) -> None:
    (done,) = entry
    stands = _standing(doing, done)
    changes = restore_values.changes(
        doing.connection, library.study(doing.connection, doing.study_id), stands.form, done.act, act
    )
    about = (doing.study_id, done.subject, stands.form, stands.record_id, stands.version)
    write.correct(doing.connection, act, *about, changes)
    doing.known[_place(done)] = replace(stands, version=stands.version + 1)


def _withdraw(doing: Import, act: Act, entry: Sequence[Done]) -> None:
    (done,) = entry
    stands = _standing(doing, done)
    write.withdraw(doing.connection, act, doing.study_id, done.subject, stands.form, stands.record_id, stands.version)
    doing.known[_place(done)] = replace(stands, version=stands.version + 1)


def _sign(doing: Import, act: Act, entry: Sequence[Done]) -> None:
    """Sign again the version that was signed, which is the one that stands, with the meaning that the signature had."""
    (done,) = entry
    stands = _standing(doing, done)
    if restore_values.flag(done.act, "RECORD VERSION") != str(stands.version):
        raise Invalid("unknown_act", "The file signs another version of the record than the one that stands")
    meaning = forms.read(forms.SignForm, {"meaning": done.act.signed[0] if done.act.signed else None}).meaning
    about = (doing.study_id, done.subject, stands.form, stands.record_id, stands.version)
    write.sign(doing.connection, act, *about, meaning)


AGAIN: Mapping[str, Callable[[Import, Act, Sequence[Done]], None]] = {
    "registration": _register,
    names.group_of(StudyVersion.__tablename__): _publish_study,
    names.group_of(InstrumentVersion.__tablename__): _publish_instrument,
    names.group_of(Cut.__tablename__): _cut,
    "signature": _sign,
    "Insert": _record,
    "Update": _correct,
    "Remove": _withdraw,
}
