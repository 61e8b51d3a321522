"""Exports as jobs: what was asked for and what came of it, kept; and where each job stands, which the service rewrites."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.settings import Settings
from app.tables.base import Instant
from migrations.guards import guard

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "export",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("job_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("cut_id", sa.Uuid, nullable=False),
        sa.Column("ndjson", sa.Boolean, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("size", sa.BigInteger, nullable=True),
        sa.Column("manifest", sa.JSON, nullable=True),
        sa.Column("fault", sa.JSON, nullable=True),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_export_entry",
        ),
        sa.ForeignKeyConstraint(["study_id", "cut_id"], ["cut.study_id", "cut.cut_id"], name="fk_export_cut"),
        sa.PrimaryKeyConstraint("study_id", "job_id", "version", name="pk_export"),
    )
    guard(op.get_bind(), "export")
    op.create_table(
        "export_job",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("job_id", sa.Uuid, nullable=False),
        sa.Column("cut_id", sa.Uuid, nullable=False),
        sa.Column("ndjson", sa.Boolean, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("worker", sa.Uuid, nullable=True),
        sa.Column("lease_until", Instant, nullable=True),
        sa.ForeignKeyConstraint(["study_id", "cut_id"], ["cut.study_id", "cut.cut_id"], name="fk_export_job_cut"),
        sa.PrimaryKeyConstraint("study_id", "job_id", name="pk_export_job"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"GRANT UPDATE ON export_job TO {Settings().service_role}")


def downgrade() -> None:
    op.drop_table("export_job")
    op.drop_table("export")
