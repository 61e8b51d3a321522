"""What was measured, in words and tables: ratios first, because they hold better than seconds."""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Iterator
from importlib.metadata import version
from os import cpu_count

from app.settings import Settings
from bench.derive import SAME, Share, Whole
from bench.exporting import Exported
from bench.filling import Filled
from bench.results import READ, Compared
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


def deriving(share: Share, whole: Whole) -> Iterator[str]:
    """What the rules cost in a save and over a study, beside the same verdicts as array arithmetic."""
    met = ", ".join(f"{rule} met in {part:.0%}" for rule, part in whole.met.items())
    times, floor, each = whole.same / whole.floor, whole.floor * 1000, whole.every / whole.subjects * 1000
    save, news, rules = (seconds * 1000 for seconds in (share.save, share.news, share.rules))
    yield from (f"## Deriving {whole.subjects:,} subjects x {whole.visits} visits, and one on a save: SQLite", "")
    yield f"- CPU of {', '.join(SAME)}: numpy being 1, the rules {times:,.0f} ({floor:.1f} ms, {whole.same:.1f} s)."
    yield f"  Equal results, verdict by verdict: {met}."
    yield "  The arrays know nothing that is missing, no reason, and no record version that a verdict rests on."
    yield f"- Every rule: {whole.verdicts:,} verdicts in {whole.every:.1f} s of CPU, {each:.1f} ms a subject."
    yield f"- Of a SLEDAI-2K corrected in a subject of {share.visits} visits, {news / save:.0%} is reading, deriving and"
    yield f"  comparing, {rules / save:.0%} the rules alone: {news:.1f} and {rules:.1f} of {save:.1f} ms (p50)."
    yield ""


def exporting(subjects: int, filled: Filled, exported: Exported) -> Iterator[str]:
    """What an export costs, and what came out of it."""
    memory, size = exported.memory / MEGABYTE, exported.size / MEGABYTE
    yield from (f"## Exporting {subjects:,} subjects x 20 visits: SQLite", "")
    yield f"- {exported.rows / exported.wall:,.0f} SDTM rows a second; memory {memory / size:.1f} times the size of the files."
    yield f"- {exported.wall:.1f} s from the cut to the last byte, {exported.cpu:.1f} s of CPU; {memory:,.0f} MB at the peak."
    yield f"- {filled.records:,} records became {exported.rows:,} SDTM rows and {size:,.0f} MB of files, past the gate."
    yield f"- The ledger had taken the records in bulk, one entry a subject, in {filled.wall:.1f} s."
    yield ""


def results(both: Compared) -> Iterator[str]:
    """What laboratory results cost from the database to their files, beside the straightforward way."""
    ours, plain = both.ours, both.plain
    times, less = plain.cpu / ours.cpu, ours.memory / plain.memory
    transport = ours.steps["sdtm/lb.xpt"]
    yield from (f"## Exporting {both.rows:,} laboratory results: SQLite", "")
    yield "- CPU from the database to transport file, Dataset-JSON and Parquet: the exporter being 1, one `read_sql`, plain"
    yield f"  pandas and pyreadstat {times:.1f}; equal contents. Peak of memory: the exporter's is {less:.0%} of the other's."
    size = both.size / MEGABYTE
    yield f"- The transport file: {transport / both.copy:.1f} times the CPU of a plain write of its {size:,.0f} MB."
    yield "  The exporter's time has the gate and every algorithm of the mapping; the other knows five tests in one unit."
    yield from ("", "| step | exporter, CPU s | plain, CPU s |", "|---|--:|--:|")
    for step in (READ, *(name for name in ours.steps if name != READ)):
        yield f"| {step} | {ours.steps[step]:.2f} | {plain.steps[step]:.2f} |"
    yield f"| all, by the clock | {ours.wall:.1f} | {plain.wall:.1f} |"
    yield f"| peak of memory, MB | {ours.memory / MEGABYTE:,.0f} | {plain.memory / MEGABYTE:,.0f} |"
    yield ""
