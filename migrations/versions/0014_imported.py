"""Whose act an imported entry repeats: person, role, instant and name in the system that it came from."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.tables.base import Instant

revision = "0014"
down_revision = "0013"

COLUMNS: dict[str, sa.types.TypeEngine[Any]] = {
    "source_actor": sa.String(length=100),
    "source_role": sa.String(length=40),
    "source_at": Instant(),
    "source_entry": sa.String(length=100),
}


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.add_column("entry", sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    for name in reversed(COLUMNS):
        op.drop_column("entry", name)
