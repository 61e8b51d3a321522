"""What a site does in these tests: consent, eligibility, a form sent as raw bytes; and what it is told when it is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import Engine, func, select

from app.casebook import links
from app.casebook.database import reading
from app.casebook.ledger import ENTRY
from app.tables import CAPTURED
from app.tables.base import Captured
from seed.client import API, Body
from seed.load import DEMO
from tests.casebook import build
from tests.casebook.build import Service

BODIES: dict[str, list[Body]] = json.loads((Path(__file__).parent / "bodies.json").read_text(encoding="utf-8"))
"""Plausible bodies of every form, by the form's path."""
FORMS = {form.__form__.path: form for form in CAPTURED.values()}
CONSENT = {
    "dscat": "PROTOCOL MILESTONE",
    "dsdecod": "INFORMED CONSENT OBTAINED",
    "dsterm": "Informed consent",
    "dsstdtc": "2025-02-10",
    "dsicver": "2.0",
    "dssigner": "PARENT",
}


def where(path: str, subject: str, study: str = DEMO) -> str:
    """The place of a form: below the subject, or below the study where the form belongs to it."""
    below_subject = FORMS[path].__form__.scope == "subject"
    return f"{API}/studies/{study}" + (f"/subjects/{subject}" if below_subject else "") + f"/{path}"


def writer(service: Service, form: type[Captured]) -> str:
    """The token of who enters a form."""
    return service.site.token if form.__form__.scope == "subject" else service.sponsor.token


def post(service: Service, path: str, subject: str, body: Any, study: str = DEMO, **headers: str) -> httpx2.Response:
    """One form sent, a Python value or raw bytes, under a key of its own."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"Authorization": f"Bearer {writer(service, FORMS[path])}", "Idempotency-Key": build.key(), **headers}
    return service.http.post(where(path, subject, study), content=raw, headers=sent)


def enter(service: Service, path: str, subject: str, body: Any, study: str = DEMO) -> Body:
    """One form that is accepted; the answer."""
    answer = post(service, path, subject, body, study)
    assert answer.status_code == 201, answer.text
    told: Body = answer.json()
    return told


def enter_what_it_names(service: Service, path: str, subject: str, body: Body) -> None:
    """Enter the records that a body names, where they do not stand yet."""
    for name, form in links.of(FORMS[path]).items():
        below, named = form.__form__.path, str(form.__form__.named)
        standing = {record[named] for record in service.get(where(below, subject).removeprefix("/api/v1"))["records"]}
        if body.get(name) and body[name] not in standing:
            enter(service, below, subject, BODIES[below][0] | {named: body[name]})


def patch(service: Service, path: str, subject: str, record: Body, changes: Any) -> httpx2.Response:
    """A correction sent, with its reason."""
    headers = {"Authorization": f"Bearer {writer(service, FORMS[path])}", "If-Match": f'"{record["version"]}"'}
    body = {"reason": {"code": "TRANSCRIPTION"}, **changes}
    return service.http.patch(f"{where(path, subject)}/{record['record_id']}", json=body, headers=headers)


def confirm(service: Service, subject: str) -> None:
    """Every criterion answered and met."""
    criteria = service.get(f"/studies/{DEMO}")["document"]["criteria"]
    met = {"INCLUSION": "Y", "EXCLUSION": "N"}
    enter(service, "eligibility", subject, [{"ietestcd": c["ietestcd"], "ieorres": met[c["iecat"]]} for c in criteria])


def stored(engine: Engine) -> int:
    """How many entries the ledger holds."""
    with reading(engine) as connection:
        return connection.scalar(select(func.count()).select_from(ENTRY)) or 0


@contextmanager
def nothing_stored(service: Service) -> Iterator[None]:
    """What happens inside leaves the ledger as it was."""
    before = stored(service.engine)
    yield
    assert stored(service.engine) == before


def problem(answer: httpx2.Response, status: int, code: str | None = None) -> Body:
    """A refusal, checked for what every refusal has."""
    told: Body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    assert (answer.status_code, told["status"]) == (status, status), answer.text
    assert {"type", "title", "status", "code", "detail", "instance", "request_id"} <= told.keys()
    assert told["request_id"] == answer.headers["x-request-id"]
    assert code is None or told["code"] == code, answer.text
    return told


def faults(answer: httpx2.Response) -> dict[str, str]:
    """The codes of a refusal by the places that they point to."""
    return {fault["pointer"]: fault["code"] for fault in answer.json().get("errors", [])}


def at(body: Any, pointer: str) -> Any:
    """What an RFC 6901 pointer points to; KeyError or IndexError where that is nothing."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        body = body[int(key)] if isinstance(body, list) else body[key]
    return body
