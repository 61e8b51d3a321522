"""A rise in treatment that no intercurrent event tells of is asked about; nothing of it decides an endpoint."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from app.rules.derive import verdicts
from app.rules.explain import sentences
from app.rules.facts import Background, Dose, Event, Facts, VisitFacts
from app.rules.verdict import Source, Value, Verdict
from tests.rules import build
from tests.rules.cases import cases

SAYS = {"yes": Value.FLAGGED, "no": Value.CLEAR, "": Value.NOT_EVALUABLE}
DRUGS = {"mmf": "mycophenolate mofetil"}


def doses(cell: str, *, named_first: bool) -> tuple[Dose, ...] | None:
    """Doses a day, `drug mg` or `mg drug` apart by a plus, `for AE-1` behind them; `none`; `-` is not recorded."""
    if cell in ("-", "none"):
        return () if cell == "none" else None
    parts = (each.partition(" for ") for each in cell.split(" + "))
    words = [(*(dose.split() if named_first else reversed(dose.split())), event or None) for dose, _, event in parts]
    return tuple(
        Dose(DRUGS.get(drug, drug), None if mg == "?" else Decimal(mg), source=Source("medication", drug, 1), event=event)
        for drug, mg, event in words
    )


def treated(visit: VisitFacts, glucocorticoids: str, agents: str, reason: str = "") -> VisitFacts:
    """A visit with its treatment."""
    taken = Background(doses(agents, named_first=True), None, reason or None)
    return replace(visit, glucocorticoids=doses(glucocorticoids, named_first=False), background=taken)


def asked(facts: Facts) -> list[Verdict]:
    """What is asked of the treatment."""
    return list(verdicts(facts, ["check_treatment_raised"]))


@cases("raised")
def test_treatment_is_held_beside_that_at_the_baseline(case: dict[str, str]) -> None:
    then = treated(build.active(), case["then_gc"], case["then_agents"])
    now = treated(build.m3(), case["now_gc"], case["now_agents"], case["reason"])
    type_, _, start = case["event"].partition(" ")
    [found] = asked(build.facts(then, now, events=(Event(type_, start, None),) if type_ else ()))

    assert ("M3", SAYS[case["flagged"]]) == (found.about, found.value)
    assert (found.value is Value.NOT_EVALUABLE) == bool(found.missing)


def test_the_question_shows_the_sums_and_what_is_new_or_higher() -> None:
    then = treated(build.active(), "15 prednisone", "mmf 1000 + azathioprine 50")
    now = treated(build.m3(), "20 prednisone + 40 prednisone for AE-1", "mmf 1500 + azathioprine 50 + belimumab 100")
    [found] = asked(build.facts(then, now))

    assert sentences(found) == [
        "Treatment of lupus raised since the baseline at M3 needs an answer.",
        "Record the intercurrent event with its adjudication, or correct the treatment.",
        "prednisone equivalent for lupus at BL: 15 mg a day.",
        "prednisone equivalent for lupus at M3: 20 mg a day.",
        "mycophenolate mofetil at BL: 1000 mg a day.",
        "mycophenolate mofetil at M3: 1500 mg a day.",
        "belimumab at M3: 100 mg a day.",
    ]
    assert ["prednisone"] * 2 == [fact.source.record for fact in found.evidence[1:3] if fact.source]


def test_what_is_missing_is_named_at_its_visit() -> None:
    then, now = treated(build.active(), "-", "mmf ?"), treated(build.m3(), "10 prednisone", "mmf 1000 + azathioprine 50")
    named = ["prednisone equivalent for lupus at BL", "mycophenolate mofetil at BL and M3"]
    one = replace(now, background=replace(now.background or Background(), agents=doses("mmf 1000", named_first=True)))

    assert [Value.FLAGGED] == [verdict.value for verdict in asked(build.facts(then, now))]
    assert [tuple(named)] == [verdict.missing for verdict in asked(build.facts(then, one))]
    bare = asked(build.facts(then, replace(one, background=None)))
    assert [(named[0], "background agents at M3")] == [verdict.missing for verdict in bare]


@pytest.mark.parametrize(
    ("visits", "said"),
    [
        ((build.active(),), []),
        ((build.active(), build.m3()), ["M3"]),
        ((build.active(), build.visit("D5", "2025-03-03"), build.visit("D6", "2025-03-04")), ["D6"]),
        ((build.active(), build.m3(present="-")), []),
        ((build.m3(),), []),
        ((build.visit("BL", "2025-03-02", present="-", grades="-"), build.m3()), ["M3"]),
    ],
)
def test_every_assessment_after_the_first_infusion_is_asked_about(visits: tuple[VisitFacts, ...], said: list[str]) -> None:
    """Of the day of the infusion without a time it is not known whether it came after; a baseline is one of any instrument."""
    assert said == [verdict.about for verdict in asked(build.facts(*visits))]
    assert [] == asked(build.facts(*visits, first_infusion=None))
