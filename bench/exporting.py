"""
Seconds and memory of an export: a study of many subjects with twenty visits each, from the cut to the last byte on disk.

The export runs in a process of its own, so that the peak of memory is its own.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from app.casebook import database
from app.casebook.exports import export
from bench.filling import CUT, Filled, fill
from tests.casebook import build
from tests.casebook.build import DEMO, Service
from tests.servers import Server

SIGNS = {"TEMP": ("36.7", "C"), "SYSBP": ("110", "mmHg"), "DIABP": ("68", "mmHg"), "WEIGHT": ("43.5", "kg")}
BLOOD = {"HGB": "g/dL", "WBC": "10^9/L", "NEUT": "10^9/L", "PLAT": "10^9/L", "CREAT": "umol/L"}


@dataclass(frozen=True, slots=True)
class Exported:
    """One export: rows of all datasets, bytes on disk, seconds by the clock and of CPU, peak memory above the start."""

    rows: int
    size: int
    wall: float
    cpu: float
    memory: int


def measure(server: Server, subjects: int, progress: Callable[[], None]) -> tuple[Filled, Exported]:
    """Fill a study and export it; `progress` is told of every subject."""
    given = server.migrated()
    filled = fill(given.engine, subjects, _visited, progress)
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        exported = pool.submit(_exported, given.url).result()
    server.drop(given)
    return filled, exported


def _visited(service: Service, visit: str, offset: int) -> None:
    """The same panels at every visit."""
    date, at = build.day(offset), {"visit": visit}
    signs = [{"vstestcd": sign, "vsorres": value, "vsorresu": unit, "vsdtc": date} for sign, (value, unit) in SIGNS.items()]
    blood = [{"lbtestcd": test, "lborres": f"{offset % 7}.5", "lborresu": unit, "lbdtc": date} for test, unit in BLOOD.items()]
    build.enter(service, "vital-signs", [at | sign for sign in signs])
    build.enter(service, "laboratory", [at | result | {"lbspec": "BLOOD"} for result in blood])
    build.assess(service, visit, build.sledai("arthritis", "rash"), rsdtc=date)
    build.assess(service, visit, build.pga("1.5"), "PGA", rsdtc=date)


def _exported(url: str) -> Exported:
    """Export the cut in this process, once."""
    engine = database.connect(url)
    before = peak()
    wall, cpu = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as folder, database.reading(engine) as connection:
        out = Path(folder) / "package"
        manifest = export.export(connection, DEMO, CUT, "bench", out)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        size = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
    engine.dispose()
    rows = sum(file.rows or 0 for file in manifest.files if file.path.endswith(".xpt"))
    return Exported(rows, size, wall, cpu, peak() - before)


def peak() -> int:
    """The most memory that this process ever held, in bytes; unlike `ru_maxrss` without what its parent held."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024
