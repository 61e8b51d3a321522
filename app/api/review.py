"""What the system concludes and asks: verdicts with their explanation, queries."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from app.api import answers
from app.api.capture import PROBLEMS
from app.api.deps import At, Caller, Database, StudyId, SubjectId
from app.casebook import access, database, read
from app.casebook.access import Action

router = APIRouter(tags=["review"])


@router.get("/studies/{study}/subjects/{subject}/verdicts", summary="The verdicts", responses=PROBLEMS)
def verdicts(engine: Database, study: StudyId, subject: SubjectId, who: Caller, at: At) -> Response:
    """What every rule says of one subject, now, at a cut or at an instant."""
    access.allow(who, Action.READ, study)
    with database.reading(engine) as connection:
        return answers.json({"verdicts": read.verdicts(connection, who, study, subject, at)})


@router.get("/studies/{study}/subjects/{subject}/verdicts/{verdict}", summary="A verdict explained", responses=PROBLEMS)
def verdict_(engine: Database, study: StudyId, subject: SubjectId, verdict: UUID, who: Caller, at: At) -> Response:
    """One verdict: its criteria, the facts they rest on, what was missing, the rule and its source, and plain sentences."""
    access.allow(who, Action.READ, study)
    with database.reading(engine) as connection:
        return answers.json(read.verdict(connection, who, study, subject, verdict, at))


@router.get("/studies/{study}/subjects/{subject}/queries", summary="The queries", responses=PROBLEMS)
def queries(engine: Database, study: StudyId, subject: SubjectId, who: Caller, at: At) -> Response:
    """What is asked about one subject's data, and where each question stands."""
    access.allow(who, Action.READ, study)
    with database.reading(engine) as connection:
        return answers.json({"queries": read.queries(connection, who, study, subject, at)})
