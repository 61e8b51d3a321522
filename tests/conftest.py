"""Every test that asks for a database runs twice: on SQLite, and on PostgreSQL as the role of the service."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import Engine

from app import logs
from app.casebook.database import connect
from tests.servers import Database, Fill, PostgresServer, Server, SqliteServer, nothing, postgres

settings.register_profile("house", deadline=None)
settings.load_profile("house")  # how long one example takes says nothing on a machine that does other work


def pytest_collection_finish() -> None:
    """What was imported stays: the garbage collector need not look through it in every test."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def quiet() -> None:
    """Logs as the service writes them, warnings and above."""
    logs.configure("json", quiet=True)


@pytest.fixture(scope="session", autouse=True)
def packages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the services of this run keep what they export."""
    folder = tmp_path_factory.mktemp("packages")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CASEBOOK_PACKAGES", str(folder))
        yield folder


@pytest.fixture(scope="session")
def sqlite_server(tmp_path_factory: pytest.TempPathFactory) -> SqliteServer:
    """A folder of SQLite files."""
    return SqliteServer(tmp_path_factory.mktemp("databases"))


@pytest.fixture(scope="session")
def postgres_server(testrun_uid: str) -> Iterator[PostgresServer]:
    """A PostgreSQL server that lets the tests make databases."""
    with postgres(testrun_uid) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest) -> Server:
    """Each of the two in turn."""
    chosen: Server = request.getfixturevalue("sqlite_server" if request.param == "sqlite" else "postgres_server")
    return chosen


@pytest.fixture
def fresh(server: Server) -> Iterator[Callable[..., Database]]:
    """As many migrated databases as a test asks for, filled or not."""
    given: list[Database] = []

    def give(fill: Fill = nothing) -> Database:
        given.append(server.filled(fill))
        return given[-1]

    yield give
    for database in given:
        server.drop(database)


@pytest.fixture
def stands() -> Fill:
    """What stands in a test's own database before it begins; for the tests of a module or a folder to say."""
    return nothing


@pytest.fixture
def database(fresh: Callable[..., Database], stands: Fill) -> Database:
    """A migrated database of the test's own."""
    return fresh(stands)


@pytest.fixture
def empty_database(server: Server) -> Iterator[Database]:
    """A database without any table."""
    database = server.empty()
    yield database
    server.drop(database)


@pytest.fixture
def owner(database: Database) -> Iterator[Engine]:
    """The database as the owner of its tables reaches it."""
    engine = connect(database.owner_url)
    yield engine
    engine.dispose()


@pytest.fixture
def superuser(database: Database) -> Iterator[Engine]:
    """The database as the administrator of its server reaches it."""
    engine = connect(database.superuser_url)
    yield engine
    engine.dispose()
