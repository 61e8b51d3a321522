"""Exports as jobs: asked for, followed, cancelled, fetched, each act in the ledger (A10, F4, F5)."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import httpx2
import pytest

from app.casebook import database, verify
from app.casebook.access import Role
from app.casebook.exports import export
from cdisc import package
from cdisc.findings import Finding, Refused
from seed import client
from seed.client import API, Body, Reason
from tests.api import site
from tests.casebook import build
from tests.casebook.build import DEMO, Service

CUT = "C1"
WHY = Reason("OTHER", "The wrong cut was named")


@pytest.fixture(scope="module")
def cut(service: Service, enrolled: str) -> str:
    """A cut with one subject in it."""
    assert enrolled
    service.sponsor.cut(DEMO, CUT)
    return CUT


@pytest.fixture(scope="module")
def exported(service: Service, cut: str) -> Body:
    """An export of it that is done."""
    return service.sponsor.follow(service.sponsor.ask_export(DEMO, cut))


def send(service: Service, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
    """What the data manager is answered, refusals too."""
    named = {"Authorization": f"Bearer {service.sponsor.token}"} | headers
    return service.http.request(method, f"{API}/studies/{DEMO}/exports{path}", json=body, headers=named)


def entries(service: Service, job: Body) -> list[tuple[str, str, str | None]]:
    """What the ledger keeps of a job: state, who, why."""
    with database.reading(service.engine) as connection:
        rows = connection.exec_driver_sql(
            "SELECT state, actor, reason FROM export JOIN entry USING (study_id, subject_id, chain_no) "
            f"WHERE job_id = '{job['job_id'] if connection.dialect.name == 'postgresql' else job['job_id'].replace('-', '')}' "
            "ORDER BY version"
        )
        return [tuple(row) for row in rows]


@contextmanager
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Event, Event]]:
    """Hold every export when its first block is through: one event tells that one is there, one lets it go."""
    there, go = Event(), Event()

    def slowly(blocks: Any, trial: Any, out: Any, *, progress: package.Progress, **how: Any) -> package.Manifest:
        def told(words: str, done: int, total: int | None) -> None:
            progress(words, done, total)
            there.set()
            assert go.wait(20)

        return package.build(blocks, trial, out, progress=told, **how)

    with monkeypatch.context() as patch:
        patch.setattr(export, "package", type("Slow", (), {"build": staticmethod(slowly), "Manifest": package.Manifest}))
        yield there, go
    go.set()


def test_an_export_is_a_job_whose_package_is_the_one_its_manifest_says(service: Service, cut: str) -> None:
    """F4, F5: its digest and that of each file, of which cut, by whom, when, by which build."""
    asked = send(service, "POST", "", {"cut": cut}, **{"Idempotency-Key": build.key()})
    job = service.sponsor.follow(asked.json())
    zipped = service.sponsor.package(job)

    assert (202, "queued") == (asked.status_code, asked.json()["state"])
    assert f"{API}/studies/{DEMO}/exports/{job['job_id']}" == asked.headers["location"]
    assert ("done", cut, "a data_manager") == (job["state"], job["cut"], job["asked"]["actor"])
    assert (hashlib.sha256(zipped).hexdigest(), len(zipped)) == (job["sha256"], job["size"])
    with zipfile.ZipFile(io.BytesIO(zipped)) as files:
        assert job["manifest"] == json.loads(files.read("manifest.json"))
        for file in job["manifest"]["files"]:
            assert hashlib.sha256(files.read(file["path"])).hexdigest() == file["sha256"]
    assert job["build"] == job["manifest"]["build"]
    assert job["progress"]["done"] == job["progress"]["total"] == len(job["manifest"]["files"]) + 1


def test_that_it_was_asked_for_and_what_came_of_it_are_in_the_ledger(service: Service, exported: Body) -> None:
    """A9, A10: by whom it was asked, and the system's own act that follows from it; the chain fits."""
    (asked, done) = entries(service, exported)
    assert ("asked", "a data_manager", None) == asked
    assert ("done", "casebook") == done[:2]
    assert str(done[2]).startswith("follows from entry ")
    assert exported in service.sponsor.exports(DEMO)
    with database.reading(service.engine) as connection:
        assert isinstance(verify.verify(connection, DEMO), verify.Checked)


def test_asked_twice_under_one_key_it_is_one_job(service: Service, cut: str) -> None:
    key, count = build.key(), len(service.sponsor.exports(DEMO))
    first, again = (send(service, "POST", "", {"cut": cut}, **{"Idempotency-Key": key}) for _ in range(2))
    other = send(service, "POST", "", {"cut": cut, "ndjson": True}, **{"Idempotency-Key": key})

    assert first.json()["job_id"] == again.json()["job_id"]
    assert "true" == again.headers["idempotent-replay"]
    assert count + 1 == len(service.sponsor.exports(DEMO))
    site.problem(other, 422, "idempotency_key_reused")
    site.problem(send(service, "POST", "", {"cut": cut}), 422, "idempotency_key_missing")


def test_the_same_cut_exported_twice_is_the_same_bytes(service: Service, cut: str, exported: Body) -> None:
    """F4."""
    jobs = [exported, service.sponsor.follow(service.sponsor.ask_export(DEMO, cut))]
    lines = service.sponsor.follow(service.sponsor.ask_export(DEMO, cut, ndjson=True))

    assert jobs[0]["sha256"] == jobs[1]["sha256"] != lines["sha256"]
    assert service.sponsor.package(jobs[0]) == service.sponsor.package(jobs[1])
    assert any(file["path"].endswith(".ndjson") for file in lines["manifest"]["files"])


def test_a_cut_that_does_not_stand_is_not_exported(service: Service) -> None:
    with site.nothing_stored(service):
        answer = send(service, "POST", "", {"cut": "C9"}, **{"Idempotency-Key": build.key()})

    site.problem(answer, 404, "no_such_cut")
    site.problem(send(service, "GET", "/01890a5d-ac96-774b-bcce-b302099a8057"), 404, "no_such_export")


def test_what_the_gate_refuses_is_a_job_that_failed_with_its_findings(
    service: Service, cut: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is kept of it but that it failed, and why; there is no package to fetch."""

    def refuse(*_: Any, **__: Any) -> package.Manifest:
        raise Refused([Finding("AE", 3, "AESEV", "not_in_codelist", "SEVERE INDEED is not a term of AESEV", count=2)])

    with monkeypatch.context() as patch:
        patch.setattr("cdisc.package.gathered", refuse)
        job = service.sponsor.follow(service.sponsor.ask_export(DEMO, cut))

    assert ("failed", "gate_refused", None) == (job["state"], job["fault"]["code"], job["sha256"])
    words = "SEVERE INDEED is not a term of AESEV (and 1 more)"
    assert [{"pointer": "/AE/3/AESEV", "code": "not_in_codelist", "detail": words}] == job["fault"]["errors"]
    assert ["asked", "failed"] == [state for state, *_ in entries(service, job)]
    told = site.problem(send(service, "GET", f"/{job['job_id']}/package"), 409, "export_not_done")
    assert "failed" == told["state"]


@pytest.mark.parametrize("where", ["cdisc.package.gathered", "pyarrow.array"], ids=["making the package", "reading a table"])
def test_a_fault_of_ours_is_a_job_that_failed_without_the_houses_secrets(
    service: Service, cut: str, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker goes on with the next, wherever it was."""

    def fail(*_: Any, **__: Any) -> package.Manifest:
        raise RuntimeError("the password is swordfish")

    with monkeypatch.context() as patch:
        patch.setattr(where, fail)
        job = service.sponsor.follow(service.sponsor.ask_export(DEMO, cut))

    assert ("failed", "internal_error") == (job["state"], job["fault"]["code"])
    assert "swordfish" not in str(job)
    assert "done" == service.sponsor.follow(service.sponsor.ask_export(DEMO, cut))["state"]


def test_a_job_that_runs_is_followed_and_has_no_package_yet(
    service: Service, cut: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with held(monkeypatch) as (there, go):
        job = service.sponsor.ask_export(DEMO, cut)
        assert there.wait(20)
        seen: list[Body] = []

        def told(job: Body) -> None:
            seen.append(job)
            if job["progress"]["words"] == "subjects":
                site.problem(send(service, "GET", f"/{job['job_id']}/package"), 409, "export_not_done")
                go.set()

        assert "done" == service.sponsor.follow(job, told)["state"]

    assert ("running", {"words": "subjects", "done": 1, "total": None}) in [(one["state"], one["progress"]) for one in seen]


def test_a_job_is_cancelled_with_a_reason_while_it_runs_and_while_it_waits(
    service: Service, cut: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A10: who and why; the worker stops, nothing comes of it, and the next job is done."""
    with held(monkeypatch) as (there, go):
        running, waiting = (service.sponsor.ask_export(DEMO, cut) for _ in range(2))
        assert there.wait(20)
        states = [service.sponsor.cancel(job, WHY)["state"] for job in (waiting, running)]
        go.set()

    after = service.sponsor.follow(service.sponsor.ask_export(DEMO, cut))
    assert ["cancelled", "cancelled", "done"] == [*states, after["state"]]
    for job in (running, waiting):
        told = service.sponsor.follow(job)
        assert ("cancelled", None, "a data_manager") == (told["state"], told["sha256"], told["ended"]["actor"])
        assert ("OTHER", WHY.text) == (told["ended"]["reason_code"], told["ended"]["reason"])
        assert ["asked", "cancelled"] == [state for state, *_ in entries(service, job)]


def test_what_has_ended_is_not_cancelled_and_a_reason_is_one_of_the_study(service: Service, exported: Body) -> None:
    place = f"/{exported['job_id']}/cancel"
    with site.nothing_stored(service):
        unknown, none, late = (
            send(service, "POST", place, body)
            for body in ({"reason": {"code": "BOREDOM"}}, {}, {"reason": {"code": "ENTERED_IN_ERROR"}})
        )

    site.problem(unknown, 422)
    site.problem(none, 422, "form_refused")
    site.problem(late, 409, "export_ended")


def test_a_package_that_is_no_longer_kept_is_said_to_be_gone(
    service: Service, cut: str, exported: Body, packages: Path
) -> None:
    """It is made again from its cut, the same bytes."""
    (packages / DEMO / f"{exported['sha256']}.zip").unlink()

    site.problem(send(service, "GET", f"/{exported['job_id']}/package"), 404, "package_gone")
    assert exported["sha256"] == service.sponsor.follow(service.sponsor.ask_export(DEMO, cut))["sha256"]
    assert send(service, "GET", f"/{exported['job_id']}/package").status_code == 200


def test_an_inspector_sees_who_exported_what_and_exports_nothing(service: Service, exported: Body) -> None:
    """D10; and a site sees neither."""
    inspector = client.Client(service.http, build.token(service.engine, Role.INSPECTOR))

    assert exported == inspector.follow(exported)
    assert exported in inspector.exports(DEMO)
    refusals: list[tuple[Callable[..., Any], Any]] = [
        (inspector.package, exported),
        (service.site.package, exported),
        (service.site.exports, DEMO),
    ]
    for ask, about in refusals:
        with pytest.raises(client.Refused) as refused:
            ask(about)
        assert 403 == refused.value.status
