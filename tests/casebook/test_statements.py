"""
How many statements a save takes, counted exactly on both databases.

Counted is every statement inside the writing transaction, from the lock to the last row; signing in is a transaction of its
own. Of a save that moves a verdict these are: the lock (on SQLite BEGIN IMMEDIATE stands in its place), one SELECT of all that
the decision needs, the record's identity where it is new, the entry, the values, one SELECT for each table that the rules of
the form read, the verdicts as they stand, the system's entry, the verdicts that changed. With one table that is 8 for a
correction and 9 for a new record. A form that no rule reads ends with its values. A panel takes no more than one form.
Three acts ask one thing more: a dose, whether the subject is eligible; a visit, which numbers are taken; a query, to be kept.
A dose that is recorded as given is asked at its gates before it is kept: one SELECT more for each table that the gates read
which the study document sets to `refuse`. A dose that was not given is not, nor is any other form.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from app.casebook.database import WRITES
from app.rules import derive
from tests.casebook import build
from tests.casebook.build import DEMO, MISREAD, MISTAKE, OTHER, SUBJECT, Service

CORRECTION, RECORD = 8, 9
"""Where the rules of the form read one table."""
RECEIVED = {"berefid": "COI-1", "beterm": "Received", "bedecod": "RECEIVING", "bestdtc": build.day(-1)}
REFUSING = [f"gate_{name}" for name in ("decision", "lot", "level", "identity", "toxicity", "dose", "dlt")]
"""The gates of a dose that the study document sets to refuse."""
MOVED = 2
"""The system's entry and its verdicts, where a save moves any."""
DRUG = {"cmtrt": "Prednisone", "cmdecod": "PREDNISONE", "cmcat": "GLUCOCORTICOID", "cmdosu": "mg", "cmdosfrq": "QD"}
TAKEN = DRUG | {"cmroute": "ORAL", "cmdose": "10", "cmstdtc": "2024-09", "cmongo": "Y"}
REVIEW = {"visit": "M3", "rvdtc": build.day(90), "haemolys": "N", "giactiv": "N", "bgstable": "Y", "bgtolrtd": "Y"}
RESCUE = {"icetype": "RESCUE_GLUCOCORTICOID", "icestdtc": build.day(50), "icecount": "Y"}
SAVES: dict[str, tuple[str, Any, dict[str, Any]]] = {
    "assessment": (
        "assessments",
        {"visit": "M4", "instrument": "PGA", "answers": build.pga("2.9")},
        {"answers": build.pga("1.1")},
    ),
    "medication": ("medications", TAKEN, {"cmdose": "7.5"}),
    "lupus_review": ("lupus-reviews", REVIEW, {"haemolys": "Y"}),
    "intercurrent_event": ("intercurrent-events", RESCUE, {"icecount": None}),
    "toxicity_observation": ("toxicity-observations", [build.fever(hours) for hours in (12, 24, 36)], {"temp": "36.9"}),
}
"""By captured table: its path, a body or a panel, and a correction of it; each moves a verdict of the subject below."""


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """The statements of writing transactions."""
    seen: list[str] = []

    def note(connection: Connection, _: Any, statement: str, *__: Any) -> None:
        if connection.get_execution_options().get(WRITES):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def further(table: str) -> int:
    """The tables that the rules of a form read beside the first."""
    return len(derive.tables(derive.affected(table))) - 1


@pytest.fixture
def warm(responder: Service) -> Service:
    """A subject with a baseline, an infusion, M3 and an M4 without its PGA, on a service that has read its documents."""
    build.visit(responder, "M4", 120)
    build.assess(responder, "M4", build.sledai())
    return responder


@pytest.mark.parametrize("table", SAVES)
def test_a_save_takes_the_statements_of_the_plan_and_no_more(warm: Service, table: str) -> None:
    path, body, changes = SAVES[table]

    with statements(warm.engine) as recorded:
        first = build.enter(warm, path, body)["records"][0]
    with statements(warm.engine) as corrected:
        second = warm.site.correct(DEMO, SUBJECT, path, first, changes, MISREAD)["records"][0]
    with statements(warm.engine) as withdrawn:
        warm.site.withdraw(DEMO, SUBJECT, path, second, MISTAKE)

    assert RECORD + further(table) == len(recorded), recorded
    assert CORRECTION + further(table) == len(corrected), corrected
    assert CORRECTION + further(table) == len(withdrawn), withdrawn


def test_a_form_that_no_rule_reads_ends_with_its_values(warm: Service) -> None:
    with statements(warm.engine) as recorded:
        first = build.enter(warm, "custody-events", [RECEIVED, RECEIVED])["records"][0]
    with statements(warm.engine) as corrected:
        warm.site.correct(DEMO, SUBJECT, "custody-events", first, {"bestdtc": build.day(-2)}, MISREAD)

    assert [5, 4] == [len(recorded), len(corrected)]


def test_a_dose_asks_one_thing_more_and_its_gates_and_a_planned_visit_nothing(warm: Service) -> None:
    build.eligible(warm, OTHER)
    build.assessed(warm, "BASELINE", -6, subject=OTHER)

    with statements(warm.engine) as dosed:
        first = build.infuse(warm, subject=OTHER)["records"][0]
    with statements(warm.engine) as corrected:
        warm.site.correct(DEMO, OTHER, "infusions", first, {"ecdose": "1"}, MISREAD)
    with statements(warm.engine) as missed:
        build.infuse(warm, subject=OTHER, ecoccur="N", ecreasoc="Infection")
    with statements(warm.engine) as visited:
        build.visit(warm, "M3", 90, OTHER)

    assert RECORD + further("infusion") + 1 + len(derive.tables(REFUSING)) == len(dosed), dosed
    assert CORRECTION + further("infusion") + len(derive.tables(REFUSING)) == len(corrected), corrected
    assert RECORD + further("infusion") + 1 - MOVED == len(missed), missed
    assert RECORD + further("visit") == len(visited)


def test_a_query_takes_one_statement_to_open_and_two_to_close(warm: Service) -> None:
    reaction = {"aespid": "AE-CRS", "aeterm": "CRS", "aestdtc": build.day(0), "aetoxgr": "2"}
    build.enter(warm, "toxicity-observations", build.fever())

    with statements(warm.engine) as opened:
        first = build.enter(warm, "adverse-events", reaction)
    with statements(warm.engine) as closed:
        second = warm.site.correct(DEMO, SUBJECT, "adverse-events", first["records"][0], {"aetoxgr": "1"}, MISREAD)

    assert ["open", "closed"] == [answer["queries"][0]["state"] for answer in (first, second)]
    assert [RECORD + further("adverse_event") + 1, CORRECTION + further("adverse_event") + 2] == [len(opened), len(closed)]
