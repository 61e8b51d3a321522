"""What the system concludes, what people ask of each other about it, and what they stand for: verdicts, queries, marks."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.tables.base import Kept, entry_key


class Verdict(Kept):
    """
    One version of what one rule says about one thing: a visit, an assessment, an observation, or the subject as a whole.

    A new version stands where value, criteria or the record versions it rests on have changed; a verdict whose thing is
    gone ends in a version with value `withdrawn`.
    """

    __tablename__ = "verdict"
    __table_args__ = (*entry_key(), Index(None, "study_id", "subject_id", "verdict_id", "version"))

    verdict_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rule: Mapped[str] = mapped_column(String(60))
    rule_version: Mapped[str] = mapped_column(String(20))
    about: Mapped[str] = mapped_column(String(80))
    value: Mapped[str] = mapped_column(String(40))
    amount: Mapped[Decimal | None]
    lowest: Mapped[Decimal | None]
    highest: Mapped[Decimal | None]
    criteria: Mapped[list[Any]]
    missing: Mapped[list[Any]]
    rests_on: Mapped[list[Any]]


class Query(Kept):
    """
    One version of a query: what is asked about which field of which record version, by whom, and where it stands.

    `verdict_id` names the check that raised it; its thread is its versions, each with the text that came with it.
    """

    __tablename__ = "query"
    __table_args__ = (*entry_key(), Index(None, "study_id", "subject_id", "query_id", "version"))

    query_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[UUID | None]
    record_version: Mapped[int | None]
    field: Mapped[str | None] = mapped_column(String(60))
    rule: Mapped[str | None] = mapped_column(String(60))
    verdict_id: Mapped[UUID | None]
    text: Mapped[str]


class Mark(Kept):
    """
    That a person gave one version of one record a status: `signed`, with its meaning. Its entry says who, as what and when.

    `content`: the digest of what that version said (`casebook.marks`). A mark counts while its version is the record's latest
    and not withdrawn: a correction breaks it in its own transaction, and it stays in the history.
    """

    __tablename__ = "mark"
    __table_args__ = (
        *entry_key(),
        ForeignKeyConstraint(["study_id", "record_id"], ["record.study_id", "record.record_id"]),
        Index(None, "study_id", "record_id", "record_version"),
    )

    mark_id: Mapped[UUID] = mapped_column(primary_key=True)
    record_id: Mapped[UUID]
    record_version: Mapped[int]
    status: Mapped[str] = mapped_column(String(20))
    meaning: Mapped[str] = mapped_column(String(20))
    content: Mapped[str] = mapped_column(String(64))
