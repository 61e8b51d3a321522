"""A study as ODM 1.3.2: every version of every record with who, when and why, readable without this service."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from app.api import answers, described
from app.api.deps import At, Caller, Database, StudyId, may
from app.casebook import archive, database
from app.casebook.access import Action

router = APIRouter(prefix="/studies/{study}", tags=["exports"])
XML = "application/xml"
TOLD: dict[int | str, Any] = {200: {"content": {XML: {"schema": {"type": "string"}}}, "description": "The archive"}}


@router.get(
    "/odm",
    summary="The study as ODM",
    response_class=FileResponse,
    dependencies=[may(Action.EXPORT)],
    responses=described.READING | described.CREATING | TOLD,
)
def get_odm(request: Request, engine: Database, study: StudyId, who: Caller, at: At) -> Response:
    """
    The archive of a study in ODM 1.3.2, now, at a cut or at an instant: definitions, documents, and every act on the data.

    Refused (409) where a text that stands cannot be carried by XML.
    """
    build = request.app.state.settings.build
    with answers.download(f"{study}.xml", XML) as (path, answer), database.reading(engine) as connection:
        archive.write(connection, who, study, at, build, path)
    return answer
