"""Transactions on both databases: who waits for whom, what a reader sees, and what a lost race looks like."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import Connection, Engine, event, func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.casebook.database import connect, is_conflict, lock_chain, reading, writing
from app.tables import Base
from tests.casebook.rows import link
from tests.servers import Database, Fill, nothing

ENTRY = Base.metadata.tables["entry"]


@pytest.fixture
def stands() -> Fill:
    """A migrated database, and no more."""
    return nothing


def head(connection: Connection, subject_id: str = "1") -> int:
    """The last number of a subject's chain; 0 where it has none."""
    last = select(func.coalesce(func.max(ENTRY.c.chain_no), 0)).where(ENTRY.c.subject_id == subject_id)
    return int(connection.execute(last).scalar_one())


def append(engine: Engine, subject_id: str = "1") -> int:
    """One entry at the end of the subject's chain; its number."""
    with writing(engine) as connection:
        lock_chain(connection, "1", subject_id)
        chain_no = head(connection, subject_id) + 1
        connection.execute(insert(ENTRY), link(chain_no, subject_id=subject_id))
    return chain_no


def test_writers_of_one_chain_take_turns_and_lose_nothing(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda _: append(database.engine), range(48)))

    assert sorted(numbers) == list(range(1, 49))


def test_writers_in_several_processes_lose_nothing(database: Database) -> None:
    """Two engines of one database share no lock in memory, as two processes do not."""
    second = connect(database.url)
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(append, [database.engine, second] * 16))
    second.dispose()

    assert sorted(numbers) == list(range(1, 33))


@pytest.mark.parametrize("server", ["postgresql"], indirect=True)
def test_a_writer_does_not_wait_for_another_subjects(database: Database) -> None:
    with writing(database.engine) as connection:
        lock_chain(connection, "1", "1")

        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(append, database.engine, "2").result(timeout=10) == 1


def test_an_error_leaves_nothing_behind(database: Database) -> None:
    def fail() -> None:
        with writing(database.engine) as connection:
            connection.execute(insert(ENTRY), link(1))
            raise LookupError

    with pytest.raises(LookupError):
        fail()

    assert append(database.engine) == 1


def test_a_reader_sees_one_state_while_others_write(database: Database) -> None:
    append(database.engine)
    with reading(database.engine) as connection:
        assert head(connection) == 1
        append(database.engine)
        assert head(connection) == 1

    with reading(database.engine) as connection:
        assert head(connection) == 2


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError) as raised, reading(database.engine) as connection:
        connection.execute(insert(ENTRY), link(1))

    told = getattr(raised.value.orig, "sqlstate", None) or getattr(raised.value.orig, "sqlite_errorname", None)
    assert told in {"25006", "SQLITE_READONLY"}


def test_a_number_taken_by_another_is_a_conflict(database: Database) -> None:
    append(database.engine)

    with pytest.raises(IntegrityError) as raised, writing(database.engine) as connection:
        connection.execute(insert(ENTRY), link(1))

    assert is_conflict(raised.value)


def test_a_refused_change_is_no_conflict(database: Database, owner: Engine) -> None:
    append(database.engine)

    with pytest.raises(IntegrityError) as raised, writing(owner) as connection:
        connection.execute(text("UPDATE entry SET reason = 'x'"))

    assert not is_conflict(raised.value)


@pytest.mark.parametrize("server", ["postgresql"], indirect=True)
def test_one_of_two_that_wait_for_each_other_is_told_of_a_conflict(database: Database) -> None:
    locked = {"1": Event(), "2": Event()}

    def cross(mine: str, other: str) -> DBAPIError | None:
        try:
            with writing(database.engine) as connection:
                lock_chain(connection, "1", mine)
                locked[mine].set()
                locked[other].wait(timeout=10)
                lock_chain(connection, "1", other)
        except DBAPIError as error:
            return error
        return None

    with ThreadPoolExecutor(2) as pool:
        errors = [error for error in pool.map(cross, "12", "21") if error is not None]

    assert [is_conflict(error) for error in errors] == [True]


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_writer_who_waited_in_vain_is_told_of_a_conflict(database: Database) -> None:
    second = connect(database.url)
    event.listen(second, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout = 1"))

    with writing(database.engine), pytest.raises(DBAPIError) as raised:
        append(second)

    second.dispose()
    assert is_conflict(raised.value)


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_commit_of_sqlite_is_on_the_disk_and_its_keys_are_held(database: Database) -> None:
    with reading(database.engine) as connection:
        settings = {name: connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in SQLITE_SETTINGS}

    assert settings == SQLITE_SETTINGS


SQLITE_SETTINGS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://service:secret@host/casebook"])
def test_a_database_that_cannot_keep_a_casebook_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ValueError, match="a casebook is kept in PostgreSQL or in a file of SQLite") as raised:
        connect(url)

    assert "secret" not in str(raised.value)
