"""When the assessor of an instrument was trained in it; and the adverse event to which the end of participation is due."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def columns() -> Mapping[str, sa.Column[Any]]:
    return {
        "assessment": sa.Column("rstrndtc", sa.String(length=32), nullable=True, comment="Date of the Assessor's Training"),
        "disposition": sa.Column("dsaeno", sa.String(length=20), nullable=True, comment="Adverse Event That Led to It"),
    }


def upgrade() -> None:
    for table, column in columns().items():
        op.add_column(table, column)


def downgrade() -> None:
    for table, column in columns().items():
        op.drop_column(table, column.name)
