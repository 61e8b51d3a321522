"""What decides on dose levels: dose-limiting toxicity as adjudicated, decisions of the committee."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.guards import guard

revision = "0009"
down_revision = "0008"

TABLES = ("committee_decision", "dlt_assessment")


def upgrade() -> None:
    op.create_table(
        "committee_decision",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("doselvl", sa.String(length=20), nullable=False, comment="Dose Level"),
        sa.Column("decision", sa.String(length=200), nullable=False, comment="Decision"),
        sa.Column("decreas", sa.String(length=1000), nullable=False, comment="Reason for the Decision"),
        sa.Column("members", sa.String(length=400), nullable=False, comment="Members of the Committee"),
        sa.Column("decdtc", sa.String(length=32), nullable=False, comment="Date of the Decision"),
        sa.Column("effdtc", sa.String(length=32), nullable=False, comment="Date/Time From Which It Is in Force"),
        sa.Column("cutname", sa.String(length=40), nullable=False, comment="Data Cut That the Committee Saw"),
        sa.Column("decrule", sa.String(length=80), nullable=True, comment="Rule of the Recommendation"),
        sa.Column("decrec", sa.String(length=400), nullable=True, comment="Recommendation at the Cut"),
        sa.CheckConstraint("version > 0", name="ck_committee_decision_version"),
        sa.ForeignKeyConstraint(
            ["study_id", "record_id"], ["record.study_id", "record.record_id"], name="fk_committee_decision_record"
        ),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_committee_decision_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "record_id", "version", name="pk_committee_decision"),
    )
    op.create_index(
        "ix_committee_decision_study_id_subject_id_record_id_version",
        "committee_decision",
        ["study_id", "subject_id", "record_id", "version"],
    )
    op.create_table(
        "dlt_assessment",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("dltdtc", sa.String(length=32), nullable=False, comment="Date of Adjudication"),
        sa.Column("dltyn", sa.String(length=1), nullable=False, comment="Dose-Limiting Toxicity"),
        sa.Column("dltitem", sa.String(length=8), nullable=True, comment="Item of the Checklist"),
        sa.Column("aespid", sa.String(length=20), nullable=True, comment="Adverse Event Adjudicated"),
        sa.Column("dltby", sa.String(length=200), nullable=False, comment="Adjudicated By"),
        sa.Column("dltreas", sa.String(length=200), nullable=False, comment="Reason for the Adjudication"),
        sa.CheckConstraint("version > 0", name="ck_dlt_assessment_version"),
        sa.ForeignKeyConstraint(
            ["study_id", "record_id"], ["record.study_id", "record.record_id"], name="fk_dlt_assessment_record"
        ),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_dlt_assessment_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "record_id", "version", name="pk_dlt_assessment"),
    )
    op.create_index(
        "ix_dlt_assessment_study_id_subject_id_record_id_version",
        "dlt_assessment",
        ["study_id", "subject_id", "record_id", "version"],
    )
    guard(op.get_bind(), *TABLES)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
