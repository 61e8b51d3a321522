"""
The rows of a cut as the exporter takes them: one frame a captured table, a block of subjects at a time.

A block is what an export holds in memory, so a study may be as long as it likes; what nobody asks of a block never leaves the
database. Identifiers and numbers leave it as text, since that is what they are sent as: a number keeps the digits entered, and
no object is made of a cell on the way.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import (
    JSON,
    BindParameter,
    Boolean,
    ColumnElement,
    CompoundSelect,
    Connection,
    Integer,
    Select,
    String,
    Text,
    TypeDecorator,
    Uuid,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    select,
    union_all,
)

from app.casebook import ledger
from app.casebook.exports import analysed
from app.casebook.ledger import CUT_HEAD, RECORD, STUDY
from app.casebook.settle import VERDICT, WITHDRAWN
from app.tables import CAPTURED
from app.tables.base import STUDY_CHAIN, Captured, Number, fields, table
from app.tables.subjects import Subject
from cdisc import coding
from cdisc.columns import each

SUBJECT = table(Subject)
SUBJECTS: BindParameter[Any] = bindparam("subjects", expanding=True)
RULES: BindParameter[Any] = bindparam("rules", expanding=True)
BLOCK = 400_000
"""Rows of the datasets that one block becomes, about, unless a single subject has more."""
ITEMS = {"assessment": 30}
"""Rows that a record of a form becomes, about, where they are many: one for each item of an instrument."""
LEAST = 200
"""Rows that a subject counts for at least: a block has no more subjects than one statement may name."""
AT_ONCE = 5000
"""Rows that are held as such until their cells stand in columns."""
PLACED = ("chain_no", "withdrawn")
"""What says of a version whether it stands at a cut."""
OWN = {"record_id": pa.string()} | dict.fromkeys(PLACED, pa.int64())
"""The columns that are kept row by row: of which nothing is gained by the distinct values, or nothing written."""
DIGITS, DASHES = 32, (8, 12, 16, 20)
"""The digits of an identifier, and how many of them stand before each dash."""

OF_VERDICT = ("subject_id", "rule", "about", "value", "amount", "lowest", "highest")

Read = Callable[[], pd.DataFrame]


class Block(Mapping[str, pd.DataFrame]):
    """The frames of some subjects by name, each read when it is first asked for."""

    def __init__(self, read: Mapping[str, Read]) -> None:
        self._read, self._known = read, dict[str, pd.DataFrame]()

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._known:
            self._known[name] = self._read[name]()
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read)

    def __len__(self) -> int:
        return len(self._read)

    def __or__(self, others: Mapping[str, pd.DataFrame]) -> Block:
        """These frames and others; what either has read is not read again."""
        return Block({name: partial(frames.__getitem__, name) for frames in (self, others) for name in frames})


def subjects(connection: Connection, study_id: str, cut_id: UUID) -> list[str]:
    """The subjects of a study at a cut, in the order of their codes whatever the database's collation."""
    mine = select(SUBJECT.c.subject_id).where(SUBJECT.c.study_id == STUDY, ledger.within(SUBJECT, "cut"))
    return sorted(connection.scalars(mine, {"study": study_id, "cut": cut_id}))


def blocks(connection: Connection, study_id: str, cut_id: UUID, most: int = BLOCK) -> Iterator[Block]:
    """
    The frames of a cut, some subjects at a time in the order of their codes, who become `most` rows: one frame a captured
    table, `subject`, `verdict` and `analysis` (see `analysed`) beside them; live rows only. What belongs to the study as a
    whole stands in every block; there is always one.

    Columns: subject_id, record_id, visit_id, then the captured fields. Text is kept by its distinct values (see `coding`), a
    number as text with the digits entered. Sorted by subject and by the order in which the records were created.
    """
    at = {"study": study_id, "cut": cut_id}
    captured = _Captured(connection, at)
    shared = Block(captured.of("study", [STUDY_CHAIN]))
    for some in _grouped(subjects(connection, study_id, cut_id), _rows(connection, study_id), most):
        yield shared | Block(captured.of("subject", some) | _beside(connection, at | {"subjects": some}))


def whole(connection: Connection, study_id: str, cut_id: UUID) -> dict[str, pd.DataFrame]:
    """The frames of a cut in one block, all of them read."""
    return dict(next(blocks(connection, study_id, cut_id, sys.maxsize)))


def _rows(connection: Connection, study_id: str) -> dict[str, int]:
    """How many rows each subject becomes, about."""
    counted = (
        select(RECORD.c.subject_id, func.sum(case(ITEMS, value=RECORD.c.form, else_=1)).label("rows"))
        .where(RECORD.c.study_id == STUDY)
        .group_by(RECORD.c.subject_id)
    )
    return {row.subject_id: row.rows for row in connection.execute(counted, {"study": study_id})}


def _grouped(known: Iterable[str], rows: Mapping[str, int], most: int) -> Iterator[list[str]]:
    """Subjects in their order, as many together as become `most` rows; always one group."""
    group: list[str] = []
    held = 0
    for subject in known:
        own = max(LEAST, rows.get(subject, 0))
        if group and held + own > most:
            yield group
            group, held = [], 0
        group.append(subject)
        held += own
    yield group


def _beside(connection: Connection, of: dict[str, Any]) -> dict[str, Read]:
    def analysis() -> pd.DataFrame:
        statement = _verdict_statement(analysed.COLUMNS, some=True)
        return analysed.analysis(_frame(connection, statement, of | {"rules": analysed.ANALYSED}))

    return {
        "subject": partial(_frame, connection, _subject_statement(), of),
        "verdict": partial(_frame, connection, _verdict_statement(OF_VERDICT), of),
        "analysis": analysis,
    }


class _Captured:
    """What the captured tables of a study hold at a cut."""

    def __init__(self, connection: Connection, at: Mapping[str, Any]) -> None:
        self._connection, self._at = connection, at
        self._filled = frozenset(connection.scalars(_filled_statement(), {"study": at["study"]}))
        self._heads = {row.head_subject_id: row.head_no for row in connection.execute(_head_statement(), at)}

    def of(self, scope: str, some: list[str]) -> dict[str, Read]:
        """The rows of some chains in each table of a scope."""
        return {name: partial(self._read, form, some) for name, form in CAPTURED.items() if form.__form__.scope == scope}

    def _read(self, form: type[Captured], some: list[str]) -> pd.DataFrame:
        statement = _captured_statement(form)
        if form.__tablename__ not in self._filled:
            return _empty(statement)
        return _standing(_frame(self._connection, statement, {**self._at, "subjects": some}), self._heads)


def _standing(versions: pd.DataFrame, heads: Mapping[str, int]) -> pd.DataFrame:
    """
    Of versions in their order those that stand where each chain ends: of every record the last that is within, unless it was
    withdrawn. As `ledger.latest` has it, which would look for a later version of each row one by one.
    """
    if versions.empty:
        return versions
    ends = each(versions["subject_id"], heads.get, "float64")
    within = versions[versions["chain_no"].astype("float64") <= ends]
    last = within["record_id"] != within["record_id"].shift(-1)
    return within[last & (within["withdrawn"] == 0)].drop(columns=[*PLACED]).reset_index(drop=True)


@lru_cache
def _filled_statement() -> CompoundSelect[str]:
    """The captured tables in which a study has any row: nobody asks the others."""
    any_row = {name: exists().where(table(form).c.study_id == STUDY) for name, form in CAPTURED.items()}
    return union_all(*(select(literal(name)).where(is_filled) for name, is_filled in any_row.items()))


@lru_cache
def _head_statement() -> Select[Any]:
    """Where each chain ends at a cut."""
    mine = CUT_HEAD.c.study_id == STUDY, CUT_HEAD.c.cut_id == bindparam("cut")
    return select(CUT_HEAD.c.head_subject_id, CUT_HEAD.c.head_no).where(*mine)


@lru_cache
def _captured_statement(form: type[Captured]) -> Select[Any]:
    own = table(form)
    asked = own.c.subject_id, own.c.record_id, RECORD.c.visit_id, *(own.c[name] for name in (*fields(form), *PLACED))
    rows = select(*map(_sent, asked)).select_from(ledger.identified(own))
    rows = rows.where(own.c.study_id == STUDY, own.c.subject_id.in_(SUBJECTS))
    return rows.order_by(own.c.subject_id, own.c.record_id, own.c.version)


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
    """
    What a statement finds, column by column; a few rows at a time are ever held as rows.

    They are the driver's own: all that is sent is text or a whole number, of which nothing is left to be read.
    """
    asked = [(column, _kept(column)) for column in statement.selected_columns]
    cells: list[list[pa.Array]] = [[] for _ in asked]
    with connection.execute(statement, of) as found:  # a fault must not leave SQLite a cursor that keeps writers out
        while rows := found.cursor.fetchmany(AT_ONCE):
            for held, (_, kind), values in zip(cells, asked, zip(*rows, strict=True), strict=True):
                held.append(pa.array(values, kind))
    if not cells[0]:
        return _empty(statement)
    columns = zip(asked, cells, strict=True)
    return pd.DataFrame({column.name: _read(column, pa.chunked_array(held, kind)) for (column, kind), held in columns})


@lru_cache
def _empty(statement: Select[Any]) -> pd.DataFrame:
    names = [column.name for column in statement.selected_columns if column.name not in PLACED]
    return pd.DataFrame(columns=names, dtype=object)


def _kept(column: ColumnElement[Any]) -> pa.DataType:
    """How the cells of a column are held: as they are, or by distinct values."""
    by_value = pa.dictionary(pa.int32(), pa.int64() if isinstance(column.type, Integer) else pa.string())
    return OWN.get(column.name, by_value)


def _read(column: ColumnElement[Any], cells: pa.ChunkedArray) -> pd.Series[Any]:
    """A column as the exporter takes it: of those kept by distinct values each looked at once."""
    if column.name in OWN:
        return pd.Series((_dashed(cells) if isinstance(column.type, Identifier) else cells).to_pandas())
    found, read = coding.of_arrow(cells), READ.get(type(column.type))
    values = found.each(lambda value: read(value) if read and value is not None else value)
    return coding.column_of(found.codes, values) if isinstance(column.type, TEXTS) else coding.spread(found.codes, values)


def _dashed(identifiers: pa.ChunkedArray) -> pa.ChunkedArray:
    """Identifiers as they are written everywhere: SQLite keeps them without dashes."""
    if pc.max(pc.binary_length(identifiers)).as_py() == DIGITS:
        for place in reversed(DASHES):
            identifiers = pc.binary_replace_slice(identifiers, place, place, "-")
    return identifiers


class Identifier(TypeDecorator[str]):
    """An identifier that leaves the database as text."""

    impl, cache_ok = Text, True


class Json(TypeDecorator[str]):
    """JSON that leaves the database as text."""

    impl, cache_ok = Text, True


TEXTS = (String, Identifier)
SENT: dict[Any, Any] = {Uuid: Identifier(), Number: Text(), JSON: Json(), Boolean: Integer()}
"""What columns of a type leave the database as."""
READ: dict[Any, Callable[[str], Any]] = {Json: orjson.loads, Identifier: lambda text: str(UUID(text))}
"""And what their text is then read as."""
