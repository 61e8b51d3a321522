"""
The grades that an adverse event went through, and what a safety physician asks of it and of a toxicity observation beside.

Of an event: causality to each drug of the lymphodepletion, to background medication and the disease; what it did to the
lymphodepletion and the next infusion; when the site became aware; why its grade is not the computed one; whether a cytopenia
resists treatment. Of an observation: where the temperature was taken, mean pressure, fluids, and each other cause in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.tables.base import Number
from migrations.guards import guard
from migrations.tables import create_captured

revision = "0020"
down_revision = "0019"


def columns() -> Mapping[str, tuple[sa.Column[Any], ...]]:
    return {
        "adverse_event": (
            sa.Column("aerelflu", sa.String(length=200), nullable=True, comment="Causality to Fludarabine"),
            sa.Column("aerelcy", sa.String(length=200), nullable=True, comment="Causality to Cyclophosphamide"),
            sa.Column("aerelbg", sa.String(length=200), nullable=True, comment="Causality to Background Medication"),
            sa.Column("aereldis", sa.String(length=200), nullable=True, comment="Causality to the Disease Under Study"),
            sa.Column("aeacnld", sa.String(length=200), nullable=True, comment="Action Taken with Lymphodepletion"),
            sa.Column("aenextin", sa.String(length=200), nullable=True, comment="Effect on the Next Infusion"),
            sa.Column("aesawdtc", sa.String(length=32), nullable=True, comment="Date/Time the Site Became Aware"),
            sa.Column("aegrdrea", sa.String(length=200), nullable=True, comment="Reason Grade Differs From the Computed"),
            sa.Column("aerefrac", sa.String(length=1), nullable=True, comment="Refractory to Transfusion/Growth Factor"),
        ),
        "toxicity_observation": (
            sa.Column("temploc", sa.String(length=200), nullable=True, comment="Location of Temperature Measurement"),
            sa.Column("fevcause", sa.String(length=200), nullable=True, comment="Other Cause of Fever"),
            sa.Column("map", Number, nullable=True, comment="Mean Arterial Pressure"),
            sa.Column("fluidbol", Number, nullable=True, comment="Fluid Bolus Since Last Observation"),
            sa.Column("hytcause", sa.String(length=200), nullable=True, comment="Other Cause of Hypotension"),
            sa.Column("hyxcause", sa.String(length=200), nullable=True, comment="Other Cause of Hypoxia"),
            sa.Column("concause", sa.String(length=200), nullable=True, comment="Other Cause of Low Consciousness"),
        ),
        "dlt_assessment": (sa.Column("dltvote", sa.String(length=200), nullable=True, comment="Vote of the Adjudicators"),),
    }


def upgrade() -> None:
    create_captured(
        "event_grade",
        sa.Column("aespid", sa.String(length=20), nullable=False, comment="Adverse Event Graded"),
        sa.Column("fadtc", sa.String(length=32), nullable=False, comment="Date/Time From Which the Grade Holds"),
        sa.Column("toxgr", sa.String(length=200), nullable=False, comment="Toxicity Grade"),
    )
    guard(op.get_bind(), "event_grade")
    for table, added in columns().items():
        for column in added:
            op.add_column(table, column)


def downgrade() -> None:
    for table, added in columns().items():
        for column in reversed(added):
            op.drop_column(table, column.name)
    op.drop_table("event_grade")
