"""What the answers about a form look like, made from its table: its record, its versions, the answer to a write."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from pydantic import Field, create_model

from app.api.models import Answer, Change, Followed, Identity, MadeBy
from app.tables.base import Captured, fields
from app.tables.base import Field as CapturedField

Kind = TypeVar("Kind", bound=Answer)


def _shape(field: CapturedField) -> Any:
    """How a captured value leaves: numbers as text with the digits entered, lists as lists, nothing recorded as null."""
    shapes: dict[str, Any] = {"whole": int, "codes": list[str], "answers": dict[str, Any]}
    return shapes.get(field.kind, str) | None


def _keys(form: type[Captured]) -> dict[str, Any]:
    visit = {} if form.__form__.visit == "never" else {"visit": (str | None, Field(title="Visit Name"))}
    return visit | {name: (_shape(field), Field(title=field.label)) for name, field in fields(form).items()}


@cache
def record(form: type[Captured]) -> type[Identity]:
    """A record of a form as it stands."""
    return create_model(f"{form.__name__}Record", __base__=Identity, __doc__=form.__doc__, **_keys(form))


@cache
def records(form: type[Captured]) -> type[Answer]:
    """The live records of a form."""
    words = f"The live records: {form.__form__.title}."
    return _made(f"{form.__name__}Records", Answer, words, records=list[record(form)])  # type: ignore[misc]


@cache
def version(form: type[Captured]) -> type[Identity]:
    """A version of a record of a form, with its entry and what it changed."""
    words = f"One version: {form.__form__.title}."
    return _made(f"{form.__name__}Version", record(form), words, entry=MadeBy, changed=dict[str, Change])


@cache
def history(form: type[Captured]) -> type[Answer]:
    """Every version of a record of a form, oldest first."""
    words = f"Every version, oldest first: {form.__form__.title}."
    return _made(f"{form.__name__}History", Answer, words, history=list[version(form)])  # type: ignore[misc]


@cache
def written(form: type[Captured]) -> type[Followed]:
    """The answer to a write of a form: its entry, the records as they now stand, what moved, what is asked."""
    words = "The entry, the records as they now stand, the verdicts that moved, the queries that opened or closed."
    return _made(f"{form.__name__}Written", Followed, words, records=list[record(form)])  # type: ignore[misc]


def _made(name: str, base: type[Kind], words: str, **keys: Any) -> type[Kind]:
    given: dict[str, Any] = {key: (kind, ...) for key, kind in keys.items()}
    return create_model(name, __base__=base, __doc__=words, **given)
