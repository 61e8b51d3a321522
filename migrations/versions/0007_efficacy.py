"""How active the disease is: instruments, reviews, intercurrent events, reported results."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.tables.base import Number
from migrations.guards import guard

revision = "0007"
down_revision = "0006"

TABLES = ("assessment", "intercurrent_event", "lupus_review", "reported_result")


def upgrade() -> None:
    op.create_table(
        "assessment",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("instrument", sa.String(length=40), nullable=False, comment="Instrument"),
        sa.Column("instrver", sa.Integer, nullable=False, comment="Instrument Version"),
        sa.Column("lookback", sa.Integer, nullable=True, comment="Look-Back"),
        sa.Column("rsdtc", sa.String(length=32), nullable=True, comment="Date/Time of Assessment"),
        sa.Column("predose", sa.String(length=1), nullable=True, comment="Assessed Before the Infusion"),
        sa.Column("rsevalid", sa.String(length=40), nullable=True, comment="Evaluator Identifier"),
        sa.Column("rsstat", sa.String(length=200), nullable=True, comment="Completion Status"),
        sa.Column("rsreasnd", sa.String(length=200), nullable=True, comment="Reason Not Done"),
        sa.Column("answers", sa.JSON, nullable=True, comment="Answers"),
        sa.Column("rstotal", Number, nullable=True, comment="Total as Added Up by the Assessor"),
        sa.CheckConstraint("version > 0", name="ck_assessment_version"),
        sa.ForeignKeyConstraint(
            ["study_id", "record_id"], ["record.study_id", "record.record_id"], name="fk_assessment_record"
        ),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_assessment_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "record_id", "version", name="pk_assessment"),
    )
    op.create_index(
        "ix_assessment_study_id_subject_id_record_id_version", "assessment", ["study_id", "subject_id", "record_id", "version"]
    )
    op.create_table(
        "intercurrent_event",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("icetype", sa.String(length=200), nullable=False, comment="Type of Intercurrent Event"),
        sa.Column("icestdtc", sa.String(length=32), nullable=False, comment="Start Date/Time of Intercurrent Event"),
        sa.Column("icedesc", sa.String(length=200), nullable=True, comment="Description"),
        sa.Column("icecount", sa.String(length=1), nullable=True, comment="Counts by Adjudication"),
        sa.Column("iceadjby", sa.String(length=100), nullable=True, comment="Adjudicated By"),
        sa.Column("icevisit", sa.String(length=40), nullable=True, comment="Visit at Which It Was Prescribed"),
        sa.CheckConstraint("version > 0", name="ck_intercurrent_event_version"),
        sa.ForeignKeyConstraint(
            ["study_id", "record_id"], ["record.study_id", "record.record_id"], name="fk_intercurrent_event_record"
        ),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_intercurrent_event_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "record_id", "version", name="pk_intercurrent_event"),
    )
    op.create_index(
        "ix_intercurrent_event_study_id_subject_id_record_id_version",
        "intercurrent_event",
        ["study_id", "subject_id", "record_id", "version"],
    )
    op.create_table(
        "lupus_review",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("rvdtc", sa.String(length=32), nullable=False, comment="Date/Time of Review"),
        sa.Column("haemolys", sa.String(length=1), nullable=True, comment="Haemolytic Anaemia due to Lupus"),
        sa.Column("giactiv", sa.String(length=1), nullable=True, comment="Gastrointestinal Activity due to Lupus"),
        sa.Column("glucoc", sa.String(length=1), nullable=True, comment="Taking Systemic Glucocorticoid"),
        sa.Column("bgstable", sa.String(length=1), nullable=True, comment="Background Therapy Stable"),
        sa.Column("bgchgrea", sa.String(length=200), nullable=True, comment="Reason for Change of Background Therapy"),
        sa.Column("bgtolrtd", sa.String(length=1), nullable=True, comment="Background Therapy Well Tolerated"),
        sa.Column("othinvst", sa.String(length=1), nullable=True, comment="Other Investigational Drug"),
        sa.CheckConstraint("version > 0", name="ck_lupus_review_version"),
        sa.ForeignKeyConstraint(
            ["study_id", "record_id"], ["record.study_id", "record.record_id"], name="fk_lupus_review_record"
        ),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_lupus_review_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "record_id", "version", name="pk_lupus_review"),
    )
    op.create_index(
        "ix_lupus_review_study_id_subject_id_record_id_version",
        "lupus_review",
        ["study_id", "subject_id", "record_id", "version"],
    )
    op.create_table(
        "reported_result",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("rptestcd", sa.String(length=200), nullable=False, comment="Reported Result Short Name"),
        sa.Column("rporres", sa.String(length=200), nullable=False, comment="Result as Reported"),
        sa.Column("rporresu", sa.String(length=200), nullable=True, comment="Unit as Reported"),
        sa.Column("rptiming", sa.String(length=200), nullable=True, comment="Timing as Reported"),
        sa.CheckConstraint("version > 0", name="ck_reported_result_version"),
        sa.ForeignKeyConstraint(
            ["study_id", "record_id"], ["record.study_id", "record.record_id"], name="fk_reported_result_record"
        ),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_reported_result_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "record_id", "version", name="pk_reported_result"),
    )
    op.create_index(
        "ix_reported_result_study_id_subject_id_record_id_version",
        "reported_result",
        ["study_id", "subject_id", "record_id", "version"],
    )
    guard(op.get_bind(), *TABLES)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
