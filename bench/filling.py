"""
A study to export: one casebook entered through the door, and every other subject a copy of it under identifiers of its own.

The copies go into the ledger in bulk, one entry a subject.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Table, select
from uuid_utils.compat import uuid7

from app.casebook import database, ledger, settle
from app.casebook.ledger import IDENTITY, RECORD, Act, Actor, Head
from app.tables import CAPTURED
from app.tables.base import fields, table
from app.tables.subjects import Subject
from seed.load import open_study, study_document
from tests.casebook import build
from tests.casebook.build import DEMO, SUBJECT, Service

CUT = "BENCH"
ACT = Act(Actor("bench", "coordinator"), "bench-request", "bench")
MANY = ("subject_pattern = '^SYN-[0-9]{3}$'", "subject_pattern = '^SYN-[0-9]+$'")
"""The document's pattern of subject codes, and one with room for every copy."""
UNPLANNED = (200, 215, 230, 245, 260, 275)
"""Days after the first infusion of the visits that nobody planned: with the fourteen planned ones twenty."""

Rows = list[tuple[Table, dict[str, Any]]]
Visited = Callable[[Service, str, int], None]
"""Enters what was found at a visit, named, so many days after the first infusion."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What was written before: records of all subjects, and the seconds it took."""

    records: int
    wall: float


def fill(engine: Engine, subjects: int, visited: Visited, progress: Callable[[], None]) -> Filled:
    """Open the study, enter one subject, copy it, cut; `progress` is told of every copy."""
    with build.service(engine) as service:
        service.sponsor.publish_study(study_document(DEMO).replace(*MANY))
        open_study(service.sponsor, DEMO)
        build.open_levels(service)
        _enter(service, visited)
        began = time.perf_counter()
        records = _copies(service, subjects, progress)
        wall = time.perf_counter() - began
        service.sponsor.cut(DEMO, CUT)
    return Filled(records, wall)


def _enter(service: Service, visited: Visited) -> None:
    build.eligible(service)
    unit, form = "10^9 Therapeutic Cells", "INJECTION, SUSPENSION"
    build.infuse(service, ecpdose="1", ecdose="1", ecdosu=unit, ecdosfrm=form)
    planned = [(visit["day"], {"visit": visit["visit"]}) for visit in service.get(f"/studies/{DEMO}")["document"]["visits"]]
    unplanned: list[tuple[int, dict[str, str]]] = [(offset, {}) for offset in UNPLANNED]
    for offset, name in planned + unplanned:
        made = build.enter(service, "visits", name | {"svoccur": "Y", "svstdtc": build.day(offset)})
        visited(service, made["records"][0]["visit"], offset)


def _copies(service: Service, subjects: int, progress: Callable[[], None]) -> int:
    """The casebook under so many further codes; the number of records written."""
    with database.reading(service.engine) as connection:
        casebook = _casebook(connection)
    for number in range(1, subjects):
        with database.writing(service.engine) as connection:
            head = Head(DEMO, f"SYN-{number + 1000}", study_version=1)
            ledger.append(connection, head, ACT, "record", _copy(casebook))
        progress()
    return subjects * sum(into is RECORD for into, _ in casebook)


def _casebook(connection: Connection) -> Rows:
    """Every live row of the first subject: who it is, records, values, verdicts."""
    forms = {name: form for name, form in CAPTURED.items() if form.__form__.scope == "subject"}
    who = connection.execute(select(table(Subject)).where(table(Subject).c.subject_id == SUBJECT)).mappings().one()
    rows: Rows = [(table(Subject), dict(who))]
    for name, form in forms.items():
        for row in ledger.live(connection, form, DEMO, SUBJECT):
            rows.append((RECORD, {"record_id": row["record_id"], "form": name} | {c.name: row[c.name] for c in IDENTITY}))
            rows.append((table(form), {name: row[name] for name in ("record_id", "version", "withdrawn", *fields(form))}))
    return rows + [(settle.VERDICT, dict(row)) for row in settle.stored(connection, DEMO, SUBJECT)]


def _copy(casebook: Rows) -> Rows:
    """The same rows under new identifiers, each for the same thing wherever it is named."""
    new: dict[UUID, UUID] = {row["record_id"]: uuid7() for into, row in casebook if into is RECORD}
    texts = {str(old): str(one) for old, one in new.items()}

    def renamed(row: dict[str, Any]) -> dict[str, Any]:
        own = {name: new.get(value, value) for name, value in row.items() if name in ("record_id", "visit_id")}
        about = {"verdict_id": uuid7(), "about": texts.get(row["about"], row["about"])} if "verdict_id" in row else {}
        return row | own | about

    return [(into, renamed(row)) for into, row in casebook]
