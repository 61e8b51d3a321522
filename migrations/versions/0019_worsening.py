"""Whether an adverse event worsened while it lasted, and when last: what its emergence after a treatment asks."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("aeworse", sa.String(length=1), nullable=True, comment="Worsened While It Lasted"),
        sa.Column("aewrsdtc", sa.String(length=32), nullable=True, comment="Date of the Last Worsening"),
    )


def upgrade() -> None:
    for column in columns():
        op.add_column("adverse_event", column)


def downgrade() -> None:
    for column in reversed(columns()):
        op.drop_column("adverse_event", column.name)
