"""What happened to a bag of the product on its way to the subject, and in whose hands it was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.tables.base import Number
from migrations.guards import guard
from migrations.tables import create_captured

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    create_captured(
        "custody_event",
        sa.Column("berefid", sa.String(length=40), nullable=False, comment="Reference ID"),
        sa.Column("beterm", sa.String(length=200), nullable=False, comment="Reported Term for the Biospecimen Event"),
        sa.Column("bedecod", sa.String(length=200), nullable=False, comment="Dictionary-Derived Term"),
        sa.Column("beparty", sa.String(length=200), nullable=True, comment="Accountable Party"),
        sa.Column("beprtyid", sa.String(length=200), nullable=True, comment="Identification of Accountable Party"),
        sa.Column("beplace", sa.String(length=200), nullable=True, comment="Place of the Event"),
        sa.Column("bedtc", sa.String(length=32), nullable=True, comment="Date/Time of Specimen Collection"),
        sa.Column("bestdtc", sa.String(length=32), nullable=False, comment="Start Date/Time of Biospecimen Event"),
        sa.Column("beendtc", sa.String(length=32), nullable=True, comment="End Date/Time of Biospecimen Event"),
        sa.Column("belot", sa.String(length=40), nullable=True, comment="Lot Number"),
        sa.Column("betemp", Number, nullable=True, comment="Most Extreme Temperature"),
    )
    guard(op.get_bind(), "custody_event")


def downgrade() -> None:
    op.drop_table("custody_event")
