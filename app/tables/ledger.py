"""
The ledger: who did what to which record, when and why, each act chained to the one before it.

One chain per subject, gapless from 1; acts on the study as a whole have a chain of their own (`STUDY_CHAIN`). The keys are
the law: a second writer of a number is refused, and so is a link to an entry that does not stand.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.tables.base import Base, Kept, entry_key


class Entry(Base):
    """
    One act of one person, or of the system in consequence of one: its digest covers every row that hangs on it.

    `source_...`: of an entry that repeats an act of another system's, imported with its archive, whose act that was, in which
    role, when, and how that system names it. The entry's own person and instant are those of the import.
    """

    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("study_id", "subject_id", "chain_no", "hash"),
        UniqueConstraint("study_id", "subject_id", "chain_no", "entry_id"),
        UniqueConstraint("study_id", "idempotency_key"),
        Index(None, "at"),
        ForeignKeyConstraint(
            ["study_id", "subject_id", "prev_no", "prev_hash"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.hash"],
        ),
        CheckConstraint(
            "(chain_no = 1 AND prev_no IS NULL AND prev_hash IS NULL)"
            " OR (prev_no IS NOT NULL AND prev_hash IS NOT NULL AND prev_no = chain_no - 1)",
            name="link",
        ),
    )

    study_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    subject_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    chain_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_id: Mapped[UUID]
    act: Mapped[str] = mapped_column(String(20))
    actor: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    reason_code: Mapped[str | None] = mapped_column(String(40))
    reason: Mapped[str | None] = mapped_column(String(1000))
    request_id: Mapped[str] = mapped_column(String(64))
    build: Mapped[str] = mapped_column(String(64))
    study_version: Mapped[int | None]
    idempotency_key: Mapped[str | None] = mapped_column(String(200))
    request_digest: Mapped[str | None] = mapped_column(String(64))
    content_digest: Mapped[str] = mapped_column(String(64))
    prev_no: Mapped[int | None]
    prev_hash: Mapped[str | None] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    source_actor: Mapped[str | None] = mapped_column(String(100))
    source_role: Mapped[str | None] = mapped_column(String(40))
    source_at: Mapped[datetime | None]
    source_entry: Mapped[str | None] = mapped_column(String(100))


class Record(Kept):
    """
    The identity of a captured record, never its content: which form, of which subject, at which visit, from which source.

    `origin`: collected, synthetic, published, or published_text_inferred; `source` quotes where a published value stands.
    """

    __tablename__ = "record"
    __table_args__ = (*entry_key(), Index(None, "study_id", "subject_id", "form"))

    record_id: Mapped[UUID] = mapped_column(primary_key=True)
    form: Mapped[str] = mapped_column(String(40))
    visit_id: Mapped[UUID | None]
    origin: Mapped[str] = mapped_column(String(30))
    source: Mapped[str | None] = mapped_column(String(500))


class Cut(Kept):
    """A named data cut: a position in every chain of the study, read as one snapshot, stored as `cut_head` rows."""

    __tablename__ = "cut"
    __table_args__ = (*entry_key(), UniqueConstraint("study_id", "name"))

    cut_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    study_version: Mapped[int]


class CutHead(Kept):
    """The last number and hash of one chain at a cut: what the cut holds of that chain, and the seal of its tail."""

    __tablename__ = "cut_head"
    __table_args__ = (
        *entry_key(),
        ForeignKeyConstraint(["study_id", "cut_id"], ["cut.study_id", "cut.cut_id"]),
        ForeignKeyConstraint(
            ["study_id", "head_subject_id", "head_no", "head_hash"],
            ["entry.study_id", "entry.subject_id", "entry.chain_no", "entry.hash"],
            name="fk_cut_head_head",
        ),
    )

    cut_id: Mapped[UUID] = mapped_column(primary_key=True)
    head_subject_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    head_no: Mapped[int]
    head_hash: Mapped[str] = mapped_column(String(64))
