"""One row for every table, made of the same few values, so that every foreign key finds what it refers to."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Boolean, Column, Connection, Integer, String, Table, Uuid, insert
from sqlalchemy.types import TypeEngine

from app.tables import Base
from app.tables.base import Instant, Number

VALUES: dict[type[TypeEngine[Any]], Any] = {
    Uuid: UUID("01890a5d-ac96-774b-bcce-b302099a8057"),
    Instant: datetime(2026, 1, 2, 3, 4, 5, 6, UTC),
    Number: Decimal("1.20"),
    Boolean: False,
    Integer: 1,
    String: "1",
    JSON: [],
}


def row(table: Table, **given: Any) -> dict[str, Any]:
    """The least that a row of the table may say, with the values given."""
    return {c.name: _value(c) for c in table.columns if not c.nullable} | given


def fill(connection: Connection) -> None:
    """One row in every table of the house."""
    for table in Base.metadata.sorted_tables:
        connection.execute(insert(table), row(table))


def link(chain_no: int, **given: Any) -> dict[str, Any]:
    """An entry of subject `1` whose hash is its number, rightly linked to the one before unless something else is given."""
    before = {"prev_no": chain_no - 1, "prev_hash": str(chain_no - 1)} if chain_no > 1 else {"prev_no": None, "prev_hash": None}
    return row(Base.metadata.tables["entry"], chain_no=chain_no, hash=str(chain_no), **before) | given


def _value(column: Column[Any]) -> Any:
    return next(value for kind, value in VALUES.items() if isinstance(column.type, kind))
