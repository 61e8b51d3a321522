"""What was measured, in words and tables: ratios first, because they hold better than seconds."""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Iterator
from importlib.metadata import version
from os import cpu_count

from app.settings import Settings
from bench.exporting import Exported, Filled
from bench.saving import DOOR, FLOOR, LEDGER, PEER, Costs

MEGABYTE = 1024 * 1024
LIBRARIES = ("SQLAlchemy", "SQLAlchemy-Continuum", "psycopg", "pandas")
ACTS = {"record": "a new form", "correct": "a correction"}
WORK = {
    FLOOR: "one row, committed: no version, no reason, no rule",
    LEDGER: "record, version row, entry with reason and hash",
    DOOR: "the same, checked against the documents, with every rule that reads the form, and their verdicts",
    PEER: "the row, a version row, a transaction row: no reason, no hash, no rule",
}


def conditions(saves: int) -> Iterator[str]:
    """On what it was measured, and how."""
    yield f"Casebook {Settings().build}; Python {platform.python_version()}, SQLite {sqlite3.sqlite_version},"
    yield ", ".join(f"{name} {version(name)}" for name in LIBRARIES) + f"; {cpu_count()} CPUs, {platform.machine()}."
    yield f"One client, in process, without HTTP; {saves} forms in each way, all ways in turn, medians. SQLite: WAL and"
    yield "synchronous FULL. A ratio holds for this run, seconds for this machine."


def saving(database: str, costs: Costs) -> Iterator[str]:
    """What a save costs on one database: CPU beside the floor and the peer, then every way."""
    yield from (f"## Saving one SLEDAI-2K of 24 items: {database}", "")
    for act, words in ACTS.items():
        yield f"- CPU of {words}: {_beside(costs, act)}."
    yield from ("", "| way | what it does | act | saves/s | ms | CPU ms |", "|---|---|---|--:|--:|--:|")
    for (way, act), cost in costs.items():
        yield f"| {way} | {WORK[way]} | {ACTS[act]} | {1 / cost.wall:.0f} | {cost.wall * 1000:.2f} | {cost.cpu * 1000:.2f} |"
    yield ""


def _beside(costs: Costs, act: str) -> str:
    ledger, door, peer = (costs[way, act].cpu for way in (LEDGER, DOOR, PEER))
    times = ", ".join(f"{way} {costs[way, act].cpu / costs[FLOOR, act].cpu:.1f}" for way in (LEDGER, DOOR, PEER))
    return f"the floor being 1, {times}; the peer being 1, the ledger alone {ledger / peer:.2f}, the door {door / peer:.1f}"


def exporting(subjects: int, filled: Filled, exported: Exported) -> Iterator[str]:
    """What an export costs, and what came out of it."""
    memory, size = exported.memory / MEGABYTE, exported.size / MEGABYTE
    yield from (f"## Exporting {subjects:,} subjects x 20 visits: SQLite", "")
    yield f"- {exported.rows / exported.wall:,.0f} SDTM rows a second; {memory / size:.1f} times the size of its files in memory."
    yield f"- {exported.wall:.1f} s from the cut to the last byte, {exported.cpu:.1f} s of them CPU; {memory:,.0f} MB at the peak."
    yield f"- {filled.records:,} records became {exported.rows:,} SDTM rows and {size:,.0f} MB of files, past the gate."
    yield f"- The ledger had taken the records in bulk, one entry a subject, in {filled.wall:.1f} s."
    yield ""
