"""
ODM 1.3.2, in: a transactional file as `cdisc.odm` writes it, back into the acts that it tells.

A file is taken only where it is valid against the standard's own schema, and where all that it tells is read back: what would
be lost is refused. A document type declaration is refused, and with it every entity: nothing outside the file is read.
Source: CDISC ODM 1.3.2; its schema is the one that odmlib ships.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import as_file, files
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from cdisc.odm.metadata import NAMESPACE, Element
from cdisc.odm.writing import Act, Audit, Flag, Note, User, Values

MOST_FAULTS = 20
MOST_DIGITS = 9
NS = {"o": NAMESPACE}
DOCUMENTS = "o:Study/o:MetaDataVersion/o:MethodDef[o:FormalExpression/@Context='TOML']"
XML = "http://www.w3.org/XML/1998/namespace"
PARTS = "o:ReferenceData | o:ClinicalData"
LOST = " | ".join(
    (
        "o:Association",
        "o:ClinicalData/*[not(self::o:SubjectData)]",
        "//o:SubjectData/o:Signature | //o:SubjectData/o:InvestigatorRef",
        "//o:SubjectData[boolean(o:AuditRecord) != (@TransactionType='Insert')]",
        "//o:StudyEventData/o:Signature | //o:StudyEventData[@TransactionType!='Context']",
        "//o:FormData/o:ArchiveLayoutRef",
        "//o:FormData/o:ItemGroupData/*[not(self::o:ItemData)]",
        "//o:FormData/o:ItemGroupData[@TransactionType or @ItemGroupRepeatKey]",
        "//*[o:Signature][not(@TransactionType='Context') or .//o:ItemData]",
        "//o:ItemData/* | //o:ItemData[@TransactionType]",
    )
)
"""What a file may tell by the standard and no act here could repeat: an audit record or a unit of an item's own."""


class NotOdm(ValueError):
    """A file that is not ODM 1.3.2, or not such as is read here; `faults` says what is wrong, each with its line."""

    def __init__(self, *faults: str) -> None:
        super().__init__(faults[0])
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Done:
    """
    One act as a file tells it, from which line on: of which subject, at which site, both empty for one on the study as a whole.

    The registration of a subject is an act that inserts nothing.
    """

    line: int
    subject: str
    site: str
    act: Act


@dataclass(frozen=True, slots=True)
class File:
    """What a file holds: its study, who acted, the documents by their identifiers, and the acts in the order of the file."""

    study: str
    users: Mapping[str, User]
    documents: Mapping[str, str]
    done: tuple[Done, ...]


def read(raw: bytes) -> File:
    """
    A file read; raises NotOdm where it is no ODM 1.3.2, declares a document type, tells an instant without its offset, or
    tells what would not be read back.
    """
    root = parsed(raw)
    _whole(root)
    return File(
        study=_one(root, "o:Study").get("OID"),
        users={user.get("OID"): _user(user) for user in elements(root, "o:AdminData/o:User")},
        documents={each.get("OID"): _text(each, "o:FormalExpression") for each in elements(root, DOCUMENTS)},
        done=tuple(_done(root)),
    )


def parsed(raw: bytes, *, extended: bool = False) -> Element:
    """
    A file as a tree; raises NotOdm where it is not XML, declares a document type or is not valid against the schema.

    `extended`: what a vendor adds in a namespace of its own is left out first, as the standard lets a reader do.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise NotOdm(f"it is not XML: {' '.join(error.msg.split())}") from None
    if root.getroottree().docinfo.doctype:
        raise NotOdm("it declares a document type, which no file of data needs")
    if root.tag != f"{{{NAMESPACE}}}ODM":
        raise NotOdm(f"its root is {root.tag[:80]}, not the ODM of {NAMESPACE}")
    if extended:
        _plain(root)
    if not (schema := _schema()).validate(root):
        faults = list(schema.error_log)[:MOST_FAULTS]
        raise NotOdm(*(f"line {each.line}: {each.message.replace(f'{{{NAMESPACE}}}', '')}" for each in faults))
    return root


def _plain(root: Element) -> None:
    """Take out every element and attribute of another namespace than the standard's own."""
    for element in elements(root, "//*"):
        for name in element.attrib:
            if etree.QName(name).namespace not in (None, XML, NAMESPACE):
                del element.attrib[name]
        if etree.QName(element).namespace != NAMESPACE:
            element.getparent().remove(element)


@cache
def _schema() -> Any:
    with as_file(files("odmlib") / "schemas" / "odm" / "1.3.2") as folder:
        return etree.XMLSchema(etree.parse(folder / "ODM1-3-2.xsd"))


def elements(element: Element, path: str) -> list[Element]:
    """The elements at a path, the namespace of the standard as `o:`."""
    found: list[Element] = element.xpath(path, namespaces=NS)
    return found


def _whole(root: Element) -> None:
    """Refuse a file that tells more than is read of it: states without their acts, another study, what would be lost."""
    if (kind := root.get("FileType")) != "Transactional":
        raise NotOdm(f"line {root.sourceline}: it is a file of {kind}, which tells what stands; an archive is Transactional")
    studies = elements(root, "o:Study")
    if len(studies) > 1:
        raise NotOdm(f"line {studies[1].sourceline}: it tells of more studies than one")
    known = {(each.getparent().get("OID"), each.get("OID")) for each in elements(root, "o:Study/o:MetaDataVersion")}
    for part in elements(root, PARTS):
        if (part.get("StudyOID"), part.get("MetaDataVersionOID")) not in known:
            raise NotOdm(f"line {part.sourceline}: {_named(part)} is of a study or a version that the file does not define")
    if lost := elements(root, LOST):
        words = (
            f"line {each.sourceline}: {_named(each)} says more than an archive here tells; it would be lost" for each in lost
        )
        raise NotOdm(*list(words)[:MOST_FAULTS])


def _named(element: Element) -> str:
    """An element by its name, and that of the one it stands in."""
    return " in ".join(etree.QName(each).localname for each in (element, element.getparent()))


def _one(element: Element, path: str) -> Element:
    """The first element at a path, one that a file must have here although the standard lets it go without."""
    if found := elements(element, path):
        return found[0]
    raise NotOdm(f"line {element.sourceline}: {etree.QName(element).localname} has no {path.replace('o:', '')}")


def _text(element: Element, path: str) -> str:
    return str(_one(element, path).text or "")


def said(element: Element, path: str) -> str:
    """The text at a path; empty where there is none."""
    return str(element.findtext(path, "", NS) or "")


def _user(user: Element) -> User:
    return User(user.get("OID"), _text(user, "o:LoginName"), said(user, "o:DisplayName"), user.get("UserType", "Other"))


def _done(root: Element) -> Iterator[Done]:
    """The acts in the order of the file: first those on the study as a whole, then those of each subject."""
    for group in elements(root, "o:ReferenceData/o:ItemGroupData"):
        yield Done(group.sourceline, "", "", _act(group, "", "", "", group.get("ItemGroupRepeatKey", ""), (group,)))
    for subject in elements(root, "o:ClinicalData/o:SubjectData"):
        about = subject.get("SubjectKey"), _one(subject, "o:SiteRef").get("LocationOID")
        if subject.find("o:AuditRecord", NS) is not None:
            yield Done(subject.sourceline, *about, _act(subject, "", "", "", "", ()))
        for form in elements(subject, "o:StudyEventData/o:FormData"):
            event = form.getparent()
            place = event.get("StudyEventOID"), event.get("StudyEventRepeatKey", "")
            own = form.get("FormOID"), form.get("FormRepeatKey", "")
            _once(form, "ItemGroupOID")
            yield Done(form.sourceline, *about, _act(form, *place, *own, tuple(elements(form, "o:ItemGroupData"))))


def _act(told: Element, event: str, event_key: str, form: str, form_key: str, groups: tuple[Element, ...]) -> Act:
    signature = told.find("o:Signature", NS)
    return Act(
        event=event,
        event_key=event_key,
        form=form,
        form_key=form_key,
        transaction=told.get("TransactionType", "Context"),
        audit=_audit(_one(told, "o:AuditRecord")),
        values=tuple(_values(group) for group in groups),
        notes=tuple(_note(note) for note in elements(told, "o:Annotation")),
        signed=None if signature is None else _signed(signature),
    )


def _audit(audit: Element) -> Audit:
    return Audit(
        user=_one(audit, "o:UserRef").get("UserOID"),
        location=_one(audit, "o:LocationRef").get("LocationOID"),
        at=_instant(_one(audit, "o:DateTimeStamp")),
        reason=said(audit, "o:ReasonForChange"),
        source=_text(audit, "o:SourceID"),
    )


def _instant(stamp: Element) -> datetime:
    """An instant, in UTC: one without its offset could be any of a day's."""
    try:
        at = datetime.fromisoformat(stamp.text or "")
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise NotOdm(f"line {stamp.sourceline}: {stamp.text} is no instant with its offset from UTC")


def _once(element: Element, name: str) -> None:
    """Refuse what says one thing twice: which of two values stands nobody could tell."""
    said = set[str]()
    for each in element.iterchildren(f"{{{NAMESPACE}}}*"):
        if (oid := each.get(name)) in said:
            raise NotOdm(f"line {each.sourceline}: {_named(each)} tells {oid[:80]} twice")
        said |= {oid} if oid else set()


def _values(group: Element) -> Values:
    _once(group, "ItemOID")
    items = tuple((item.get("ItemOID"), _value(item)) for item in elements(group, "o:ItemData"))
    return Values(group.get("ItemGroupOID"), items)


def _value(item: Element) -> str | None:
    return None if item.get("IsNull") == "Yes" else item.get("Value", "")


def _number(note: Element) -> int:
    """The number of an annotation; the schema allows any whole number."""
    if len(text := note.get("SeqNum")) <= MOST_DIGITS:
        return int(text)
    raise NotOdm(f"line {note.sourceline}: an annotation has a number of more than {MOST_DIGITS} digits")


def _note(note: Element) -> Note:
    flags = tuple(Flag(said(flag, "o:FlagType"), "", said(flag, "o:FlagValue")) for flag in elements(note, "o:Flag"))
    return Note(_number(note), note.get("TransactionType", "Context"), said(note, "o:Comment"), flags)


def _signed(signature: Element) -> tuple[str, str]:
    meaning = _one(signature, "o:SignatureRef").get("SignatureOID").removeprefix("SD.")
    return meaning, said(signature, "o:CryptoBindingManifest")
