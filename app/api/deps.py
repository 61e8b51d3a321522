"""What every route takes: who asks, the engine, the raw body, the circumstances of the act, where in the ledger to read."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Header, Path, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import Engine

from app.casebook import access, cut, database, ledger
from app.casebook.access import Action
from app.casebook.forms import CODE
from app.casebook.ledger import Act, Actor, Position
from app.errors import Invalid, NotSignedIn, NoVersion, TooLarge

MOST_BYTES = 1_048_576
MOST_OF_A_STUDY = 256 * MOST_BYTES

StudyId = Annotated[str, Path(pattern=CODE, description="The study's identifier, such as KN5601-DEMO")]
SubjectId = Annotated[str, Path(pattern=CODE, description="The subject's code in the study, such as SYN-001")]

OfVisit = Annotated[str | None, Query(max_length=40, description="The name of one visit, such as M3")]

_bearer = HTTPBearer(auto_error=False, description="A personal access token: `casebook token`")


def engine(request: Request) -> Engine:
    """The engine that the application was assembled with."""
    return request.app.state.engine  # type: ignore[no-any-return]


Database = Annotated[Engine, Depends(engine)]


def signed_in(
    request: Request, database_: Database, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Actor:
    """The person behind the bearer token, known anew in every request: a revoked token ends at once."""
    if credentials is None:
        raise NotSignedIn("no_token", "Send a bearer token in the Authorization header")
    with database.reading(database_) as connection:
        who = access.actor(connection, credentials.credentials)
    request.state.who = who
    return who


Caller = Annotated[Actor, Depends(signed_in)]


def may(action: Action) -> Any:
    """
    The condition of a route: the caller's role holds the action, in a study that the caller's token opens.

    It stands before everything else that the route takes, so that who may not ask learns nothing from how it is refused.
    """

    def allowed(request: Request, who: Caller) -> None:
        access.allow(who, action, request.path_params.get("study"))

    return Depends(allowed)


async def _received(request: Request, most: int, words: str) -> bytes:
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > most:
            raise TooLarge("body_too_large", f"A body may hold {most} bytes{words}")
    return bytes(received)


async def raw_body(request: Request) -> bytes:
    """The body as it was sent, up to a megabyte."""
    return await _received(request, MOST_BYTES, "; split the panel")


Raw = Annotated[bytes, Depends(raw_body)]


async def raw_study(request: Request) -> bytes:
    """A study whole as it was sent, up to 256 megabytes."""
    return await _received(request, MOST_OF_A_STUDY, "")


RawStudy = Annotated[bytes, Depends(raw_study)]


def act(request: Request, who: Caller) -> Act:
    """The circumstances of an act that carries no key: a correction, a withdrawal, a cut."""
    return Act(who, request.state.request_id, request.app.state.settings.build)


Acting = Annotated[Act, Depends(act)]


def creating(
    request: Request,
    who: Caller,
    body: Raw,
    key: Annotated[str | None, Header(alias="Idempotency-Key", description="A new one for each creation")] = None,
) -> Act:
    """The circumstances of a creation: a retried request carries the key of the first and is answered as the first was."""
    if key is None:
        words = "A creation carries an Idempotency-Key header, so that a retry stores nothing twice"
        raise Invalid("idempotency_key_missing", words)
    if not re.fullmatch(r"[\x21-\x7e]{1,200}", key):
        raise Invalid("bad_idempotency_key", "An Idempotency-Key has 1 to 200 printable ASCII characters and no space")
    digest = ledger.digest([request.url.path, body.hex()])
    return Act(who, request.state.request_id, request.app.state.settings.build, idempotency_key=key, request_digest=digest)


Creating = Annotated[Act, Depends(creating)]


def seen_version(
    if_match: Annotated[str | None, Header(alias="If-Match", description='The ETag that was read, such as "1"')] = None,
) -> int:
    """The version that the caller saw, from If-Match: 428 where absent, 422 where it is not a version."""
    if if_match is None:
        raise NoVersion("no_version", 'A change says in If-Match which version it saw, such as "1"')
    if not (match := re.fullmatch(r'"([0-9]{1,9})"', if_match.strip())):
        raise Invalid("bad_version", f'If-Match is one version in quotes, such as "1"; sent: {if_match[:40]}')
    return int(match[1])


Seen = Annotated[int, Depends(seen_version)]


def reading_at(
    database_: Database,
    study: StudyId,
    cut_name: Annotated[str | None, Query(alias="cut", pattern=CODE, description="A data cut by its name")] = None,
    at: Annotated[
        str | None, Query(description="An instant, RFC 3339 with its offset", json_schema_extra={"format": "date-time"})
    ] = None,
) -> Position:
    """Where in the ledger to read: now, at a named cut, or at an instant."""
    if cut_name is not None and at is not None:
        raise Invalid("two_positions", "Ask for a cut or for an instant, not for both")
    if at is not None:
        return Position(instant=_instant(at))
    if cut_name is None:
        return ledger.NOW
    with database.reading(database_) as connection:
        return Position(cut.named(connection, study, cut_name)["cut_id"])


INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)?", re.ASCII)


def _instant(text: str) -> datetime:
    """An instant as RFC 3339 writes it; a plus sign that was sent unencoded in a URL has become a space."""
    try:
        if not (match := INSTANT.fullmatch(text)):
            raise ValueError(text)
        if match[2] is None:
            words = "An instant needs its offset from UTC, such as 2026-11-22T09:00:00Z (in a URL, + is written %2B)"
            raise Invalid("instant_without_offset", words)
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid("parameters_refused", "at: not an instant such as 2026-11-22T09:00:00Z") from None


At = Annotated[Position, Depends(reading_at)]


def since(
    since: Annotated[
        str | None, Query(description="An instant, RFC 3339 with its offset", json_schema_extra={"format": "date-time"})
    ] = None,
) -> datetime | None:
    """The instant from which on something is asked for; None: from the beginning."""
    return None if since is None else _instant(since)


Since = Annotated[datetime | None, Depends(since)]
