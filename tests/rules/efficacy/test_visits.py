"""Baseline, windows, previous assessments: always by date and time, never by the order of entry."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.efficacy.visits import Baseline, baseline, baseline_verdict, in_order, passed, previous, timepoint
from app.rules.facts import Event, VisitFacts
from app.rules.study import Settings
from app.rules.verdict import Value
from tests.rules import build
from tests.rules.cases import cases


def listed(text: str) -> list[VisitFacts]:
    """Visits as `name:day` or `name:dayThh:mm`; a name that ends in a hyphen has no SLEDAI-2K; UNS is unscheduled."""
    found = []
    for word in text.split():
        name, _, when = word.partition(":")
        offset, _, time = when.partition("T")
        day = date(2025, 3, 3) + timedelta(days=int(offset))
        kind = "unscheduled" if name.startswith("UNS") else "scheduled"
        present = "-" if name.endswith("-") else ""
        found.append(build.visit(name.rstrip("-"), f"{day.isoformat()}T{time or '09:00'}", kind=kind, present=present))
    return found


@cases("windows")
def test_a_timepoint_is_answered_by_the_visit_in_its_window(case: dict[str, str]) -> None:
    at = timepoint(build.facts(*listed(case["visits"])), "M3")

    assert case["target"] == (at.target.name if at.target else "")
    assert case["previous"] == (at.previous.name if at.previous else "")


@cases("windows")
def test_the_order_of_entry_does_not_matter(case: dict[str, str]) -> None:
    visits = listed(case["visits"])

    assert timepoint(build.facts(*visits), "M3") == timepoint(build.facts(*reversed(visits)), "M3")
    assert baseline(build.facts(*visits)) == baseline(build.facts(*reversed(visits)))


def test_a_timepoint_without_a_visit_still_ends() -> None:
    at = timepoint(build.facts(), "M3")

    assert (None, "2025-06-16T00:00", True) == (at.target, at.until, at.treated)
    assert (None, "M3") == (at.used().value, at.visit.name)


def test_nothing_is_a_timepoint_before_the_first_infusion() -> None:
    untreated = build.facts(*listed("SCR:-20 M3:90"), first_infusion=None)

    assert timepoint(untreated, "M3").target is None
    assert timepoint(untreated, "M3").treated is False
    assert timepoint(untreated, "SCR").treated is False
    assert timepoint(untreated, "SCR").target is not None


@pytest.mark.parametrize(
    ("name", "treated"), [("SCR", False), ("D0pre", False), ("D0post", True), ("UNS1", True), ("NONE", False)]
)
def test_a_visit_can_be_a_timepoint_of_its_own(name: str, treated: bool) -> None:
    at = timepoint(build.facts(*listed("SCR:-20 D0pre:0T08:00 D0post:0T15:00 UNS1:12")), name)

    assert treated is at.treated
    assert (at.target is None) == (name == "NONE")


def names(found: Baseline) -> tuple[str | None, ...]:
    """The visits that hold the baselines of SLEDAI-2K, BILAG-2004 and PGA."""
    return tuple(visit.name if visit else None for visit in (found.sledai, found.bilag, found.pga))


def test_the_baseline_is_the_last_of_each_instrument_before_the_infusion() -> None:
    scr = build.visit("SCR", "2025-02-10T09:00")
    bl = build.visit("BL", "2025-03-02T09:00", mark="-")
    pre = build.visit("D0pre", "2025-03-03T08:00", present="-", mark="?", grades="?????????")
    post = build.visit("D0post", "2025-03-03T15:00")

    assert ("BL", "BL", "SCR") == names(baseline(build.facts(post, pre, bl, scr)))


def test_of_two_assessments_at_one_minute_the_later_visit_holds_the_baseline() -> None:
    form = build.Sledai(dict.fromkeys(build.WEIGHTS, False), at="2025-03-01T08:00")
    early, late = (VisitFacts(name, at, sledai=form) for name, at in (("SCR", "2025-02-10"), ("BL", "2025-03-01")))

    for visits in ((early, late), (late, early)):
        assert "BL" == names(baseline(build.facts(*visits)))[0]


def test_a_visit_entered_twice_is_one_answer() -> None:
    """Two visits of one name and moment cannot be told apart: either is the answer, and nothing fails."""
    twice = build.visit("M3", "2025-06-01T09:00"), build.visit("M3", "2025-06-01T09:00", mark="1.0")
    before = build.visit("BL", "2025-03-01T09:00"), build.visit("BL", "2025-03-01T09:00", mark="1.0")

    assert timepoint(build.facts(*twice), "M3").target in twice
    assert baseline(build.facts(*before)).pga in before


def test_the_evidence_of_a_baseline_is_dated_by_its_assessment_or_else_by_its_visit() -> None:
    own = build.Sledai(dict.fromkeys(build.WEIGHTS, False), at="2025-03-01T08:00")
    dated = baseline_verdict(build.facts(VisitFacts("BL", "2025-03-01T09:00", sledai=own, pga=build.pga("1.0"))))

    assert ["2025-03-01T08:00", None, "2025-03-01T09:00"] == [fact.at for fact in dated.evidence]


def test_an_incomplete_form_is_still_a_baseline_and_an_empty_one_is_not() -> None:
    every = " ".join(f"{key}?" for key in build.WEIGHTS)
    scr = build.visit("SCR", "2025-02-10T09:00")
    incomplete = build.visit("BL", "2025-03-02T09:00", present="arthritis rash?", grades="?BEEEEEEE")
    empty = build.visit("D0pre", "2025-03-03T08:00", present=every)

    assert ("BL", "BL", "BL") == names(baseline(build.facts(scr, incomplete)))
    assert ("BL", "D0pre", "D0pre") == names(baseline(build.facts(scr, incomplete, empty)))


@pytest.mark.parametrize(("tick", "chosen"), [(True, "D0"), (False, "BL"), (None, "BL")])
def test_an_assessment_of_the_infusions_day_needs_a_time_or_a_tick(tick: bool | None, chosen: str) -> None:
    bl = build.visit("BL", "2025-03-02T09:00")
    form = build.Sledai(dict.fromkeys(build.WEIGHTS, False), before_dose=tick)
    on_the_day = VisitFacts("D0", "2025-03-03", sledai=form)
    found = baseline(build.facts(bl, on_the_day))

    assert chosen == names(found)[0]
    assert (("time or pre-dose tick of SLEDAI-2K at D0",) if tick is None else ()) == found.unordered


def test_the_assessments_own_time_outranks_the_visits() -> None:
    form = build.Sledai(dict.fromkeys(build.WEIGHTS, False), at="2025-03-03T08:00")
    found = baseline(build.facts(VisitFacts("D0", "2025-03-03", sledai=form)))

    assert "D0" == names(found)[0]


def test_a_study_may_take_its_baseline_before_the_lymphodepletion() -> None:
    visits = listed("SCR:-20 BL:-1")
    settings = Settings(baseline="before_lymphodepletion")
    conditioned = build.facts(*visits, settings=settings, lymphodepletion_start="2025-02-26T10:00")
    not_conditioned = build.facts(*visits, settings=settings)

    assert ("SCR", "SCR", "SCR") == names(baseline(conditioned))
    assert ("BL", "BL", "BL") == names(baseline(not_conditioned))
    assert build.INFUSION == not_conditioned.treatment_start


def test_a_tick_before_the_infusion_says_nothing_of_the_lymphodepletion() -> None:
    form = build.Sledai(dict.fromkeys(build.WEIGHTS, False), before_dose=True)
    settings = Settings(baseline="before_lymphodepletion")
    found = baseline(
        build.facts(VisitFacts("LD", "2025-02-26", sledai=form), settings=settings, lymphodepletion_start="2025-02-26T10:00")
    )

    assert (None, None, None) == names(found)


def test_the_baseline_verdict_names_visits_and_what_is_missing() -> None:
    bl = build.visit("BL", "2025-03-02T09:00", grades="-")
    known = baseline_verdict(build.facts(bl))
    none = baseline_verdict(build.facts())
    untreated = baseline_verdict(build.facts(bl, first_infusion=None))

    assert Value.COMPUTED is known.value
    assert ["BL", None, "BL"] == [fact.value for fact in known.evidence]
    assert ("BILAG-2004 before treatment",) == known.missing
    assert Value.NOT_EVALUABLE is none.value
    assert Value.NOT_APPLICABLE is untreated.value


@pytest.mark.parametrize(
    ("visits", "death", "expected"),
    [
        ("M2:60", "", False),
        ("M3:104", "", False),
        ("M4:105", "", True),
        ("M2:60", "2025-06-15", True),
        ("M2:60", "2025-06-16", False),
    ],
)
def test_a_window_is_passed_by_a_later_visit_or_a_death(visits: str, death: str, expected: bool) -> None:
    events = (Event("DEATH", death, True),) if death else ()
    window = next(each for each in Settings().windows if each.timepoint == "M3")

    assert expected is passed(build.facts(*listed(visits), events=events), window)


def test_visits_whose_order_is_unknown_are_not_previous_to_each_other() -> None:
    one, other = build.visit("A", "2025-06-01"), build.visit("B", "2025-06-01T09:00")

    assert previous(build.facts(one, other), other) is None
    assert previous(build.facts(one, other), one) is None


@given(st.lists(build.visits(), max_size=5), st.randoms(use_true_random=False))
def test_sorting_is_the_same_from_any_order(visits: list[VisitFacts], random: Random) -> None:
    unique = list({(visit.at, visit.name): visit for visit in visits}.values())
    shuffled = list(unique)
    random.shuffle(shuffled)

    assert in_order(unique) == in_order(shuffled)
