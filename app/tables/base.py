"""
What every kept row has in common: the three stored types, the field, and the version row.

A captured table is a *form*: its columns carry their CDASH/SDTM variable name in lower case, the standard's label, and
what an answer may be (`Field`). The API's bodies, the JSON schemas and the exporter's frames all follow from here.
Study identifiers lead every key, so that rows of one study lie together and can be distributed by study.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar, Literal, cast
from uuid import UUID

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Dialect,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    TypeDecorator,
    Uuid,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

STUDY_CHAIN = ""
"""The subject identifier of acts and records that belong to the study as a whole: lots, publication, cuts."""


class Number(TypeDecorator[Decimal]):
    """
    A decimal with the digits entered: unscaled NUMERIC on PostgreSQL, text on SQLite, which has no decimal type.

    Never sort, sum or compare it in SQL: on SQLite that would compare text.
    """

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.NUMERIC())
        return dialect.type_descriptor(String(64))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return format(value, "f")

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class Instant(TypeDecorator[datetime]):
    """An instant in UTC to the microsecond; naive values are refused. Text on SQLite, which would drop the offset."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(String(32))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its offset from UTC")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.isoformat(timespec="microseconds")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return (value if isinstance(value, datetime) else datetime.fromisoformat(value)).astimezone(UTC)


Kind = Literal["text", "code", "codes", "number", "whole", "date", "flag", "answers", "result"]


@dataclass(frozen=True, slots=True)
class Field:
    """
    One captured field, as a form prints it.

    `kind`: text; code (one term of `codelist`); codes (a list of them, empty: recorded as none); number (a decimal);
    whole; date (ISO 8601, possibly partial, local as in the source); flag (Y, N or U of NY); answers (an instrument's
    items); result (a finding as reported: a number, a censored number such as `<0.5`, or text).
    `unit`: of a number, where the form fixes it. `units`: the codelist of the field that carries it, where it does not.
    `names`: the table of which it names a record of the same subject, by what those are named by (`Form.named`).
    """

    label: str
    kind: Kind
    required: bool = False
    codelist: str | None = None
    length: int | None = None
    unit: str | None = None
    least: Decimal | None = None
    most: Decimal | None = None
    precision: Literal["any", "month", "time"] = "any"
    names: str | None = None


def _column(field: Field, type_: Any) -> Any:
    return mapped_column(type_, nullable=not field.required, info={"field": field}, comment=field.label)


def text(label: str, *, required: bool = False, length: int = 200) -> Any:
    """Free text of at most `length` characters (200: what a transport file can carry)."""
    return _column(Field(label, "text", required, length=length), String(length))


def link(label: str, names: str, *, required: bool = False) -> Any:
    """The name of a record of the table `names` that stands in the casebook of the same subject, as the site numbers those."""
    return _column(Field(label, "text", required, length=20, names=names), String(20))


def code(label: str, codelist: str, *, required: bool = False) -> Any:
    """One submission value of a codelist."""
    return _column(Field(label, "code", required, codelist=codelist, length=200), String(200))


def codes(label: str, codelist: str) -> Any:
    """A list of submission values; empty means recorded: none, null means not recorded."""
    return _column(Field(label, "codes", codelist=codelist), JSON(none_as_null=True))


def number(
    label: str, *, unit: str | None = None, least: str | None = None, most: str | None = None, required: bool = False
) -> Any:
    """A decimal with the digits entered, in `unit`; outside least..most it is refused as impossible."""
    low, high = (None if bound is None else Decimal(bound) for bound in (least, most))
    return _column(Field(label, "number", required, unit=unit, least=low, most=high), Number())


def whole(label: str, *, unit: str | None = None, least: int = 0, most: int | None = None, required: bool = False) -> Any:
    """A whole number in `unit`."""
    high = None if most is None else Decimal(most)
    return _column(Field(label, "whole", required, unit=unit, least=Decimal(least), most=high), Integer())


def date(label: str, *, required: bool = False, precision: Literal["any", "month", "time"] = "any") -> Any:
    """
    An ISO 8601 date or date and time as entered, possibly partial, local as in the source.

    `month`: at most a year and month (a birth date); `time`: a date and time to the minute at least.
    """
    return _column(Field(label, "date", required, precision=precision, length=32), String(32))


def flag(label: str, *, required: bool = False) -> Any:
    """Y, N or U (unknown) of codelist NY; null means not recorded."""
    return _column(Field(label, "flag", required, codelist="NY", length=1), String(1))


def result(label: str) -> Any:
    """A finding as reported, digit for digit: `4.20`, `<0.5`, `POSITIVE`."""
    return _column(Field(label, "result", length=200), String(200))


def answers(label: str) -> Any:
    """The items of an instrument in one object keyed by the item's key, checked against its document."""
    return _column(Field(label, "answers"), JSON(none_as_null=True))


class Base(DeclarativeBase):
    """Every table of the house."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Instant(),
        Decimal: Number(),
        UUID: Uuid(),
        str: Text(),
        dict[str, Any]: JSON(none_as_null=True),
        list[Any]: JSON(none_as_null=True),
    }


def entry_key() -> tuple[Any, ...]:
    """The key by which a kept row hangs on its entry."""
    here = ["study_id", "subject_id", "chain_no", "entry_id"]
    return (ForeignKeyConstraint(here, [f"entry.{name}" for name in here]),)


class Kept(Base):
    """
    A row that is only ever inserted, by one entry of one chain; the database refuses to change or remove it.

    The four-column key to the entry lets the database itself hold row, chain and entry together. Its columns stand before
    the table's own (`sort_order`), so that the study leads the primary key.
    """

    __abstract__ = True

    study_id: Mapped[str] = mapped_column(String(40), primary_key=True, sort_order=-7)
    subject_id: Mapped[str] = mapped_column(String(40), sort_order=-6)
    chain_no: Mapped[int] = mapped_column(sort_order=-3)
    entry_id: Mapped[UUID] = mapped_column(sort_order=-2)

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:
        return entry_key()


@dataclass(frozen=True, slots=True)
class Form:
    """
    How a captured table is met from outside.

    `path`: its place in the API, below the subject (below the study where `scope` says so). `domain`: the SDTM domain
    its rows lead to, empty where they lead to none. `visit`: whether a record belongs to a visit of its own. `once`: one live
    record a subject. `given`: the fields that the service fills in and no client sends.
    `named`: the field by which other records and verdicts speak of a record: never changed once it is given, and one live
    record a name.
    `after`: what must stand in the casebook before a record of it is accepted. `signed`: a record is in force only while its
    latest version is signed for approval.
    """

    path: str
    title: str
    domain: str
    visit: Literal["never", "optional", "required"] = "never"
    once: bool = False
    named: str | None = None
    given: tuple[str, ...] = ()
    scope: Literal["subject", "study"] = "subject"
    after: Literal["nothing", "consent", "eligibility"] = "consent"
    signed: bool = False


class Captured(Kept):
    """
    One version of one captured record; version 1 is the first entry, a withdrawal repeats the values it withdraws.

    Now is each record's highest version; at a cut, its highest version whose `chain_no` is within the cut.
    """

    __abstract__ = True
    __form__: ClassVar[Form]

    record_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-5)
    version: Mapped[int] = mapped_column(primary_key=True, sort_order=-4)
    withdrawn: Mapped[bool] = mapped_column(default=False, sort_order=-1)

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:
        return (
            *entry_key(),
            ForeignKeyConstraint(["study_id", "record_id"], ["record.study_id", "record.record_id"]),
            CheckConstraint("version > 0", name="version"),
            Index(None, "study_id", "subject_id", "record_id", "version"),
        )


def table(kept: type[Base]) -> Table:
    """The table of a mapped class."""
    return cast(Table, kept.__table__)


@cache
def fields(form: type[Captured]) -> Mapping[str, Field]:
    """The captured fields of a form by column name, in the order in which the form prints them."""
    return {column.name: column.info["field"] for column in table(form).columns if "field" in column.info}
