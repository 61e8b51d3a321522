"""The people: tokens and their revocation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.tables.base import Instant
from migrations.guards import guard

revision = "0002"
down_revision = "0001"

TABLES = ("token", "token_revocation")


def upgrade() -> None:
    op.create_table(
        "token",
        sa.Column("token_id", sa.Uuid, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("study_id", sa.String(length=40), nullable=True),
        sa.Column("sites", sa.JSON, nullable=True),
        sa.Column("issued_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("token_id", name="pk_token"),
        sa.UniqueConstraint("digest", name="uq_token_digest"),
    )
    op.create_table(
        "token_revocation",
        sa.Column("token_id", sa.Uuid, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["token_id"], ["token.token_id"], name="fk_token_revocation_token"),
        sa.PrimaryKeyConstraint("token_id", name="pk_token_revocation"),
    )
    guard(op.get_bind(), *TABLES)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
