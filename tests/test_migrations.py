"""The database comes to its newest revision and back, and is then what `app.tables` says."""

from __future__ import annotations

import pytest
from alembic import command
from sqlalchemy import Engine, inspect, text

from app.casebook.database import at_head, connect, guards_missing, migrating, reading, upgrade, writing
from app.tables import KEPT, OPERATIONAL
from migrations.guards import guard
from tests.servers import Database


def tables_of(url: str) -> set[str]:
    engine = connect(url)
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names


def test_every_revision_goes_up_and_down_again(empty_database: Database) -> None:
    upgrade(empty_database.owner_url)
    assert tables_of(empty_database.owner_url) == {*KEPT, *OPERATIONAL, "alembic_version"}

    with migrating(empty_database.owner_url) as config:
        command.downgrade(config, "base")
    assert tables_of(empty_database.owner_url) == {"alembic_version"}

    upgrade(empty_database.owner_url)
    assert tables_of(empty_database.owner_url) == {*KEPT, *OPERATIONAL, "alembic_version"}


def test_the_tables_are_those_of_the_code(database: Database) -> None:
    with migrating(database.owner_url) as config:
        command.check(config)


def test_each_revision_is_told_as_it_is_applied(empty_database: Database) -> None:
    told: list[str] = []

    upgrade(empty_database.owner_url, told.append)

    assert [line.split()[0] for line in told] == [f"{number:04}" for number in range(1, len(told) + 1)]
    assert len(told) > 0


def test_a_database_behind_this_build_is_not_at_head(empty_database: Database) -> None:
    upgrade(empty_database.owner_url)
    with reading(empty_database.engine) as connection:
        assert at_head(connection)

    with migrating(empty_database.owner_url) as config:
        command.downgrade(config, "-1")

    with reading(empty_database.engine) as connection:
        assert not at_head(connection)


def test_a_failed_upgrade_leaves_nothing_behind(empty_database: Database) -> None:
    def fail(revision: str) -> None:
        if revision.startswith("0003"):
            raise RuntimeError(revision)

    with pytest.raises(RuntimeError, match="0003"):
        upgrade(empty_database.owner_url, fail)

    assert tables_of(empty_database.owner_url) == set()


def test_a_rebuilt_table_is_missed_until_it_is_guarded_again(database: Database, owner: Engine) -> None:
    drop = "DROP TRIGGER laboratory_kept ON laboratory"
    drops = (
        [drop]
        if owner.dialect.name == "postgresql"
        else [f"DROP TRIGGER laboratory_kept_{act}" for act in ("update", "delete", "insert")]
    )
    with writing(owner) as connection:
        for statement in drops:
            connection.execute(text(statement))
    with reading(database.engine) as connection:
        assert guards_missing(connection) == ["laboratory: a guard against UPDATE, DELETE or TRUNCATE is missing"]

    with writing(owner) as connection:
        guard(connection, "laboratory")

    with reading(database.engine) as connection:
        assert guards_missing(connection) == []
