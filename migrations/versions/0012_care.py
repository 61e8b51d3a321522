"""Procedures, encounters, deviations, details of a death, microbiology and the product's kinetics."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.tables.base import Number
from migrations.guards import guard
from migrations.tables import create_captured

revision = "0012"
down_revision = "0011"

TABLES: dict[str, tuple[sa.Column[Any], ...]] = {
    "cellular_kinetics": (
        sa.Column("pctestcd", sa.String(length=200), nullable=False, comment="Pharmacokinetic Test Short Name"),
        sa.Column("pcorres", sa.String(length=200), nullable=True, comment="Result or Finding in Original Units"),
        sa.Column("pcorresu", sa.String(length=200), nullable=True, comment="Original Units"),
        sa.Column("pclloq", Number, nullable=True, comment="Lower Limit of Quantitation"),
        sa.Column("pcspec", sa.String(length=200), nullable=True, comment="Specimen Material Type"),
        sa.Column("pcmethod", sa.String(length=200), nullable=True, comment="Method of Test or Examination"),
        sa.Column("pcnam", sa.String(length=200), nullable=True, comment="Vendor Name"),
        sa.Column("pcstat", sa.String(length=200), nullable=True, comment="Completion Status"),
        sa.Column("pcreasnd", sa.String(length=200), nullable=True, comment="Reason Test Not Done"),
        sa.Column("pcdtc", sa.String(length=32), nullable=True, comment="Date/Time of Specimen Collection"),
    ),
    "death_detail": (
        sa.Column("ddtestcd", sa.String(length=200), nullable=False, comment="Death Detail Assessment Short Name"),
        sa.Column("ddorres", sa.String(length=200), nullable=True, comment="Result or Finding as Collected"),
        sa.Column("dddtc", sa.String(length=32), nullable=True, comment="Date/Time of Collection"),
    ),
    "healthcare_encounter": (
        sa.Column("hoterm", sa.String(length=200), nullable=False, comment="Healthcare Encounter Term"),
        sa.Column("hodecod", sa.String(length=200), nullable=False, comment="Dictionary-Derived Term"),
        sa.Column("hostdtc", sa.String(length=32), nullable=True, comment="Start Date/Time of Healthcare Encounter"),
        sa.Column("hoendtc", sa.String(length=32), nullable=True, comment="End Date/Time of Healthcare Encounter"),
        sa.Column("hoongo", sa.String(length=1), nullable=True, comment="Ongoing Healthcare Encounter"),
        sa.Column("hoaeno", sa.String(length=20), nullable=True, comment="Adverse Event That Led to It"),
    ),
    "microbiology": (
        sa.Column("mbtestcd", sa.String(length=200), nullable=False, comment="Microbiology Test or Finding Short Name"),
        sa.Column("mborres", sa.String(length=200), nullable=True, comment="Result or Finding in Original Units"),
        sa.Column("mborresu", sa.String(length=200), nullable=True, comment="Original Units"),
        sa.Column("mbspec", sa.String(length=200), nullable=True, comment="Specimen Material Type"),
        sa.Column("mbloc", sa.String(length=200), nullable=True, comment="Specimen Collection Location"),
        sa.Column("mbmethod", sa.String(length=200), nullable=True, comment="Method of Test or Examination"),
        sa.Column("mbnam", sa.String(length=200), nullable=True, comment="Laboratory/Vendor Name"),
        sa.Column("mbstat", sa.String(length=200), nullable=True, comment="Completion Status"),
        sa.Column("mbreasnd", sa.String(length=200), nullable=True, comment="Reason Not Done"),
        sa.Column("mbdtc", sa.String(length=32), nullable=True, comment="Date/Time of Collection"),
        sa.Column("mbaeno", sa.String(length=20), nullable=True, comment="Infection as Adverse Event"),
    ),
    "procedure": (
        sa.Column("prtrt", sa.String(length=200), nullable=False, comment="Reported Name of Procedure"),
        sa.Column("prdecod", sa.String(length=200), nullable=True, comment="Standardized Procedure Name"),
        sa.Column("prcat", sa.String(length=200), nullable=True, comment="Category"),
        sa.Column("prindc", sa.String(length=200), nullable=True, comment="Indication"),
        sa.Column("prdose", Number, nullable=True, comment="Dose"),
        sa.Column("prdosu", sa.String(length=200), nullable=True, comment="Dose Units"),
        sa.Column("prloc", sa.String(length=200), nullable=True, comment="Location of Procedure"),
        sa.Column("prstdtc", sa.String(length=32), nullable=True, comment="Start Date/Time of Procedure"),
        sa.Column("prendtc", sa.String(length=32), nullable=True, comment="End Date/Time of Procedure"),
        sa.Column("praeno", sa.String(length=20), nullable=True, comment="Adverse Event Treated or Investigated"),
    ),
    "protocol_deviation": (
        sa.Column("dvterm", sa.String(length=200), nullable=False, comment="Protocol Deviation Term"),
        sa.Column("dvdecod", sa.String(length=200), nullable=False, comment="Protocol Deviation Coded Term"),
        sa.Column("dvcat", sa.String(length=200), nullable=True, comment="Category for Protocol Deviation"),
        sa.Column("dvstdtc", sa.String(length=32), nullable=True, comment="Start Date/Time of Deviation"),
        sa.Column("dvendtc", sa.String(length=32), nullable=True, comment="End Date/Time of Deviation"),
    ),
}


def upgrade() -> None:
    for name, fields in TABLES.items():
        create_captured(name, *fields)
    guard(op.get_bind(), *TABLES)


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)
