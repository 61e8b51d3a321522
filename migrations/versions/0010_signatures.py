"""Signatures as marks of a record's version; replacement and backfill on entry into an arm; the end of thawing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "mark",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("mark_id", sa.Uuid, nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("record_version", sa.Integer, nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("meaning", sa.String(length=20), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["study_id", "record_id"], ["record.study_id", "record.record_id"], name="fk_mark_record"),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_mark_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "mark_id", name="pk_mark"),
    )
    op.create_index("ix_mark_study_id_record_id_record_version", "mark", ["study_id", "record_id", "record_version"])
    guard(op.get_bind(), "mark")
    op.add_column("disposition", sa.Column("dsreplid", sa.String(length=40), nullable=True, comment="Subject Replaced"))
    op.add_column("disposition", sa.Column("dsbkfill", sa.String(length=1), nullable=True, comment="Backfill Subject"))
    thawed = sa.Column("ecthwdtc", sa.String(length=32), nullable=True, comment="Date/Time of the End of Thawing")
    op.add_column("infusion", thawed)


def downgrade() -> None:
    op.drop_column("infusion", "ecthwdtc")
    op.drop_column("disposition", "dsbkfill")
    op.drop_column("disposition", "dsreplid")
    op.drop_table("mark")
