"""What grading CRS by Lee 2014 asks beside the ASTCT: symptoms, the dose of a vasopressor, organ toxicity, transaminitis."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("constit", sa.String(length=1), nullable=True, comment="Constitutional Symptoms"),
        sa.Column("prshigh", sa.String(length=1), nullable=True, comment="Vasopressor at a High Dose"),
        sa.Column("orgtox", sa.Integer, nullable=True, comment="Highest CTCAE Grade of Organ Toxicity"),
        sa.Column("transam", sa.Integer, nullable=True, comment="CTCAE Grade of Transaminitis"),
    )


def upgrade() -> None:
    for column in columns():
        op.add_column("toxicity_observation", column)


def downgrade() -> None:
    for column in reversed(columns()):
        op.drop_column("toxicity_observation", column.name)
