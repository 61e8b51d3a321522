"""
What the database itself refuses, by whatever path it is asked: to change or remove a row that is kept (A4, A6).

PostgreSQL: one statement-level trigger a table against UPDATE, DELETE and TRUNCATE, ENABLE ALWAYS so that it fires in a
replication session too. SQLite: row triggers against UPDATE and DELETE, and one against the INSERT of a key that stands,
since INSERT OR REPLACE removes the row in its way without asking the DELETE trigger. A migration that creates a table calls
`guard` for it, one that rebuilds a table calls it again; `unguarded` compares what stands with what is written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from sqlalchemy import Connection, Row, text

KEY_STANDS = "this key stands already"
"""How SQLite's refusal of an existing key ends: for a writer it means the same as a unique violation."""

FUNCTION = "casebook_refuse"
BODY = """
BEGIN
    RAISE EXCEPTION USING
        ERRCODE = 'restrict_violation',
        MESSAGE = TG_TABLE_NAME || ': rows are kept, ' || TG_OP || ' is refused';
END
"""


def create_function(connection: Connection) -> None:
    """The function that every trigger of PostgreSQL calls; SQLite needs none."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"CREATE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $${BODY}$$"))


def drop_function(connection: Connection) -> None:
    """Take the function back, after the last guarded table."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"DROP FUNCTION {FUNCTION}()"))


def guard(connection: Connection, *tables: str) -> None:
    """Guard tables that have just been created or rebuilt; they lose their guards with the table."""
    for table in tables:
        for statement in _statements(connection, table):
            connection.execute(text(statement))


def unguarded(connection: Connection, tables: Iterable[str]) -> list[str]:
    """Those of `tables` of which a guard is missing, disabled or not what is written here."""
    missing = _unguarded_postgresql if connection.dialect.name == "postgresql" else _unguarded_sqlite
    return missing(connection, tables)


def _statements(connection: Connection, table: str) -> Iterator[str]:
    if connection.dialect.name == "postgresql":
        yield (
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {FUNCTION}()"
        )
        yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_kept"
    else:
        yield from _sqlite_triggers(connection, table).values()


def _sqlite_triggers(connection: Connection, table: str) -> dict[str, str]:
    refusals = {
        f"UPDATE ON {table}": "rows are kept, UPDATE is refused",
        f"DELETE ON {table}": "rows are kept, DELETE is refused",
        f"INSERT ON {table} WHEN {_key_stands(connection, table)}": KEY_STANDS,
    }
    triggers = {}
    for when, why in refusals.items():
        name = f"{table}_kept_{when.split()[0].lower()}"
        triggers[name] = f"CREATE TRIGGER {name} BEFORE {when} BEGIN SELECT RAISE(ABORT, '{table}: {why}'); END"
    return triggers


SQLITE_KEYS = """
SELECT i.name AS key, c.name AS column FROM pragma_index_list('{table}') AS i, pragma_index_info(i.name) AS c
WHERE i."unique" ORDER BY i.name, c.seqno
"""


def _key_stands(connection: Connection, table: str) -> str:
    """Every key by which REPLACE could find a row: the primary key, each unique constraint, and the hidden rowid."""
    columns = groupby(_rows(connection, SQLITE_KEYS.format(table=table)), key=lambda row: row.key)
    keys = [[row.column for row in rows] for _, rows in columns]
    same = [" AND ".join(f"{table}.{column} = NEW.{column}" for column in key) for key in [*keys, ["rowid"]]]
    return f"EXISTS (SELECT 1 FROM {table} WHERE {' OR '.join(f'({key})' for key in same)})"


def _unguarded_sqlite(connection: Connection, tables: Iterable[str]) -> list[str]:
    standing = {row.name: row.sql for row in _rows(connection, "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")}
    return [table for table in tables if not _sqlite_triggers(connection, table).items() <= standing.items()]


POSTGRESQL_GUARDS = """
SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE c.relnamespace = current_schema()::regnamespace AND t.tgname = c.relname || '_kept' AND t.tgenabled = 'A'
AND t.tgtype = 58 AND t.tgqual IS NULL AND t.tgattr = ''::int2vector AND p.proname = :function AND p.prosrc = :body
"""
"""58: statement-level (no 1), before (2), on delete (8), update (16) and truncate (32); of any column, without condition."""


def _unguarded_postgresql(connection: Connection, tables: Iterable[str]) -> list[str]:
    guarded = {row.relname for row in _rows(connection, POSTGRESQL_GUARDS, function=FUNCTION, body=BODY)}
    return [table for table in tables if table not in guarded]


def _rows(connection: Connection, statement: str, **values: str) -> list[Row[tuple[str, ...]]]:
    return list(connection.execute(text(statement), values))
