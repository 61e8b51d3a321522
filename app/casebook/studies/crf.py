"""The case report form of a study, as the exporter is told of it: the captured fields, the visits, the instruments in force."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from decimal import Decimal

from app.casebook.studies.documents import StudyDocument
from app.casebook.studies.instruments import look_back
from app.rules.instrument import Instrument, Item
from app.tables import CAPTURED
from app.tables.base import Captured, Field, fields
from app.tables.efficacy import Assessment
from cdisc import terminology
from cdisc.crf import Crf, CrfForm, CrfVisit, Kind, Question

MOST_CHOICES = 16
"""A codelist of at most so many terms is printed whole; of a longer one its name."""
FLAGS = ("Y", "N", "U")
ISO = {"any": "ISO 8601, as far as known", "month": "YYYY-MM at most", "time": "YYYY-MM-DDThh:mm"}
_KINDS: dict[str, Kind] = {"boolean": "code", "choice": "code", "number": "number", "integer": "whole"}
REGISTRATION = CrfForm(
    "subject",
    "subjects",
    "Subject Registration",
    "DM",
    "The subject's one code in the study, and the site that follows the subject.",
    (
        Question("subject_id", "Subject Identifier for the Study", "text", required=True),
        Question("siteid", "Study Site Identifier", "text", required=True),
    ),
)


def crf(document: StudyDocument, instruments: Iterable[Instrument]) -> Crf:
    """
    Every form of a study, and which visit asks for which.

    In the order of a casebook: who the subject is, what visits ask in the order of the visits, what is kept as it happens, what
    belongs to the study as a whole. Of an instrument the version in force in the document.
    """
    asked = list(dict.fromkeys(path for visit in document.visits for path in visit.forms))
    drawn = [form for table in CAPTURED.values() if table is not Assessment for form in [_form(table)]]
    drawn += [instrument_form(document, each) for each in instruments if document.instruments.get(each.id) == each.version]
    place = {path: number for number, path in enumerate(asked)}
    standing = {table.__form__.path: _standing(table) for table in CAPTURED.values()}
    drawn.sort(key=lambda form: (standing.get(form.path, 1), place.get(form.path, len(place)), form.path))
    visits = tuple(CrfVisit(visit.visit, visit.forms) for visit in document.visits)
    return Crf((REGISTRATION, *drawn), visits)


def _standing(table: type[Captured]) -> int:
    form = table.__form__
    if form.scope == "study":
        return 3
    if form.after == "nothing":
        return 0
    return 2 if form.visit == "never" else 1


def _form(table: type[Captured]) -> CrfForm:
    form = table.__form__
    return CrfForm(table.__tablename__, form.path, form.title, form.domain, _about(table), tuple(_questions(table)))


def _about(table: type[Captured]) -> str:
    """The first paragraph of what a form says of itself."""
    return " ".join(inspect.cleandoc(table.__doc__ or "").split("\n\n")[0].split()).replace("`", "")


def _questions(table: type[Captured], *without: str) -> Iterator[Question]:
    if table.__form__.visit != "never":
        yield Question("visit", "Visit Name", "text", hint="a visit of the study", required=table.__form__.visit == "required")
    for column, field in fields(table).items():
        if column not in without:
            yield _question(column, field, column in table.__form__.given)


def _question(column: str, field: Field, given: bool) -> Question:
    terms = _terms(field)
    choices = terms if len(terms) <= MOST_CHOICES else ()
    hint = _hint(field, terms)
    kind = "text" if field.kind == "answers" else field.kind
    codelist = "NY" if field.kind == "flag" else field.codelist or ""
    return Question(column, field.label, kind, choices, hint, field.unit or "", field.required, given, codelist=codelist)


def _terms(field: Field) -> tuple[str, ...]:
    if field.kind == "flag":
        return FLAGS
    return tuple(terminology.codelist(field.codelist).terms) if field.codelist else ()


def _hint(field: Field, terms: tuple[str, ...]) -> str:
    match field.kind:
        case "date":
            return ISO[field.precision]
        case "text":
            return f"at most {field.length} characters"
        case "code" | "codes":
            return f"one of the {len(terms)} terms of {field.codelist}"
        case "number" | "whole":
            return _bounds(field.least, field.most)
        case "result":
            return "a number, a censored number (<0.5) or text, as reported"
        case _:
            return ""


def _bounds(least: Decimal | None, most: Decimal | None) -> str:
    bounds = (("at least", least), ("at most", most))
    return ", ".join(f"{word} {bound}" for word, bound in bounds if bound is not None)


def instrument_form(document: StudyDocument, instrument: Instrument) -> CrfForm:
    """One version of an instrument in a study: what every assessment asks, then its items, which alone have a test code."""
    about = f"Version {instrument.version}. Source: {instrument.source}"
    if days := look_back(document, instrument):
        about = f"Asked about the last {days} days. {about}"
    untrained = () if instrument.trained_assessor else ("rstrndtc",)
    questions = (*_questions(Assessment, "answers", *untrained), *map(_item, instrument.items.values()))
    path = f"{Assessment.__form__.path}/{instrument.id}"
    title = instrument.title if instrument.id in instrument.title else f"{instrument.id}: {instrument.title}"
    return CrfForm(Assessment.__tablename__, path, title, instrument.domain, about, questions)


def _item(item: Item) -> Question:
    choices = tuple(answer.original for answer in item.answers)
    return Question(
        item.key,
        item.label,
        _KINDS[item.type],
        ("PRESENT", "ABSENT") if item.type == "boolean" else choices,
        _bounds(item.least, item.most),
        item.unit or "",
        testcd=item.testcd,
        group=item.group or "",
    )
