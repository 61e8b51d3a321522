"""Expectedness of an adverse event, and the day on which the sponsor became aware of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    unexpected = sa.Column("aeunexp", sa.String(length=1), nullable=True, comment="Unexpected by the Reference Safety Info")
    op.add_column("adverse_event", unexpected)
    aware = sa.Column("aeawdtc", sa.String(length=32), nullable=True, comment="Date the Sponsor Became Aware")
    op.add_column("adverse_event", aware)


def downgrade() -> None:
    op.drop_column("adverse_event", "aeawdtc")
    op.drop_column("adverse_event", "aeunexp")
