"""What is concluded and asked: verdicts, queries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.tables.base import Number
from migrations.guards import guard

revision = "0008"
down_revision = "0007"

TABLES = ("query", "verdict")


def upgrade() -> None:
    op.create_table(
        "query",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("query_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=True),
        sa.Column("record_version", sa.Integer, nullable=True),
        sa.Column("field", sa.String(length=60), nullable=True),
        sa.Column("rule", sa.String(length=60), nullable=True),
        sa.Column("verdict_id", sa.Uuid, nullable=True),
        sa.Column("text", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_query_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "query_id", "version", name="pk_query"),
    )
    op.create_index("ix_query_study_id_subject_id_query_id_version", "query", ["study_id", "subject_id", "query_id", "version"])
    op.create_table(
        "verdict",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("verdict_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("rule_version", sa.String(length=20), nullable=False),
        sa.Column("about", sa.String(length=80), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("amount", Number, nullable=True),
        sa.Column("lowest", Number, nullable=True),
        sa.Column("highest", Number, nullable=True),
        sa.Column("criteria", sa.JSON, nullable=False),
        sa.Column("missing", sa.JSON, nullable=False),
        sa.Column("rests_on", sa.JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_verdict_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "verdict_id", "version", name="pk_verdict"),
    )
    op.create_index(
        "ix_verdict_study_id_subject_id_verdict_id_version", "verdict", ["study_id", "subject_id", "verdict_id", "version"]
    )
    guard(op.get_bind(), *TABLES)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
