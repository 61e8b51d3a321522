"""What was given: lots, infusions, lymphodepletion, medication."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.tables.base import Number
from migrations.guards import guard

revision = "0005"
down_revision = "0004"

TABLES = ("infusion", "lymphodepletion", "medication", "product_lot")


def upgrade() -> None:
    op.create_table(
        "infusion",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("ectrt", sa.String(length=100), nullable=False, comment="Name of Treatment"),
        sa.Column("infusno", sa.Integer, nullable=True, comment="Infusion Number"),
        sa.Column("ecoccur", sa.String(length=1), nullable=False, comment="Occurrence"),
        sa.Column("ecreasoc", sa.String(length=200), nullable=True, comment="Reason for Occur Value"),
        sa.Column("ecstdtc", sa.String(length=32), nullable=True, comment="Start Date/Time of Treatment"),
        sa.Column("ecendtc", sa.String(length=32), nullable=True, comment="End Date/Time of Treatment"),
        sa.Column("ecpdose", Number, nullable=True, comment="Planned Dose"),
        sa.Column("ecdose", Number, nullable=True, comment="Dose"),
        sa.Column("ecdosu", sa.String(length=200), nullable=True, comment="Dose Units"),
        sa.Column("ecdostxt", sa.String(length=200), nullable=True, comment="Dose Description"),
        sa.Column("ecdosfrm", sa.String(length=200), nullable=True, comment="Dose Form"),
        sa.Column("ecroute", sa.String(length=200), nullable=True, comment="Route of Administration"),
        sa.Column("eclot", sa.String(length=40), nullable=True, comment="Lot Number"),
        sa.Column("doselvl", sa.String(length=20), nullable=True, comment="Dose Level"),
        sa.Column("dosetier", sa.String(length=20), nullable=True, comment="Weight Tier"),
        sa.Column("ecwt", Number, nullable=True, comment="Weight Used for Dose"),
        sa.Column("ecwtdtc", sa.String(length=32), nullable=True, comment="Date of Weight Used for Dose"),
        sa.Column("ecintrp", sa.String(length=1), nullable=True, comment="Infusion Interrupted"),
        sa.Column("ecadj", sa.String(length=200), nullable=True, comment="Reason for Dose Adjustment"),
        sa.Column("ecidchk", sa.String(length=1), nullable=True, comment="Identity Checked by Two Persons"),
        sa.CheckConstraint("version > 0", name="ck_infusion_version"),
        sa.ForeignKeyConstraint(["study_id", "record_id"], ["record.study_id", "record.record_id"], name="fk_infusion_record"),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_infusion_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "record_id", "version", name="pk_infusion"),
    )
    op.create_index(
        "ix_infusion_study_id_subject_id_record_id_version", "infusion", ["study_id", "subject_id", "record_id", "version"]
    )
    op.create_table(
        "lymphodepletion",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("ectrt", sa.String(length=200), nullable=False, comment="Name of Treatment"),
        sa.Column("ecoccur", sa.String(length=1), nullable=False, comment="Occurrence"),
        sa.Column("ecreasoc", sa.String(length=200), nullable=True, comment="Reason for Occur Value"),
        sa.Column("ecstdtc", sa.String(length=32), nullable=True, comment="Start Date/Time of Treatment"),
        sa.Column("ecendtc", sa.String(length=32), nullable=True, comment="End Date/Time of Treatment"),
        sa.Column("ecdose", Number, nullable=True, comment="Dose"),
        sa.Column("ecdosu", sa.String(length=200), nullable=True, comment="Dose Units"),
        sa.Column("ecdosm2", Number, nullable=True, comment="Dose per Body Surface Area"),
        sa.Column("ecbsa", Number, nullable=True, comment="Body Surface Area Used for Dose"),
        sa.Column("ecdosfrm", sa.String(length=200), nullable=True, comment="Dose Form"),
        sa.Column("ecroute", sa.String(length=200), nullable=True, comment="Route of Administration"),
        sa.Column("ecadj", sa.String(length=200), nullable=True, comment="Reason for Dose Adjustment"),
        sa.CheckConstraint("version > 0", name="ck_lymphodepletion_version"),
        sa.ForeignKeyConstraint(
            ["study_id", "record_id"], ["record.study_id", "record.record_id"], name="fk_lymphodepletion_record"
        ),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_lymphodepletion_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "record_id", "version", name="pk_lymphodepletion"),
    )
    op.create_index(
        "ix_lymphodepletion_study_id_subject_id_record_id_version",
        "lymphodepletion",
        ["study_id", "subject_id", "record_id", "version"],
    )
    op.create_table(
        "medication",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("cmtrt", sa.String(length=200), nullable=False, comment="Reported Name of Drug, Med, or Therapy"),
        sa.Column("cmdecod", sa.String(length=200), nullable=True, comment="Standardized Medication Name"),
        sa.Column("cmcat", sa.String(length=200), nullable=True, comment="Category for Medication"),
        sa.Column("cmindc", sa.String(length=200), nullable=True, comment="Indication"),
        sa.Column("cmdose", Number, nullable=True, comment="Dose per Administration"),
        sa.Column("cmdosu", sa.String(length=200), nullable=True, comment="Dose Units"),
        sa.Column("cmdosfrq", sa.String(length=200), nullable=True, comment="Dosing Frequency per Interval"),
        sa.Column("cmroute", sa.String(length=200), nullable=True, comment="Route of Administration"),
        sa.Column("cmstdtc", sa.String(length=32), nullable=True, comment="Start Date/Time of Medication"),
        sa.Column("cmendtc", sa.String(length=32), nullable=True, comment="End Date/Time of Medication"),
        sa.Column("cmongo", sa.String(length=1), nullable=True, comment="Ongoing"),
        sa.Column("cmaeno", sa.String(length=20), nullable=True, comment="Related Adverse Event ID"),
        sa.CheckConstraint("version > 0", name="ck_medication_version"),
        sa.ForeignKeyConstraint(
            ["study_id", "record_id"], ["record.study_id", "record.record_id"], name="fk_medication_record"
        ),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_medication_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "record_id", "version", name="pk_medication"),
    )
    op.create_index(
        "ix_medication_study_id_subject_id_record_id_version", "medication", ["study_id", "subject_id", "record_id", "version"]
    )
    op.create_table(
        "product_lot",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("eclot", sa.String(length=40), nullable=False, comment="Lot Number"),
        sa.Column("expdtc", sa.String(length=32), nullable=True, comment="Expiry Date"),
        sa.Column("lotstat", sa.String(length=200), nullable=False, comment="Release Status"),
        sa.Column("reldtc", sa.String(length=32), nullable=True, comment="Date of Release"),
        sa.Column("coiid", sa.String(length=40), nullable=True, comment="Chain of Identity Identifier"),
        sa.Column("dsubjid", sa.String(length=40), nullable=True, comment="Subject of an Autologous Lot"),
        sa.Column("donorid", sa.String(length=40), nullable=True, comment="Donor Identifier"),
        sa.Column("viabpct", Number, nullable=True, comment="Viability"),
        sa.Column("carpct", Number, nullable=True, comment="CAR-Positive Cells"),
        sa.CheckConstraint("version > 0", name="ck_product_lot_version"),
        sa.ForeignKeyConstraint(
            ["study_id", "record_id"], ["record.study_id", "record.record_id"], name="fk_product_lot_record"
        ),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_product_lot_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "record_id", "version", name="pk_product_lot"),
    )
    op.create_index(
        "ix_product_lot_study_id_subject_id_record_id_version",
        "product_lot",
        ["study_id", "subject_id", "record_id", "version"],
    )
    guard(op.get_bind(), *TABLES)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
