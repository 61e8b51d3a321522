"""Who may come in: bearer tokens by their digest, each with the person, the role and the sites it stands for."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.tables.base import Base


class Token(Base):
    """
    A personal access token: only its SHA-256 is kept. `sites` null means every site of the study; `study_id` null any study.

    It is never changed either: a revocation is a row of its own.
    """

    __tablename__ = "token"

    token_id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    person: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(40))
    study_id: Mapped[str | None] = mapped_column(String(40))
    sites: Mapped[list[Any] | None]
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class TokenRevocation(Base):
    """The end of a token before its time."""

    __tablename__ = "token_revocation"

    token_id: Mapped[UUID] = mapped_column(ForeignKey("token.token_id"), primary_key=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(100))
