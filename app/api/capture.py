"""
The routes that every captured form has: enter, read, correct, withdraw, look back.

One factory serves all forms, because a form is data: its path, its title and its body come from its table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from app.api import answers, described, form_models
from app.api.deps import Acting, At, Caller, Creating, Database, OfVisit, Raw, Seen, StudyId, SubjectId, may
from app.casebook import database, forms, read, write
from app.casebook.access import Action
from app.tables.base import STUDY_CHAIN, Captured


def on_subject(subject: SubjectId) -> str:
    """The chain of a subject's form."""
    return subject


def on_study() -> str:
    """The chain of a form that belongs to the study as a whole."""
    return STUDY_CHAIN


def capture(router: APIRouter, form: type[Captured], entering: Action = Action.ENTER) -> None:
    """
    Give a router the six routes of a form, below the subject, or below the study where the form belongs to it.

    `entering`: what a role must hold to enter, correct or withdraw a record of it.
    """
    about, title, name = form.__form__, form.__form__.title, form.__tablename__
    below_subject = about.scope == "subject"
    path = "/studies/{study}" + ("/subjects/{subject}" if below_subject else "") + f"/{about.path}"
    chain = Depends(on_subject if below_subject else on_study)
    reading: dict[str, Any] = {"dependencies": [may(Action.READ)], "responses": described.READING}
    changing: dict[str, Any] = {"dependencies": [may(entering)], "responses": described.CHANGING}

    @router.post(
        path,
        status_code=201,
        summary=f"Enter: {title}",
        operation_id=f"enter_{name}",
        dependencies=[may(entering)],
        responses=described.CREATING,
        response_model=form_models.written(form),
        openapi_extra=described.body(forms.entry_form(form), panel=True),
    )
    def enter(engine: Database, study: StudyId, act: Creating, raw: Raw, subject: str = chain) -> Response:
        """Record one body, or an array of them: a panel under one entry."""
        bodies = _bodies(form, forms.parse(raw))
        done = database.attempt(engine, lambda connection: write.record(connection, act, study, subject, form, bodies))
        return answers.written(done, status=200 if done.repeated else 201)

    @router.get(
        path, summary=f"Read all: {title}", operation_id=f"list_{name}", response_model=form_models.records(form), **reading
    )
    def read_all(
        engine: Database, study: StudyId, who: Caller, at: At, visit: OfVisit = None, subject: str = chain
    ) -> Response:
        """The live records, now, at a cut or at an instant, of one visit where it is named."""
        with database.reading(engine) as connection:
            found = read.records(connection, who, study, subject, form, at)
        return answers.json({"records": [one for one in found if visit is None or one.get("visit") == visit]})

    @router.get(
        path + "/{record}",
        summary=f"Read one: {title}",
        operation_id=f"get_{name}",
        response_model=form_models.version(form),
        **reading,
    )
    def read_one(engine: Database, study: StudyId, record: UUID, who: Caller, subject: str = chain) -> Response:
        """One record as it stands, with its version as ETag and the entry that made it; a withdrawn one says so."""
        with database.reading(engine) as connection:
            found = read.history(connection, who, study, subject, form, record)[-1]
        return answers.json(found, headers={"ETag": f'"{found["version"]}"'})

    @router.get(
        path + "/{record}/history",
        summary=f"Look back: {title}",
        operation_id=f"history_{name}",
        response_model=form_models.history(form),
        **reading,
    )
    def look_back(engine: Database, study: StudyId, record: UUID, who: Caller, subject: str = chain) -> Response:
        """Every version that a record ever had: who, in which role, when, from what to what, why."""
        with database.reading(engine) as connection:
            return answers.json({"history": read.history(connection, who, study, subject, form, record)})

    @router.patch(
        path + "/{record}",
        summary=f"Correct: {title}",
        operation_id=f"correct_{name}",
        response_model=form_models.written(form),
        openapi_extra=described.body(forms.change_form(form)),
        **changing,
    )
    def correct(
        engine: Database, study: StudyId, record: UUID, act: Acting, seen: Seen, raw: Raw, subject: str = chain
    ) -> Response:
        """Correct a record: the fields sent, null clearing one, with the reason."""
        body = forms.read(forms.change_form(form), forms.parse(raw))
        changes = {name: getattr(body, name) for name in body.model_fields_set - {"reason"}}
        why = write.because(act, body)
        done = database.attempt(engine, lambda c: write.correct(c, why, study, subject, form, record, seen, changes))
        return answers.written(done, status=200)

    @router.post(
        path + "/{record}/withdraw",
        summary=f"Withdraw: {title}",
        operation_id=f"withdraw_{name}",
        response_model=form_models.written(form),
        openapi_extra=described.body(forms.WithdrawForm),
        **changing,
    )
    def withdraw(
        engine: Database, study: StudyId, record: UUID, act: Acting, seen: Seen, raw: Raw, subject: str = chain
    ) -> Response:
        """Withdraw a record entered in error: it stays in the trail and no longer counts."""
        why = write.because(act, forms.read(forms.WithdrawForm, forms.parse(raw)))
        done = database.attempt(engine, lambda c: write.withdraw(c, why, study, subject, form, record, seen))
        return answers.written(done, status=200)


def _bodies(form: type[Captured], sent: Any) -> Mapping[str, dict[str, Any]]:
    """Each body by where it stands in what was sent; a refusal names what is wrong in the first that is not right."""
    model, bodies = forms.entry_form(form), {}
    for at, one in ({f"/{n}": one for n, one in enumerate(sent)} if isinstance(sent, list) else {"": sent}).items():
        with forms.within(at):
            bodies[at] = forms.read(model, one).model_dump()
    return bodies
