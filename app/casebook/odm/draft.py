"""
A study document begun from the forms that another system defines in ODM.

A form of which most items are captured fields is asked for by its path; any other becomes an instrument, a draft too. What a
file of ODM has no place for is left out and never guessed: a draft says what it lacks to be published, and what of the file
it could not take.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from app.casebook import forms
from app.casebook.studies import documents, instruments
from app.errors import Fault, Invalid
from app.tables import CAPTURED
from app.tables.base import Captured, fields
from app.tables.efficacy import Assessment
from app.tables.subjects import Visit
from cdisc import terminology
from cdisc.odm import definitions
from cdisc.odm.metadata import Form, Item, ItemGroup, Metadata, Study
from cdisc.odm.reading import NotOdm

VARIABLE = re.compile(r"(?:[A-Z]{2}\.)?([A-Z][A-Z0-9]{1,7})")
TESTCD = re.compile(r"(RS|QS)TESTCD = ([A-Z][A-Z0-9]{0,7})\b")
TYPES = {"boolean": "boolean", "integer": "integer", "float": "number"}
BARE = re.compile(r"[A-Za-z0-9_-]+")
LONGEST = 40
FORMS = {name: form for name, form in CAPTURED.items() if form.__form__.scope == "subject" and form is not Assessment}
Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """A study document in TOML, its instruments by their names; what each lacks to be published; what of the file is left."""

    study: str
    instruments: Mapping[str, str]
    lacks: tuple[str, ...]
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """A form of the file: the path by which a visit asks for it, its items that are left, the instrument that it becomes."""

    path: str
    left: tuple[str, ...] = ()
    instrument: Table | None = None


def draft(raw: bytes) -> Draft:
    """A draft from a file; refused (422) where it is not valid ODM 1.3.2, or defines no study."""
    try:
        study, sites = definitions.read(raw)
    except NotOdm as error:
        faults = [Fault("", "not_odm", words) for words in error.faults]
        raise Invalid("not_odm", f"The file defines no study in ODM 1.3.2: {error}", faults=faults) from None
    (version,) = study.versions
    groups = {group.oid: group for group in version.groups}
    taken = {form.oid: _taken(form, [groups[oid] for oid in form.groups if oid in groups]) for form in version.forms}
    drawn = {str(each.instrument["id"]): each.instrument for each in taken.values() if each.instrument}
    about = {"study": _identity(study), "visits": list(_visits(version, taken)), "sites": list(_sites(sites))}
    told = _toml(about | {"instruments": dict.fromkeys(drawn, 1)})
    written = {name: _toml(instrument) for name, instrument in drawn.items()}
    lacks = [*_lacks(documents.read_study, told, "study"), *_several(taken.values())]
    lacks += [words for name, text in written.items() for words in _lacks(instruments.read_instrument, text, name)]
    left = (*_shortened(version), *(words for each in taken.values() for words in each.left))
    return Draft(told, written, tuple(lacks), left)


def _several(taken: Iterable[Taken]) -> Iterator[str]:
    """The instruments that several forms would become: their names are alike as far as an instrument's name goes."""
    counted = Counter(str(each.instrument["id"]) for each in taken if each.instrument)
    return (f"{name}: {forms} forms have this name, one is drafted" for name, forms in counted.items() if forms > 1)


def _lacks(reader: Any, text: str, name: str) -> Iterator[str]:
    """What is wrong with a draft as the document that it is to become."""
    try:
        reader(text)
    except ValidationError as error:
        faults = forms.faults_of(error)
        for fault in faults:
            if not any(other.pointer.startswith(f"{fault.pointer}/") for other in faults):
                yield f"{name}: {fault.detail}"


def _identity(study: Study) -> Table:
    title = " ".join((study.title or study.name).split())
    named = {"id": _code(study.name or study.oid), "version": 1, "title": title[:200], "protocol": study.protocol[:200]}
    return named | {"summary": title[:2000]}


def _sites(sites: Mapping[str, str]) -> Iterator[Table]:
    for oid, name in sites.items():
        yield {"siteid": re.sub(r"[^A-Z0-9]", "", oid.rpartition(".")[2].upper())[:10], "name": name[:200]}


def _code(words: str) -> str:
    """A name as a document's identifier: capitals, digits, and what joins them."""
    return re.sub(r"^[^A-Z0-9]+|[^A-Z0-9_.-]+", "-", words.upper()).strip("-")[:LONGEST]


def _visits(version: Metadata, taken: Mapping[str, Taken]) -> Iterator[Table]:
    """The scheduled visits in their order, each with the forms that it must have; where it must have none, with all of its."""
    own = Visit.__form__.path
    for number, event in enumerate((event for event in version.events if event.type == "Scheduled"), start=1):
        wanted = [form for form, asked in event.forms if asked] or [form for form, _ in event.forms]
        paths = dict.fromkeys(taken[form].path for form in wanted)
        yield {"visit": event.name[:LONGEST], "visitnum": number, "forms": [path for path in paths if path not in ("", own)]}


def _shortened(version: Metadata) -> Iterator[str]:
    return (
        f"{event.name}: a visit's name has at most {LONGEST} characters" for event in version.events if event.name[LONGEST:]
    )


def _taken(form: Form, groups: Iterable[ItemGroup]) -> Taken:
    """
    A form of ours where most of its items are what one holds, or some and the file says that all are of its domain; else the
    instrument that its items make.
    """
    items = [(group.domain, item) for group in groups if not group.reference for item in group.items]
    found = max(FORMS.values(), key=lambda each: len(_fields(each, items)))
    known, domains = _fields(found, items), {domain for domain, _ in items}
    if len(known) * 2 > len(items) or (known and domains == {found.__form__.domain} - {""}):
        left = (_left(form, item, "no field holds it") for _, item in items if item.oid not in known)
        return Taken(found.__form__.path, tuple(left))
    of_assessment = _fields(Assessment, items)
    return _instrument(form, [item for _, item in items if item.oid not in of_assessment])


def _fields(form: type[Captured], items: Iterable[tuple[str, Item]]) -> set[str]:
    """The items that a form holds: of its domain, where the file says which, and of a field's name or of one of its tests."""
    own = form.__form__.domain
    return {item.oid for domain, item in items if domain in ("", own) and _holds(form, item)}


def _holds(form: type[Captured], item: Item) -> bool:
    """
    Whether a form has a field of an item's name, or of the SDTM variable that it is annotated with, or takes it as a test.

    CDASH collects a date as --DAT, and a finding that has a column of its own as its test code, or as that and --ORRES.
    """
    name, variable = item.name.upper(), VARIABLE.fullmatch(item.sdtm)
    named = {name, re.sub("DAT$", "DTC", name), variable[1] if variable else name}
    if any(each.lower() in fields(form) for each in named):
        return True
    testcd = fields(form).get(f"{form.__form__.domain.lower()}testcd")
    test = name.removesuffix(f"_{form.__form__.domain}ORRES")
    return testcd is not None and testcd.codelist is not None and test in terminology.codelist(testcd.codelist).terms


def _left(form: Form, item: Item, why: str) -> str:
    return f"{form.name}: {item.label} ({item.name}): {why}"


def _instrument(form: Form, items: Iterable[Item]) -> Taken:
    """An instrument of the items that one can ask for; none where there are no such, and then no visit asks for it."""
    told = [(item, item.type != "text" or bool(item.choices)) for item in items]
    left = tuple(_left(form, item, "an instrument asks for no free text and no date") for item, fits in told if not fits)
    kept = [item for item, fits in told if fits]
    left += tuple(_left(form, item, words) for item in kept for words in item.left)
    if not kept:
        return Taken("", left)
    name = _code(form.oid.removeprefix("F.").removeprefix("ASSESSMENT."))
    domain = next((found[1] for item in kept if (found := TESTCD.search(item.sdtm))), "QS")
    about = {"id": name, "version": 1, "title": form.name[:200], "domain": domain, "category": form.name[:LONGEST]}
    rows = [_row(number, item) for number, item in enumerate(kept, start=1)]
    return Taken(f"{Assessment.__form__.path}/{name}", left, about | {"source": form.about or form.name, "items": rows})


def _row(number: int, item: Item) -> Table:
    """An item of an instrument; its test code is the one that the file says, else its name where that is one."""
    key = re.sub(r"[^a-z0-9_]+", "_", item.name.lower()).strip("_")[: instruments.LONGEST_KEY]
    named = re.fullmatch(r"[A-Z][A-Z0-9]{0,7}", item.name.upper())
    said = TESTCD.search(item.sdtm)
    row: dict[str, Any] = {
        "key": key if key[:1].isalpha() else f"item_{number}",
        "testcd": said[2] if said else named[0] if named else f"ITEM{number}",
        "test": item.label[:LONGEST],
        "type": "choice" if item.choices else TYPES[item.type],
        "label": item.label[:200],
    }
    bounds = {"least": item.least, "most": item.most, "unit": item.unit or None}
    row |= {name: bound for name, bound in bounds.items() if bound is not None}
    answers = [{"value": value, "original": original, "standard": value} for value, original in item.choices]
    return row | ({"answers": answers} if answers else {})


def _toml(document: Table) -> str:
    """A document as TOML: its plain values, then its tables, then its lists of tables."""
    plain = {key: value for key, value in document.items() if not isinstance(value, (Mapping, list))}
    lines = [*_lines(plain)]
    for key, value in document.items():
        if isinstance(value, Mapping):
            lines += ["", f"[{key}]", *_lines(value)]
    for key, value in document.items():
        if isinstance(value, list):
            lines += [line for each in value for line in ("", f"[[{key}]]", *_lines(each))]
    return "\n".join(lines).lstrip("\n") + "\n"


def _lines(table: Table) -> Iterator[str]:
    return (f"{key if BARE.fullmatch(key) else _value(key)} = {_value(value)}" for key, value in table.items())


def _value(value: Any) -> str:
    """A value of TOML; its strings are those of JSON, but for a character that JSON lets stand."""
    match value:
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case Mapping():
            return "{ " + ", ".join(_lines(value)) + " }"
        case list():
            return "[" + ", ".join(map(_value, value)) + "]"
        case _:
            return format(value, "f") if isinstance(value, Decimal) else str(value)
