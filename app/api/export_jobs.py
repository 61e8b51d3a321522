"""What the answers on exports look like."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.api.models import Answer, Fault


class PackedFile(Answer):
    """One file of a package; `rows`: of a dataset, null where it is none."""

    path: str
    rows: int | None
    sha256: str


class Manifest(Answer):
    """What a package holds, of what, from when; `not_written`: dataset -> why it is not there."""

    study: str
    study_version: int
    title: str
    origin: str
    cut: str
    cut_at: str
    build: str
    standard: str
    terminology: str
    files: list[PackedFile]
    not_written: dict[str, str]


class ExportFault(Answer):
    """Why there is no package: what the exporter's gate found, each with dataset, row and variable."""

    code: str
    detail: str
    errors: list[Fault]


class ExportProgress(Answer):
    """What was just finished, and how many of how many; null: the number is not known."""

    words: str
    done: int
    total: int | None


class Asked(Answer):
    """Who asked, in which role, and when."""

    actor: str
    role: str
    at: datetime


class Ended(Asked):
    """Who ended it, when and why: the system, or whoever cancelled it."""

    reason_code: str | None
    reason: str | None


class ExportJob(Answer):
    """
    An export of a cut. `state`: queued, running, done, failed or cancelled; `build`: the software that made the package, or
    that was asked; `sha256`, `size`: of the package, in bytes.
    """

    study_id: str
    job_id: UUID
    cut: str
    ndjson: bool
    state: str
    progress: ExportProgress
    asked: Asked
    ended: Ended | None
    build: str
    sha256: str | None
    size: int | None
    manifest: Manifest | None
    fault: ExportFault | None


class ExportJobs(Answer):
    """The exports of a study, oldest first."""

    exports: list[ExportJob]
