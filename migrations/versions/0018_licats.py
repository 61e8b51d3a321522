"""What grading a local toxicity (LICATS) asks of an event: organ, whether affected before, cause, treatment, intensive care."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("aeloc", sa.String(length=200), nullable=True, comment="Location of Event"),
        sa.Column("aeorgbef", sa.String(length=1), nullable=True, comment="Organ Affected by the Disease Before"),
        sa.Column("aeothcau", sa.String(length=1), nullable=True, comment="Event Has Another Cause"),
        sa.Column("aegcweek", sa.String(length=1), nullable=True, comment="Glucocorticoid, Symptoms Over a Week"),
        sa.Column("aeinnorg", sa.String(length=1), nullable=True, comment="Relevant Inner Organ Involved"),
        sa.Column("aeicu", sa.String(length=1), nullable=True, comment="Intensive Care for the Event"),
    )


def upgrade() -> None:
    for column in columns():
        op.add_column("adverse_event", column)


def downgrade() -> None:
    for column in reversed(columns()):
        op.drop_column("adverse_event", column.name)
