"""
The database refuses to change or remove what is kept: as the service, as the owner of the tables, by every path (A4, A6).

PostgreSQL answers the service with a missing right (42501), owner and superuser with the guard (23001, restrict_violation).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import (
    Connection,
    Engine,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    insert,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.casebook.database import connect, guards_missing, is_conflict, reading, writing
from app.tables import KEPT, OPERATIONAL, Base
from tests.casebook.rows import fill, link, row
from tests.servers import Database, Fill, nothing

TABLES = {name: table for name, table in Base.metadata.tables.items() if name in KEPT}

ATTACKS = {
    "sqlite": [
        "UPDATE {table} SET {column} = {column}",
        "UPDATE OR REPLACE {table} SET rowid = rowid",
        "DELETE FROM {table}",
        "DELETE FROM {table} WHERE {column} = {column}",
        "INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
        "INSERT INTO {table} SELECT * FROM {table} WHERE true ON CONFLICT DO UPDATE SET {column} = excluded.{column}",
    ],
    "postgresql": [
        "UPDATE {table} SET {column} = {column}",
        "UPDATE ONLY {table} SET {column} = NULL WHERE false",
        "DELETE FROM {table}",
        "TRUNCATE {table} CASCADE",
        "INSERT INTO {table} TABLE {table} ON CONFLICT ON CONSTRAINT pk_{table} DO UPDATE SET {column} = excluded.{column}",
        "MERGE INTO {table} USING {table} AS old ON {table}.{column} = old.{column} WHEN MATCHED THEN DELETE",
    ],
}


@pytest.fixture
def stands() -> Fill:
    """A migrated database, and no more."""
    return nothing


def refused(error: DBAPIError, who: str) -> bool:
    """Whether it is the refusal that was meant, and no mistake in the attack or its rights."""
    told = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
    return told in {"SQLITE_CONSTRAINT_TRIGGER", "42501" if who == "service" else "23001"}


def contents(connection: Connection) -> dict[str, list[Any]]:
    return {name: list(connection.execute(select(table))) for name, table in TABLES.items()}


@pytest.mark.parametrize("who", ["service", "owner", "superuser"])
def test_no_row_of_any_table_is_changed_or_removed(database: Database, owner: Engine, superuser: Engine, who: str) -> None:
    engine = {"service": database.engine, "owner": owner, "superuser": superuser}[who]
    with writing(database.engine) as connection:
        fill(connection)
        before = contents(connection)

    for name, table in TABLES.items():
        for attack in ATTACKS[engine.dialect.name]:
            statement = attack.format(table=name, column=next(iter(table.primary_key.columns)).name)
            with pytest.raises(DBAPIError) as raised, writing(engine) as connection:
                connection.execute(text(statement))
            assert refused(raised.value, who), statement

    with reading(engine) as connection:
        assert contents(connection) == before
    assert dict.fromkeys(KEPT, 1) == {name: len(rows) for name, rows in before.items()}


@pytest.mark.parametrize("server", ["postgresql"], indirect=True)
def test_the_guards_fire_in_a_replication_session_too(database: Database) -> None:
    url = make_url(database.superuser_url).update_query_dict({"options": "-c session_replication_role=replica"})
    replica = connect(url.render_as_string(hide_password=False))

    for name in KEPT:
        with pytest.raises(IntegrityError) as raised, writing(replica) as connection:
            connection.execute(text(f"DELETE FROM {name}"))
        assert refused(raised.value, "superuser")

    replica.dispose()


@pytest.mark.parametrize("server", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE entry DISABLE TRIGGER ALL",
        "DROP TRIGGER entry_kept ON entry",
        "CREATE OR REPLACE FUNCTION casebook_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "SET session_replication_role = replica",
        "DROP TABLE token_revocation",
        "UPDATE alembic_version SET version_num = version_num",
        "CREATE TABLE shadow (n int)",
    ],
)
def test_the_service_cannot_take_the_guards_away(database: Database, statement: str) -> None:
    with pytest.raises(DBAPIError) as raised, writing(database.engine) as connection:
        connection.execute(text(statement))

    assert raised.value.orig is not None
    assert getattr(raised.value.orig, "sqlstate", None) == "42501"


def other(value: Any) -> Any:
    """A value that is not this one."""
    match value:
        case UUID():
            return UUID(int=value.int + 1)
        case bool():
            return not value
        case int():
            return value + 1
        case str():
            return f"{value}1"
        case _:
            return value


def unique_keys(table: Table) -> list[set[str]]:
    constraints = [c for c in table.constraints if isinstance(c, PrimaryKeyConstraint | UniqueConstraint)]
    return [{column.name for column in constraint.columns} for constraint in constraints]


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_replace_finds_no_row_by_any_key(database: Database) -> None:
    with writing(database.engine) as connection:
        fill(connection)
        connection.execute(insert(TABLES["entry"]), link(2, idempotency_key="K"))

    for name, table in TABLES.items():
        for key in unique_keys(table):
            stands = link(2, idempotency_key="K") if name == "entry" else row(table)
            taken = {column: value if column in key else other(value) for column, value in stands.items()}
            with pytest.raises(IntegrityError) as raised, writing(database.engine) as connection:
                connection.execute(insert(table).prefix_with("OR REPLACE"), taken)
            assert is_conflict(raised.value), (name, key)


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_replace_finds_no_row_by_its_hidden_number(database: Database) -> None:
    with writing(database.engine) as connection:
        fill(connection)
    columns = ", ".join(column.name for column in TABLES["token"].columns)
    values = columns.replace("token_id", "'other'").replace("digest", "'other'")

    with pytest.raises(IntegrityError) as raised, writing(database.engine) as connection:
        connection.execute(text(f"INSERT OR REPLACE INTO token (rowid, {columns}) SELECT rowid, {values} FROM token"))

    assert is_conflict(raised.value)


FORGED: dict[str, dict[str, Any]] = {
    "a chain that begins with its second entry": link(2, subject_id="2"),
    "a second entry without a link": link(3, prev_no=None, prev_hash=None),
    "a gap": link(4),
    "a link over a gap": link(4, prev_no=2, prev_hash="2"),
    "a link to another hash": link(3, prev_hash="forged"),
    "a link without a hash": link(3, prev_hash=None),
    "a link to itself": link(3, prev_no=3, prev_hash="3"),
    "a number below one": link(0),
    "a first entry with a link": link(1, subject_id="2", prev_no=1, prev_hash="1"),
    "a link to another subject's entry": link(3, subject_id="2"),
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_the_database_refuses_a_forged_link(database: Database, forged: dict[str, Any]) -> None:
    """A5: what can be refused when it is written is; the rest is what the hash chain shows."""
    with writing(database.engine) as connection:
        for chain_no in (1, 2):
            connection.execute(insert(TABLES["entry"]), link(chain_no))

    with pytest.raises(IntegrityError) as raised, writing(database.engine) as connection:
        connection.execute(insert(TABLES["entry"]), forged)

    assert not is_conflict(raised.value)


def test_the_database_accepts_the_next_link(database: Database) -> None:
    with writing(database.engine) as connection:
        for chain_no in (1, 2, 3):
            connection.execute(insert(TABLES["entry"]), link(chain_no))


@pytest.mark.parametrize("forged", [{"chain_no": 2}, {"subject_id": "2"}, {"entry_id": UUID(int=7)}], ids=list)
def test_no_row_hangs_on_an_entry_that_does_not_stand(database: Database, forged: dict[str, Any]) -> None:
    for table in Base.metadata.sorted_tables:
        if "chain_no" in table.columns and table.name != "entry":
            with pytest.raises(IntegrityError) as raised, writing(database.engine) as connection:
                connection.execute(insert(table), row(table, **forged))
            assert not is_conflict(raised.value), table.name
        with writing(database.engine) as connection:
            connection.execute(insert(table), row(table))


def test_a_database_as_it_was_migrated_has_all_its_guards(database: Database) -> None:
    with reading(database.engine) as connection:
        assert guards_missing(connection) == []


WEAKENED = {
    "sqlite": [
        "DROP TRIGGER entry_kept_update",
        "DROP TRIGGER entry_kept_delete",
        "DROP TRIGGER entry_kept_insert",
    ],
    "postgresql": [
        "DROP TRIGGER entry_kept ON entry",
        "ALTER TABLE entry DISABLE TRIGGER entry_kept",
        "ALTER TABLE entry ENABLE TRIGGER entry_kept",
        "ALTER TABLE entry ENABLE REPLICA TRIGGER entry_kept",
        "GRANT UPDATE ON entry TO {role}",
        "GRANT UPDATE (reason) ON entry TO {role}",
        "GRANT DELETE ON entry TO {role}",
        "GRANT TRUNCATE ON entry TO PUBLIC",
        "GRANT TRIGGER ON entry TO {role}",
        "ALTER TABLE entry OWNER TO {role}",
    ],
}


@pytest.mark.parametrize(("server", "statement"), [(s, w) for s in WEAKENED for w in WEAKENED[s]], indirect=["server"])
def test_a_guard_or_a_right_that_was_changed_is_told(database: Database, superuser: Engine, statement: str) -> None:
    with writing(superuser) as connection:
        connection.execute(text(statement.format(role=database.engine.url.username)))

    with reading(database.engine) as connection:
        words = guards_missing(connection)

    assert len(words) == 1
    assert words[0].startswith("entry: ")


@pytest.mark.parametrize("server", ["postgresql"], indirect=True)
def test_a_function_that_no_longer_refuses_is_told_of_every_table(database: Database, owner: Engine) -> None:
    with writing(owner) as connection:
        connection.execute(
            text("CREATE OR REPLACE FUNCTION casebook_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
        )

    with reading(database.engine) as connection:
        assert len(guards_missing(connection)) == len(KEPT)


@pytest.mark.parametrize("server", ["postgresql"], indirect=True)
def test_neither_owner_nor_superuser_passes_for_the_service(owner: Engine, superuser: Engine) -> None:
    for engine in (owner, superuser):
        with reading(engine) as connection:
            words = guards_missing(connection)

        assert [f"{name}: the role {engine.url.username} owns it" for name in sorted(KEPT)] == words


def test_every_table_that_stands_is_one_of_the_house(database: Database) -> None:
    assert set(inspect(database.engine).get_table_names()) == {*KEPT, *OPERATIONAL, "alembic_version"}
