"""
The routes that every captured form has: enter, read, correct, withdraw, look back.

One factory serves all forms, because a form is data: its path, its title and its body come from its table.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from app.api import answers
from app.api.answers import ProblemAnswer, WrittenAnswer
from app.api.deps import Acting, At, Caller, Creating, Database, Raw, Seen, StudyId, SubjectId
from app.casebook import access, database, forms, read, write
from app.casebook.access import Action
from app.tables.base import STUDY_CHAIN, Captured

PROBLEMS: dict[int | str, dict[str, Any]] = {
    code: {"model": ProblemAnswer, "description": what}
    for code, what in {
        401: "No token, or one that is unknown, expired or revoked",
        403: "The role may not do this",
        404: "It does not exist, or lies outside the caller's study and sites",
        422: "The form does not allow it; nothing was stored",
    }.items()
}
CHANGE_PROBLEMS = PROBLEMS | {
    409: {"model": ProblemAnswer, "description": "It contradicts what stands in the casebook"},
    412: {"model": ProblemAnswer, "description": "Somebody changed it since"},
    428: {"model": ProblemAnswer, "description": "If-Match is missing"},
}


def body_of(*models: type[forms.Body], panel: bool = False) -> dict[str, Any]:
    """The OpenAPI description of a body that is validated from its raw bytes."""
    schema: dict[str, Any] = models[0].model_json_schema()
    if panel:
        schema = {"oneOf": [schema, {"type": "array", "items": schema, "maxItems": write.MOST_RECORDS}]}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def on_subject(subject: SubjectId) -> str:
    """The chain of a subject's form."""
    return subject


def on_study() -> str:
    """The chain of a form that belongs to the study as a whole."""
    return STUDY_CHAIN


def capture(router: APIRouter, form: type[Captured]) -> None:
    """Give a router the six routes of a form, below the subject, or below the study where the form belongs to it."""
    about, title, name = form.__form__, form.__form__.title, form.__tablename__
    below_subject = about.scope == "subject"
    path = "/studies/{study}" + ("/subjects/{subject}" if below_subject else "") + f"/{about.path}"
    chain = Depends(on_subject if below_subject else on_study)
    entering = Action.ENTER if below_subject else Action.REGISTER_LOT
    written: dict[str, Any] = {"response_model": WrittenAnswer, "responses": CHANGE_PROBLEMS}

    @router.post(
        path,
        status_code=201,
        summary=f"Enter: {title}",
        operation_id=f"enter_{name}",
        openapi_extra=body_of(forms.entry_form(form), panel=True),
        **written,
    )
    def enter(engine: Database, study: StudyId, act: Creating, raw: Raw, subject: str = chain) -> Response:
        """Record one body, or an array of them: a panel under one entry."""
        access.allow(act.actor, entering, study)
        bodies = _bodies(form, forms.parse(raw))
        done = database.attempt(engine, lambda connection: write.record(connection, act, study, subject, form, bodies))
        return answers.written(done, status=200 if done.repeated else 201)

    @router.get(path, summary=f"Read all: {title}", operation_id=f"list_{name}", responses=PROBLEMS)
    def read_all(engine: Database, study: StudyId, who: Caller, at: At, subject: str = chain) -> Response:
        """The live records, now, at a cut or at an instant."""
        access.allow(who, Action.READ, study)
        with database.reading(engine) as connection:
            return answers.json({"records": read.records(connection, who, study, subject, form, at)})

    @router.get(path + "/{record}", summary=f"Read one: {title}", operation_id=f"get_{name}", responses=PROBLEMS)
    def read_one(engine: Database, study: StudyId, record: UUID, who: Caller, subject: str = chain) -> Response:
        """One record as it stands, with its version as ETag; a withdrawn one says so."""
        access.allow(who, Action.READ, study)
        with database.reading(engine) as connection:
            found = read.history(connection, who, study, subject, form, record)[-1]
        return answers.json(found, headers={"ETag": f'"{found["version"]}"'})

    @router.get(path + "/{record}/history", summary=f"Look back: {title}", operation_id=f"history_{name}", responses=PROBLEMS)
    def look_back(engine: Database, study: StudyId, record: UUID, who: Caller, subject: str = chain) -> Response:
        """Every version that a record ever had: who, in which role, when, from what to what, why."""
        access.allow(who, Action.READ, study)
        with database.reading(engine) as connection:
            return answers.json({"history": read.history(connection, who, study, subject, form, record)})

    @router.patch(
        path + "/{record}",
        summary=f"Correct: {title}",
        operation_id=f"correct_{name}",
        openapi_extra=body_of(forms.change_form(form)),
        **written,
    )
    def correct(
        engine: Database, study: StudyId, record: UUID, act: Acting, seen: Seen, raw: Raw, subject: str = chain
    ) -> Response:
        """Correct a record: the fields sent, null clearing one, with the reason."""
        access.allow(act.actor, entering, study)
        body = forms.read(forms.change_form(form), forms.parse(raw))
        changes = {name: getattr(body, name) for name in body.model_fields_set - {"reason"}}
        why = write.because(act, body)
        done = database.attempt(engine, lambda c: write.correct(c, why, study, subject, form, record, seen, changes))
        return answers.written(done, status=200)

    @router.post(
        path + "/{record}/withdraw",
        summary=f"Withdraw: {title}",
        operation_id=f"withdraw_{name}",
        openapi_extra=body_of(forms.WithdrawForm),
        **written,
    )
    def withdraw(
        engine: Database, study: StudyId, record: UUID, act: Acting, seen: Seen, raw: Raw, subject: str = chain
    ) -> Response:
        """Withdraw a record entered in error: it stays in the trail and no longer counts."""
        access.allow(act.actor, entering, study)
        why = write.because(act, forms.read(forms.WithdrawForm, forms.parse(raw)))
        done = database.attempt(engine, lambda c: write.withdraw(c, why, study, subject, form, record, seen))
        return answers.written(done, status=200)


def _bodies(form: type[Captured], sent: Any) -> list[dict[str, Any]]:
    model = forms.entry_form(form)
    if isinstance(sent, list):
        return [forms.read(model, one, f"/{n}").model_dump() for n, one in enumerate(sent)]
    return [forms.read(model, sent).model_dump()]
