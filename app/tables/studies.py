"""The study and its documents: a published version is never changed, an amendment is a new version."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.tables.base import Kept, entry_key


class StudyVersion(Kept):
    """One published version of a study document: its checksum, its source text, and what was read from it."""

    __tablename__ = "study_version"
    __table_args__ = entry_key()

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    checksum: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(400))
    origin: Mapped[str] = mapped_column(String(30))
    source: Mapped[str]
    document: Mapped[dict[str, Any]]


class InstrumentVersion(Kept):
    """One published version of an instrument document, in the study that uses it."""

    __tablename__ = "instrument_version"
    __table_args__ = (*entry_key(), UniqueConstraint("study_id", "instrument", "version"))

    instrument_id: Mapped[UUID] = mapped_column(primary_key=True)
    instrument: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    checksum: Mapped[str] = mapped_column(String(64))
    source: Mapped[str]
    document: Mapped[dict[str, Any]]
