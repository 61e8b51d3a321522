"""What the system concludes and asks: verdicts with their explanation, queries."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from app.api import answers, described, models
from app.api.deps import At, Caller, Database, StudyId, SubjectId, may
from app.casebook import database, read
from app.casebook.access import Action

router = APIRouter(prefix="/studies/{study}/subjects/{subject}", tags=["review"])
READ: dict[str, Any] = {"dependencies": [may(Action.READ)], "responses": described.READING}


@router.get("/verdicts", summary="The verdicts", response_model=models.Verdicts, **READ)
def list_verdicts(engine: Database, study: StudyId, subject: SubjectId, who: Caller, at: At) -> Response:
    """What every rule says of one subject, now, at a cut or at an instant."""
    with database.reading(engine) as connection:
        return answers.json({"verdicts": read.verdicts(connection, who, study, subject, at)})


@router.get("/verdicts/{verdict}", summary="A verdict explained", response_model=models.Verdict, **READ)
def explain_verdict(engine: Database, study: StudyId, subject: SubjectId, verdict: UUID, who: Caller, at: At) -> Response:
    """One verdict: its criteria, the facts they rest on, what was missing, the rule and its source, and plain sentences."""
    with database.reading(engine) as connection:
        return answers.json(read.verdict(connection, who, study, subject, verdict, at))


@router.get("/queries", summary="The queries", response_model=models.Queries, **READ)
def list_queries(engine: Database, study: StudyId, subject: SubjectId, who: Caller, at: At) -> Response:
    """What is asked about one subject's data, and where each question stands."""
    with database.reading(engine) as connection:
        return answers.json({"queries": read.queries(connection, who, study, subject, at)})
