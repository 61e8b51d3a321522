"""
Runs the revisions as the owner of the tables, all in one transaction, on either database.

SQLite rebuilds a table to alter it: foreign keys are off meanwhile (they cannot be switched within a transaction) and are
checked before it ends.
"""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import Connection, event

from app.casebook.database import connect, lock_chain, writing
from app.settings import Settings
from app.tables import Base


def run() -> None:
    """Apply what Alembic was asked for to the configured database, the owner's of the environment where none was given."""
    engine = connect(context.config.attributes.get("url") or Settings().owner_database_url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys = OFF"))
    try:
        with writing(engine) as connection:
            lock_chain(connection, "", "migrations")
            migrate(connection)
            check_foreign_keys(connection)
    finally:
        engine.dispose()


def migrate(connection: Connection) -> None:
    """Run the revisions in the transaction of this connection."""
    context.configure(connection=connection, target_metadata=Base.metadata, compare_server_default=True, on_version_apply=tell)
    context.run_migrations()


def check_foreign_keys(connection: Connection) -> None:
    """Refuse a SQLite database in which a rebuilt table left a row without the row it refers to."""
    if connection.dialect.name == "sqlite":
        orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if orphans:
            raise RuntimeError(f"{len(orphans)} rows refer to rows that do not stand, the first in {orphans[0][0]}")


def tell(*_: Any, **applied: Any) -> None:
    """Pass the revision that was just applied on to whoever shows the progress."""
    progress = context.config.attributes.get("progress")
    if progress is not None:
        step = applied["step"]
        progress(f"{step.up_revision_id} {step.up_revision.doc}")


run()
