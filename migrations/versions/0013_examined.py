"""Electrocardiograms, physical examinations, comments; the number of a procedure, and the findings that name it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard
from migrations.tables import create_captured

revision = "0013"
down_revision = "0012"

TABLES: dict[str, tuple[sa.Column[Any], ...]] = {
    "comment": (
        sa.Column("coval", sa.String(length=200), nullable=False, comment="Comment"),
        sa.Column("codtc", sa.String(length=32), nullable=True, comment="Date/Time of Comment"),
        sa.Column("corecord", sa.String(length=36), nullable=True, comment="Record Commented On"),
    ),
    "ecg": (
        sa.Column("egtestcd", sa.String(length=200), nullable=False, comment="ECG Test or Examination Short Name"),
        sa.Column("egorres", sa.String(length=200), nullable=True, comment="Result or Finding in Original Units"),
        sa.Column("egorresu", sa.String(length=200), nullable=True, comment="Original Units"),
        sa.Column("egpos", sa.String(length=200), nullable=True, comment="ECG Position of Subject"),
        sa.Column("egmethod", sa.String(length=200), nullable=True, comment="Method of Test or Examination"),
        sa.Column("egnam", sa.String(length=200), nullable=True, comment="Vendor Name"),
        sa.Column("egclsig", sa.String(length=1), nullable=True, comment="Clinically Significant, Collected"),
        sa.Column("egstat", sa.String(length=200), nullable=True, comment="Completion Status"),
        sa.Column("egreasnd", sa.String(length=200), nullable=True, comment="Reason ECG Not Done"),
        sa.Column("egdtc", sa.String(length=32), nullable=True, comment="Date/Time of ECG"),
    ),
    "physical_examination": (
        sa.Column("petestcd", sa.String(length=200), nullable=False, comment="Body System Examined Short Name"),
        sa.Column("peorres", sa.String(length=200), nullable=True, comment="Verbatim Examination Finding"),
        sa.Column("peloc", sa.String(length=200), nullable=True, comment="Location of Physical Exam Finding"),
        sa.Column("pestat", sa.String(length=200), nullable=True, comment="Completion Status"),
        sa.Column("pereasnd", sa.String(length=200), nullable=True, comment="Reason Not Examined"),
        sa.Column("pedtc", sa.String(length=32), nullable=True, comment="Date/Time of Examination"),
    ),
}


def upgrade() -> None:
    for name, fields in TABLES.items():
        create_captured(name, *fields)
    guard(op.get_bind(), *TABLES)
    op.add_column("procedure", sa.Column("prspid", sa.String(length=20), nullable=True, comment="Sponsor-Defined Identifier"))
    taken = sa.Column("miprno", sa.String(length=20), nullable=True, comment="Procedure That Took the Specimen")
    op.add_column("biopsy", taken)


def downgrade() -> None:
    op.drop_column("biopsy", "miprno")
    op.drop_column("procedure", "prspid")
    for name in reversed(TABLES):
        op.drop_table(name)
