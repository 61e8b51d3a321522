"""What a route gives: JSON as it leaves, and the models that document it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson
from fastapi import Response
from pydantic import BaseModel

from app.casebook.settle import Asked, Moved
from app.casebook.write import Written


class EntryAnswer(BaseModel):
    """The ledger entry of an act."""

    chain_no: int
    entry_id: str
    at: str
    hash: str


class MovedAnswer(BaseModel):
    """A verdict that the act moved: from what, to what, and which criteria changed their answer."""

    verdict_id: str
    rule: str
    about: str
    before: str | None
    after: str
    amount_before: str | None
    amount_after: str | None
    criteria: dict[str, list[bool | None]]


class QueryAnswer(BaseModel):
    """A query that the act opened or closed."""

    query_id: str
    state: str
    rule: str
    text: str
    record_id: str | None
    field: str | None


class WrittenAnswer(BaseModel):
    """The answer to a write: its entry, the records as they now stand, what moved, what is asked."""

    entry: EntryAnswer
    records: list[dict[str, Any]]
    moved: list[MovedAnswer]
    queries: list[QueryAnswer]


class ProblemAnswer(BaseModel):
    """A refusal (RFC 9457): nothing was stored."""

    type: str
    title: str
    status: int
    code: str
    detail: str


def _encode(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} does not leave as JSON")


def json(content: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer: decimals as text with their digits, instants in RFC 3339 with offset."""
    return Response(orjson.dumps(content, default=_encode), status, dict(headers or {}), "application/json")


def written(done: Written, *, status: int) -> Response:
    """The answer to a write, with the version of a single record as its ETag."""
    headers = {"ETag": f'"{done.records[0]["version"]}"'} if len(done.records) == 1 and "version" in done.records[0] else {}
    if done.repeated:
        headers["Idempotent-Replay"] = "true"
    head = done.entry.head
    entry = {"chain_no": head.chain_no, "entry_id": done.entry.entry_id, "at": done.entry.at, "hash": head.hash}
    content = {
        "entry": entry,
        "records": done.records,
        "moved": [_moved(one) for one in done.settled.moved],
        "queries": [_asked(one) for one in done.settled.queries],
    }
    return json(content, status=status, headers=headers)


def _moved(one: Moved) -> dict[str, Any]:
    names = ("verdict_id", "rule", "about", "before", "after", "amount_before", "amount_after")
    return {name: getattr(one, name) for name in names} | {"criteria": dict(one.criteria)}


def _asked(one: Asked) -> dict[str, Any]:
    return {name: getattr(one, name) for name in ("query_id", "state", "rule", "text", "record_id", "field")}
