"""
Seconds and memory of an export: a study of many subjects with twenty visits each, from the cut to the last byte on disk.

One casebook is entered through the door, and every other subject is a copy of it under identifiers of its own, written into
the ledger in bulk: one entry a subject. The export runs in a process of its own, so that the peak of memory is its own.
"""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, select
from uuid_utils.compat import uuid7

from app.casebook import database, export, ledger, settle
from app.casebook.ledger import IDENTITY, RECORD, Act, Actor, Head
from app.tables import CAPTURED
from app.tables.base import fields, table
from app.tables.subjects import Subject
from seed.load import open_study, study_document
from tests.casebook import build
from tests.casebook.build import DEMO, SUBJECT, Service
from tests.servers import Server

CUT = "BENCH"
ACT = Act(Actor("bench", "coordinator"), "bench-request", "bench")
MANY = ("subject_pattern = '^SYN-[0-9]{3}$'", "subject_pattern = '^SYN-[0-9]+$'")
"""The document's pattern of subject codes, and one with room for every copy."""
UNPLANNED = (200, 215, 230, 245, 260, 275)
SIGNS = {"TEMP": ("36.7", "C"), "SYSBP": ("110", "mmHg"), "DIABP": ("68", "mmHg"), "WEIGHT": ("43.5", "kg")}
BLOOD = {"HGB": "g/dL", "WBC": "10^9/L", "NEUT": "10^9/L", "PLAT": "10^9/L", "CREAT": "umol/L"}

Rows = list[tuple[Table, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Exported:
    """One export: rows of all datasets, bytes on disk, seconds by the clock and of CPU, peak memory above the start."""

    rows: int
    size: int
    wall: float
    cpu: float
    memory: int


@dataclass(frozen=True, slots=True)
class Filled:
    """What was written before: records of all subjects, and the seconds it took."""

    records: int
    wall: float


def measure(server: Server, subjects: int, progress: Callable[[], None]) -> tuple[Filled, Exported]:
    """Fill a study and export it; `progress` is told of every subject."""
    given = server.migrated()
    with build.service(given.engine) as service:
        service.sponsor.publish_study(study_document(DEMO).replace(*MANY))
        open_study(service.sponsor, DEMO)
        _enter(service)
        began = time.perf_counter()
        records = _copies(service, subjects, progress)
        filled = Filled(records, time.perf_counter() - began)
        service.sponsor.cut(DEMO, CUT)
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        exported = pool.submit(_exported, given.url).result()
    server.drop(given)
    return filled, exported


def _enter(service: Service) -> None:
    """One subject with twenty visits: fourteen planned, six that nobody planned; at each the same panels."""
    build.eligible(service)
    entered = {"dscat": "PROTOCOL MILESTONE", "dsdecod": "ENTERED INTO TRIAL", "dsterm": "Entered", "armcd": "DOSE3"}
    build.enter(service, "dispositions", entered | {"dsstdtc": build.day(-10)})
    build.infuse(
        service, ecpdose="3", ecdose="3", ecdosu="10^9 Therapeutic Cells", doselvl="3*10^9", ecdosfrm="INJECTION, SUSPENSION"
    )
    for visit in service.get(f"/studies/{DEMO}")["document"]["visits"]:
        _visited(service, visit["day"], {"visit": visit["visit"]})
    for offset in UNPLANNED:
        _visited(service, offset, {})


def _visited(service: Service, offset: int, name: dict[str, str]) -> None:
    date = build.day(offset)
    made = build.enter(service, "visits", name | {"svoccur": "Y", "svstdtc": date})["records"][0]["visit"]
    at = {"visit": made}
    signs = [{"vstestcd": sign, "vsorres": value, "vsorresu": unit, "vsdtc": date} for sign, (value, unit) in SIGNS.items()]
    blood = [{"lbtestcd": test, "lborres": f"{offset % 7}.5", "lborresu": unit, "lbdtc": date} for test, unit in BLOOD.items()]
    build.enter(service, "vital-signs", [at | sign for sign in signs])
    build.enter(service, "laboratory", [at | result | {"lbspec": "BLOOD"} for result in blood])
    build.assess(service, made, build.sledai("arthritis", "rash"), rsdtc=date)
    build.assess(service, made, build.pga("1.5"), "PGA", rsdtc=date)


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


def _exported(url: str) -> Exported:
    """Export the cut in this process, once."""
    engine = database.connect(url)
    before = _peak()
    wall, cpu = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as folder, database.reading(engine) as connection:
        out = Path(folder) / "package"
        manifest = export.export(connection, DEMO, CUT, "bench", out)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        size = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
    engine.dispose()
    rows = sum(file.rows or 0 for file in manifest.files if file.path.endswith(".xpt"))
    return Exported(rows, size, wall, cpu, _peak() - before)


def _peak() -> int:
    """The most memory that this process ever held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
