"""What the items of an archive say, as the values that the one door takes: `archive_forms` and `history.text` backwards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection

from app.casebook import forms
from app.casebook.ledger import Act
from app.casebook.odm import archive_forms as names
from app.casebook.studies import library
from app.casebook.studies.library import Study
from app.errors import Invalid
from app.tables.base import Captured, Field, fields
from app.tables.efficacy import Assessment
from cdisc.odm import writing
from cdisc.odm.writing import Values

WHOLE = re.compile(r"-?[0-9]{1,15}")
TRUTH = {"true": True, "false": False}
NOT_DONE = "NOT DONE"


def body(connection: Connection, study: Study, form: type[Captured], told: writing.Act) -> dict[str, Any]:
    """A new record as the door takes it; refused where an item is not the form's, or says what the form does not allow."""
    said = _said(connection, study, form, told)
    origin = flag(told, "ORIGIN")
    if origin != study.document.study.origin or study.document.study.origin == "published":
        said |= {"origin": origin or None, "source": _words(told) or None}
    if form.__form__.visit != "never":
        said["visit"] = _visit(told)
    return forms.read(forms.archived_form(form), said).model_dump()


def changes(connection: Connection, study: Study, form: type[Captured], told: writing.Act, why: Act) -> dict[str, Any]:
    """
    What a correction changed, of the fields that a client may send. An instrument that was not done after all has no answers,
    which a file tells item by item.
    """
    said = {name: value for name, value in _said(connection, study, form, told).items() if name in forms.entered(form)}
    if form is Assessment and said.get("rsstat") == NOT_DONE:
        said["answers"] = None
    read = forms.read(forms.change_form(form), said | {"reason": {"code": why.reason_code, "text": why.reason}})
    return {name: getattr(read, name) for name in read.model_fields_set - {"reason"}}


def flag(told: writing.Act, kind: str) -> str:
    """The value of a flag of one type among the annotations of an act; empty where none has it."""
    return next((each.value for note in told.notes for each in note.flags if each.type == kind), "")


def _words(told: writing.Act) -> str:
    """The words of the source, which stand beside the origin."""
    return next((note.comment for note in told.notes if any(each.type == "ORIGIN" for each in note.flags)), "")


def _visit(told: writing.Act) -> str | None:
    if told.event == names.LOG:
        return None
    return told.event_key if told.event == names.UNSCHEDULED else told.event.removeprefix("SE.")


def _said(connection: Connection, study: Study, form: type[Captured], told: writing.Act) -> dict[str, Any]:
    """Every item by its field, those of an instrument in one object."""
    own = names.group_of(form.__tablename__)
    said: dict[str, Any] = {}
    for group in told.values:
        if group.group == own:
            said |= dict(_columns(form, group))
        elif group.items:
            said["answers"] = dict(_answers(connection, study, form, group))
    return said


def _columns(form: type[Captured], told: Values) -> Iterator[tuple[str, Any]]:
    known = {names.item_of(form.__tablename__, name): name for name in fields(form)}
    for oid, value in told.items:
        if oid not in known:
            raise Invalid("unknown_item", f"{oid[:80]} is no item of {form.__form__.title}")
        name = known[oid]
        yield name, None if value is None else _value(fields(form)[name], value)


def _value(field: Field, text: str) -> Any:
    """A value as a body gives it: a number as text keeps its digits, NONE is a list that was recorded as empty."""
    if field.kind == "codes":
        return [] if text == "NONE" else text.split(";")
    return int(text) if field.kind == "whole" and WHOLE.fullmatch(text) else text


def _answers(connection: Connection, study: Study, form: type[Captured], told: Values) -> Iterator[tuple[str, Any]]:
    name, _, version = told.group.removeprefix("IG.").rpartition(".")
    if form is not Assessment or not WHOLE.fullmatch(version):
        raise Invalid("unknown_item", f"{told.group[:80]} is no group of items of {form.__form__.title}")
    items = library.instrument(connection, study, name, int(version)).items
    for oid, value in told.items:
        key = oid.removeprefix(names.answer_of(name, int(version), ""))
        boolean = key in items and items[key].type == "boolean"
        yield key, TRUTH.get(value, value) if boolean and value is not None else value
