"""
A client of the service: HTTP, a token, and nothing else. A real server or the application in process, it is the same.

`Client(httpx2.Client(base_url=...), token)` speaks to a server, `Client(TestClient(app), token)` to the application itself.
Creations carry an Idempotency-Key made from what is created, so that an interrupted load can be started again.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2

API = "/api/v1"
Body = dict[str, Any]
EACH = 0.2
"""Seconds between two questions about a job."""


class Refused(Exception):
    """The service refused a request; the message is its own, with the request that it refused."""

    def __init__(self, answer: httpx2.Response) -> None:
        self.status = answer.status_code
        self.problem: Body = answer.json() if "json" in answer.headers.get("content-type", "") else {"detail": answer.text}
        self.code = str(self.problem.get("code", ""))
        super().__init__(f"{answer.request.method} {answer.request.url.path}: {self.status} {self.problem.get('detail')}")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a value is changed: a code of the study's list, and words."""

    code: str
    text: str | None = None

    def said(self) -> Body:
        """The reason as a body gives it."""
        return {"code": self.code} | ({"text": self.text} if self.text else {})


@dataclass(frozen=True, slots=True)
class Client:
    """One person's way into the service. Every method raises Refused where the service does not do what it was asked."""

    http: httpx2.Client
    token: str

    def publish_study(self, document: str) -> Body:
        """Publish a version of a study document (TOML)."""
        return self._publish("/studies", document)

    def publish_instrument(self, study: str, document: str) -> Body:
        """Publish a version of an instrument document (TOML) in a study."""
        return self._publish(f"/studies/{study}/instruments", document)

    def register(self, study: str, subject: str, siteid: str) -> Body:
        """Register a subject under its one code."""
        return self._create(f"/studies/{study}/subjects", {"subject_id": subject, "siteid": siteid})

    def add_lot(self, study: str, lot: Body) -> Body:
        """Enter a lot of the study product."""
        return self._create(f"/studies/{study}/lots", lot)

    def decide(self, study: str, decision: Body) -> Body:
        """Record a decision of the safety review committee on a dose level."""
        return self._create(f"/studies/{study}/decisions", decision)

    def sign(self, study: str, path: str, record: Body, meaning: str = "APPROVAL") -> Body:
        """Sign a record of the study at the version in which the caller holds it; its signatures."""
        content = json.dumps({"meaning": meaning}).encode()
        headers = {"Content-Type": "application/json", "If-Match": f'"{record["version"]}"'}
        return self._send("POST", f"/studies/{study}/{path}/{record['record_id']}/signatures", content, headers)

    def enter(self, study: str, subject: str, path: str, body: Body | list[Body]) -> Body:
        """Enter one form of a subject, or a panel of one form; the answer holds entry, records, moved verdicts and queries."""
        return self._create(f"/studies/{study}/subjects/{subject}/{path}", body)

    def correct(self, study: str, subject: str, path: str, record: Body, changes: Body, why: Reason) -> Body:
        """Correct fields of a record at the version in which the caller holds it."""
        where = f"/studies/{study}/subjects/{subject}/{path}/{record['record_id']}"
        return self._change("PATCH", where, record, why, changes)

    def withdraw(self, study: str, subject: str, path: str, record: Body, why: Reason) -> Body:
        """Withdraw a record that was entered in error."""
        where = f"/studies/{study}/subjects/{subject}/{path}/{record['record_id']}/withdraw"
        return self._change("POST", where, record, why, {})

    def cut(self, study: str, name: str) -> Body:
        """Take a named data cut."""
        return self._create(f"/studies/{study}/cuts", {"name": name})

    def cuts(self, study: str) -> list[Body]:
        """The data cuts of a study, oldest first."""
        return self._list(f"/studies/{study}/cuts")

    def escalation(self, study: str) -> Body:
        """The dose levels of a study as they stand."""
        return self._send("GET", f"/studies/{study}/escalation", b"", {})

    def studies(self) -> list[Body]:
        """Every study that the caller may see."""
        return self._list("/studies")

    def subjects(self, study: str) -> list[Body]:
        """Every subject of a study that the caller may see."""
        return self._list(f"/studies/{study}/subjects")

    def records(self, study: str, subject: str, path: str) -> list[Body]:
        """A subject's records of one form as they stand."""
        return self._list(f"/studies/{study}/subjects/{subject}/{path}")

    def verdicts(self, study: str, subject: str) -> list[Body]:
        """What the rules say of a subject, newest version of each verdict."""
        return self._list(f"/studies/{study}/subjects/{subject}/verdicts")

    def verdict(self, study: str, subject: str, verdict_id: str) -> Body:
        """One verdict with its criteria and the records that it rests on."""
        return self._send("GET", f"/studies/{study}/subjects/{subject}/verdicts/{verdict_id}", b"", {})

    def rows(self, study: str, shape: str, format: str, **asked: str | list[str] | None) -> bytes:  # noqa: A002
        """Records as plain rows, `flat` or `long`, as CSV or JSON; `asked`: the filters of the route, such as cut or visit."""
        said = httpx2.QueryParams({name: value for name, value in ({"format": format} | asked).items() if value})
        return self._ask("GET", f"/studies/{study}/records/{shape}?{said}", b"", {}).content

    def odm(self, study: str, cut: str | None = None) -> bytes:
        """The archive of a study in ODM, now or at a cut."""
        return self._ask("GET", f"/studies/{study}/odm" + (f"?cut={cut}" if cut else ""), b"", {}).content

    def import_odm(self, study: str, archive: bytes) -> Body:
        """Import an archive in ODM into an empty study; what was done, counted."""
        return self._send("POST", f"/studies/{study}/odm", archive, {"Content-Type": "application/xml"})

    def ask_export(self, study: str, cut: str, *, ndjson: bool = False) -> Body:
        """Ask for the package of a cut, SDTM and ADaM: the job that makes it. A new one each time."""
        return self._create(f"/studies/{study}/exports", {"cut": cut, "ndjson": ndjson}, key=uuid4().hex)

    def exports(self, study: str) -> list[Body]:
        """The exports of a study, oldest first."""
        return self._list(f"/studies/{study}/exports")

    def follow(self, job: Body, told: Callable[[Body], None] = lambda job: None) -> Body:
        """A job once it has ended; `told` hears of it as it stands each time it is asked about."""
        while True:
            job = self._send("GET", self._place(job), b"", {})
            told(job)
            if job["state"] not in ("queued", "running"):
                return job
            time.sleep(EACH)

    def cancel(self, job: Body, why: Reason) -> Body:
        """Cancel a job that waits or runs."""
        content = json.dumps({"reason": why.said()}).encode()
        return self._send("POST", f"{self._place(job)}/cancel", content, {"Content-Type": "application/json"})

    def package(self, job: Body) -> bytes:
        """The package of a job that is done, as a zip."""
        return self._ask("GET", f"{self._place(job)}/package", b"", {}).content

    @staticmethod
    def _place(job: Body) -> str:
        return f"/studies/{job['study_id']}/exports/{job['job_id']}"

    def _publish(self, path: str, document: str) -> Body:
        return self._send("POST", path, document.encode(), {"Content-Type": "application/toml"})

    def _create(self, path: str, body: Body | list[Body], key: str | None = None) -> Body:
        content = json.dumps(body, sort_keys=True).encode()
        key = key or hashlib.sha256(path.encode() + b"\0" + content).hexdigest()
        return self._send("POST", path, content, {"Content-Type": "application/json", "Idempotency-Key": key})

    def _change(self, method: str, path: str, record: Body, why: Reason, changes: Body) -> Body:
        content = json.dumps(changes | {"reason": why.said()}, sort_keys=True).encode()
        return self._send(method, path, content, {"Content-Type": "application/json", "If-Match": f'"{record["version"]}"'})

    def _list(self, path: str) -> list[Body]:
        (found,) = self._send("GET", path, b"", {}).values()
        return list(found)

    def _send(self, method: str, path: str, content: bytes, headers: Mapping[str, str]) -> Body:
        told: Body = self._ask(method, path, content, headers).json()
        return told

    def _ask(self, method: str, path: str, content: bytes, headers: Mapping[str, str]) -> httpx2.Response:
        answer = self.http.request(
            method, API + path, content=content, headers={"Authorization": f"Bearer {self.token}", **headers}
        )
        if answer.is_error:
            raise Refused(answer)
        return answer
