"""ODM 1.3.2: a study with every version of every record out and in again, and a document begun from another system's forms."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from app.api import answers, described, models
from app.api.deps import Acting, At, Caller, Database, RawStudy, StudyId, may
from app.casebook import database
from app.casebook.access import Action
from app.casebook.odm import archive, draft, restore

router = APIRouter(tags=["exports"])
XML = "application/xml"
TOLD: dict[int | str, Any] = {200: {"content": {XML: {"schema": {"type": "string"}}}, "description": "The archive"}}


@router.get(
    "/studies/{study}/odm",
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


@router.post(
    "/studies/{study}/odm",
    status_code=201,
    summary="Import a study from its ODM",
    response_model=models.Imported,
    dependencies=[may(Action.IMPORT)],
    responses=described.CREATING,
    openapi_extra=described.xml("The archive (ODM 1.3.2)"),
)
def import_odm(engine: Database, study: StudyId, act: Acting, raw: RawStudy) -> Response:
    """
    Import an archive of this service into an empty study: every act again, with whose it was and when beside who imports it.

    Whole or not at all. Refused (409) where something was done in the study but to publish its first version, and (422) where
    the file is not valid ODM 1.3.2, is another study's, or names a form or an item that is not known here.
    """
    return answers.json({"study": study, **restore.restore(engine, act, study, raw)}, status=201)


@router.post(
    "/drafts",
    summary="Begin a study document from forms defined in ODM",
    response_model=models.Draft,
    dependencies=[may(Action.PUBLISH)],
    responses=described.EVALUATING,
    openapi_extra=described.xml("The definitions (ODM 1.3.2)"),
)
def begin_draft(raw: RawStudy) -> Response:
    """
    A study document and its instruments, begun from the visits and forms of a file; nothing is stored.

    Says what each draft lacks to be published, and which items of the file it could not take.
    """
    return answers.json(asdict(draft.draft(raw)))
