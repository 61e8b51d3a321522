"""
What a file of ODM 1.3.2 defines, read back: the newest version of a study's visits, forms and items, whoever wrote it.

Only what the standard itself has a place for is read; what a vendor adds is not.
Source: CDISC ODM 1.3.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from cdisc.odm.metadata import LANG, DataType, Element, Event, Form, Item, ItemGroup, Metadata, Study
from cdisc.odm.reading import NotOdm, elements, parsed, said

KINDS: Mapping[str, DataType] = {"boolean": "boolean", "integer": "integer", "float": "float", "double": "float"}
"""The types of data that a number or a truth value has; any other is text here, a date too."""
NAMES = ("StudyName", "StudyDescription", "ProtocolName")
NUMBER = re.compile(r"\s*(-?[0-9]{1,15}(?:\.[0-9]{1,15})?)\s*")
UNITS = "o:BasicDefinitions/o:MeasurementUnit"
DEFINED = ("StudyEventDef", "FormDef", "ItemGroupDef", "ItemDef", "CodeList")
Definitions = Mapping[str, Element]


def read(raw: bytes) -> tuple[Study, Mapping[str, str]]:
    """The study that a file defines, in its newest version, and its sites' names. Raises NotOdm where it defines none."""
    root = parsed(raw, extended=True)
    versions = elements(root, "o:Study/o:MetaDataVersion")
    if not versions:
        raise NotOdm("it defines no version of a study")
    newest = versions[-1]
    about = newest.getparent()
    name, title, protocol = (said(about, f"o:GlobalVariables/o:{tag}") for tag in NAMES)
    sites = {each.get("OID"): each.get("Name") for each in elements(root, "o:AdminData/o:Location[@LocationType='Site']")}
    return Study(about.get("OID"), name, title, protocol, (_version(newest),)), sites


def _version(version: Element) -> Metadata:
    events, forms, groups, items, lists = (_by_oid(version, f"o:{tag}") for tag in DEFINED)
    units = {oid: _words(unit, "Symbol") or unit.get("Name") for oid, unit in _by_oid(version.getparent(), UNITS).items()}
    return Metadata(
        oid=version.get("OID"),
        name=version.get("Name"),
        about=version.get("Description", ""),
        effective="",
        events=tuple(_event(each, forms) for each in _planned(version, events)),
        forms=tuple(_form(each, groups) for each in forms.values()),
        groups=tuple(_group(each, items, lists, units) for each in groups.values()),
        documents=(),
    )


def _by_oid(element: Element, path: str) -> Definitions:
    """The definitions of one kind by their identifiers."""
    return {each.get("OID"): each for each in elements(element, path)}


def _ordered(element: Element, path: str) -> list[Element]:
    """References in the order that they state; those that state none first, as they stand."""
    return sorted(elements(element, path), key=lambda each: Decimal(each.get("OrderNumber", "0")))


def _planned(version: Element, events: Definitions) -> Iterator[Element]:
    """The visits in the order of the protocol; those that it does not order as they are defined."""
    named = (each.get("StudyEventOID") for each in _ordered(version, "o:Protocol/o:StudyEventRef"))
    return (_defined(oid, events) for oid in dict.fromkeys((*named, *events)))


def _defined(oid: str, defined: Definitions) -> Element:
    if oid not in defined:
        raise NotOdm(f"it names {oid[:80]} and does not define it")
    return defined[oid]


def _words(element: Element, tag: str) -> str:
    """What a text says in English, else in the language that it does not name, else in the first; in one line."""
    told = {each.get(LANG, "").partition("-")[0]: each.text or "" for each in elements(element, f"o:{tag}/o:TranslatedText")}
    return " ".join(next((told[lang] for lang in ("en", "", *told) if lang in told), "").split())


def _event(event: Element, forms: Definitions) -> Event:
    asked = tuple((each.get("FormOID"), each.get("Mandatory") == "Yes") for each in _ordered(event, "o:FormRef"))
    for form, _ in asked:
        _defined(form, forms)
    return Event(event.get("OID"), event.get("Name"), event.get("Type"), asked)


def _form(form: Element, groups: Definitions) -> Form:
    made_of = tuple(each.get("ItemGroupOID") for each in _ordered(form, "o:ItemGroupRef"))
    for group in made_of:
        _defined(group, groups)
    return Form(form.get("OID"), form.get("Name"), _words(form, "Description"), made_of)


def _group(group: Element, defined: Definitions, lists: Definitions, units: Mapping[str, str]) -> ItemGroup:
    items = tuple(
        _item(_defined(each.get("ItemOID"), defined), each.get("Mandatory") == "Yes", lists, units)
        for each in _ordered(group, "o:ItemRef")
    )
    return ItemGroup(group.get("OID"), group.get("Name"), group.get("Domain", ""), items, group.get("IsReferenceData") == "Yes")


def _item(item: Element, required: bool, lists: Definitions, units: Mapping[str, str]) -> Item:
    listed = [_defined(each.get("CodeListOID"), lists) for each in elements(item, "o:CodeListRef")]
    measured = [units.get(each.get("MeasurementUnitOID"), "") for each in elements(item, "o:MeasurementUnitRef")]
    return Item(
        oid=item.get("OID"),
        name=item.get("Name"),
        label=_words(item, "Question") or _words(item, "Description") or item.get("Name"),
        type=KINDS.get(item.get("DataType"), "text"),
        required=required,
        unit=measured[0] if len(measured) == 1 else "",
        choices=tuple(choice for each in listed for choice in _choices(each)),
        least=_bound(item, "GE"),
        most=_bound(item, "LE"),
        sdtm="; ".join(each.get("Name") for each in elements(item, "o:Alias[@Context='SDTM']")) or item.get("SDSVarName", ""),
        left=tuple(_left(item, measured)),
    )


def _left(item: Element, units: Sequence[str]) -> Iterator[str]:
    """What the file says of an item and an item here has no place for."""
    if len(units) > 1:
        yield f"which of its units ({', '.join(units)}) an answer has is not asked"
    for check in elements(item, "o:RangeCheck"):
        comparator, kind = check.get("Comparator", ""), check.get("SoftHard", "")
        if kind != "Hard" or comparator not in ("GE", "LE") or _bound(item, comparator) is None:
            values = ", ".join((each.text or "").strip()[:40] for each in elements(check, "o:CheckValue"))
            said = " ".join(each for each in (kind.lower(), comparator, values) if each)
            yield f"its check ({said}) is none that an item makes"


def _choices(listed: Element) -> Iterator[tuple[str, str]]:
    for each in _ordered(listed, "o:CodeListItem | o:EnumeratedItem"):
        yield each.get("CodedValue"), _words(each, "Decode") or each.get("CodedValue")


def _bound(item: Element, comparator: str) -> Decimal | None:
    """A limit outside of which an answer is refused; a soft one, or one that is no plain number, is none."""
    found = elements(item, f"o:RangeCheck[@Comparator='{comparator}'][@SoftHard='Hard']/o:CheckValue")
    plain = NUMBER.fullmatch(str(found[0].text)) if found else None
    return Decimal(plain[1]) if plain else None
