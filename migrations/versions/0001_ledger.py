"""The ledger: entries, records, cuts; the role of the service and what it may do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.settings import Settings
from app.tables.base import Instant
from migrations.guards import create_function, drop_function, guard

revision = "0001"
down_revision = None

TABLES = ("entry", "cut", "record", "cut_head")


def upgrade() -> None:
    grant_to_service()
    create_function(op.get_bind())
    op.create_table(
        "entry",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("chain_no", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("reason_code", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.String(length=1000), nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("build", sa.String(length=64), nullable=False),
        sa.Column("study_version", sa.Integer, nullable=True),
        sa.Column("idempotency_key", sa.String(length=200), nullable=True),
        sa.Column("request_digest", sa.String(length=64), nullable=True),
        sa.Column("content_digest", sa.String(length=64), nullable=False),
        sa.Column("prev_no", sa.Integer, nullable=True),
        sa.Column("prev_hash", sa.String(length=64), nullable=True),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "(chain_no = 1 AND prev_no IS NULL AND prev_hash IS NULL)"
            " OR (prev_no IS NOT NULL AND prev_hash IS NOT NULL AND prev_no = chain_no - 1)",
            name="ck_entry_link",
        ),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "prev_no", "prev_hash"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.hash"],
            name="fk_entry_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "subject_id", "chain_no", name="pk_entry"),
        sa.UniqueConstraint("study_id", "idempotency_key", name="uq_entry_study_id_idempotency_key"),
        sa.UniqueConstraint(
            "study_id", "subject_id", "chain_no", "entry_id", name="uq_entry_study_id_subject_id_chain_no_entry_id"
        ),
        sa.UniqueConstraint("study_id", "subject_id", "chain_no", "hash", name="uq_entry_study_id_subject_id_chain_no_hash"),
    )
    op.create_table(
        "cut",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("cut_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("study_version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_cut_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "cut_id", name="pk_cut"),
        sa.UniqueConstraint("study_id", "name", name="uq_cut_study_id_name"),
    )
    op.create_table(
        "record",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("visit_id", sa.Uuid, nullable=True),
        sa.Column("origin", sa.String(length=30), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_record_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "record_id", name="pk_record"),
    )
    op.create_index("ix_entry_at", "entry", ["at"])
    op.create_index("ix_record_study_id_subject_id_form", "record", ["study_id", "subject_id", "form"])
    op.create_table(
        "cut_head",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("cut_id", sa.Uuid, nullable=False),
        sa.Column("head_subject_id", sa.String(length=40), nullable=False),
        sa.Column("head_no", sa.Integer, nullable=False),
        sa.Column("head_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["study_id", "cut_id"], ["cut.study_id", "cut.cut_id"], name="fk_cut_head_cut"),
        sa.ForeignKeyConstraint(
            ["study_id", "head_subject_id", "head_no", "head_hash"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.hash"],
            name="fk_cut_head_head",
        ),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_cut_head_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "cut_id", "head_subject_id", name="pk_cut_head"),
    )
    guard(op.get_bind(), *TABLES)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    drop_function(op.get_bind())
    revoke_from_service()


def grant_to_service() -> None:
    """
    Let the role of the service add to and read what this owner will create, and see which revision stands; no more.

    Where the owner may not make roles, somebody has made this one before (`deploy/roles.sh` does).
    """
    if op.get_bind().dialect.name == "postgresql":
        role = Settings().service_role
        if op.get_bind().scalar(sa.text("SELECT true FROM pg_roles WHERE rolname = :role"), {"role": role}) is None:
            op.execute(f"CREATE ROLE {role} NOLOGIN")
        op.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        op.execute(f"GRANT SELECT ON alembic_version TO {role}")
        op.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT ON TABLES TO {role}")


def revoke_from_service() -> None:
    """Take the rights back. The role stays: it belongs to the server, and other databases may know it."""
    if op.get_bind().dialect.name == "postgresql":
        role = Settings().service_role
        op.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE SELECT, INSERT ON TABLES FROM {role}")
        op.execute(f"REVOKE SELECT ON alembic_version FROM {role}")
        op.execute(f"REVOKE USAGE ON SCHEMA public FROM {role}")
