"""Intercurrent failure: what counts, and against which timepoint."""

from __future__ import annotations

from app.rules.efficacy.intercurrent import no_failure
from app.rules.efficacy.visits import timepoint
from app.rules.facts import Event
from tests.rules import build
from tests.rules.cases import cases, truth


@cases("failures")
def test_an_event_counts_against_a_timepoint(case: dict[str, str]) -> None:
    happened = Event(case["type"], case["start"], truth(case["counts"]), case["prescribed_at"] or None)
    visits = [build.m3()] if case["visit"] else []
    known = build.facts(*visits, events=(happened,) if case["type"] else ())
    found = no_failure(known, timepoint(known, "M3"))

    assert truth(case["holds"]) is found.holds
    assert (found.holds is None) == bool(found.missing)
    assert (found.holds is True) == (not found.because)


def test_a_failure_outweighs_an_open_adjudication() -> None:
    events = (Event("DEATH", "2025-05-01", True, detail="sepsis"), Event("PROHIBITED_MEDICATION", "2025-04-01", None))
    known = build.facts(build.m3(), events=events)
    found = no_failure(known, timepoint(known, "M3"))

    assert found.holds is False
    assert ["prohibited medication", "death"] == [fact.what for fact in found.because]
    assert "sepsis" == found.because[1].value
    assert ("adjudication of prohibited medication of 2025-04-01",) == found.missing
