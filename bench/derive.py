"""
What deriving costs: one subject on a save, and a whole study in one pass beside the same verdicts as array arithmetic.

The share of a save is by the clock, as who waits for it sees it; a pass is CPU alone, since nothing in it waits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from uuid_utils.compat import uuid7

from app.casebook import database, facts, settle, write
from app.casebook.ledger import Act, Actor
from app.casebook.studies import library
from app.rules import derive
from app.rules.facts import Facts
from app.rules.verdict import Value, Verdict
from app.tables.efficacy import Assessment
from bench import vectorised
from tests.casebook import build
from tests.casebook.build import DEMO, SUBJECT, Service
from tests.servers import Server

SAME = ("sledai2k", "sri4", "lldas", "doris")
"""The rules that are computed both ways."""
UNPLANNED = (200, 215, 230, 245, 260, 275)
FLOOR_RUNS = 9
READ = derive.affected("assessment")


@dataclass(frozen=True, slots=True)
class Share:
    """A SLEDAI-2K corrected in a subject of so many visits, median seconds: the save, what it derives, the rules alone."""

    visits: int
    save: float
    news: float
    rules: float


@dataclass(frozen=True, slots=True)
class Whole:
    """
    A pass over a study: CPU seconds of the arrays, of the same verdicts by the rules, and of every rule, with how many those
    gave. `met`: the share of subjects and visits at which each of the endpoints is met.
    """

    subjects: int
    visits: int
    floor: float
    same: float
    every: float
    verdicts: int
    met: dict[str, float]


def whole(subjects: int, visits: int, progress: Callable[[], None]) -> Whole:
    """A study derived both ways; refused where they differ. `progress` is told of each subject, twice."""
    cohort = vectorised.cohort(subjects, visits)
    known = vectorised.facts(cohort)
    same, found = _pass(known, SAME, progress)
    floor = vectorised.said(cohort)
    equal(floor, found)
    every, all_found = _pass(known, None, progress)
    met = {rule: float(floor[rule].mean()) for rule in SAME[1:]}
    seconds = median(_timed(lambda: vectorised.said(cohort), time.process_time) for _ in range(FLOOR_RUNS))
    return Whole(subjects, visits, seconds, same, every, sum(map(len, all_found)), met)


def _pass(
    known: Sequence[Facts], rules: Iterable[str] | None, progress: Callable[[], None]
) -> tuple[float, list[tuple[Verdict, ...]]]:
    """The CPU seconds that the rules alone took, and what they said of each subject."""
    seconds, said = 0.0, []
    for each in known:
        began = time.process_time()
        said.append(derive.verdicts(each, rules))
        seconds += time.process_time() - began
        progress()
    return seconds, said


def equal(floor: dict[str, NDArray[Any]], found: list[tuple[Verdict, ...]]) -> None:
    """Refuse where a verdict of the rules is not the number, or the truth, that the arrays hold in its place."""
    for rule, expected in floor.items():
        each = [[_plain(verdict) for verdict in said if verdict.rule.id == rule] for said in found]
        if not np.array_equal(expected, np.array(each)):
            raise AssertionError(f"{rule}: the rules and the arrays differ")


def _plain(verdict: Verdict) -> int | bool | None:
    if verdict.value is Value.COMPUTED and verdict.amount is not None:
        return int(verdict.amount)
    return {Value.MET: True, Value.NOT_MET: False}.get(verdict.value)


def share(server: Server, saves: int, progress: Callable[[], None]) -> Share:
    """Correct one SLEDAI-2K so many times, and derive after each what the save derived; `progress` is told of every one."""
    given = server.migrated()
    with build.opened(given.engine) as service:
        visits, record = _subject(service)
        samples = [_sample(service, record, version, progress) for version in range(1, saves + 1)]
    server.drop(given)
    return Share(visits, *(median(each) for each in zip(*samples, strict=True)))


def _subject(service: Service) -> tuple[int, UUID]:
    """A subject with every planned visit and some that nobody planned, and the SLEDAI-2K of M3; the visits made."""
    build.eligible(service)
    build.infuse(service)
    planned = service.get(f"/studies/{DEMO}")["document"]["visits"]
    visits = [(visit["day"], {"visit": visit["visit"]}) for visit in planned] + [(day, {}) for day in UNPLANNED]
    made = dict(_visit(service, day, name) for day, name in visits)
    return len(made), UUID(made["M3"])


def _visit(service: Service, day: int, name: dict[str, str]) -> tuple[str, str]:
    """One visit with the three instruments; its name, and the record of its SLEDAI-2K."""
    date = build.day(day)
    at = build.enter(service, "visits", name | {"svoccur": "Y", "svstdtc": date})["records"][0]["visit"]
    build.assess(service, at, build.bilag(), "BILAG-2004", rsdtc=date)
    build.assess(service, at, build.pga("1.0"), "PGA", rsdtc=date)
    return at, build.assess(service, at, build.sledai("rash"), rsdtc=date)["records"][0]["record_id"]


def _sample(service: Service, record: UUID, version: int, progress: Callable[[], None]) -> tuple[float, float, float]:
    changes = {"answers": {"arthritis": version % 2 == 1}}
    act = Act(Actor("bench", "coordinator"), uuid7().hex, "bench", "TRANSCRIPTION")
    to = (act, DEMO, SUBJECT, Assessment, record, version, changes)
    save = _timed(lambda: database.attempt(service.engine, lambda connection: write.correct(connection, *to)))
    with database.reading(service.engine) as connection:
        study = library.study(connection, DEMO)
        news = _timed(lambda: settle.news(connection, study, SUBJECT, READ))
        known = facts.gather(connection, study, SUBJECT, derive.tables(READ))
    progress()
    return save, news, _timed(lambda: derive.verdicts(known, READ))


def _timed(act: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    began = clock()
    act()
    return clock() - began
