"""Why a descriptor of SLEDAI-2K is not scored although the data reach its limit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard
from migrations.tables import create_captured

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    create_captured(
        "descriptor_exclusion",
        sa.Column("descript", sa.String(length=200), nullable=False, comment="Descriptor Not Scored"),
        sa.Column("exclreas", sa.String(length=200), nullable=False, comment="Cause Other Than Lupus"),
        sa.Column("exclword", sa.String(length=200), nullable=True, comment="Cause in Words"),
        sa.Column("excldtc", sa.String(length=32), nullable=True, comment="Date of the Decision"),
    )
    guard(op.get_bind(), "descriptor_exclusion")


def downgrade() -> None:
    op.drop_table("descriptor_exclusion")
