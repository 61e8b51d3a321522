"""Records as plain rows, for programs that read tables: flat, long, the trail, and what changed between two cuts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from sqlalchemy import Connection

from app.api import answers, described
from app.api.deps import At, Caller, Database, OfVisit, Since, StudyId, may
from app.casebook import database, listing
from app.casebook.access import Action
from app.casebook.exports import difference
from app.casebook.forms import CODE
from app.casebook.history import Change, Record
from app.casebook.listing import Asked, Listing

router = APIRouter(prefix="/studies/{study}", tags=["records"])
Format = Annotated[Literal["csv", "json"], Query(description="CSV with a header, or JSON: an array of objects")]
Names = Annotated[list[str] | None, Query(max_length=40, description="Repeat for more; without it, all")]
Name = Annotated[str | None, Query(max_length=100)]
CutName = Annotated[str, Path(pattern=CODE, description="A data cut by its name")]
MEDIA = {"csv": "text/csv", "json": "application/json"}
SHAPES: dict[str, Any] = {
    "text/csv": {"schema": {"type": "string"}},
    "application/json": {
        "schema": {"type": "array", "items": {"type": "object", "additionalProperties": {"type": ["string", "null"]}}}
    },
}
TOLD: dict[int | str, Any] = {200: {"content": SHAPES, "description": "The rows, as CSV or as JSON"}}


def route(action: Action) -> dict[str, Any]:
    """What the routes of this room have in common."""
    return {"response_class": Response, "dependencies": [may(action)], "responses": described.READING | TOLD}


def asked(at: At, since: Since, subject: Names = None, form: Names = None, visit: OfVisit = None) -> Asked:
    """Which records are asked for, by the parameters that all listings have."""
    return Asked(at, frozenset(subject or ()), listing.named_forms(form or ()), visit, since)


OfRecords = Annotated[Asked, Depends(asked)]


def _told(engine: Database, made: Callable[[Connection], Listing], kind: Literal["csv", "json"], name: str) -> Response:
    """A listing as a file: whole, or refused before a byte of it leaves."""
    with answers.download(f"{name}.{kind}", MEDIA[kind]) as (path, answer), database.reading(engine) as connection:
        made(connection).write(path, kind)
    return answer


@router.get("/records/flat", summary="Records, one a row", **route(Action.EXPORT))
def get_flat(engine: Database, study: StudyId, who: Caller, asked: OfRecords, format: Format = "json") -> Response:  # noqa: A002
    """Flat records: one row a record of a form at a visit, one column a field; as they stand, at a cut or at an instant."""
    return _told(engine, lambda connection: listing.flat(connection, who, study, asked), format, f"{study}-flat")


@router.get("/records/long", summary="Records, one value a row", **route(Action.EXPORT))
def get_long(engine: Database, study: StudyId, who: Caller, asked: OfRecords, format: Format = "json") -> Response:  # noqa: A002
    """Long records: one row a value, with its record, event, form, instance and field."""
    return _told(engine, lambda connection: listing.long(connection, who, study, asked), format, f"{study}-long")


@router.get("/trail", summary="The trail of values", **route(Action.READ))
def get_values_trail(
    engine: Database,
    study: StudyId,
    who: Caller,
    asked: OfRecords,
    field: Name = None,
    actor: Name = None,
    act: Name = None,
    reason: Name = None,
    format: Format = "json",  # noqa: A002
) -> Response:
    """Every change of every value, who, when (UTC), from what, to what and why, of some subjects, forms, fields or persons."""

    def wanted(_: Record, change: Change) -> bool:
        entry = change.by.entry
        told = {"actor": actor, "act": act, "reason_code": reason}
        same = all(value is None or entry[name] == value for name, value in told.items())
        return same and field in (None, change.field) and (asked.since is None or entry["at"] >= asked.since)

    return _told(engine, lambda connection: listing.trail(connection, who, study, asked, wanted), format, f"{study}-trail")


@router.get("/cuts/{first}/diff/{second}", summary="What changed between two cuts", **route(Action.EXPORT))
def get_difference(
    engine: Database,
    study: StudyId,
    first: CutName,
    second: CutName,
    who: Caller,
    format: Format = "json",  # noqa: A002
) -> Response:
    """What changed from one cut to a later one: by subject, domain and variable, old, new, who, when and why."""
    name = f"{study}-{first}-{second}"
    return _told(engine, lambda connection: difference.between(connection, who, study, first, second), format, name)
