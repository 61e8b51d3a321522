"""
How the house stands on its database: SQLite embedded, or PostgreSQL; the same code on both.

A transaction says on opening whether it writes. On SQLite, where the driver would not begin before a SELECT, a writing one
begins IMMEDIATE behind the process's one writer lock, and a reading one DEFERRED, a snapshot under WAL that cannot write. On
PostgreSQL writers stay at READ COMMITTED and take turns by chain, so that a head read after the lock is the last one; readers
get REPEATABLE READ READ ONLY, so that a casebook is one snapshot however many SELECTs it takes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, BigInteger, Connection, Engine, bindparam, create_engine, event, func, make_url, select, text
from sqlalchemy.exc import DBAPIError

import migrations
from app.tables import KEPT
from migrations.guards import KEY_STANDS, unguarded

Result = TypeVar("Result")
WRITES = "casebook_writes"
TURN = "casebook_turn"
SETTINGS_OF_SQLITE = (
    "busy_timeout = 15000",
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "cache_size = -16000",
)
CONFLICTS = {"23505", "40001", "40P01", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_BUSY"}
"""Unique violation, serialization failure and deadlock of PostgreSQL; a key that stands, and no turn to write, of SQLite."""


def connect(url: str) -> Engine:
    """
    An engine for a SQLAlchemy URL of PostgreSQL or of a SQLite file, whose folder is made where missing.

    PostgreSQL is spoken to by psycopg with its prepared statements: a pgbouncer between must be 1.21 or newer.
    """
    address = make_url(url)
    if address.get_backend_name() == "postgresql":
        return _postgresql(address.set(drivername="postgresql+psycopg"))
    if address.get_backend_name() == "sqlite" and address.database not in (None, "", ":memory:"):
        return _sqlite(address)
    raise ValueError(f"a casebook is kept in PostgreSQL or in a file of SQLite, not in {address.render_as_string()}")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """
    One writing transaction, committed on leaving, rolled back on any error.

    Open and leave it within one call: on SQLite it holds the writer lock, and a second one inside it would wait for ever.
    """
    turn, options = engine.get_execution_options()[TURN], {WRITES: True}
    with turn, engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One reading transaction: every SELECT in it sees the same state of the database."""
    options: dict[str, Any] = {}
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def attempt(engine: Engine, command: Callable[[Connection], Result]) -> Result:
    """
    Run a command in a writing transaction; where another writer was first, once more from its start.

    The second run sees what the other wrote, so that a version check then refuses in words. The command has no other effect.
    """
    try:
        with writing(engine) as connection:
            return command(connection)
    except DBAPIError as error:
        if not is_conflict(error):
            raise
    with writing(engine) as connection:
        return command(connection)


_LOCK = select(func.pg_advisory_xact_lock(bindparam("key", type_=BigInteger)))
_LOCK_READING = select(
    func.pg_advisory_xact_lock_shared(bindparam("read", type_=BigInteger)),
    func.pg_advisory_xact_lock(bindparam("key", type_=BigInteger)),
)
READ_BY_SUBJECTS = "*"
"""No chain, but a turn as of one: of who writes what belongs to the study and what is said of its subjects rests on."""


def lock_chain(connection: Connection, study_id: str, subject_id: str, *, reads_study: bool = False) -> None:
    """
    Wait for the turn to write in this chain, until the transaction ends; several chains are locked in sorted order.

    A statement of its own, before the head is read: in one statement with the read it returned a stale head. It spares
    retries; what keeps two writers from one number is the key of the entry. SQLite has one writer as it is.
    `reads_study`: what is to be written rests on lots or decisions of the study. Such writers do not wait for each other, but
    who writes a lot or a decision (`lock_what_is_read`) waits for them, and they for it.
    """
    if connection.dialect.name == "postgresql":
        own, read = {"key": _key(study_id, subject_id)}, {"read": _key(study_id, READ_BY_SUBJECTS)}
        connection.execute(*((_LOCK_READING, own | read) if reads_study else (_LOCK, own)))


def lock_what_is_read(connection: Connection, study_id: str) -> None:
    """Wait, after the study's own chain and before any subject's, until nobody writes what rests on lots or decisions."""
    lock_chain(connection, study_id, READ_BY_SUBJECTS)


def _key(study_id: str, subject_id: str) -> int:
    return int.from_bytes(hashlib.blake2b(f"{study_id}\x00{subject_id}".encode(), digest_size=8).digest(), signed=True)


def is_conflict(error: DBAPIError) -> bool:
    """Whether another writer was first, so that the whole command, run once more, may well be answered otherwise."""
    told = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
    return told in CONFLICTS or (told == "SQLITE_CONSTRAINT_TRIGGER" and str(error.orig).endswith(KEY_STANDS))


@contextmanager
def migrating(owner_url: str, progress: Callable[[str], None] | None = None) -> Iterator[Config]:
    """
    What Alembic's commands need to work on a database, in one transaction of its owner's, from a work tree or an installed
    package alike; `progress` is told each revision that was applied.

    SQLite rebuilds a table to alter it: foreign keys are off meanwhile, since they cannot be switched within a transaction,
    and a row that then refers to none undoes the whole.
    """
    engine = connect(owner_url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys = OFF"))
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__path__[0])))
    try:
        with writing(engine) as connection:
            lock_chain(connection, "", "migrations")
            config.attributes.update(connection=connection, progress=progress)
            yield config
            _refuse_orphans(connection)
    finally:
        engine.dispose()


def _refuse_orphans(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if orphans:
            raise RuntimeError(f"{len(orphans)} rows refer to rows that do not stand, the first in {orphans[0][0]}")


def upgrade(owner_url: str, progress: Callable[[str], None] | None = None) -> None:
    """Bring a database to the newest revision in one transaction; `progress` is told each revision that was applied."""
    with migrating(owner_url, progress) as config:
        command.upgrade(config, "head")


def at_head(connection: Connection) -> bool:
    """Whether the database has every revision that this build knows, and none that it does not."""
    return set(MigrationContext.configure(connection).get_current_heads()) == _heads()


def guards_missing(connection: Connection) -> list[str]:
    """
    What leaves a kept row open to change, in words: a table without its guards, or a role that may do more than add and read.

    Empty where nothing does. SQLite has no roles; there the triggers are all there is (A4, A6).
    """
    words = [f"{table}: a guard against UPDATE, DELETE or TRUNCATE is missing" for table in unguarded(connection, KEPT)]
    if connection.dialect.name == "postgresql":
        rights = connection.execute(_RIGHTS, {"tables": list(KEPT)})
        words += [f"{row.relname}: the role {row.role} {row.excess}" for row in rights]
    return words


_RIGHTS = text("""
SELECT relname, session_user AS role, CASE WHEN owns THEN 'owns it' ELSE 'may change or remove its rows' END AS excess
FROM (
    SELECT relname, pg_has_role(session_user, relowner, 'MEMBER') AS owns,
        has_table_privilege(session_user, oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')
        OR has_any_column_privilege(session_user, oid, 'UPDATE') AS changes
    FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relname = ANY(:tables)
) AS kept WHERE owns OR changes ORDER BY relname
""")
"""A superuser is a member of every role. `session_user`, since a role that was put on can be put off again."""


@lru_cache
def _heads() -> frozenset[str]:
    return frozenset(ScriptDirectory(str(Path(migrations.__path__[0]))).get_heads())


def _postgresql(url: URL) -> Engine:
    return create_engine(
        url,
        isolation_level="READ COMMITTED",
        pool_size=10,
        max_overflow=20,
        pool_pre_ping=True,
        execution_options={TURN: nullcontext()},
    )


def _sqlite(url: URL) -> Engine:
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"isolation_level": None}, execution_options={TURN: Lock()})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _: Any) -> None:
    """FULL: a commit that was answered is on the disk. The wait is for writers of other processes, in milliseconds."""
    for setting in SETTINGS_OF_SQLITE:
        connection.execute(f"PRAGMA {setting}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN DEFERRED")
