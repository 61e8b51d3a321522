"""
The forms, visits and documents of a study as an archive in ODM defines them, and the identifiers by which its data name them.

They follow from the captured fields, as the annotated CRF does: the same forms, questions and SDTM annotations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from app.casebook.ledger import Row
from app.casebook.studies import crf
from app.casebook.studies.library import Study
from app.rules.instrument import Instrument
from app.rules.instrument import Item as InstrumentItem
from app.tables import CAPTURED
from app.tables.base import Captured, Field, fields
from app.tables.efficacy import Assessment
from app.tables.ledger import Cut
from app.tables.studies import InstrumentVersion, StudyVersion
from app.tables.subjects import Visit
from cdisc.acrf.annotation import annotated
from cdisc.crf import CrfForm, Question
from cdisc.odm.metadata import DataType, Document, Event, Form, Item, ItemGroup, Metadata

LOG, UNSCHEDULED = "SE.LOG", "SE.UNSCHEDULED"
ACTS: Mapping[str, tuple[str, ...]] = {
    StudyVersion.__tablename__: ("version", "checksum"),
    InstrumentVersion.__tablename__: ("instrument", "version", "checksum"),
    Cut.__tablename__: ("name", "study_version"),
}
"""What an archive tells of the acts on the study as a whole, beside its captured records."""
DATES: Mapping[str, DataType] = {"any": "text", "month": "partialDate", "time": "partialDatetime"}
"""A date with a part missing inside (`2026---15`) is no date of ODM, so that a date of any precision is text."""
ANSWERS: Mapping[str, DataType] = {"boolean": "boolean", "choice": "text", "number": "float", "integer": "integer"}
LISTED = "Terms with semicolons between them; NONE where it was recorded that there is none"


def event_of(planned: Iterable[str], visit: str | None) -> tuple[str, str]:
    """The event of a visit and its repeat key: the log for none, one repeating event for visits that were not planned."""
    if visit is None:
        return LOG, ""
    return (f"SE.{visit}", "") if visit in planned else (UNSCHEDULED, visit)


def group_of(table: str) -> str:
    """The item group of a table."""
    return f"IG.{table.upper()}"


def item_of(table: str, column: str) -> str:
    """The item of a column of a table."""
    return f"I.{table.upper()}.{column.upper()}"


def form_of(form: type[Captured], row: Row) -> str:
    """The form that a record was entered on: of an assessment that of its instrument."""
    return f"F.{form.__tablename__.upper()}" + (f".{row['instrument']}" if form is Assessment else "")


def answers_of(instrument: str, version: int) -> str:
    """The item group of one version of an instrument; its items are named after it."""
    return f"IG.{instrument}.{version}"


def answer_of(instrument: str, version: int, key: str) -> str:
    """One item of one version of an instrument."""
    return f"I.{instrument}.{version}.{key}"


def metadata(
    study: Study, effective: str, planned: Iterable[str], instruments: Sequence[Instrument], documents: Iterable[Document]
) -> Metadata:
    """
    What a version of a study's document defines. `planned`: the visits of all its versions, since a record keeps its visit;
    `instruments`: every version that was published, since a record keeps its instrument.
    """
    drawn = crf.crf(study.document, ()).forms[1:]
    of_instruments = [crf.instrument_form(study.document, instrument) for instrument in instruments]
    identity = study.document.study
    return Metadata(
        oid=f"MDV.{study.version}",
        name=f"Version {study.version}",
        about=identity.amendment or identity.summary,
        effective=effective,
        events=tuple(_events(study, planned, drawn, of_instruments)),
        forms=tuple(_forms(drawn, instruments)),
        groups=tuple(_groups(drawn, instruments, of_instruments)),
        documents=tuple(documents),
    )


def _events(
    study: Study, planned: Iterable[str], drawn: Sequence[CrfForm], of_instruments: Iterable[CrfForm]
) -> Iterator[Event]:
    """Every planned visit with the forms that it asks for and those that may be entered there too; then what has no visit."""
    asked = {visit.visit: visit.forms for visit in study.document.visits}
    tables = {form.path: CAPTURED[form.table].__form__ for form in drawn}
    at_visits = [form for form in drawn if tables[form.path].visit != "never"]
    paths = {form.path: _oid(form) for form in (*at_visits, *of_instruments)}
    beside = [_oid(form) for form in drawn if tables[form.path].scope == "subject" and tables[form.path].visit != "required"]
    own = f"F.{Visit.__tablename__.upper()}"
    for visit in planned:
        wanted = {own, *(paths[path] for path in asked.get(visit, ()) if path in paths)}
        yield Event(f"SE.{visit}", visit, "Scheduled", tuple((oid, oid in wanted) for oid in (own, *_once(paths.values()))))
    yield Event(
        UNSCHEDULED, "Unscheduled visit", "Unscheduled", tuple((oid, oid == own) for oid in (own, *_once(paths.values())))
    )
    log = (*(oid for oid in beside if oid != own), *(oid for path, oid in paths.items() if "/" in path))
    yield Event(LOG, "Casebook", "Common", tuple((oid, False) for oid in _once(log)))


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _oid(form: CrfForm) -> str:
    """The form of a CRF's form; an instrument's path ends in its name."""
    _, _, instrument = form.path.partition("/")
    return f"F.{form.table.upper()}" + (f".{instrument}" if instrument else "")


def _forms(drawn: Iterable[CrfForm], instruments: Sequence[Instrument]) -> Iterator[Form]:
    for form in drawn:
        if CAPTURED[form.table].__form__.scope == "subject":
            yield Form(_oid(form), form.title, form.about, (group_of(form.table),))
    by_name: dict[str, list[Instrument]] = {}
    for instrument in instruments:
        by_name.setdefault(instrument.id, []).append(instrument)
    own = Assessment.__tablename__
    for name, versions in by_name.items():
        groups = (group_of(own), *(answers_of(name, each.version) for each in versions))
        yield Form(f"F.{own.upper()}.{name}", versions[-1].title, versions[-1].source, groups)


def _groups(
    drawn: Sequence[CrfForm], instruments: Sequence[Instrument], of_instruments: Sequence[CrfForm]
) -> Iterator[ItemGroup]:
    for form in (*drawn, *of_instruments[:1]):
        table = CAPTURED[form.table]
        items = tuple(_fields(form, table))
        yield ItemGroup(group_of(form.table), table.__form__.title, form.domain, items, table.__form__.scope == "study")
    for instrument, form in zip(instruments, of_instruments, strict=True):
        items = tuple(_answers(instrument, form))
        yield ItemGroup(
            answers_of(instrument.id, instrument.version),
            f"{instrument.title}, version {instrument.version}",
            form.domain,
            items,
        )
    for name, columns in ACTS.items():
        items = tuple(Item(item_of(name, column), column.upper(), column.replace("_", " "), "text") for column in columns)
        yield ItemGroup(group_of(name), name.replace("_", " ").capitalize(), "", items, reference=True)


def _fields(form: CrfForm, table: type[Captured]) -> Iterator[Item]:
    """The captured fields of a form, in the order in which it asks for them; an instrument's answers stand by themselves."""
    for question in form.questions:
        field = fields(table).get(question.column)
        if field is not None and not question.testcd:
            yield _field(form, question, field)


def _field(form: CrfForm, question: Question, field: Field) -> Item:
    listed = field.codelist if field.codelist and field.kind != "codes" else ""
    return Item(
        oid=item_of(form.table, question.column),
        name=question.column.upper(),
        label=question.label,
        type=_type(field),
        required=question.required,
        length=field.length if _type(field) == "text" else None,
        unit=question.unit,
        codelist=listed,
        least=field.least,
        most=field.most,
        sdtm=_sdtm(form, question),
        comment=f"{LISTED} ({field.codelist})" if field.kind == "codes" else "",
    )


def _type(field: Field) -> DataType:
    match field.kind:
        case "number":
            return "float"
        case "whole":
            return "integer"
        case "date":
            return DATES[field.precision]
        case _:
            return "text"


def _sdtm(form: CrfForm, question: Question) -> str:
    notes = (f"{note.dataset}: {note.text}" for note in annotated(form, question) if note.dataset)
    return "; ".join(notes)


def _answers(instrument: Instrument, form: CrfForm) -> Iterator[Item]:
    questions = {question.column: question for question in form.questions if question.testcd}
    for key, item in instrument.items.items():
        yield _answer(instrument, item, _sdtm(form, questions[key]))


def _answer(instrument: Instrument, item: InstrumentItem, sdtm: str) -> Item:
    about: dict[str, Any] = {"least": item.least, "most": item.most, "unit": item.unit or ""}
    choices = tuple((answer.value, answer.original) for answer in item.answers)
    oid = answer_of(instrument.id, instrument.version, item.key)
    return Item(oid, item.key, item.label, ANSWERS[item.type], choices=choices, sdtm=sdtm, **about)
