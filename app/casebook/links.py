"""
Links: a field by which a record names another record of its subject, as `cmaeno` names the adverse event that a drug treats.

The field says of which form it names one (`Field.names`), that form by which of its fields it is named (`Form.named`). A link
is to a record that stands: it is asked when a record is entered and at each of its corrections, whatever they change. What is
named is not withdrawn before the records that name it are: only the site knows what else a drug was given for, and a rule that
reads the link, or RELREC, would find nothing behind it. Each asks one SELECT more, and only of forms that name or are named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Connection, Select, bindparam, exists, literal, select, union_all

from app.casebook import forms, ledger
from app.casebook.ledger import STUDY, SUBJECT, Row
from app.errors import Conflict, Fault
from app.tables import CAPTURED
from app.tables.base import Captured, fields, table

Values = dict[str, Any]


@lru_cache
def of(form: type[Captured]) -> Mapping[str, type[Captured]]:
    """The fields of a form that name another record, each with the form that it names one of."""
    return {name: CAPTURED[field.names] for name, field in fields(form).items() if field.names}


@lru_cache
def naming(form: type[Captured]) -> tuple[tuple[type[Captured], str], ...]:
    """The forms whose records may name one of a form, each with the field that does."""
    return tuple((other, name) for other in CAPTURED.values() for name, named in of(other).items() if named is form)


def _live(own: Any) -> tuple[ColumnElement[bool], ...]:
    return own.c.study_id == STUDY, own.c.subject_id == SUBJECT, ~own.c.withdrawn, ledger.latest(own, "now", "record_id")


@lru_cache
def _numbers(form: type[Captured]) -> Select[Any]:
    """By what the live records of a form are named, in the order in which they were entered."""
    own = table(form)
    named = own.c[str(form.__form__.named)]
    return select(named).where(*_live(own), named.is_not(None)).order_by(own.c.record_id)


def numbers(connection: Connection, study_id: str, subject_id: str, form: type[Captured]) -> list[str]:
    """By what the records of a form that stand are named."""
    return list(connection.scalars(_numbers(form), {"study": study_id, "subject": subject_id}))


def hold(connection: Connection, study_id: str, subject_id: str, form: type[Captured], bodies: Mapping[str, Values]) -> None:
    """Refuse records, by where each was sent, that name another one which does not stand; the refusal tells which ones do."""
    faults: list[Fault] = []
    for name, named in of(form).items():
        if sent := {at: str(values[name]) for at, values in bodies.items() if values[name] is not None}:
            stand = numbers(connection, study_id, subject_id, named)
            faults += _broken(name, named, subject_id, sent, stand)
    if faults:
        raise forms.refusal("unknown_record", faults)


def _broken(name: str, named: type[Captured], subject_id: str, sent: Mapping[str, str], stand: list[str]) -> Iterator[Fault]:
    what = f"record of {named.__form__.title} of subject {subject_id} that stands (by {named.__form__.named})"
    for at, value in sent.items():
        if value not in stand:
            words = f"{name} {value} names no {what}; those that stand: {', '.join(stand) or 'none'}"
            yield Fault(f"{at}/{name}", "unknown_record", words)


@lru_cache
def _named_by(form: type[Captured]) -> CompoundSelect[Any]:
    """In the words of a refusal, the forms of which a live record names the one of a form that is called `:number`."""
    return union_all(*(_names_it(other, name) for other, name in naming(form)))


def _names_it(other: type[Captured], name: str) -> Select[Any]:
    own = table(other)
    names_it = exists().where(*_live(own), own.c[name] == bindparam("number"))
    return select(literal(f"{other.__form__.title} ({name})")).where(names_it)


def free(connection: Connection, study_id: str, subject_id: str, form: type[Captured], stands: Row) -> None:
    """Refuse to withdraw a record that other ones name; the refusal tells of which forms they are."""
    number = stands[form.__form__.named] if naming(form) and form.__form__.named else None
    if number is None:
        return
    asked = {"study": study_id, "subject": subject_id, "number": number}
    if held := sorted(connection.scalars(_named_by(form), asked)):
        words = f"{form.__form__.title} {number} is named by {', '.join(held)}; correct or withdraw those first"
        raise Conflict("record_is_named", words)


def once(connection: Connection, study_id: str, subject_id: str, form: type[Captured], before: Row, after: Values) -> None:
    """Refuse a correction that gives a record which had none the name of another one that stands."""
    name = form.__form__.named
    if name is None or before[name] is not None or after[name] is None:
        return
    if after[name] in numbers(connection, study_id, subject_id, form):
        words = f"{form.__form__.title} {after[name]} of subject {subject_id} stands already; this is another record"
        raise Conflict("stands_already", words)
