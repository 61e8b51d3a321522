"""
How deeply a subject was sedated when observed, and the chain of identity as read from the bag at the bedside.

CAPD is not done at deep sedation, and a bag of another chain of identity stops a dose; neither was asked before.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    rass = sa.Column("rass", sa.Integer(), nullable=True, comment="Richmond Agitation-Sedation Scale")
    op.add_column("toxicity_observation", rass)
    read = sa.Column("eccoiid", sa.String(length=40), nullable=True, comment="Chain of Identity Read at the Bedside")
    op.add_column("infusion", read)


def downgrade() -> None:
    op.drop_column("infusion", "eccoiid")
    op.drop_column("toxicity_observation", "rass")
