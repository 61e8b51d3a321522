"""Who the subject is: registration, demographics, consent and disposition, eligibility, history, visits, the whole casebook."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field, StringConstraints

from app.api import answers, described, models
from app.api.capture import capture
from app.api.deps import At, Caller, Creating, Database, Raw, StudyId, SubjectId, may
from app.casebook import database, forms, read, write
from app.casebook.access import Action
from app.casebook.studies import library
from app.tables import subjects

router = APIRouter(tags=["subjects"])
READ: dict[str, Any] = {"dependencies": [may(Action.READ)], "responses": described.READING}


class SubjectForm(forms.Body):
    """A subject's one code in the study, and the site that follows the subject; no name, no number of any other kind."""

    subject_id: Annotated[str, StringConstraints(pattern=forms.CODE), Field(title="Subject Identifier for the Study")]
    siteid: Annotated[str, StringConstraints(pattern=forms.CODE, max_length=10), Field(title="Study Site Identifier")]


@router.post(
    "/studies/{study}/subjects",
    status_code=201,
    summary="Register a subject",
    response_model=models.RegisteredWritten,
    dependencies=[may(Action.ENTER)],
    responses=described.CREATING,
    openapi_extra=described.body(SubjectForm),
)
def register_subject(engine: Database, study: StudyId, act: Creating, raw: Raw) -> Response:
    """Register a subject at a site of the caller's."""
    body = forms.read(SubjectForm, forms.parse(raw))
    done = database.attempt(engine, lambda c: write.register(c, act, library.study(c, study), body.subject_id, body.siteid))
    return answers.written(done, status=200 if done.repeated else 201)


@router.get("/studies/{study}/subjects", summary="The subjects", response_model=models.Subjects, **READ)
def list_subjects(engine: Database, study: StudyId, who: Caller) -> Response:
    """The subjects of a study at the caller's sites."""
    with database.reading(engine) as connection:
        library.study(connection, study)
        return answers.json({"subjects": read.subjects(connection, who, study)})


@router.get("/studies/{study}/subjects/{subject}", summary="A casebook", response_model=models.Casebook, **READ)
def get_casebook(engine: Database, study: StudyId, subject: SubjectId, who: Caller, at: At) -> Response:
    """Everything collected on one subject, now, at a cut or at an instant."""
    with database.reading(engine) as connection:
        return answers.json({"subject_id": subject, "casebook": read.casebook(connection, who, study, subject, at)})


@router.get("/studies/{study}/subjects/{subject}/trail", summary="The audit trail", response_model=models.Trail, **READ)
def get_trail(engine: Database, study: StudyId, subject: SubjectId, who: Caller) -> Response:
    """Every act on one subject's casebook, chained: who, in which role, when (UTC), why, by which build."""
    with database.reading(engine) as connection:
        return answers.json({"entries": read.trail(connection, who, study, subject)})


for form in (subjects.Demographics, subjects.Disposition, subjects.Eligibility, subjects.MedicalHistory, subjects.Visit):
    capture(router, form)
