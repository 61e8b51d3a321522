"""What happened and was measured: events, observations, vital signs, laboratory, cells, biopsies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.tables.base import Number
from migrations.guards import guard

revision = "0006"
down_revision = "0005"

TABLES = (
    "adverse_event",
    "biopsy",
    "flow_cytometry",
    "immunogenicity",
    "laboratory",
    "prespecified_event",
    "toxicity_observation",
    "vital_sign",
)


def upgrade() -> None:
    op.create_table(
        "adverse_event",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("aespid", sa.String(length=20), nullable=False, comment="Sponsor-Defined Identifier"),
        sa.Column("aeterm", sa.String(length=200), nullable=False, comment="Reported Term for the Adverse Event"),
        sa.Column("aedecod", sa.String(length=200), nullable=True, comment="Dictionary-Derived Term"),
        sa.Column("aecat", sa.String(length=200), nullable=True, comment="Category for Adverse Event"),
        sa.Column("aestdtc", sa.String(length=32), nullable=True, comment="Start Date/Time of Adverse Event"),
        sa.Column("aeendtc", sa.String(length=32), nullable=True, comment="End Date/Time of Adverse Event"),
        sa.Column("aeongo", sa.String(length=1), nullable=True, comment="Ongoing Adverse Event"),
        sa.Column("aetoxgr", sa.String(length=200), nullable=True, comment="Standard Toxicity Grade"),
        sa.Column("aetoxscl", sa.String(length=200), nullable=True, comment="Toxicity Scale"),
        sa.Column("aetoxver", sa.String(length=20), nullable=True, comment="Toxicity Scale Version"),
        sa.Column("aeser", sa.String(length=1), nullable=True, comment="Serious Event"),
        sa.Column("aesdth", sa.String(length=1), nullable=True, comment="Results in Death"),
        sa.Column("aeslife", sa.String(length=1), nullable=True, comment="Is Life Threatening"),
        sa.Column("aeshosp", sa.String(length=1), nullable=True, comment="Requires or Prolongs Hospitalization"),
        sa.Column("aesdisab", sa.String(length=1), nullable=True, comment="Persist or Signif Disability/Incapacity"),
        sa.Column("aescong", sa.String(length=1), nullable=True, comment="Congenital Anomaly or Birth Defect"),
        sa.Column("aesmie", sa.String(length=1), nullable=True, comment="Other Medically Important Serious Event"),
        sa.Column("aerel", sa.String(length=200), nullable=True, comment="Causality"),
        sa.Column("aerelld", sa.String(length=200), nullable=True, comment="Causality to Lymphodepletion"),
        sa.Column("aerelpr", sa.String(length=200), nullable=True, comment="Causality to Procedure"),
        sa.Column("aeacn", sa.String(length=200), nullable=True, comment="Action Taken with Study Treatment"),
        sa.Column("aeout", sa.String(length=200), nullable=True, comment="Outcome of Adverse Event"),
        sa.Column("aecontrt", sa.String(length=1), nullable=True, comment="Concomitant or Additional Trtmnt Given"),
        sa.Column("aeinfno", sa.Integer, nullable=True, comment="Infusion Before the Event"),
        sa.CheckConstraint("version > 0", name="ck_adverse_event_version"),
        sa.ForeignKeyConstraint(
            ["study_id", "record_id"], ["record.study_id", "record.record_id"], name="fk_adverse_event_record"
        ),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_adverse_event_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "record_id", "version", name="pk_adverse_event"),
    )
    op.create_index(
        "ix_adverse_event_study_id_subject_id_record_id_version",
        "adverse_event",
        ["study_id", "subject_id", "record_id", "version"],
    )
    op.create_table(
        "biopsy",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("mitestcd", sa.String(length=200), nullable=False, comment="Microscopic Examination Short Name"),
        sa.Column("miorres", sa.String(length=200), nullable=True, comment="Result or Finding in Original Units"),
        sa.Column("micodes", sa.JSON, nullable=True, comment="ISN/RPS Classes"),
        sa.Column("mispec", sa.String(length=200), nullable=True, comment="Specimen Material Type"),
        sa.Column("miloc", sa.String(length=200), nullable=True, comment="Specimen Collection Location"),
        sa.Column("mistat", sa.String(length=200), nullable=True, comment="Completion Status"),
        sa.Column("mireasnd", sa.String(length=200), nullable=True, comment="Reason Not Done"),
        sa.Column("midtc", sa.String(length=32), nullable=True, comment="Date/Time of Specimen Collection"),
        sa.CheckConstraint("version > 0", name="ck_biopsy_version"),
        sa.ForeignKeyConstraint(["study_id", "record_id"], ["record.study_id", "record.record_id"], name="fk_biopsy_record"),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_biopsy_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "record_id", "version", name="pk_biopsy"),
    )
    op.create_index(
        "ix_biopsy_study_id_subject_id_record_id_version", "biopsy", ["study_id", "subject_id", "record_id", "version"]
    )
    op.create_table(
        "flow_cytometry",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("cptestcd", sa.String(length=200), nullable=False, comment="Test or Examination Short Name"),
        sa.Column("cpmrkstr", sa.String(length=200), nullable=True, comment="Marker String"),
        sa.Column("cporres", sa.String(length=200), nullable=True, comment="Result or Finding in Original Units"),
        sa.Column("cporresu", sa.String(length=200), nullable=True, comment="Original Units"),
        sa.Column("cplloq", Number, nullable=True, comment="Lower Limit of Quantitation"),
        sa.Column("cpspec", sa.String(length=200), nullable=True, comment="Specimen Type"),
        sa.Column("cpmethod", sa.String(length=200), nullable=True, comment="Method of Test or Examination"),
        sa.Column("cpstat", sa.String(length=200), nullable=True, comment="Completion Status"),
        sa.Column("cpreasnd", sa.String(length=200), nullable=True, comment="Reason Not Done"),
        sa.Column("cpdtc", sa.String(length=32), nullable=True, comment="Date/Time of Collection"),
        sa.CheckConstraint("version > 0", name="ck_flow_cytometry_version"),
        sa.ForeignKeyConstraint(
            ["study_id", "record_id"], ["record.study_id", "record.record_id"], name="fk_flow_cytometry_record"
        ),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_flow_cytometry_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "record_id", "version", name="pk_flow_cytometry"),
    )
    op.create_index(
        "ix_flow_cytometry_study_id_subject_id_record_id_version",
        "flow_cytometry",
        ["study_id", "subject_id", "record_id", "version"],
    )
    op.create_table(
        "immunogenicity",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("istestcd", sa.String(length=200), nullable=False, comment="Immunogenicity Test/Exam Short Name"),
        sa.Column("isbdagnt", sa.String(length=200), nullable=True, comment="Binding Agent"),
        sa.Column("isorres", sa.String(length=200), nullable=True, comment="Results or Findings in Original Units"),
        sa.Column("isorresu", sa.String(length=200), nullable=True, comment="Original Units"),
        sa.Column("isornrhi", Number, nullable=True, comment="Reference Range Upper Limit in Orig Unit"),
        sa.Column("islloq", Number, nullable=True, comment="Lower Limit of Quantitation"),
        sa.Column("isspec", sa.String(length=200), nullable=True, comment="Specimen Type"),
        sa.Column("ismethod", sa.String(length=200), nullable=True, comment="Method of Test or Examination"),
        sa.Column("isnam", sa.String(length=200), nullable=True, comment="Vendor Name"),
        sa.Column("isstat", sa.String(length=200), nullable=True, comment="Completion Status"),
        sa.Column("isreasnd", sa.String(length=200), nullable=True, comment="Reason Not Done"),
        sa.Column("isdtc", sa.String(length=32), nullable=True, comment="Date/Time of Collection"),
        sa.CheckConstraint("version > 0", name="ck_immunogenicity_version"),
        sa.ForeignKeyConstraint(
            ["study_id", "record_id"], ["record.study_id", "record.record_id"], name="fk_immunogenicity_record"
        ),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_immunogenicity_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "record_id", "version", name="pk_immunogenicity"),
    )
    op.create_index(
        "ix_immunogenicity_study_id_subject_id_record_id_version",
        "immunogenicity",
        ["study_id", "subject_id", "record_id", "version"],
    )
    op.create_table(
        "laboratory",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("lbtestcd", sa.String(length=200), nullable=False, comment="Lab Test or Examination Short Name"),
        sa.Column("lbcat", sa.String(length=200), nullable=True, comment="Category for Lab Test"),
        sa.Column("lborres", sa.String(length=200), nullable=True, comment="Result or Finding in Original Units"),
        sa.Column("lborresu", sa.String(length=200), nullable=True, comment="Original Units"),
        sa.Column("lbornrlo", Number, nullable=True, comment="Reference Range Lower Limit in Orig Unit"),
        sa.Column("lbornrhi", Number, nullable=True, comment="Reference Range Upper Limit in Orig Unit"),
        sa.Column("lbspec", sa.String(length=200), nullable=True, comment="Specimen Type"),
        sa.Column("lbmethod", sa.String(length=200), nullable=True, comment="Method of Test or Examination"),
        sa.Column("lbnam", sa.String(length=200), nullable=True, comment="Vendor Name"),
        sa.Column("lbstat", sa.String(length=200), nullable=True, comment="Completion Status"),
        sa.Column("lbreasnd", sa.String(length=200), nullable=True, comment="Reason Test Not Done"),
        sa.Column("lbdtc", sa.String(length=32), nullable=True, comment="Date/Time of Specimen Collection"),
        sa.CheckConstraint("version > 0", name="ck_laboratory_version"),
        sa.ForeignKeyConstraint(
            ["study_id", "record_id"], ["record.study_id", "record.record_id"], name="fk_laboratory_record"
        ),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_laboratory_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "record_id", "version", name="pk_laboratory"),
    )
    op.create_index(
        "ix_laboratory_study_id_subject_id_record_id_version", "laboratory", ["study_id", "subject_id", "record_id", "version"]
    )
    op.create_table(
        "prespecified_event",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("ceterm", sa.String(length=200), nullable=False, comment="Reported Term for the Clinical Event"),
        sa.Column("ceoccur", sa.String(length=1), nullable=False, comment="Clinical Event Occurrence"),
        sa.Column("cedtc", sa.String(length=32), nullable=True, comment="Date/Time of Event Collection"),
        sa.Column("cestdtc", sa.String(length=32), nullable=True, comment="Start Date/Time of Clinical Event"),
        sa.Column("ceendtc", sa.String(length=32), nullable=True, comment="End Date/Time of Clinical Event"),
        sa.Column("aespid", sa.String(length=20), nullable=True, comment="Adverse Event Reported"),
        sa.CheckConstraint("version > 0", name="ck_prespecified_event_version"),
        sa.ForeignKeyConstraint(
            ["study_id", "record_id"], ["record.study_id", "record.record_id"], name="fk_prespecified_event_record"
        ),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_prespecified_event_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "record_id", "version", name="pk_prespecified_event"),
    )
    op.create_index(
        "ix_prespecified_event_study_id_subject_id_record_id_version",
        "prespecified_event",
        ["study_id", "subject_id", "record_id", "version"],
    )
    op.create_table(
        "toxicity_observation",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("fadtc", sa.String(length=32), nullable=False, comment="Date/Time of Collection"),
        sa.Column("age", sa.Integer, nullable=False, comment="Completed Age at Observation"),
        sa.Column("infusno", sa.Integer, nullable=True, comment="Infusion Before the Observation"),
        sa.Column("aespid", sa.String(length=20), nullable=True, comment="Adverse Event Observed"),
        sa.Column("temp", Number, nullable=True, comment="Highest Temperature"),
        sa.Column("tempu", sa.String(length=200), nullable=True, comment="Temperature Unit"),
        sa.Column("feveroth", sa.String(length=1), nullable=True, comment="Fever Has Another Cause"),
        sa.Column("given", sa.JSON, nullable=True, comment="Antipyretics, Anticytokines Since Last"),
        sa.Column("sysbp", Number, nullable=True, comment="Systolic Blood Pressure"),
        sa.Column("diabp", Number, nullable=True, comment="Diastolic Blood Pressure"),
        sa.Column("hypotens", sa.String(length=1), nullable=True, comment="Hypotension by the Investigator"),
        sa.Column("hypototh", sa.String(length=1), nullable=True, comment="Hypotension Has Another Cause"),
        sa.Column("pressors", sa.JSON, nullable=True, comment="Vasopressors Running"),
        sa.Column("oxysat", Number, nullable=True, comment="Oxygen Saturation"),
        sa.Column("o2device", sa.String(length=200), nullable=True, comment="Oxygen Device"),
        sa.Column("o2flow", Number, nullable=True, comment="Oxygen Flow"),
        sa.Column("fio2", Number, nullable=True, comment="Fraction of Inspired Oxygen"),
        sa.Column("hypoxoth", sa.String(length=1), nullable=True, comment="Hypoxia Has Another Cause"),
        sa.Column("devdelay", sa.String(length=1), nullable=True, comment="Developmental Delay"),
        sa.Column("icerea", sa.String(length=200), nullable=True, comment="Reason ICE Not Done"),
        sa.Column("capduna", sa.String(length=1), nullable=True, comment="CAPD Impossible to Perform"),
        sa.Column("conscious", sa.String(length=200), nullable=True, comment="Level of Consciousness"),
        sa.Column("consoth", sa.String(length=1), nullable=True, comment="Low Consciousness Has Another Cause"),
        sa.Column("seizure", sa.String(length=200), nullable=True, comment="Seizure"),
        sa.Column("seizmin", Number, nullable=True, comment="Seizure Duration"),
        sa.Column("motor", sa.String(length=200), nullable=True, comment="Motor Finding"),
        sa.Column("icp", sa.String(length=200), nullable=True, comment="Raised Intracranial Pressure or Oedema"),
        sa.Column("haemorrh", sa.String(length=1), nullable=True, comment="Intracranial Haemorrhage"),
        sa.Column("death", sa.String(length=200), nullable=True, comment="Death"),
        sa.CheckConstraint("version > 0", name="ck_toxicity_observation_version"),
        sa.ForeignKeyConstraint(
            ["study_id", "record_id"], ["record.study_id", "record.record_id"], name="fk_toxicity_observation_record"
        ),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_toxicity_observation_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "record_id", "version", name="pk_toxicity_observation"),
    )
    op.create_index(
        "ix_toxicity_observation_study_id_subject_id_record_id_version",
        "toxicity_observation",
        ["study_id", "subject_id", "record_id", "version"],
    )
    op.create_table(
        "vital_sign",
        sa.Column("study_id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("chain_no", sa.Integer, nullable=False),
        sa.Column("entry_id", sa.Uuid, nullable=False),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("vstestcd", sa.String(length=200), nullable=False, comment="Vital Signs Test Short Name"),
        sa.Column("vsorres", sa.String(length=200), nullable=True, comment="Result or Finding in Original Units"),
        sa.Column("vsorresu", sa.String(length=200), nullable=True, comment="Original Units"),
        sa.Column("vsstat", sa.String(length=200), nullable=True, comment="Completion Status"),
        sa.Column("vsreasnd", sa.String(length=200), nullable=True, comment="Reason Not Performed"),
        sa.Column("vsdtc", sa.String(length=32), nullable=True, comment="Date/Time of Measurements"),
        sa.CheckConstraint("version > 0", name="ck_vital_sign_version"),
        sa.ForeignKeyConstraint(
            ["study_id", "record_id"], ["record.study_id", "record.record_id"], name="fk_vital_sign_record"
        ),
        sa.ForeignKeyConstraint(
            ["study_id", "subject_id", "chain_no", "entry_id"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.entry_id"],
            name="fk_vital_sign_entry",
        ),
        sa.PrimaryKeyConstraint("study_id", "record_id", "version", name="pk_vital_sign"),
    )
    op.create_index(
        "ix_vital_sign_study_id_subject_id_record_id_version", "vital_sign", ["study_id", "subject_id", "record_id", "version"]
    )
    guard(op.get_bind(), *TABLES)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
