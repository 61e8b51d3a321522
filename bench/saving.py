"""
Saves a second and client CPU a save, on one SLEDAI-2K of 24 items: every way in turn, many times, medians.

The doors of the house are measured in process, without HTTP: the whole door (form read and checked, one transaction, reason,
chain, every rule that reads the form, verdicts stored), and its ledger alone (the same rows and chain, no rule asked).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from app.casebook import database, forms, ledger, write
from app.casebook.ledger import RECORD, Act, Actor
from app.tables.base import fields, table
from app.tables.efficacy import Assessment
from bench.peers import Save, continuum, floor
from tests.casebook import build
from tests.servers import Database, Server

WARM = 5
"""Saves that each way makes before it is measured: statements are compiled and prepared by then."""
FLOOR, LEDGER, DOOR, PEER = "INSERT + COMMIT by the driver", "Casebook, ledger alone", "Casebook", "SQLAlchemy-Continuum"


@dataclass(frozen=True, slots=True)
class Cost:
    """The median of one act in one way: seconds by the clock, and of this process's CPU."""

    wall: float
    cpu: float


Costs = dict[tuple[str, str], Cost]
"""By way and act."""


def measure(server: Server, saves: int, progress: Callable[[], None]) -> Costs:
    """Record `saves` forms and correct each, every way in turn; `progress` is told of every round."""
    with _ways(server, saves + WARM) as ways:
        taken: dict[tuple[str, str], list[tuple[float, float]]] = {}
        for number in range(saves + WARM):
            for way, acts in ways.items():
                for act, save in zip(("record", "correct"), acts, strict=True):
                    answers = build.sledai("rash", *(["arthritis"] if act == "correct" else []))
                    taken.setdefault((way, act), []).append(_timed(partial(save, number, answers)))
            progress()
    return {key: Cost(*(median(each[WARM:]) for each in zip(*samples, strict=True))) for key, samples in taken.items()}


def _timed(save: Callable[[], None]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    save()
    return time.perf_counter() - wall, time.process_time() - cpu


@contextmanager
def _ways(server: Server, forms_: int) -> Iterator[dict[str, tuple[Save, Save]]]:
    """Each way, over a database of its own on the same server."""
    ours, plain, versioned = server.migrated(), server.empty(), server.empty()
    subjects = _subjects(ours, forms_)
    yield {
        FLOOR: floor(plain.owner_url),
        LEDGER: _ledger(ours, subjects),
        DOOR: _door(ours, subjects),
        PEER: continuum(versioned.owner_url),
    }
    for each in (ours, plain, versioned):
        server.drop(each)


def _subjects(given: Database, many: int) -> list[str]:
    """Subjects with a baseline, an infusion and M3, in whom a SLEDAI-2K at M3 decides on every endpoint."""
    subjects = [f"SYN-{number:03}" for number in range(1, many + 1)]
    with build.opened(given.engine) as service:
        for subject in subjects:
            build.eligible(service, subject)
            build.visit(service, "BASELINE", -6, subject)
            build.assess(service, "BASELINE", build.sledai(*build.ACTIVE), subject=subject)
            build.infuse(service, subject=subject)
            build.visit(service, "M3", 90, subject)
    return subjects


def _act(reason: str | None = None) -> Act:
    key = uuid7().hex
    return Act(Actor("bench", "coordinator"), key, "bench", reason, idempotency_key=None if reason else key, request_digest=key)


def _door(given: Database, subjects: list[str]) -> tuple[Save, Save]:
    """The way of every request, from the body to the commit."""
    made: dict[int, UUID] = {}

    def record(number: int, answers: dict[str, Any]) -> None:
        body = {"visit": "M3", "instrument": "SLEDAI-2K", "answers": answers}
        bodies = {"": forms.read(forms.entry_form(Assessment), body).model_dump()}
        to = (build.DEMO, subjects[number], Assessment)
        made[number] = database.attempt(given.engine, lambda c: write.record(c, _act(), *to, bodies)).records[0]["record_id"]

    def correct(number: int, answers: dict[str, Any]) -> None:
        to = (build.DEMO, subjects[number], Assessment, made[number], 1, {"answers": answers})
        database.attempt(given.engine, lambda c: write.correct(c, _act("TRANSCRIPTION"), *to))

    return record, correct


def _ledger(given: Database, subjects: list[str]) -> tuple[Save, Save]:
    """The same rows under an entry of the same chain, and nothing that follows; withdrawn, so that no rule reads them."""
    empty = dict.fromkeys(fields(Assessment)) | {"instrument": "SLEDAI-2K", "instrver": 1, "withdrawn": True}
    made = [uuid7() for _ in subjects]

    def save(number: int, answers: dict[str, Any], *, version: int) -> None:
        own = empty | {"record_id": made[number], "version": version, "answers": answers}
        identity = {"record_id": made[number], "form": "assessment", "origin": "synthetic"}
        rows = [(RECORD, identity)] * (version == 1) + [(table(Assessment), own)]
        with database.writing(given.engine) as connection:
            database.lock_chain(connection, build.DEMO, subjects[number])
            head = ledger.head(connection, build.DEMO, subjects[number], 1)
            ledger.append(connection, head, _act(), "record", rows)

    return partial(save, version=1), partial(save, version=2)
