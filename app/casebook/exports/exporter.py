"""
The worker of a service: one thread that makes the packages that were asked for, one after another.

A package is made beside where it will lie and renamed into place under the SHA-256 of its bytes, so that there is never half
of one, and one cut exported twice by one build is one file.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from app.casebook import database
from app.casebook.exports import export, jobs
from app.casebook.exports.jobs import Taken
from app.errors import Problem
from app.settings import Settings

log = structlog.get_logger("casebook")
POLL = 2.0
"""Seconds after which a worker looks for what others asked for or left; what is asked of its own service wakes it at once."""
BEAT = 0.5
"""Seconds between two signs of life of a job that runs."""


def kept_at(packages: Path, study_id: str, sha256: str) -> Path:
    """Where a package lies."""
    return packages / study_id / f"{sha256}.zip"


class NotWanted(Exception):
    """The job was cancelled, another took it, or the service ends."""


class Held:
    """A job in hand: told how far it has come, it renews the lease in a thread of its own, and raises once it is not wanted."""

    def __init__(self, engine: Engine, taken: Taken, lease: timedelta, ending: Event) -> None:
        self.engine, self.taken, self.lease, self.ending = engine, taken, lease, ending
        self.told: tuple[str, int, int | None] = ("", 0, None)
        self.lost, self._over = Event(), Event()

    def __call__(self, words: str, done: int, total: int | None) -> None:
        """Take note of how far the job has come."""
        self.told = words, done, total
        if self.lost.is_set() or self.ending.is_set():
            raise NotWanted

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep the lease within."""
        beating = Thread(target=self._beat, name="casebook-lease", daemon=True)
        beating.start()
        try:
            yield
        finally:
            self._over.set()
            beating.join()

    def _beat(self) -> None:
        over = False
        while not over:
            over = self._over.wait(BEAT)
            try:
                self._renew()
            except DBAPIError as error:
                log.warning("lease not renewed", job=str(self.taken.job_id), error=str(error.orig))

    def _renew(self) -> None:
        with database.writing(self.engine) as connection:
            if not jobs.keep(connection, self.taken, self.lease, self.told):
                self.lost.set()


class Exporter:
    """Takes the jobs that wait for as long as the service runs; `wake` says that one was just asked for."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self.engine, self.packages, self.build = engine, settings.packages, settings.build
        self.core = settings.core
        self.lease = timedelta(seconds=settings.lease_seconds)
        self._ending, self._woken = Event(), Event()
        self._thread = Thread(target=self._work, name="casebook-exports", daemon=True)

    def start(self) -> None:
        """Begin with what an earlier service left."""
        self._thread.start()

    def wake(self) -> None:
        """Look at once."""
        self._woken.set()

    def stop(self) -> None:
        """End at the next file of the job in hand, which then waits for the next service."""
        self._ending.set()
        self._woken.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._ending.is_set():
            self._woken.clear()
            try:
                busy = self._next()
            except DBAPIError as error:
                log.warning("exports wait for the database", error=str(error.orig))
                busy = False
            if not busy and not self._ending.is_set():
                self._woken.wait(POLL)

    def _next(self) -> bool:
        """Do the job that has waited longest; False where none waits."""
        with database.reading(self.engine) as connection:
            if not jobs.waits(connection):
                return False
        taken = database.attempt(self.engine, lambda connection: jobs.take(connection, self.lease))
        if taken is not None:
            self._do(taken)
        return taken is not None

    def _do(self, taken: Taken) -> None:
        held, about = Held(self.engine, taken, self.lease, self._ending), {"job": str(taken.job_id), "study": taken.study_id}
        try:
            with held.kept():
                outcome = self._package(taken, held)
        except NotWanted:
            database.attempt(self.engine, lambda connection: jobs.put_back(connection, taken))
            log.info("export put down", **about)
            return
        except Problem as refused:
            self._end(taken, "failed", fault=_fault(refused))
        except DBAPIError:
            raise
        except Exception as error:
            log.error("export failed", exc_info=error, **about)
            words = "The export failed by a fault of the service, and nothing was kept; its log says more under the job's id"
            self._end(taken, "failed", fault=_fault(Problem("internal_error", words)))
        else:
            self._end(taken, "done", **outcome)

    def _end(self, taken: Taken, state: str, **outcome: Any) -> None:
        ended = database.attempt(self.engine, lambda connection: jobs.end(connection, taken, self.build, state, **outcome))
        log.info("export ended", job=str(taken.job_id), study=taken.study_id, state=state if ended else "not wanted")

    def _package(self, taken: Taken, held: Held) -> dict[str, Any]:
        if taken.attempts > jobs.MOST_ATTEMPTS:
            raise Problem("export_interrupted", f"The service ended {jobs.MOST_ATTEMPTS} times in the middle of this export")
        with self._making(taken) as folder:
            with database.reading(self.engine) as connection:
                manifest = export.export(
                    connection,
                    taken.study_id,
                    taken.cut_name,
                    self.build,
                    folder / "package",
                    ndjson=taken.ndjson,
                    core=self.core,
                    progress=held,
                )
            archive = folder / "package.zip"
            export.zipped(folder / "package", archive, held)
            return self._placed(taken, archive) | {"manifest": asdict(manifest)}

    @contextmanager
    def _making(self, taken: Taken) -> Iterator[Path]:
        """A folder to work in, on the disk of the packages; those that earlier attempts left are removed."""
        below = self.packages / taken.study_id
        below.mkdir(parents=True, exist_ok=True)
        for left in below.glob(f".{taken.job_id}.*"):
            shutil.rmtree(left, ignore_errors=True)
        folder = below / f".{taken.job_id}.{taken.worker}"
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _placed(self, taken: Taken, archive: Path) -> dict[str, Any]:
        with archive.open("rb") as file:
            sha256, size = hashlib.file_digest(file, "sha256").hexdigest(), archive.stat().st_size
        archive.replace(kept_at(self.packages, taken.study_id, sha256))
        return {"sha256": sha256, "size": size}


def _fault(problem: Problem) -> dict[str, Any]:
    """Why there is no package, as the problem document of a refusal says it."""
    told = problem.as_json()
    return {"code": told["code"], "detail": told["detail"], "errors": told.get("errors", [])}
