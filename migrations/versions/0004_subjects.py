"""The subject: registration, demographics, disposition, eligibility, history, visits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.tables.base import Number
from migrations.guards import guard

revision = "0004"
down_revision = "0003"

TABLES = ("subject", "demographics", "disposition", "eligibility", "medical_history", "visit")


def upgrade() -> None:
    op.create_table(
        "subject",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("siteid", sa.String(length=20), nullable=False),
        sa.Column("origin", sa.String(length=30), nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_subject_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "subject_id", name="pk_subject"),
    )
    op.create_table(
        "demographics",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("dmdtc", sa.String(length=32), nullable=True, comment="Date/Time of Collection"),
        sa.Column("brthdtc", sa.String(length=32), nullable=True, comment="Date/Time of Birth"),
        sa.Column("age", sa.Integer, nullable=True, comment="Age"),
        sa.Column("sex", sa.String(length=200), nullable=False, comment="Sex"),
        sa.Column("race", sa.String(length=200), nullable=True, comment="Race"),
        sa.Column("ethnic", sa.String(length=200), nullable=True, comment="Ethnicity"),
        sa.Column("country", sa.String(length=200), nullable=True, comment="Country"),
        sa.CheckConstraint("version > 0", name="ck_demographics_version"),
        sa.ForeignKeyConstraint(
            ["study_id", "record_id"], ["record.study_id", "record.record_id"], name="fk_demographics_record"
        ),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_demographics_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "record_id", "version", name="pk_demographics"),
    )
    op.create_index(
        "ix_demographics_study_id_subject_id_record_id_version",
        "demographics",
        ["study_id", "subject_id", "record_id", "version"],
    )
    op.create_table(
        "disposition",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("dscat", sa.String(length=200), nullable=False, comment="Category for Disposition Event"),
        sa.Column("dsscat", sa.String(length=200), nullable=True, comment="Subcategory for Disposition Event"),
        sa.Column("dsdecod", sa.String(length=200), nullable=False, comment="Standardized Disposition Term"),
        sa.Column("dsterm", sa.String(length=200), nullable=False, comment="Reported Term for the Disposition Event"),
        sa.Column("dsstdtc", sa.String(length=32), nullable=True, comment="Start Date/Time of Disposition Event"),
        sa.Column("dsicver", sa.String(length=40), nullable=True, comment="Consent Form Version"),
        sa.Column("dssigner", sa.String(length=200), nullable=True, comment="Consent Signed By"),
        sa.Column("armcd", sa.String(length=20), nullable=True, comment="Planned Arm Code"),
        sa.CheckConstraint("version > 0", name="ck_disposition_version"),
        sa.ForeignKeyConstraint(
            ["study_id", "record_id"], ["record.study_id", "record.record_id"], name="fk_disposition_record"
        ),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_disposition_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "record_id", "version", name="pk_disposition"),
    )
    op.create_index(
        "ix_disposition_study_id_subject_id_record_id_version",
        "disposition",
        ["study_id", "subject_id", "record_id", "version"],
    )
    op.create_table(
        "eligibility",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("ietestcd", sa.String(length=8), nullable=False, comment="Inclusion/Exclusion Criterion Short Name"),
        sa.Column("ieorres", sa.String(length=1), nullable=False, comment="I/E Criterion Original Result"),
        sa.Column("iedtc", sa.String(length=32), nullable=True, comment="Date/Time of Collection"),
        sa.CheckConstraint("version > 0", name="ck_eligibility_version"),
        sa.ForeignKeyConstraint(
            ["study_id", "record_id"], ["record.study_id", "record.record_id"], name="fk_eligibility_record"
        ),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_eligibility_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "record_id", "version", name="pk_eligibility"),
    )
    op.create_index(
        "ix_eligibility_study_id_subject_id_record_id_version",
        "eligibility",
        ["study_id", "subject_id", "record_id", "version"],
    )
    op.create_table(
        "medical_history",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("mhterm", sa.String(length=200), nullable=False, comment="Reported Term for the Medical History"),
        sa.Column("mhdecod", sa.String(length=200), nullable=True, comment="Dictionary-Derived Term"),
        sa.Column("mhcat", sa.String(length=200), nullable=True, comment="Category for Medical History"),
        sa.Column("mhevdtyp", sa.String(length=200), nullable=True, comment="Medical History Event Date Type"),
        sa.Column("mhstdtc", sa.String(length=32), nullable=True, comment="Start Date/Time of Medical History Event"),
        sa.Column("mhendtc", sa.String(length=32), nullable=True, comment="End Date/Time of Medical History Event"),
        sa.Column("mhongo", sa.String(length=1), nullable=True, comment="Ongoing Medical History Event"),
        sa.Column("mhdur", Number, nullable=True, comment="Collected Duration"),
        sa.CheckConstraint("version > 0", name="ck_medical_history_version"),
        sa.ForeignKeyConstraint(
            ["study_id", "record_id"], ["record.study_id", "record.record_id"], name="fk_medical_history_record"
        ),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_medical_history_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "record_id", "version", name="pk_medical_history"),
    )
    op.create_index(
        "ix_medical_history_study_id_subject_id_record_id_version",
        "medical_history",
        ["study_id", "subject_id", "record_id", "version"],
    )
    op.create_table(
        "visit",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("visitnum", Number, nullable=True, comment="Visit Number"),
        sa.Column("visit", sa.String(length=40), nullable=True, comment="Visit Name"),
        sa.Column("svpresp", sa.String(length=1), nullable=True, comment="Pre-specified"),
        sa.Column("svoccur", sa.String(length=1), nullable=False, comment="Occurrence"),
        sa.Column("svstdtc", sa.String(length=32), nullable=True, comment="Start Date/Time of Observation"),
        sa.Column("svendtc", sa.String(length=32), nullable=True, comment="End Date/Time of Observation"),
        sa.Column("svreasoc", sa.String(length=200), nullable=True, comment="Reason for Occur Value"),
        sa.Column("svupdes", sa.String(length=200), nullable=True, comment="Description of Unplanned Visit"),
        sa.CheckConstraint("version > 0", name="ck_visit_version"),
        sa.ForeignKeyConstraint(["study_id", "record_id"], ["record.study_id", "record.record_id"], name="fk_visit_record"),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_visit_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "record_id", "version", name="pk_visit"),
    )
    op.create_index(
        "ix_visit_study_id_subject_id_record_id_version", "visit", ["study_id", "subject_id", "record_id", "version"]
    )
    guard(op.get_bind(), *TABLES)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
