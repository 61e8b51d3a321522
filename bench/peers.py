"""
Two other ways to save the same SLEDAI-2K: the floor below every way, and a library that keeps versions.

The floor is the bare driver: INSERT one row and COMMIT; its correction is an INSERT too. SQLAlchemy-Continuum keeps a version
row and a transaction row beside the row itself. Neither asks for a reason, chains anything, or derives anything.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Any, ClassVar
from uuid import uuid4

import psycopg
from sqlalchemy import JSON, Engine, String, create_engine, event, make_url
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, configure_mappers, mapped_column
from sqlalchemy_continuum import make_versioned  # type: ignore[import-untyped]

Save = Callable[[int, dict[str, Any]], None]
"""Saves the answers of the form with this number."""
PLAIN = "CREATE TABLE plain (id TEXT PRIMARY KEY, number INTEGER, visit TEXT, date TEXT, answers TEXT)"

make_versioned(user_cls=None)


class Base(DeclarativeBase):
    """The peer's tables."""


class Form(Base):
    """One SLEDAI-2K, kept by SQLAlchemy-Continuum."""

    __tablename__ = "form"
    __versioned__: ClassVar[dict[str, Any]] = {}

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    visit: Mapped[str] = mapped_column(String(40))
    date: Mapped[str] = mapped_column(String(32))
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)


configure_mappers()


def floor(url: str) -> tuple[Save, Save]:
    """INSERT and COMMIT by the driver alone, as durable as the service's own commits."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        file = sqlite3.connect(str(address.database))
        for setting in ("journal_mode = WAL", "synchronous = FULL"):
            file.execute(f"PRAGMA {setting}")
        file.execute(PLAIN)
        return _inserting(file, "INSERT INTO plain VALUES (?, ?, ?, ?, ?)")
    server = psycopg.connect(address.set(drivername="postgresql").render_as_string(hide_password=False))
    server.execute(PLAIN)
    server.commit()
    return _inserting(server, "INSERT INTO plain VALUES (%s, %s, %s, %s, %s)")


def _inserting(connection: Any, statement: str) -> tuple[Save, Save]:
    def save(number: int, answers: dict[str, Any]) -> None:
        connection.execute(statement, (uuid4().hex, number, "M3", "2025-06-01", json.dumps(answers)))
        connection.commit()

    return save, save


def continuum(url: str) -> tuple[Save, Save]:
    """A session for each save, as in a request; the correction reads the row, changes it and commits."""
    engine = _engine(url)
    Base.metadata.create_all(engine)

    def record(number: int, answers: dict[str, Any]) -> None:
        with Session(engine) as session, session.begin():
            session.add(Form(number=number, visit="M3", date="2025-06-01", answers=answers))

    def correct(number: int, answers: dict[str, Any]) -> None:
        with Session(engine) as session, session.begin():
            session.get_one(Form, number).answers = answers

    return record, correct


def _engine(url: str) -> Engine:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg") if url.startswith("postgresql") else url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _durable)
    return engine


def _durable(connection: Any, _: Any) -> None:
    for setting in ("journal_mode = WAL", "synchronous = FULL"):
        connection.execute(f"PRAGMA {setting}")
