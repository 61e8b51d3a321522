"""The routes of a form that is signed: sign a version of a record, read its signatures."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from app.api import answers, described, models
from app.api.deps import Acting, Caller, Database, Raw, Seen, StudyId, may
from app.casebook import database, forms, read, write
from app.casebook.access import Action
from app.tables.base import STUDY_CHAIN, Captured


def signing(router: APIRouter, form: type[Captured], action: Action) -> None:
    """Give a router the two routes of a form of the study that is signed; `action`: what a role must hold to sign."""
    path = f"/studies/{{study}}/{form.__form__.path}/{{record}}/signatures"
    title, name = form.__form__.title, form.__tablename__

    @router.post(
        path,
        status_code=201,
        summary=f"Sign: {title}",
        operation_id=f"sign_{name}",
        dependencies=[may(action)],
        responses=described.CHANGING,
        response_model=models.Signatures,
        openapi_extra=described.body(forms.SignForm),
    )
    def sign(engine: Database, study: StudyId, record: UUID, act: Acting, seen: Seen, raw: Raw) -> Response:
        """Sign the version that was seen, with a meaning; the signatures of the record, this one the last."""
        meaning = forms.read(forms.SignForm, forms.parse(raw)).meaning
        database.attempt(engine, lambda c: write.sign(c, act, study, STUDY_CHAIN, form, record, seen, meaning))
        with database.reading(engine) as connection:
            found = read.signatures(connection, act.actor, study, form, record)
        return answers.json({"signatures": found}, status=201)

    @router.get(
        path,
        summary=f"Read the signatures: {title}",
        operation_id=f"signatures_{name}",
        dependencies=[may(Action.READ)],
        responses=described.READING,
        response_model=models.Signatures,
    )
    def signatures(engine: Database, study: StudyId, record: UUID, who: Caller) -> Response:
        """Every signature that a record ever had: name, role, when, meaning, and whether it stands."""
        with database.reading(engine) as connection:
            return answers.json({"signatures": read.signatures(connection, who, study, form, record)})
