"""
The rows of a cut as the exporter takes them: one frame a captured table, a block of subjects at a time.

A block is what an export holds in memory, so a study may be as long as it likes. Identifiers and numbers leave the database as
text, since that is what they are sent as: a number keeps the digits entered, and no object is made of a cell on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
import pandas as pd
from sqlalchemy import JSON, BindParameter, ColumnElement, Connection, Select, Text, Uuid, bindparam, cast, select

from app.casebook import ledger
from app.casebook.exports import analysed
from app.casebook.ledger import STUDY
from app.casebook.settle import VERDICT, WITHDRAWN
from app.tables import CAPTURED
from app.tables.base import STUDY_CHAIN, Captured, Number, fields, table
from app.tables.subjects import Subject

Frames = dict[str, pd.DataFrame]

SUBJECT = table(Subject)
SUBJECTS: BindParameter[Any] = bindparam("subjects", expanding=True)
RULES: BindParameter[Any] = bindparam("rules", expanding=True)
BLOCK = 100
"""Subjects of one block."""
AT_ONCE = 1000
"""Rows that are held as such until their cells stand in columns."""

OF_RECORD = ("study_id", "subject_id", "record_id", "version")
OF_VERDICT = ("subject_id", "rule", "about", "value", "amount", "lowest", "highest")


def subjects(connection: Connection, study_id: str, cut_id: UUID) -> list[str]:
    """The subjects of a study at a cut, in the order of their codes whatever the database's collation."""
    mine = select(SUBJECT.c.subject_id).where(SUBJECT.c.study_id == STUDY, ledger.within(SUBJECT, "cut"))
    return sorted(connection.scalars(mine, {"study": study_id, "cut": cut_id}))


def blocks(connection: Connection, study_id: str, cut_id: UUID, size: int = BLOCK) -> Iterator[Frames]:
    """
    The frames of a cut, `size` subjects at a time in the order of their codes: one frame a captured table, `subject`, `verdict`
    and `analysis` (see `analysed`) beside them; live rows only. What belongs to the study as a whole stands in every block;
    there is always one.

    Columns: study_id, subject_id, record_id, version, visit_id, origin, source, then the captured fields. Numbers are text
    with the digits entered; None is missing. Sorted by subject and by the order in which the records were created.
    """
    at = {"study": study_id, "cut": cut_id}
    known = subjects(connection, study_id, cut_id)
    shared = {name: _captured(connection, name, at | {"subjects": [STUDY_CHAIN]}) for name in CAPTURED if _is_shared(name)}
    for start in range(0, max(1, len(known)), size):
        yield shared | _of_subjects(connection, at | {"subjects": known[start : start + size]})


def whole(connection: Connection, study_id: str, cut_id: UUID) -> Frames:
    """The frames of a cut in one block."""
    known = subjects(connection, study_id, cut_id)
    return next(blocks(connection, study_id, cut_id, max(1, len(known))))


def _is_shared(name: str) -> bool:
    return CAPTURED[name].__form__.scope == "study"


def _of_subjects(connection: Connection, of: dict[str, Any]) -> Frames:
    made = {name: _captured(connection, name, of) for name in CAPTURED if not _is_shared(name)}
    made["subject"] = _frame(connection, _subject_statement(), of)
    made["verdict"] = _frame(connection, _verdict_statement(OF_VERDICT), of)
    asked = of | {"rules": analysed.ANALYSED}
    made["analysis"] = analysed.analysis(_frame(connection, _verdict_statement(analysed.COLUMNS, some=True), asked))
    return made


def _captured(connection: Connection, name: str, of: dict[str, Any]) -> pd.DataFrame:
    return _frame(connection, _captured_statement(CAPTURED[name]), of)


@lru_cache
def _captured_statement(form: type[Captured]) -> Select[Any]:
    own = table(form)
    names = [own.c[name] for name in OF_RECORD], ledger.IDENTITY, [own.c[name] for name in fields(form)]
    rows = select(*(_sent(column) for each in names for column in each)).select_from(ledger.identified(own))
    rows = rows.where(own.c.study_id == STUDY, own.c.subject_id.in_(SUBJECTS), ~own.c.withdrawn)
    return rows.where(ledger.latest(own, "cut", "record_id")).order_by(own.c.subject_id, own.c.record_id)


@lru_cache
def _subject_statement() -> Select[Any]:
    mine = SUBJECT.c.study_id == STUDY, SUBJECT.c.subject_id.in_(SUBJECTS), ledger.within(SUBJECT, "cut")
    columns = (SUBJECT.c[name] for name in ("study_id", "subject_id", "siteid", "origin"))
    return select(*columns).where(*mine).order_by(SUBJECT.c.subject_id)


@lru_cache
def _verdict_statement(columns: tuple[str, ...], some: bool = False) -> Select[Any]:
    """The verdicts of some subjects; `some`: of the rules named alone."""
    mine = VERDICT.c.study_id == STUDY, VERDICT.c.subject_id.in_(SUBJECTS), VERDICT.c.value != WITHDRAWN
    rows = select(*(_sent(VERDICT.c[name]) for name in columns)).where(*mine, ledger.latest(VERDICT, "cut", "verdict_id"))
    rows = rows.where(VERDICT.c.rule.in_(RULES)) if some else rows
    return rows.order_by(VERDICT.c.subject_id, VERDICT.c.rule, VERDICT.c.about)


def _sent(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column as it leaves the database: identifiers, decimals and JSON as text."""
    known = next((text for kind, text in SENT.items() if isinstance(column.type, kind)), None)
    return column if known is None else cast(column, known).label(column.name)


def _frame(connection: Connection, statement: Select[Any], of: dict[str, Any]) -> pd.DataFrame:
    """What a statement finds, column by column; a few rows at a time are ever held as rows."""
    found = connection.execute(statement, of)
    asked = statement.selected_columns
    cells: list[list[Any]] = [[] for _ in asked]
    for rows in found.partitions(AT_ONCE):
        for column, values in zip(cells, zip(*rows, strict=True), strict=True):
            column.extend(values)
    columns = {column.name: _read(column, values) for column, values in zip(asked, cells, strict=True)}
    return pd.DataFrame(columns, dtype=object)


def _read(column: ColumnElement[Any], values: list[Any]) -> list[Any]:
    """The cells of a column as the exporter takes them, each distinct text looked at once."""
    read = READ.get(type(column.type))
    if read is None:
        return values
    known = {value: None if value is None else read(value) for value in set(values)}
    return [known[value] for value in values]


def _dashed(identifier: str) -> str:
    """An identifier as it is written everywhere: SQLite keeps it without dashes."""
    if len(identifier) == 36:
        return identifier
    return f"{identifier[:8]}-{identifier[8:12]}-{identifier[12:16]}-{identifier[16:20]}-{identifier[20:]}"


class Identifier(Text):
    """An identifier that leaves the database as text."""


class Json(Text):
    """JSON that leaves the database as text."""


SENT: dict[Any, Text] = {Uuid: Identifier(), Number: Text(), JSON: Json()}
"""What columns of a type leave the database as."""
READ: dict[Any, Callable[[str], Any]] = {Identifier: _dashed, Json: orjson.loads}
"""And what their text is then read as."""
