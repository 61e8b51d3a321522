"""
Laboratory results from the database to their files, beside the straightforward way to the same contents.

Both ways read one cut of one study, each in a process of its own, and write LB as a transport file, as Dataset-JSON and as
Parquet. The exporter's time has its gate, its spool and every algorithm of the mapping in it; `plain_pandas` has what this
study asks and no more. All three files of both are read back and found equal before anything is told.
"""

from __future__ import annotations

import gc
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import pandas as pd
import pyreadstat
from pandas.testing import assert_frame_equal

from app.casebook import cut, database
from app.casebook.exports import frames
from app.casebook.studies import library
from bench import plain_pandas
from bench.exporting import peak
from bench.filling import CUT, fill
from cdisc import package
from cdisc.gathering import gathered
from cdisc.sdtm import datasets as sdtm
from cdisc.specs import SDTM
from tests.casebook import build
from tests.casebook.build import DEMO, Service
from tests.servers import Server

TESTS = {
    "HGB": ("g/L", "BLOOD", "20", "60"),
    "WBC": ("10^9/L", "BLOOD", "4", "11"),
    "NEUT": ("10^9/L", "BLOOD", "2", "7.5"),
    "PLAT": ("10^9/L", "BLOOD", "40", "80"),
    "CREAT": ("umol/L", "SERUM", "45", "84"),
}
"""Unit, specimen and range of each test."""
HOURS = range(8, 13)
OF_SUBJECT = 20 * len(HOURS) * len(TESTS)
"""Results of a subject of twenty visits."""
TRANSPORT, JSON, PARQUET = FILES = ("sdtm/lb.xpt", "sdtm/dataset-json/lb.json", "parquet/sdtm/lb.parquet")
READ = "read and mapped"


@dataclass(frozen=True, slots=True)
class Way:
    """One way: seconds of CPU of each step by name, of all by the clock; peak of memory above the start, in bytes."""

    steps: dict[str, float]
    wall: float
    memory: int

    @property
    def cpu(self) -> float:
        """Seconds of CPU of all steps."""
        return sum(self.steps.values())


@dataclass(frozen=True, slots=True)
class Compared:
    """Both ways to the same rows; `size`, `copy`: bytes of the transport file, and seconds of CPU of a plain write of them."""

    rows: int
    ours: Way
    plain: Way
    size: int
    copy: float


def measure(server: Server, rows: int, progress: Callable[[], None]) -> Compared:
    """Fill a study with so many results, of as many subjects as that takes; `progress` is told of every subject."""
    given = server.migrated()
    fill(given.engine, max(1, rows // OF_SUBJECT), _visited, progress)
    found = compared(given.url)
    server.drop(given)
    return found


def compared(url: str) -> Compared:
    """Both ways from a study that was filled."""
    with tempfile.TemporaryDirectory() as folder:
        ours, plain = Path(folder) / "ours", Path(folder) / "plain"
        exported, plainly = _alone(_exported, url, ours), _alone(_plainly, url, plain)
        found = same(ours, plain)
        content = (ours / TRANSPORT).read_bytes()
        with _step({}, "copy") as copy:
            (ours / "copy").write_bytes(content)
    return Compared(found, exported, plainly, len(content), copy["copy"])


def same(one: Path, other: Path) -> int:
    """How many rows both folders hold; AssertionError where any of the three files says anything else in the other."""
    first, second = (pyreadstat.read_xport(folder / TRANSPORT)[0] for folder in (one, other))
    assert_frame_equal(first, second)
    rows, others = (json.loads((folder / JSON).read_bytes())["rows"] for folder in (one, other))
    assert rows == others, "the rows of Dataset-JSON differ"
    table, another = (pd.read_parquet(folder / PARQUET)[first.columns] for folder in (one, other))
    assert_frame_equal(table, another, check_dtype=False)
    return len(first)


def _visited(service: Service, visit: str, offset: int) -> None:
    date = build.day(offset)
    panel = [
        {
            "visit": visit,
            "lbtestcd": test,
            "lborres": f"{(offset + hour) % 97}.{hour % 10}",
            "lborresu": unit,
            "lbspec": specimen,
            "lbornrlo": low,
            "lbornrhi": high,
            "lbdtc": f"{date}T{hour:02d}:00",
        }
        for test, (unit, specimen, low, high) in TESTS.items()
        for hour in HOURS
    ]
    build.enter(service, "laboratory", panel)


def _alone(way: Callable[[str, Path], Way], url: str, out: Path) -> Way:
    for name in FILES:
        (out / name).parent.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(1, get_context("spawn"), gc.freeze) as pool:  # neither pays for what the other imports
        return pool.submit(way, url, out).result()


@contextmanager
def _step(steps: dict[str, float], name: str) -> Iterator[dict[str, float]]:
    began = time.process_time()
    yield steps
    steps[name] = time.process_time() - began


def _exported(url: str, out: Path) -> Way:
    """The exporter's way, from the rows of the cut past the gate to the three files."""
    engine, before, began = database.connect(url), peak(), time.perf_counter()
    steps: dict[str, float] = {}
    with database.reading(engine) as connection, tempfile.TemporaryDirectory() as folder:
        with _step(steps, READ):
            taken = cut.named(connection, DEMO, CUT)
            trial = cut.trial(connection, library.study(connection, DEMO, taken["study_version"]), taken, "bench")
            blocks = frames.blocks(connection, DEMO, taken["cut_id"])
            datasets, _ = gathered(blocks, trial, Path(folder), lambda done: None, (SDTM,))
        planned = [*package.of_standard(SDTM, datasets, trial, False), *package.tables(datasets, sdtm.NAMES)]
        for file in planned:
            if file.path in FILES:
                with _step(steps, file.path), (out / file.path).open("wb") as target:
                    file.write(target)
    return Way(steps, time.perf_counter() - began, peak() - before)


def _plainly(url: str, out: Path) -> Way:
    """The straightforward way."""
    engine, before, began = database.connect(url), peak(), time.perf_counter()
    steps: dict[str, float] = {}
    with database.reading(engine) as connection:
        with _step(steps, READ):
            taken = cut.named(connection, DEMO, CUT)
            trial = cut.trial(connection, library.study(connection, DEMO, taken["study_version"]), taken, "bench")
            days = {visit: float(day) for visit, (_, _, day) in trial.visits.items() if day is not None}
            frame = plain_pandas.mapped(connection, CUT, days)
        writers = (plain_pandas.write_transport, plain_pandas.write_json, plain_pandas.write_parquet)
        for name, write in zip(FILES, writers, strict=True):
            with _step(steps, name):
                partial(write, frame)(out / name)
    return Way(steps, time.perf_counter() - began, peak() - before)
