"""The documents: studies and instruments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard

revision = "0003"
down_revision = "0002"

TABLES = ("instrument_version", "study_version")


def upgrade() -> None:
    op.create_table(
        "instrument_version",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("instrument_id", sa.Uuid, nullable=False),
        sa.Column("instrument", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("checksum", sa.String(length=64), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_instrument_version_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "instrument_id", name="pk_instrument_version"),
        sa.UniqueConstraint("study_id", "instrument", "version", name="uq_instrument_version_study_id_instrument_version"),
    )
    op.create_table(
        "study_version",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("checksum", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=400), nullable=False),
        sa.Column("origin", sa.String(length=30), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_study_version_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "version", name="pk_study_version"),
    )
    guard(op.get_bind(), *TABLES)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
