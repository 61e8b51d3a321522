"""The evaluation bench: cases in, what the rules in force say of each out. Nothing is stored."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from app.api import answers, described
from app.api.deps import Raw, may
from app.api.models import Answer, Fault
from app.casebook.access import Action
from app.evaluate import cases

router = APIRouter(tags=["evaluate"])


class Case(BaseModel):
    """A case: a system of the bench, its version where it has several, and the inputs; `expected` is not compared here."""

    id: str
    system: str
    version: str | None = None
    inputs: dict[str, Any]
    expected: dict[str, Any] | None = None


class Cases(BaseModel):
    """A file of cases."""

    format: Literal["casebook-evaluate/1"]
    cases: list[Case]


class Result(Answer):
    """What a rule says of a case; or, of a case that cannot be evaluated, what is wrong and where within the case."""

    id: str | float | None
    system: str | None = None
    rule: str | None = None
    rule_version: str | None = None
    result: dict[str, Any] | None = None
    error: Fault | None = None


class Results(Answer):
    """The results in the order of the cases."""

    format: Literal["casebook-evaluate/1"]
    results: list[Result]


@router.post(
    "/evaluate",
    summary="Evaluate cases",
    operation_id="evaluate",
    response_model=Results,
    responses=described.EVALUATING,
    openapi_extra=described.body(Cases),
    dependencies=[may(Action.READ)],
)
def evaluate(raw: Raw) -> Response:
    """Each case by the rules in force, as the command `casebook evaluate` does it; a faulty case leaves the others answered."""
    return answers.json(cases.results([cases.evaluate(case) for case in cases.read(raw)]))
