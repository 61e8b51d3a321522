"""
What every captured table has in common, for the migrations that create one.

A revision that stands must create what it always created: this is not changed but followed by another, as any migration is.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

KEY = ("study_id", "subject_id", "chain_no", "entry_id")


def create_captured(name: str, *fields: sa.Column[Any]) -> None:
    """A captured table: the key of a version, its entry, and its fields; the caller guards it."""
    op.create_table(
        name,
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        *fields,
        sa.CheckConstraint("version > 0", name=f"ck_{name}_version"),
        sa.ForeignKeyConstraint(["study_id", "record_id"], ["record.study_id", "record.record_id"], name=f"fk_{name}_record"),
        sa.ForeignKeyConstraint(KEY, [f"entry.{column}" for column in KEY], name=f"fk_{name}_entry"),
        sa.PrimaryKeyConstraint("study_id", "record_id", "version", name=f"pk_{name}"),
    )
    key = ["study_id", "subject_id", "record_id", "version"]
    op.create_index(f"ix_{name}_{'_'.join(key)}", name, key)
