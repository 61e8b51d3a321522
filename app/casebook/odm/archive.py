"""
A study whole, as an archive in ODM 1.3.2: its documents, its forms, and every act on its data up to a position.

Chain by chain and entry by entry, so that what is told has the order in which it happened; withdrawn records and closed
queries are told too. What the rules conclude is not: it follows from the data, and is derived anew wherever they are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import get_args
from uuid import UUID

from sqlalchemy import Connection, func, select

from app.casebook import history, read
from app.casebook.access import SITE_ROLES
from app.casebook.forms import SignForm
from app.casebook.history import Record, Version, text
from app.casebook.ledger import ENTRY, MARK, Actor, Position, Row, within
from app.casebook.odm import archive_forms as names
from app.casebook.studies import library
from app.casebook.studies.library import INSTRUMENT_VERSION, STUDY_VERSION, Study
from app.errors import Conflict
from app.tables.base import STUDY_CHAIN, table
from app.tables.efficacy import Assessment
from app.tables.ledger import Cut
from app.tables.review import Query
from app.tables.subjects import Subject
from cdisc.odm import writing
from cdisc.odm.metadata import Document, Metadata, NotXml
from cdisc.odm.metadata import Study as Defined
from cdisc.odm.writing import Act, Admin, Archive, Audit, Flag, Location, Note, Part, SubjectActs, Transaction, User, Values

CUT, QUERY, REGISTERED = table(Cut), table(Query), table(Subject)
SPONSOR = "L.SPONSOR"
MEANINGS: tuple[str, ...] = get_args(SignForm.model_fields["meaning"].annotation)
CONTEXT: Transaction = "Context"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which archive: of which study, for whom, at which position; its subjects with their sites; the visits ever planned."""

    study_id: str
    at: Position
    sites: Mapping[str, str]
    planned: tuple[str, ...]


def write(connection: Connection, who: Actor, study_id: str, at: Position, build: str, path: Path) -> None:
    """
    Write the archive of a study at a position, with the subjects at the caller's sites; the same position and build give the
    same bytes. Refused (409) where what stands holds a character that XML cannot carry.
    """
    found = _archive(connection, who, study_id, at, build)
    try:
        with path.open("wb") as file:
            writing.write(found, file)
    except NotXml as refused:
        raise Conflict("not_xml", f"Study {study_id} cannot leave as XML: it holds {refused}") from None


def _archive(connection: Connection, who: Actor, study_id: str, at: Position, build: str) -> Archive:
    versions = _versions(connection, study_id, at)
    sites = {row["subject_id"]: row["siteid"] for row in read.subjects(connection, who, study_id)}
    planned = dict.fromkeys(visit.visit for study, _ in reversed(versions) for visit in study.document.visits)
    asked = Asked(study_id, at, dict(sorted(sites.items())), tuple(planned))
    moment, name = _moment(connection, asked)
    identity = versions[-1][0].document.study
    defined = tuple(_defined(connection, study, published, asked) for study, published in versions)
    about = Defined(f"ST.{study_id}", study_id, identity.title, identity.protocol, defined)
    parts = [_part(connection, asked, study.version) for study, _ in versions]
    admin = Admin(tuple(_users(connection, asked)), tuple(_locations(versions)), MEANINGS)
    return Archive(f"{study_id}.{name}.ODM", moment, build, about, admin, parts)


def _versions(connection: Connection, study_id: str, at: Position) -> list[tuple[Study, datetime]]:
    """The versions of a study's document up to a position, oldest first, each with the instant of its publication."""
    library.study(connection, study_id)
    made = STUDY_VERSION.c.entry_id == ENTRY.c.entry_id
    mine = (STUDY_VERSION.c.study_id == study_id, ENTRY.c.study_id == study_id, within(STUDY_VERSION, at.kind))
    rows = select(STUDY_VERSION.c.version, ENTRY.c.at).join(ENTRY, made).where(*mine).order_by(STUDY_VERSION.c.version)
    found = connection.execute(rows, at.parameters).all()
    if not found:
        raise Conflict("not_published_then", f"Study {study_id} was not published at that instant")
    return [(library.study(connection, study_id, row.version), row.at) for row in found]


def _moment(connection: Connection, asked: Asked) -> tuple[datetime, str]:
    """When an archive is of, and what it is called: a cut's own instant and name, else the last entry's."""
    if asked.at.cut_id is not None:
        mine = (CUT.c.study_id == asked.study_id, CUT.c.cut_id == asked.at.cut_id)
        cut = connection.execute(select(CUT.c.at, CUT.c.name).where(*mine)).one()
        return cut.at, cut.name
    last = select(func.max(ENTRY.c.at)).where(ENTRY.c.study_id == asked.study_id, within(ENTRY, asked.at.kind))
    at: datetime = connection.execute(last, asked.at.parameters).scalar_one()
    return at, f"{at:%Y%m%dT%H%M%S%fZ}"


def _defined(connection: Connection, study: Study, published: datetime, asked: Asked) -> Metadata:
    """The definitions of a version, with its own document and those of all instruments."""
    own = select(STUDY_VERSION).where(STUDY_VERSION.c.study_id == study.id, STUDY_VERSION.c.version == study.version)
    of = INSTRUMENT_VERSION
    used = select(of).where(of.c.study_id == study.id, within(of, asked.at.kind)).order_by(of.c.instrument, of.c.version)
    documents = [_document("STUDY", row) for row in connection.execute(own).mappings()]
    documents += [_document(row["instrument"], row) for row in connection.execute(used, asked.at.parameters).mappings()]
    instruments = library.instruments(connection, study, asked.at)
    return names.metadata(study, f"{published:%Y-%m-%d}", asked.planned, instruments, documents)


def _document(name: str, row: Row) -> Document:
    of = "Study document" if name == "STUDY" else f"Instrument {name}"
    words = f"{of}, version {row['version']}"
    return Document(f"DOC.{name}.{row['version']}", words, f"{words}; SHA-256 {row['checksum']}", row["source"])


def _users(connection: Connection, asked: Asked) -> Iterator[User]:
    """Whoever acted on what the archive tells, in each role that they acted in."""
    found: set[tuple[str, str]] = set()
    for block in history.blocks([STUDY_CHAIN, *asked.sites]):
        mine = (ENTRY.c.study_id == asked.study_id, ENTRY.c.subject_id.in_(block), within(ENTRY, asked.at.kind))
        for whose in ((ENTRY.c.role, ENTRY.c.actor), (ENTRY.c.source_role, ENTRY.c.source_actor)):
            rows = connection.execute(select(*whose).where(*mine, whose[0].is_not(None)).distinct(), asked.at.parameters)
            found |= {(role, person) for role, person in rows}
    for role, person in sorted(found):
        kind: writing.UserType = "Other" if role == "system" else "Investigator" if role in SITE_ROLES else "Sponsor"
        yield User(_user(role, person), person, f"{person} ({role.replace('_', ' ')})", kind)


def _user(role: str, person: str) -> str:
    return f"U.{role}.{person}"


def _locations(versions: Iterable[tuple[Study, datetime]]) -> Iterator[Location]:
    yield Location(SPONSOR, "Sponsor", "Sponsor")
    sites = {site.siteid: site.name for study, _ in versions for site in study.document.sites}
    for siteid, name in sorted(sites.items()):
        yield Location(_site(siteid), name, "Site")


def _site(siteid: str) -> str:
    return f"L.SITE.{siteid}"


def _audit(entry: Row, siteid: str | None) -> Audit:
    """
    Who, where, when and why; who is of no site acts at the sponsor's. Of an imported entry it is whose act it repeats that is
    told, so that a history stays what it was however often it moves; `_imported` tells who imported it.
    """
    of = "source_" if entry["source_entry"] else ""
    role, person, at = (entry[f"{of}{name}"] for name in ("role", "actor", "at"))
    place = _site(siteid) if siteid is not None and role in SITE_ROLES else SPONSOR
    why = ": ".join(words for words in (entry["reason_code"], entry["reason"]) if words)
    return Audit(_user(role, person), place, at, why, entry["source_entry"] or str(entry["entry_id"]))


def _imported(entry: Row) -> tuple[Note, ...]:
    """By whom and when an entry was imported; nothing where it was not."""
    if not entry["source_entry"]:
        return ()
    flags = (Flag("IMPORTED BY", "WORD", entry["actor"]), Flag("IMPORTED AT", "WORD", writing.instant(entry["at"])))
    return (Note(2, "Insert", "", flags),)


def _part(connection: Connection, asked: Asked, version: int) -> Part:
    """What was done under one version of the document, its subjects as they are read."""
    reference = tuple(_of_study(connection, asked, version))
    return Part(f"MDV.{version}", reference, _subjects(connection, asked, version))


@dataclass(frozen=True, slots=True)
class Chain:
    """One chain read back: its entries, what hangs on them, its records, and which version of which an entry made."""

    entries: tuple[Row, ...]
    hanging: history.Hanging
    records: Mapping[UUID, Record]
    made: Mapping[UUID, tuple[tuple[Record, int], ...]]


def _chains(connection: Connection, asked: Asked, block: Iterable[str]) -> dict[str, Chain]:
    names_, by_subject = list(block), dict[str, list[Record]]()
    entries = history.entries(connection, asked.study_id, names_, asked.at)
    tables = (REGISTERED, STUDY_VERSION, INSTRUMENT_VERSION, CUT, MARK, QUERY)
    hanging = history.hanging(connection, asked.study_id, names_, asked.at, tables)
    for record in history.records(connection, asked.study_id, names_, asked.at):
        by_subject.setdefault(record.identity["subject_id"], []).append(record)
    return {name: _chain(name, entries, hanging, by_subject.get(name, ())) for name in names_}


def _chain(name: str, entries: Iterable[Row], hanging: history.Hanging, records: Iterable[Record]) -> Chain:
    made: dict[UUID, list[tuple[Record, int]]] = {}
    for record in records:
        for place, version in enumerate(record.versions):
            made.setdefault(version.entry["entry_id"], []).append((record, place))
    mine = tuple(entry for entry in entries if entry["subject_id"] == name)
    known = {record.identity["record_id"]: record for record in records}
    return Chain(mine, hanging, known, {entry: tuple(each) for entry, each in made.items()})


def _subjects(connection: Connection, asked: Asked, version: int) -> Iterator[SubjectActs]:
    for block in history.blocks(list(asked.sites)):
        for name, chain in _chains(connection, asked, block).items():
            entries = [entry for entry in chain.entries if entry["study_version"] == version]
            if entries:
                yield _subject(asked, name, chain, entries)


def _subject(asked: Asked, name: str, chain: Chain, entries: Iterable[Row]) -> SubjectActs:
    siteid, registered, notes, acts = asked.sites[name], None, tuple[Note, ...](), list[Act]()
    numbers = _numbers(chain)
    for entry in entries:
        audit = _audit(entry, siteid)
        if entry["act"] == "register":
            registered, notes = audit, _imported(entry)
        acts += [_version(asked, record, place, audit) for record, place in chain.made.get(entry["entry_id"], ())]
        for source, row in chain.hanging.get(entry["entry_id"], ()):
            if source is QUERY:
                acts.append(_query(asked, chain, row, numbers[row["query_id"]], audit))
            elif source is MARK:
                acts.append(_signed(asked, chain.records[row["record_id"]], row, audit, entry))
    return SubjectActs(name, _site(siteid), registered, tuple(acts), notes)


def _numbers(chain: Chain) -> dict[UUID, int]:
    """The queries of a chain numbered in the order in which they were asked."""
    asked = [row["query_id"] for e in chain.entries for source, row in chain.hanging.get(e["entry_id"], ()) if source is QUERY]
    return {query: number for number, query in enumerate(dict.fromkeys(asked), start=1)}


def _of_study(connection: Connection, asked: Asked, version: int) -> Iterator[Act]:
    """The acts on the study as a whole: publications, cuts, lots, decisions with their signatures."""
    chain = _chains(connection, asked, [STUDY_CHAIN])[STUDY_CHAIN]
    for entry in (entry for entry in chain.entries if entry["study_version"] == version):
        audit = _audit(entry, None)
        yield from (_version(asked, record, place, audit) for record, place in chain.made.get(entry["entry_id"], ()))
        for source, row in chain.hanging.get(entry["entry_id"], ()):
            if source is MARK:
                yield _signed(asked, chain.records[row["record_id"]], row, audit, entry)
            elif source.name in names.ACTS:
                yield _of_document(source.name, row, audit, entry)


def _of_document(name: str, row: Row, audit: Audit, entry: Row) -> Act:
    items = tuple((names.item_of(name, column), text(row[column])) for column in names.ACTS[name])
    key = ".".join(text(row[column]) for column in names.ACTS[name][:2] if column != "checksum")
    return Act("", "", "", key, "Insert", audit, (Values(names.group_of(name), items),), _imported(entry))


def _version(asked: Asked, record: Record, place: int, audit: Audit) -> Act:
    """One version of a record: all that was said first, then what each correction changed; a withdrawal says nothing."""
    version = record.versions[place]
    before = record.versions[place - 1] if place else None
    notes = _imported(version.entry)
    if version.row["withdrawn"]:
        return _act(asked, record, "Remove", audit, (Values(names.group_of(record.form.__tablename__)),), notes)
    said = tuple(_values(record, before, version))
    return _act(asked, record, "Update" if before else "Insert", audit, said, notes if before else (*_origin(record), *notes))


def _act(
    asked: Asked,
    record: Record,
    transaction: Transaction,
    audit: Audit,
    values: tuple[Values, ...],
    notes: tuple[Note, ...] = (),
) -> Act:
    if record.form.__form__.scope == "study":
        return Act("", "", "", str(record.instance), transaction, audit, values, notes)
    event, key = names.event_of(asked.planned, record.visit)
    form = names.form_of(record.form, record.versions[0].row)
    return Act(event, key, form, str(record.instance), transaction, audit, values, notes)


def _values(record: Record, before: Version | None, version: Version) -> Iterator[Values]:
    """
    The items that say something else than before, by their groups. An item that was asked and stands empty is said to: of a
    new form only those of an instrument, whose other items are those of no instrument.
    """
    was = history.values(record, before.row) if before else {}
    now = history.values(record, version.row)
    told: dict[str, list[tuple[str, str | None]]] = {names.group_of(record.form.__tablename__): []}
    for name in dict.fromkeys((*was, *now)):
        old, new = was.get(name), now.get(name)
        if text(old) != text(new) or (before is None and "." in name):
            group, item = _place(record, version.row if name in now else record.versions[0].row, name)
            told.setdefault(group, []).append((item, None if new is None else text(new)))
    return (Values(group, tuple(items)) for group, items in told.items())


def _place(record: Record, row: Row, name: str) -> tuple[str, str]:
    """The group and the item of a captured value; an instrument's items are those of the version that was answered."""
    if record.form is Assessment and "." in name:
        of = row["instrument"], row["instrver"]
        return names.answers_of(*of), names.answer_of(*of, name.partition(".")[2])
    own = record.form.__tablename__
    return names.group_of(own), names.item_of(own, name)


def _origin(record: Record) -> tuple[Note, ...]:
    """How a record came to be, and the words of its source."""
    origin = Flag("ORIGIN", "ORIGIN", record.identity["origin"])
    return (Note(1, "Insert", record.identity["source"] or "", (origin,)),)


def _signed(asked: Asked, record: Record, row: Row, audit: Audit, entry: Row) -> Act:
    """A signature: on which version, with which meaning, bound to what."""
    spoken = Note(1, "Insert", "", (Flag("RECORD VERSION", "WORD", str(row["record_version"])),))
    values = (Values(names.group_of(record.form.__tablename__)),)
    made = _act(asked, record, CONTEXT, audit, values, (spoken, *_imported(entry)))
    return replace(made, signed=(row["meaning"], row["content"]))


def _query(asked: Asked, chain: Chain, row: Row, number: int, audit: Audit) -> Act:
    """One version of a query as an annotation of the record that it is about, or of the casebook where it is about none."""
    said = (("RULE", row["rule"]), ("FIELD", row["field"]), ("RECORD VERSION", row["record_version"]))
    flags = (
        Flag("QUERY", "STATE", row["state"]),
        *(Flag(kind, "WORD", str(value)) for kind, value in said if value is not None),
    )
    note = Note(number, "Insert" if row["version"] == 1 else "Update", row["text"], flags)
    record = chain.records.get(row["record_id"])
    if record is None:
        return Act(names.LOG, "", "", "", CONTEXT, audit, (), (note,))
    return _act(asked, record, CONTEXT, audit, (), (note,))
