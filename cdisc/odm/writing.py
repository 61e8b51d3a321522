"""
ODM 1.3.2, out: a study with its definitions and every act on its data, as one transactional file.

What happened is told in the order in which it happened, subject by subject: each version of a record is a form inserted,
updated or removed, with who, where, when (UTC) and why. Written as it is read, so that memory does not grow with the study.
Source: CDISC ODM 1.3.2; queries are annotations with flags, so that a file is valid against the standard's own schema.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, BinaryIO, Literal

from lxml import etree  # type: ignore[import-untyped]

from cdisc.odm.metadata import NAMESPACE, Element, Metadata, Study, attributes, make, study

Transaction = Literal["Insert", "Update", "Remove", "Context"]
UserType = Literal["Sponsor", "Investigator", "Other"]


@dataclass(frozen=True, slots=True)
class User:
    """A person in one role."""

    oid: str
    name: str
    shown: str
    type: UserType


@dataclass(frozen=True, slots=True)
class Location:
    """A site, or the sponsor."""

    oid: str
    name: str
    type: Literal["Site", "Sponsor"]


@dataclass(frozen=True, slots=True)
class Admin:
    """Who acted and where, and what a signature may mean."""

    users: tuple[User, ...]
    locations: tuple[Location, ...]
    meanings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """Who, where, when and why (empty: no reason was asked for); `source` is the entry of the ledger."""

    user: str
    location: str
    at: datetime
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class Flag:
    """A value of the list `codelist`, under a type of `FLAG_TYPES`."""

    type: str
    codelist: str
    value: str


@dataclass(frozen=True, slots=True)
class Note:
    """An annotation: its number, its words, its flags."""

    number: int
    transaction: Transaction
    comment: str
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class Values:
    """What one item group says: item and value, None where it was asked and stands empty."""

    group: str
    items: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Act:
    """
    What one entry did to one record, at its event (a visit or the log) and under its number there.

    `signed`: the meaning of a signature and what it is bound to. A record of the study as a whole has no event and no form.
    """

    event: str
    event_key: str
    form: str
    form_key: str
    transaction: Transaction
    audit: Audit
    values: tuple[Values, ...] = ()
    notes: tuple[Note, ...] = ()
    signed: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class SubjectActs:
    """
    A subject, the site that follows it, its registration (None: told before) with what is noted of that, and what was done,
    oldest first.
    """

    key: str
    site: str
    registered: Audit | None
    acts: tuple[Act, ...]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """What was done under one version of the study's document: to records of the study, and to its subjects."""

    metadata: str
    reference: tuple[Act, ...]
    subjects: Iterable[SubjectActs]


@dataclass(frozen=True, slots=True)
class Archive:
    """A study whole, as of an instant; `oid` is the file's own identifier."""

    oid: str
    at: datetime
    build: str
    study: Study
    admin: Admin
    parts: Sequence[Part]


def write(archive: Archive, file: BinaryIO) -> None:
    """The file, UTF-8; the same archive gives the same bytes. Raises NotXml at a character that XML cannot carry."""
    with etree.xmlfile(file, encoding="UTF-8") as out:
        out.write_declaration()
        with out.element(f"{{{NAMESPACE}}}ODM", _about(archive), nsmap={None: NAMESPACE}):
            _put(out, study(archive.study))
            _put(out, _admin(archive))
            for part in archive.parts:
                if part.reference:
                    _put(out, _reference(archive, part))
            for part in archive.parts:
                with out.element(f"{{{NAMESPACE}}}ClinicalData", _of(archive, part)):
                    for subject in part.subjects:
                        _put(out, _subject(subject))
            out.write("\n")


def _put(out: Any, element: Element) -> None:
    out.write("\n")
    out.write(element, pretty_print=True)


def instant(at: datetime) -> str:
    """An instant in UTC to the microsecond."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def _about(archive: Archive) -> dict[str, str]:
    at = instant(archive.at)
    said = {"FileOID": archive.oid, "FileType": "Transactional", "Granularity": "All", "ODMVersion": "1.3.2"}
    source = {"Originator": "Casebook", "SourceSystem": "Casebook", "SourceSystemVersion": archive.build}
    return said | {"CreationDateTime": at, "AsOfDateTime": at} | source


def _of(archive: Archive, part: Part) -> dict[str, str]:
    return {"StudyOID": archive.study.oid, "MetaDataVersionOID": part.metadata}


def _admin(archive: Archive) -> Element:
    users = [
        make.User(make.LoginName(user.name), make.DisplayName(user.shown), OID=user.oid, UserType=user.type)
        for user in archive.admin.users
    ]
    known = archive.study.versions
    places = [make.Location(*_in_force(archive, known), _location(place)) for place in archive.admin.locations]
    meanings = [
        make.SignatureDef(make.Meaning(meaning), make.LegalReason(meaning), OID=f"SD.{meaning}", Methodology="Electronic")
        for meaning in archive.admin.meanings
    ]
    return make.AdminData(*users, *places, *meanings, StudyOID=archive.study.oid)


def _location(place: Location) -> dict[str, str]:
    return {"OID": place.oid, "Name": place.name, "LocationType": place.type}


def _in_force(archive: Archive, versions: Iterable[Metadata]) -> Iterator[Element]:
    for version in versions:
        yield make.MetaDataVersionRef(
            StudyOID=archive.study.oid, MetaDataVersionOID=version.oid, EffectiveDate=version.effective
        )


def _reference(archive: Archive, part: Part) -> Element:
    groups = [_group(act, values) for act in part.reference for values in act.values]
    return make.ReferenceData(*groups, _of(archive, part))


def _group(act: Act, values: Values) -> Element:
    """A record of the study, with all that is told of it: it has no form that could tell."""
    said = {"ItemGroupOID": values.group, "ItemGroupRepeatKey": act.form_key, "TransactionType": act.transaction}
    return make.ItemGroupData(*_told(act), *map(_note, act.notes), *_items(values), said)


def _subject(subject: SubjectActs) -> Element:
    first = [_audit(subject.registered)] if subject.registered else []
    events = groupby(subject.acts, lambda act: (act.event, act.event_key, act.audit.source))
    said = attributes(SubjectKey=subject.key, TransactionType="Insert" if first else "Context")
    parts = [_event(event, key, acts) for (event, key, _), acts in events]
    notes = map(_note, subject.notes)
    return make.SubjectData(*first, make.SiteRef(LocationOID=subject.site), *notes, *parts, said)


def _event(oid: str, key: str, acts: Iterable[Act]) -> Element:
    said = attributes(StudyEventOID=oid, StudyEventRepeatKey=key, TransactionType="Context")
    told = list(acts)
    whole = [act for act in told if not act.form]
    notes = [_note(note) for act in whole for note in act.notes]
    forms = [_form(act) for act in told if act.form]
    return make.StudyEventData(*(_audit(act.audit) for act in whole[:1]), *notes, *forms, said)


def _form(act: Act) -> Element:
    said = {"FormOID": act.form, "FormRepeatKey": act.form_key, "TransactionType": act.transaction}
    groups = [make.ItemGroupData(*_items(values), ItemGroupOID=values.group) for values in act.values]
    return make.FormData(*_told(act), *map(_note, act.notes), *groups, said)


def _told(act: Act) -> Iterator[Element]:
    """Who did it and why, and the signature where it is one."""
    yield _audit(act.audit)
    if act.signed is not None:
        meaning, content = act.signed
        bound = make.SignatureRef(SignatureOID=f"SD.{meaning}"), make.DateTimeStamp(instant(act.audit.at))
        yield make.Signature(*_who(act.audit), *bound, make.CryptoBindingManifest(content))


def _who(audit: Audit) -> tuple[Element, Element]:
    return make.UserRef(UserOID=audit.user), make.LocationRef(LocationOID=audit.location)


def _audit(audit: Audit) -> Element:
    why = [make.ReasonForChange(audit.reason)] if audit.reason else []
    return make.AuditRecord(*_who(audit), make.DateTimeStamp(instant(audit.at)), *why, make.SourceID(audit.source))


def _note(note: Note) -> Element:
    words = [make.Comment(note.comment)] if note.comment else []
    flags = [
        make.Flag(
            make.FlagValue(flag.value, CodeListOID=f"CL.{flag.codelist}"),
            make.FlagType(flag.type, CodeListOID="CL.FLAG TYPE"),
        )
        for flag in note.flags
    ]
    return make.Annotation(*words, *flags, SeqNum=str(note.number), TransactionType=note.transaction)


def _items(values: Values) -> Iterator[Element]:
    for oid, value in values.items:
        said = {"IsNull": "Yes"} if value is None else {"Value": value}
        yield make.ItemData(said, ItemOID=oid)
