"""
Runs the revisions in the transaction that `app.casebook.database.migrating` opened as the owner of the tables.

Alembic's own command line, which writes a new revision, brings no connection: it gets one to the owner's database.
"""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import Connection, create_engine

from app.settings import Settings
from app.tables import Base


def migrate(connection: Connection) -> None:
    """Run what Alembic was asked for in the transaction of this connection."""
    context.configure(connection=connection, target_metadata=Base.metadata, compare_server_default=True, on_version_apply=tell)
    context.run_migrations()


def tell(*_: Any, **applied: Any) -> None:
    """Pass the revision that was just applied on to whoever shows the progress."""
    progress = context.config.attributes.get("progress")
    if progress is not None:
        step = applied["step"]
        progress(f"{step.up_revision_id} {step.up_revision.doc}")


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    with create_engine(Settings().owner_database_url).begin() as own:
        migrate(own)
