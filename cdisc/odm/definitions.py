"""
What a file of ODM 1.3.2 defines, read back: the newest version of a study's visits, forms and items, whoever wrote it.

Only what the standard itself has a place for is read; what a vendor adds is not.
Source: CDISC ODM 1.3.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

from cdisc.odm.metadata import DataType, Element, Event, Form, Item, ItemGroup, Metadata, Study
from cdisc.odm.reading import NotOdm, elements, parsed, said

KINDS: Mapping[str, DataType] = {"boolean": "boolean", "integer": "integer", "float": "float", "double": "float"}
"""The types of data that a number or a truth value has; any other is text here, a date too."""
NAMES = ("StudyName", "StudyDescription", "ProtocolName")
UNITS = "o:BasicDefinitions/o:MeasurementUnit"
Definitions = Mapping[str, Element]


def read(raw: bytes) -> tuple[Study, Mapping[str, str]]:
    """The study that a file defines, in its newest version, and its sites' names. Raises NotOdm where it defines none."""
    root = parsed(raw)
    versions = elements(root, "o:Study/o:MetaDataVersion")
    if not versions:
        raise NotOdm("it defines no version of a study")
    newest = versions[-1]
    about = newest.getparent()
    name, title, protocol = (said(about, f"o:GlobalVariables/o:{tag}") for tag in NAMES)
    sites = {each.get("OID"): each.get("Name") for each in elements(root, "o:AdminData/o:Location[@LocationType='Site']")}
    return Study(about.get("OID"), name, title, protocol, (_version(newest),)), sites


def _version(version: Element) -> Metadata:
    defined = {each.get("OID"): each for each in elements(version, "o:StudyEventDef | o:FormDef | o:ItemGroupDef | o:ItemDef")}
    lists = {each.get("OID"): each for each in elements(version, "o:CodeList")}
    units = {each.get("OID"): _words(each, "Symbol") for each in elements(version.getparent(), UNITS)}
    return Metadata(
        oid=version.get("OID"),
        name=version.get("Name"),
        about=version.get("Description", ""),
        effective="",
        events=tuple(_event(each, defined) for each in _planned(version, defined)),
        forms=tuple(_form(each) for each in elements(version, "o:FormDef")),
        groups=tuple(_group(each, defined, lists, units) for each in elements(version, "o:ItemGroupDef")),
        documents=(),
    )


def _planned(version: Element, defined: Definitions) -> Iterator[Element]:
    """The visits in the order of the protocol; those that it does not order as they are defined."""
    ordered = sorted(elements(version, "o:Protocol/o:StudyEventRef"), key=lambda each: int(each.get("OrderNumber", "0")))
    named = dict.fromkeys(each.get("StudyEventOID") for each in ordered)
    every = dict.fromkeys((*named, *(each.get("OID") for each in elements(version, "o:StudyEventDef"))))
    return (_defined(oid, defined) for oid in every)


def _defined(oid: str, defined: Definitions) -> Element:
    if oid not in defined:
        raise NotOdm(f"it names {oid[:80]} and does not define it")
    return defined[oid]


def _words(element: Element, tag: str) -> str:
    return " ".join(said(element, f"o:{tag}/o:TranslatedText").split())


def _event(event: Element, defined: Definitions) -> Event:
    forms = tuple((each.get("FormOID"), each.get("Mandatory") == "Yes") for each in elements(event, "o:FormRef"))
    for form, _ in forms:
        _defined(form, defined)
    return Event(event.get("OID"), event.get("Name"), event.get("Type"), forms)


def _form(form: Element) -> Form:
    groups = tuple(each.get("ItemGroupOID") for each in elements(form, "o:ItemGroupRef"))
    return Form(form.get("OID"), form.get("Name"), _words(form, "Description"), groups)


def _group(group: Element, defined: Definitions, lists: Definitions, units: Mapping[str, str]) -> ItemGroup:
    items = tuple(
        _item(_defined(each.get("ItemOID"), defined), each.get("Mandatory") == "Yes", lists, units)
        for each in elements(group, "o:ItemRef")
    )
    return ItemGroup(group.get("OID"), group.get("Name"), group.get("Domain", ""), items, group.get("IsReferenceData") == "Yes")


def _item(item: Element, required: bool, lists: Definitions, units: Mapping[str, str]) -> Item:
    listed = [lists[each.get("CodeListOID")] for each in elements(item, "o:CodeListRef") if each.get("CodeListOID") in lists]
    measured = [each.get("MeasurementUnitOID") for each in elements(item, "o:MeasurementUnitRef")]
    return Item(
        oid=item.get("OID"),
        name=item.get("Name"),
        label=_words(item, "Question") or _words(item, "Description") or item.get("Name"),
        type=KINDS.get(item.get("DataType"), "text"),
        required=required,
        unit=units.get(measured[0], "") if len(measured) == 1 else "",
        choices=tuple(choice for each in listed for choice in _choices(each)),
        least=_bound(item, "GE"),
        most=_bound(item, "LE"),
        sdtm="; ".join(each.get("Name") for each in elements(item, "o:Alias[@Context='SDTM']")) or item.get("SDSVarName", ""),
    )


def _choices(listed: Element) -> Iterator[tuple[str, str]]:
    for each in elements(listed, "o:CodeListItem | o:EnumeratedItem"):
        yield each.get("CodedValue"), _words(each, "Decode") or each.get("CodedValue")


def _bound(item: Element, comparator: str) -> Decimal | None:
    """A limit outside of which an answer is refused; a soft one, or one that is no number, is none."""
    try:
        found = elements(item, f"o:RangeCheck[@Comparator='{comparator}'][@SoftHard='Hard']/o:CheckValue")
        return Decimal(str(found[0].text).strip()) if found else None
    except InvalidOperation:
        return None
