"""Around every request: its id, one line in the log, and refusals as problem documents."""

from __future__ import annotations

import re
import time

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, OperationalError
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils.compat import uuid7

from app.api import answers
from app.casebook import forms
from app.casebook.database import is_conflict
from app.errors import Conflict, Invalid, NotFound, NotReady, NotSupported, Problem

log = structlog.get_logger("casebook")
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class Traced:
    """Gives each request an id (the client's, where it sends a sound one), returns it, and logs the request when it ends."""

    def __init__(self, app: ASGIApp, build: str) -> None:
        self.app, self.build = app, build

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        sent = Headers(scope=scope).get("x-request-id", "")
        request_id = sent if REQUEST_ID.fullmatch(sent) else str(uuid7())
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        began, status = time.perf_counter(), 500

        async def answered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"], headers["Api-Build"] = request_id, self.build
            await send(message)

        try:
            await self.app(scope, receive, answered)
        finally:
            who = {"person": state["who"].person, "role": state["who"].role} if "who" in state else {}
            ms = round((time.perf_counter() - began) * 1000, 1)
            log.info("request", id=request_id, method=scope["method"], path=scope["path"], status=status, ms=ms, **who)


def _answer(request: Request, problem: Problem) -> Response:
    about = {key: request.path_params[key] for key in ("study", "subject", "record") if key in request.path_params}
    return answers.problem(problem, **about, instance=request.url.path, request_id=request.state.request_id)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return _answer(request, error)


def _parameters_refused(request: Request, error: Exception) -> Response:
    """What stands in the path, the query or a header is not what the route takes; a path that fits nothing is not found."""
    assert isinstance(error, RequestValidationError)
    if any(e["loc"][0] == "path" for e in error.errors()):
        return _nothing_at(request)
    said = "; ".join(f"{each['loc'][-1]} {forms.in_words(each)}" for each in error.errors())
    return _answer(request, Invalid("parameters_refused", said))


def _nothing_at(request: Request) -> Response:
    return _answer(request, NotFound("not_found", f"There is nothing at {request.url.path[:200]}"))


def _http(request: Request, error: Exception) -> Response:
    """What the framework refuses by itself: an unknown path, a method that a path does not have."""
    assert isinstance(error, HTTPException)
    if error.status_code != 405:
        return _nothing_at(request)
    refused = _answer(request, NotSupported("method_not_supported", f"{request.url.path} does not take {request.method}"))
    refused.headers.update(error.headers or {})
    return refused


def _database(request: Request, error: Exception) -> Response:
    """Another writer was first, twice; or the database does not answer; anything else is a fault of ours."""
    assert isinstance(error, DBAPIError)
    if is_conflict(error):
        log.warning("database refused", error=str(error.orig))
        return _answer(request, Conflict("try_again", "Others are writing this casebook; nothing was stored, try again"))
    if isinstance(error, OperationalError):
        log.error("database unreachable", error=str(error.orig))
        return _answer(request, NotReady("database_unreachable", "The database does not answer; try again later"))
    return _broken(request, error)


def _broken(request: Request, error: Exception) -> Response:
    """A fault of ours: it is logged with its trace, and the client is told no more than its request's id."""
    log.error("unhandled", id=request.state.request_id, exc_info=error)
    words = "The service failed; nothing was stored. Tell the sponsor the request_id"
    broken = _answer(request, Problem("internal_error", words))
    broken.headers["X-Request-Id"] = request.state.request_id
    return broken


def trace(app: FastAPI) -> None:
    """Give an application the request ids, the log line, and problem documents for every refusal."""
    app.add_middleware(Traced, build=app.state.settings.build)
    app.add_exception_handler(Problem, _refused)
    app.add_exception_handler(RequestValidationError, _parameters_refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(Exception, _broken)
