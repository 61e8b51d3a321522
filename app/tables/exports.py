"""Exports: that one was asked for and what came of it, kept by the ledger; and where a job stands, which is rewritten."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from app.tables.base import Base, Kept, entry_key


class Export(Kept):
    """
    One export of a cut: version 1 says that it was asked for, version 2 what came of it (done, failed, cancelled).

    Its entry says who, as what, when, why, and by which build. `sha256`, `size`: of the package, one zip, in bytes;
    `manifest`: what is in it, with the SHA-256 of each file; `fault`: why there is none.
    """

    __tablename__ = "export"
    __table_args__ = (*entry_key(), ForeignKeyConstraint(["study_id", "cut_id"], ["cut.study_id", "cut.cut_id"]))

    job_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(20))
    cut_id: Mapped[UUID]
    ndjson: Mapped[bool]
    sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None] = mapped_column(BigInteger)
    manifest: Mapped[dict[str, Any] | None]
    fault: Mapped[dict[str, Any] | None]


class ExportJob(Base):
    """
    Where an export stands now: operational, rewritten as it goes on, and nothing that must be kept stands here alone.

    `state`: queued, running, done, failed or cancelled. Who runs it holds it under a name of its own (`worker`) until
    `lease_until`, renewed meanwhile; `attempts` counts how often it was begun. `words`, `done`, `total`: what was just
    finished, and how many of how many (None: not known).
    """

    __tablename__ = "export_job"
    __table_args__ = (ForeignKeyConstraint(["study_id", "cut_id"], ["cut.study_id", "cut.cut_id"]),)

    study_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    job_id: Mapped[UUID] = mapped_column(primary_key=True)
    cut_id: Mapped[UUID]
    ndjson: Mapped[bool]
    state: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(String(200))
    done: Mapped[int]
    total: Mapped[int | None]
    attempts: Mapped[int]
    worker: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
