"""What makes the packages: a job outlives the service that had it, and no two workers ever do one job (F4)."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import Engine

from app.casebook import database
from app.casebook.access import Role
from app.casebook.database import connect
from app.casebook.exports import jobs
from app.casebook.exports.jobs import Taken
from app.casebook.ledger import Act, Actor
from cdisc import package
from seed.client import Body, Client
from tests.casebook import build
from tests.casebook.build import DEMO
from tests.servers import ROOT, Database

CUT = "C1"
ACT = Act(Actor("a data manager", "data_manager"), "request-1", "a build")
MINUTE, PAST = timedelta(minutes=1), timedelta(seconds=-1)


@pytest.fixture
def cut(database: Database) -> Engine:
    """A database with one subject and one cut, which no service runs over."""
    with build.service(database.engine) as service:
        service.sponsor.cut(DEMO, CUT)
    return database.engine


def ask(engine: Engine) -> Any:
    """The identifier of a new job."""
    with database.writing(engine) as connection:
        return jobs.ask(connection, ACT, DEMO, CUT, False)[0]["job_id"]


def taken(engine: Engine, lease: timedelta = MINUTE) -> Taken | None:
    """The next job, as a worker takes it."""
    return database.attempt(engine, lambda connection: jobs.take(connection, lease))


def standing(engine: Engine, job_id: Any) -> Any:
    """A job as it stands."""
    with database.reading(engine) as connection:
        return jobs.shown(connection, DEMO, UUID(str(job_id)))


def ended(engine: Engine, held: Taken, state: str) -> bool:
    """Whether what a worker says of the end of its job is taken."""
    return database.attempt(engine, lambda connection: jobs.end(connection, held, "a build", state))


def until(happens: Callable[[], Any], seconds: float = 180) -> None:
    """Wait for something that happens elsewhere."""
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.01)


@contextmanager
def served(url: str, packages: Path) -> Iterator[tuple[subprocess.Popen[bytes], httpx2.Client]]:
    """A service of its own process, which leaves a job to others a second after it last spoke."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told = {"DATABASE_URL": url, "PACKAGES": str(packages), "PORT": str(port), "LEASE_SECONDS": "1"}
    command = [sys.executable, "-c", "from app.cli import main; main()", "serve"]
    own = os.environ | {f"CASEBOOK_{name}": value for name, value in told.items()}
    process = subprocess.Popen(command, cwd=ROOT, env=own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
        try:
            until(lambda: answers(http))
            yield process, http
        finally:
            process.kill()
            process.wait()


def answers(http: httpx2.Client) -> bool:
    """Whether a service has come up."""
    try:
        return http.get("/livez").is_success
    except httpx2.TransportError:
        return False


def test_a_service_that_is_killed_in_the_middle_of_an_export_finishes_it_when_it_is_back(
    database: Database, cut: Engine, tmp_path: Path
) -> None:
    """F4: SIGKILL, files half written; then the same bytes as of an export that nothing befell."""
    token = build.token(cut, Role.DATA_MANAGER)
    with served(database.url, tmp_path) as (process, http):
        job = Client(http, token).ask_export(DEMO, CUT)
        until(lambda: list(tmp_path.glob(f"{DEMO}/.{job['job_id']}.*/package/sdtm/*.xpt")))
        process.send_signal(signal.SIGKILL)
        process.wait()

    assert ("running", None) == tuple(standing(cut, job["job_id"])[name] for name in ("state", "sha256"))
    assert [] == list(tmp_path.glob(f"{DEMO}/*.zip"))
    with served(database.url, tmp_path) as (_, http):
        client = Client(http, token)
        done, other = client.follow(job), client.follow(client.ask_export(DEMO, CUT))
        packages = [client.package(each) for each in (done, other)]

    assert ("done", "done") == (done["state"], other["state"])
    assert packages[0] == packages[1]
    assert [f"{done['sha256']}.zip"] == [path.name for path in (tmp_path / DEMO).iterdir()]


def endless(folder: Path, archive: Path, progress: package.Progress) -> None:
    """A package that is never packed."""
    while True:
        progress("zip", 1, None)
        time.sleep(0.05)


def test_a_service_that_ends_puts_its_job_back_for_the_next(cut: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, without waiting for a lease."""
    with monkeypatch.context() as patch, build.service(cut) as service:
        patch.setattr("app.casebook.exports.export.zipped", endless)
        job: Body = service.sponsor.ask_export(DEMO, CUT)
        until(lambda: standing(cut, job["job_id"])["progress"]["words"] == "zip")

    assert "queued" == standing(cut, job["job_id"])["state"]
    with build.service(cut) as service:
        assert "done" == service.sponsor.follow(job)["state"]


def test_workers_of_two_services_that_ask_at_once_never_get_one_job(database: Database, cut: Engine) -> None:
    """Eight at a time, over two engines: each job goes to one of them, the oldest first."""
    asked = [ask(cut) for _ in range(5)]
    other = connect(database.url)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(taken, [cut, other] * 8))
    other.dispose()

    got = [one for one in found if one is not None]
    assert sorted(asked) == sorted(one.job_id for one in got)
    assert len(got) == len({one.worker for one in got}) == 5


def test_a_lease_that_ran_out_gives_the_job_to_another_and_the_first_is_no_longer_heard(cut: Engine) -> None:
    job = ask(cut)
    first, second = taken(cut, PAST), taken(cut)
    assert first is not None
    assert second is not None
    assert taken(cut) is None

    with database.writing(cut) as connection:
        assert [False, True] == [jobs.keep(connection, one, MINUTE, ("zip", 1, 2)) for one in (first, second)]
    assert [False, True, False] == [ended(cut, one, "failed") for one in (first, second, second)]

    assert (1, 2) == (first.attempts, second.attempts)
    assert "failed" == standing(cut, job)["state"]


def test_a_job_that_ends_its_service_each_time_is_given_up(cut: Engine) -> None:
    """The service goes on to the next."""
    job, attempts = ask(cut), [taken(cut, PAST) for _ in range(jobs.MOST_ATTEMPTS)]
    assert None not in attempts

    with build.service(cut) as service:
        other = service.sponsor.follow(service.sponsor.ask_export(DEMO, CUT))

    told = standing(cut, job)
    assert ("failed", "export_interrupted") == (told["state"], told["fault"]["code"])
    assert "done" == other["state"]
