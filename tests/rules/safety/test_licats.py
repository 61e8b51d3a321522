"""LICATS: the four steps, behind the three conditions of the definition."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from app.rules.explain import sentences
from app.rules.facts import GradedEvent, LocalSigns
from app.rules.safety.effector import local_toxicities
from app.rules.safety.licats import LocalToxicity, licats
from app.rules.study import Settings
from app.rules.verdict import Source, Value, Verdict, rests_on
from tests.rules import build
from tests.rules.cases import cases
from tests.rules.given import given
from tests.rules.measured import measured

INFUSED = date(2025, 3, 3)
SKIN = LocalToxicity(True, True, False, False, False, False, False)


@cases("licats")
def test_the_four_steps(case: dict[str, str]) -> None:
    verdict = licats(replace(SKIN, **given(case["inputs"])))

    assert (Decimal(case["lowest"]), Decimal(case["highest"])) == (verdict.lowest, verdict.highest)
    assert (verdict.value is Value.NOT_GRADABLE) == bool(verdict.missing)


def test_a_local_toxicity_of_which_nothing_is_recorded_is_open_in_every_step() -> None:
    verdict = licats(LocalToxicity(None, None, None, None, None, None, None))

    assert (Decimal(0), Decimal(4)) == (verdict.lowest, verdict.highest)
    assert {None} == {criterion.holds for criterion in verdict.criteria}


def local(start: str, counts: str = "", category: str | None = "LICATS", **asked: Any) -> list[Verdict]:
    """What is said of one event, of which everything but what differs was answered: it was mild, and may be LICATS."""
    day = (INFUSED + timedelta(days=int(start))).isoformat() if start.isdecimal() else start or None
    hospital = asked.pop("hospital", False)
    mild = {"glucocorticoid_over_a_week": False, "inner_organ": False, "intensive_care": False}
    signs = LocalSigns("SKIN", **({"affected_before": True, "other_cause": False} | mild | asked))
    event = GradedEvent("AE1", "Rash", 2, None, day, None, Source("adverse_event", "R1", 1), category=category)
    event = replace(event, criteria={"hospital": hospital}, local=signs)
    settings = Settings(b_cells_depleted_below=Decimal(10))
    return list(local_toxicities(build.facts(settings=settings, results=measured(counts, INFUSED), adverse_events=(event,))))


@cases("licats_events")
def test_a_local_toxicity_is_graded_by_the_b_cells_of_its_time(case: dict[str, str]) -> None:
    (verdict,) = local(case["start"], case["counts"], **given(case["asked"]))

    assert (Decimal(case["lowest"]), Decimal(case["highest"])) == (verdict.lowest, verdict.highest)
    assert [*filter(None, case["missing"].split("; "))] == list(verdict.missing)
    assert Source("adverse_event", "R1", 1) in rests_on(verdict)


def test_only_an_event_that_may_be_local_is_graded_and_told_with_its_facts() -> None:
    unasked: dict[str, Any] = dict.fromkeys(
        ("affected_before", "other_cause", "glucocorticoid_over_a_week", "inner_organ", "intensive_care")
    )
    (verdict,) = local("10", "10 b_cells 2 10^6/L - -", None, hospital=True)

    assert [] == local("10", "", "INFECTION", **unasked)
    assert "LICATS grade at AE1 is 3." == sentences(verdict)[0]
    assert {"organ: SKIN.", "b cells: 2 10^6/L.", "start of Rash: 2025-03-13."} <= set(sentences(verdict))
