"""
What an ODM file defines: the visits, forms, items, codelists and units of a study at one version of its document.

Plain descriptions, made by the service from the same fields that its routes take. The documents themselves are carried whole,
each as a method whose formal expression is its text, so that a file can open its study elsewhere.
Source: CDISC ODM 1.3.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from lxml.builder import ElementMaker  # type: ignore[import-untyped]

from cdisc import terminology
from cdisc.terminology import CT_VERSION

NAMESPACE = "http://www.cdisc.org/ns/odm/v1.3"
SHORT = 30
"""A list of at most so many terms, and any list of the sponsor's own, is given whole; of a longer one its published name."""
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
TOML = "TOML"
FLAG_TYPES = {
    "ORIGIN": "How the record came to be",
    "QUERY": "Where a query stands",
    "RULE": "The rule that asks",
    "FIELD": "The field that is asked about",
    "RECORD VERSION": "The version of the record that is spoken of",
    "IMPORTED BY": "Who imported the act from another system's archive",
    "IMPORTED AT": "When it was imported",
}
STATES = ("open", "answered", "closed", "cancelled")
ORIGINS = ("collected", "synthetic", "published", "published_text_inferred")

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no file of XML 1.0 can carry, however it is written."""

Element = Any


class NotXml(ValueError):
    """Something that stands in the casebook holds a character that XML cannot carry."""


def _carried(words: str) -> str:
    if found := NOT_XML.search(words):
        before = words[max(0, found.start() - 20) : found.start()]
        raise NotXml(f"the character U+{ord(found[0]):04X}, after {before!r}")
    return words


def _text(element: Element, words: str) -> None:
    element.text = _carried(words)


def _attributes(element: Element, said: Mapping[str, str]) -> None:
    for name, value in said.items():
        element.set(name, _carried(value))


make = ElementMaker(namespace=NAMESPACE, nsmap={None: NAMESPACE}, typemap={str: _text, dict: _attributes})
"""Makes an element of ODM from its parts, its attributes and its text; raises NotXml where one cannot be carried."""
DataType = Literal["text", "float", "integer", "boolean", "partialDate", "partialDatetime", "datetime"]


@dataclass(frozen=True, slots=True)
class Item:
    """
    One question. `codelist`: the published or sponsor's list that answers it; `choices`: answers of its own, as kept and as
    printed. `sdtm`: where it goes. `unit`: where the form fixes it. Outside `least` to `most` an answer is refused. `left`:
    what a file that was read says beside.
    """

    oid: str
    name: str
    label: str
    type: DataType
    required: bool = False
    length: int | None = None
    unit: str = ""
    codelist: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    least: Decimal | None = None
    most: Decimal | None = None
    sdtm: str = ""
    comment: str = ""
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemGroup:
    """Items that stand together; `reference`: they belong to the study as a whole and to no subject."""

    oid: str
    name: str
    domain: str
    items: tuple[Item, ...]
    reference: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A form and the item groups that it is made of, by their identifiers."""

    oid: str
    name: str
    about: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """A visit, or the casebook's log beside the visits; each form with whether it is asked for there."""

    oid: str
    name: str
    type: Literal["Scheduled", "Unscheduled", "Common"]
    forms: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it was published."""

    oid: str
    name: str
    about: str
    source: str


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a study is made of at one version of its document, from the day of its publication (YYYY-MM-DD)."""

    oid: str
    name: str
    about: str
    effective: str
    events: tuple[Event, ...]
    forms: tuple[Form, ...]
    groups: tuple[ItemGroup, ...]
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Study:
    """A study with every version of its definitions."""

    oid: str
    name: str
    title: str
    protocol: str
    versions: tuple[Metadata, ...]


def attributes(**said: str | int | None) -> dict[str, str]:
    """The attributes of an element, those that say nothing left out."""
    return {name: str(value) for name, value in said.items() if value not in (None, "")}


def texts(tag: str, words: str) -> Element:
    """An element of one text, such as a description."""
    return make(tag, make.TranslatedText(words, {LANG: "en"}))


def study(about: Study) -> Element:
    """The Study element: who it is, its units, and every version of its definitions."""
    named = make.GlobalVariables(
        make.StudyName(about.name), make.StudyDescription(about.title), make.ProtocolName(about.protocol)
    )
    units = sorted({item.unit for version in about.versions for item in _items(version) if item.unit})
    measured = [make.MeasurementUnit(texts("Symbol", unit), OID=f"MU.{unit}", Name=unit) for unit in units]
    return make.Study(named, make.BasicDefinitions(*measured), *map(_version, about.versions), OID=about.oid)


def _items(version: Metadata) -> Iterator[Item]:
    return (item for group in version.groups for item in group.items)


def _version(version: Metadata) -> Element:
    order = enumerate(version.events, start=1)
    planned = [make.StudyEventRef(StudyEventOID=event.oid, OrderNumber=str(at), Mandatory="No") for at, event in order]
    return make.MetaDataVersion(
        make.Protocol(*planned),
        *map(_event, version.events),
        *map(_form, version.forms),
        *map(_group, version.groups),
        *map(_item, _items(version)),
        *_codelists(version),
        *map(_document, version.documents),
        attributes(OID=version.oid, Name=version.name, Description=version.about),
    )


def _event(event: Event) -> Element:
    forms = [
        make.FormRef(FormOID=form, OrderNumber=str(at), Mandatory="Yes" if asked else "No")
        for at, (form, asked) in enumerate(event.forms, start=1)
    ]
    repeating = "Yes" if event.type == "Unscheduled" else "No"
    return make.StudyEventDef(*forms, OID=event.oid, Name=event.name, Repeating=repeating, Type=event.type)


def _form(form: Form) -> Element:
    """Every form repeats: one that was withdrawn is entered anew."""
    groups = [
        make.ItemGroupRef(ItemGroupOID=group, OrderNumber=str(at), Mandatory="Yes" if at == 1 else "No")
        for at, group in enumerate(form.groups, start=1)
    ]
    return make.FormDef(texts("Description", form.about), *groups, OID=form.oid, Name=form.name, Repeating="Yes")


def _group(group: ItemGroup) -> Element:
    items = [
        make.ItemRef(ItemOID=item.oid, OrderNumber=str(at), Mandatory="Yes" if item.required else "No")
        for at, item in enumerate(group.items, start=1)
    ]
    yes_no = {True: "Yes", False: "No"}
    said = attributes(Name=group.name, Repeating=yes_no[group.reference], Domain=group.domain)
    return make.ItemGroupDef(*items, said, OID=group.oid, IsReferenceData=yes_no[group.reference])


def _item(item: Item) -> Element:
    parts = [texts("Question", item.label)]
    parts += [make.MeasurementUnitRef(MeasurementUnitOID=f"MU.{item.unit}")] if item.unit else []
    for comparator, bound in (("GE", item.least), ("LE", item.most)):
        if bound is not None:
            parts.append(make.RangeCheck(make.CheckValue(format(bound, "f")), Comparator=comparator, SoftHard="Hard"))
    parts += [make.CodeListRef(CodeListOID=listed)] if (listed := _listed(item)) else []
    parts += [make.Alias(Context="SDTM", Name=item.sdtm)] if item.sdtm else []
    digits = 15 if item.type == "float" else None
    said = attributes(Length=item.length, SignificantDigits=digits, Comment=item.comment)
    return make.ItemDef(*parts, said, OID=item.oid, Name=item.name, DataType=item.type)


def _listed(item: Item) -> str:
    """The identifier of the list that an item is answered from; empty where it has none."""
    return f"CL.{item.codelist}" if item.codelist else f"CL.{item.oid}" if item.choices else ""


def _codelists(version: Metadata) -> Iterator[Element]:
    """Published and sponsor's lists by name, then those of single items, then those of the flags."""
    for name in sorted({item.codelist for item in _items(version) if item.codelist}):
        yield _standard(name)
    for item in _items(version):
        if item.choices:
            yield _coded(_listed(item), item.label, item.choices)
    yield _coded("CL.FLAG TYPE", "Types of flags", FLAG_TYPES.items())
    yield _coded("CL.STATE", "States of a query", ((state, state) for state in STATES))
    yield _coded("CL.ORIGIN", "Origins of a record", ((origin, origin) for origin in ORIGINS))
    yield _external("CL.WORD", "Names and numbers that the type of their flag explains", Dictionary="Casebook")


def _standard(name: str) -> Element:
    known = terminology.codelist(name)
    if known.origin != "sponsor" and len(known.terms) > SHORT:
        published = attributes(Dictionary=known.origin, Version=CT_VERSION if known.code else None, ref=known.code)
        return _external(f"CL.{name}", known.title, **published)
    return _coded(f"CL.{name}", known.title, ((term.value, term.decode) for term in known.terms.values()), known.code)


def _external(oid: str, name: str, **published: str) -> Element:
    return make.CodeList(make.ExternalCodeList(published), OID=oid, Name=name, DataType="text")


def _coded(oid: str, name: str, terms: Iterable[tuple[str, str]], code: str | None = None) -> Element:
    coded = [make.CodeListItem(texts("Decode", decode or value), CodedValue=value) for value, decode in terms]
    alias = [make.Alias(Context="nci:ExtCodeID", Name=code)] if code else []
    return make.CodeList(*coded, *alias, OID=oid, Name=name, DataType="text")


def _document(document: Document) -> Element:
    whole = make.FormalExpression(document.source, Context=TOML)
    return make.MethodDef(texts("Description", document.about), whole, OID=document.oid, Name=document.name, Type="Other")
