"""How an answer leaves: JSON with decimals as text, a write with its ETag, a refusal as a problem document."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
from fastapi import Response
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from app.casebook.settle import Asked, Moved
from app.casebook.write import Written
from app.errors import Problem

PROBLEM = "application/problem+json"


def _encode(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} does not leave as JSON")


def json(content: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer: decimals as text with their digits, instants in RFC 3339 with offset."""
    return Response(orjson.dumps(content, default=_encode), status, dict(headers or {}), "application/json")


def problem(refused: Problem, **about: Any) -> Response:
    """A refusal as a problem document, with what it is about beside its own members."""
    headers = {"WWW-Authenticate": "Bearer"} if refused.status == 401 else {}
    return Response(orjson.dumps({**refused.as_json(), **about}, default=_encode), refused.status, headers, PROBLEM)


@contextmanager
def download(name: str, media: str) -> Iterator[tuple[Path, Response]]:
    """A file to be written inside, and the answer that sends it and removes it; nothing is sent where writing it failed."""
    folder = tempfile.TemporaryDirectory(prefix="casebook-")
    path = Path(folder.name) / name
    answer = FileResponse(path, filename=name, media_type=media, background=BackgroundTask(folder.cleanup))
    try:
        yield path, answer
    except BaseException:
        folder.cleanup()
        raise


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
