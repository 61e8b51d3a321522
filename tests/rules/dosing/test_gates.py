"""What stops a dose: each gate by a table of cases; what is off says nothing; what is seen later never moves a gate (B12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given as given_
from hypothesis import strategies as st

from app.rules import explain
from app.rules.derive import verdicts
from app.rules.dosing.gates import GATES
from app.rules.facts import Arm, Denied, Facts, Given, Infection, LevelDecision, Limiting, Lot, Toxicity, Weight
from app.rules.safety.episodes import course_of
from app.rules.study import Settings, Tier
from app.rules.verdict import Source, Value
from tests.rules import build
from tests.rules.cases import cases
from tests.rules.given import given
from tests.rules.measured import measured

SAYS = {"yes": [Value.FLAGGED], "no": [Value.CLEAR], "": [Value.NOT_EVALUABLE], "nothing": []}
TIERS = {"L1": (Tier("LOW", Decimal(10), Decimal(40)), Tier("HIGH", Decimal(40)))}
AT = "2025-03-06T10:00"
LIMITS = {"neutrophils": Decimal("0.5"), "haemoglobin": Decimal(70)}
"""Limits of blood counts, where a case names counts: `day quantity result unit`, apart by ` + `."""


def settings(mode: Any = "refuse", **differs: Any) -> Settings:
    """A study with two levels and every gate in one mode."""
    return Settings(
        gates=dict.fromkeys(GATES, mode),
        levels=("L1", "L2"),
        tiers=TIERS if differs.get("tiers") else {},
        autologous=bool(differs.get("autologous")),
        toxicity_grade=int(differs.get("limit", 2)),
        unknown_stops=frozenset(GATES) if differs.get("strict") else frozenset(),
        count_limits=LIMITS if "counts" in differs else {},
        count_days=int(differs["young"]) if "young" in differs else None,
        thaw_minutes=60 if "thawed" in differs else None,
        dose_tolerance=Decimal(differs.get("tolerance", 0)),
    )


def observation(differs: dict[str, Any]) -> Toxicity:
    """An observation that differs as it is said."""
    pressure = {"hypotension": differs["hypotension"]} if "hypotension" in differs else {}
    pressure |= {"systolic": None, "vasopressors": None} if pressure.get("hypotension", False) is None else {}
    return build.seen(
        at=differs["seen"],
        temperature_c=differs.get("temperature", Decimal("36.8")),
        seizure=differs.get("seizure", "NONE"),
        **pressure,
    )


def observed_first(differs: dict[str, Any]) -> tuple[Toxicity, ...]:
    """An earlier observation where a case has one: quiet, or with fever, hypotension and a brief seizure."""
    ill = {"temperature_c": Decimal("39.1"), "hypotension": True, "seizure": "CLINICAL_RESOLVED_RAPIDLY"}
    at = differs.get("first_seen")
    return (build.seen("T0", at, **(ill if differs.get("was_ill") else {})),) if at else ()


def limiting(differs: dict[str, Any]) -> tuple[Limiting, ...]:
    """What was adjudicated, where a case says when it began; before it, one that was not limiting."""
    if "began" not in differs:
        return ()
    one = Limiting("AE2", differs.get("dlt", True), differs["began"], differs.get("ended"), Source("dlt_assessment", "D1", 1))
    return (Limiting("AE1", False, "2025-03-04"), one)


def facts(mode: Any = "refuse", **differs: Any) -> Facts:
    """A dose that passes every gate but for what differs."""
    dose = Given(
        "dose",
        differs.get("at", AT),
        differs.get("level", "L1"),
        differs.get("lot", "LOT-1"),
        differs.get("kg"),
        differs.get("identity", True),
        differs.get("thawed"),
        Source("infusion", "dose", 1),
        amount=differs.get("amount"),
        unit="10^6 cells",
        stated="planned" in differs,
        planned=differs.get("planned"),
        coi=differs.get("read"),
    )
    earlier = [
        Given(name, differs[name], weight_kg=differs.get(f"kg_{name}")) for name in ("long_before", "before") if name in differs
    ]
    decided = differs.get("decision", "OPEN")
    effective = differs.get("effective", "2025-02-20T08:00")
    lot = Lot(
        "LOT-1",
        differs.get("status", "RELEASED"),
        differs.get("released", "2025-01-15"),
        differs.get("expires", "2026-01"),
        differs.get("subject"),
        differs.get("coi"),
    )
    arms = (Arm("dose", "A1", differs.get("arm_level", "L1"), differs.get("entered", "2025-03-01")),)
    left = (Arm("left", "A0", differs["arm_before"], "2025-02-25"),) if "arm_before" in differs else ()
    counts = "; ".join(f"{one} - -" for one in str(differs.get("counts") or "").split(" + ") if one)
    return Facts(
        settings=settings(mode, **differs),
        subject="S-1",
        doses=(*earlier, dose),
        arms=(*left, *arms) if differs.get("arm", "A1") is not None else (),
        decisions=(LevelDecision(differs.get("on", "L1"), decided, effective, differs.get("signed", True)),) if decided else (),
        lots=(lot,),
        toxicity=(*observed_first(differs), *((observation(differs),) if "seen" in differs else ())),
        results=measured(counts, date(2025, 3, 6)),
        infections=(Infection("Pneumonia", differs["ill"], differs.get("well")),) if "ill" in differs else (),
        limiting=limiting(differs),
        infections_denied=(Denied(differs["denied"]),) if "denied" in differs else (),
        weights=(Weight("2025-03-05", differs["measured"]),) if "measured" in differs else (),
    )


@cases("gates")
def test_a_gate_of_a_dose(case: dict[str, str]) -> None:
    found = [each for each in verdicts(facts(**given(case["differs"])), [case["gate"]]) if each.about == "dose"]

    assert SAYS[case["flagged"]] == [each.value for each in found]
    assert all(case["because"].lower() in " ".join(explain.sentences(each)).lower() for each in found)
    assert all((each.value is Value.NOT_EVALUABLE) == bool(each.missing) for each in found)


def test_grades_at_a_dose_are_dated_by_the_last_observation() -> None:
    known = facts(first_seen="2025-03-02T10:00", seen="2025-03-05T10:00")
    (found,) = verdicts(known, ["gate_toxicity"])

    assert {"2025-03-05T10:00"} == {fact.at for fact in found.evidence if fact.what.endswith("when last observed")}
    assert ["2025-03-05T10:00"] == [fact.value for fact in found.evidence if fact.what.startswith("last observation")]


def test_of_several_answers_that_there_was_no_infection_the_last_is_told() -> None:
    asked = replace(facts(), infections_denied=tuple(Denied(f"2025-03-0{day}") for day in (1, 2, 3)))
    (found,) = verdicts(asked, ["gate_infection"])

    assert ["2025-03-03"] == [fact.at for fact in found.evidence if fact.what == "infection"]


def test_a_gate_that_is_decided_asks_for_nothing_more_where_unknown_stops() -> None:
    (found,) = verdicts(facts(strict=True, thawed="2025-03-06T08:59"), ["gate_thaw"])

    assert Value.FLAGGED is found.value
    assert all(fact.value is not None for fact in found.evidence)


@pytest.mark.parametrize("mode", ["query", "refuse"])
def test_a_gate_says_the_same_whatever_follows_from_it(mode: str) -> None:
    wrong = facts(mode, lot=None, identity=None, arm_level="L2", decision=None)

    assert ["enrolment", "decision", "lot", "level", "identity"] == [
        each.rule.id.removeprefix("gate_") for each in verdicts(wrong) if each.value is Value.FLAGGED
    ]


def test_a_dose_is_not_measured_where_no_document_states_one() -> None:
    assert () == verdicts(Facts(settings(), "S-1", doses=(Given("dose", AT),)), ["gate_dose"])


def test_a_gate_that_is_off_says_nothing() -> None:
    assert () == verdicts(facts("off", lot=None), [each.rule.id for each in GATES.values()])
    assert () == verdicts(Facts(Settings(), "S-1", doses=(Given("dose", AT),)), [each.rule.id for each in GATES.values()])


@given_(
    st.lists(st.tuples(st.sampled_from(["36.5", "39.1"]), st.booleans(), st.booleans()), min_size=1, max_size=6),
    st.integers(1, 4),
)
def test_the_short_way_to_a_grade_leads_where_the_long_one_does(course: list[tuple[str, bool, bool]], limit: int) -> None:
    """An observation that stays below the limit whatever came before it is not graded within its episode."""
    seen = [
        build.seen(
            str(place),
            at=f"2025-03-05T{place:02}:00",
            temperature_c=Decimal(temperature),
            hypotension=low,
            given=("PARACETAMOL",) if drug else (),
        )
        for place, (temperature, low, drug) in enumerate(course)
    ]
    known = Facts(settings(limit=limit), "S-1", doses=(Given("dose", AT),), toxicity=tuple(seen))
    grade = course_of(seen)[0][-1].grade

    (found,) = verdicts(known, ["gate_toxicity"])

    assert (found.value is Value.FLAGGED) == (grade.lowest >= limit)
    assert (found.value is Value.CLEAR) == (grade.highest < limit)


@given_(st.sampled_from(["36.5", "39.1"]), st.booleans(), st.sampled_from(["36.5", "39.1"]), st.booleans())
def test_what_is_seen_after_a_dose_never_moves_its_gate(before: str, low: bool, after: str, lower: bool) -> None:
    earlier = build.seen("one", at="2025-03-05T10:00", temperature_c=Decimal(before), hypotension=low)
    later = build.seen("two", at="2025-03-06T11:00", temperature_c=Decimal(after), hypotension=lower)
    known = [Facts(settings(), "S-1", doses=(Given("dose", AT),), toxicity=seen) for seen in ((earlier,), (earlier, later))]

    assert verdicts(known[0], ["gate_toxicity"]) == verdicts(known[1], ["gate_toxicity"])
