"""BILAG-2004 grades of forms of items, and what rests on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from app.rules.derive import verdicts
from app.rules.efficacy.bilag import DOMAINS
from app.rules.efficacy.bilag_forms import MEASURED, Items, completed, grades
from app.rules.explain import sentences
from app.rules.facts import Bilag, Facts, VisitFacts
from app.rules.verdict import Source, Value, Verdict, rests_on
from tests.rules import build
from tests.rules.cases import cases
from tests.rules.given import given


def items(cell: str) -> Items:
    """A form that differs from the quiet one in what a cell says."""
    differs = given(cell)
    assert set(differs) <= {*build.QUIET_ITEMS, "protein_24h", "acr", "dipstick"}
    return {**build.QUIET_ITEMS, **differs}


def form(name: str, at: str, cell: str) -> VisitFacts:
    """A visit with a form of items, or of grades where the cell is nine letters."""
    visit = build.visit(name, at, grades=cell if len(cell) == len(DOMAINS) and cell.isalpha() else "-")
    source = Source("assessment", f"I-{name}", 1)
    return visit if visit.bilag else replace(visit, bilag=Bilag({}, source=source, items=items(cell)))


def two(before: str, now: str) -> Facts:
    """A subject with a form at baseline and one at M3."""
    first = [] if before == "-" else [form("BL", "2025-03-02T09:00", before)]
    return build.facts(*first, form("M3", "2025-06-01T09:00", now))


def told(facts: Facts) -> Mapping[str, Verdict]:
    return {verdict.about: verdict for verdict in grades(facts)}


@cases("bilag_forms")
def test_a_form_of_items_is_graded_beside_the_form_before(case: dict[str, str]) -> None:
    facts = two(case["before"], case["now"])
    found = told(facts)[f"M3 {case['domain']}"]
    known = {visit.name: visit.bilag.grades for visit in completed(facts).visits if visit.bilag}

    assert (case["grade"] or None) == known["M3"][case["domain"]]
    assert [*filter(None, case["missing"].split("; "))] == list(found.missing)
    assert Source("assessment", "I-M3", 1) in rests_on(found)


@pytest.mark.parametrize(
    ("before", "now", "says"),
    [
        ("skin_eruption_mild=2", "", Value.MET),
        ("", "skin_eruption_severe=4", Value.NOT_MET),
        ("", "renal_ever=?", Value.MET),
        ("", "aortitis=?", Value.NOT_EVALUABLE),
    ],
)
def test_responder_index_and_flare_read_the_grades_that_follow_from_items(before: str, now: str, says: Value) -> None:
    base = replace(form("BL", "2025-03-02T09:00", before), sledai=build.sledai(build.ACTIVE), pga=build.pga("2"))
    found = {(one.rule.id, one.about): one for one in verdicts(build.facts(base, form("M3", "2025-06-01T09:00", now)))}
    flare = {Value.MET: Value.NOT_MET, Value.NOT_MET: Value.MET}

    assert says is found["sri4", "M3"].value
    assert flare.get(says, says) is found["bilag_flare", "M3"].value


def test_a_grade_is_told_by_its_letter_with_what_it_rests_on() -> None:
    found = told(two("upcr=130", "upcr=120; active_sediment=yes"))["M3 renal"]
    open_ = told(two("-", "aortitis=?"))["M3 cardiorespiratory"]

    assert "BILAG-2004 renal grade at M3 is A." == sentences(found)[0]
    assert {"upcr: 120 mg/mmol.", "previous upcr: 130 mg/mmol.", "active sediment: present."} <= set(sentences(found))
    assert {Source("assessment", "I-BL", 1), Source("assessment", "I-M3", 1)} == set(rests_on(found))
    assert sentences(open_)[0].startswith("BILAG-2004 grade from items, cardiorespiratory at M3, lies between")
    assert "lies between E and A and cannot be graded: aortitis missing." in sentences(open_)[0]


def test_grades_that_were_entered_stand_as_they_are() -> None:
    facts = build.facts(build.active(), build.visit("M1", "2025-04-02T09:00", grades="-"))

    assert facts is completed(facts)
    assert {} == told(facts)


@pytest.mark.parametrize(
    ("middle", "grade"),
    [
        ("AEEEEEEEE", "C"),
        ("upcr=130", "B"),
    ],
)
def test_a_measurement_is_held_beside_the_last_form_of_items(middle: str, grade: str) -> None:
    """120 after 160 has decreased by a quarter, after 130 it has not; a form of grades measured nothing."""
    forms = [form("BL", "2025-03-02T09:00", "upcr=160"), form("M1", "2025-04-02T09:00", middle)]
    facts = build.facts(*forms, form("M3", "2025-06-01T09:00", "upcr=120"))
    known = {visit.name: visit.bilag.grades for visit in completed(facts).visits if visit.bilag}

    assert grade == known["M3"]["renal"]
    assert middle != "AEEEEEEEE" or known["M1"] == dict(zip(DOMAINS, middle, strict=True))


def test_a_grade_rests_on_the_time_of_its_form_or_else_of_its_visit() -> None:
    visit = form("M3", "2025-06-01T09:00", "upcr=120")
    assert visit.bilag is not None
    timed = replace(visit, bilag=replace(visit.bilag, at="2025-05-31"))

    assert [{"2025-06-01T09:00"}, {"2025-05-31"}] == [
        {fact.at for fact in told(build.facts(each))["M3 renal"].evidence} for each in (visit, timed)
    ]


def test_only_what_was_measured_is_shown_beside_a_renal_grade() -> None:
    first, later = (told(two(before, "upcr=120"))["M3 renal"].evidence for before in ("-", "upcr=160"))
    measured = {name.replace("_", " ") for name in MEASURED}

    assert all(fact.value for fact in (*first, *later))
    assert {"acr", "dipstick", "protein 24h"}.isdisjoint(fact.what for fact in first)
    assert measured.isdisjoint(fact.what.removeprefix("previous ") for fact in first if fact.what.startswith("previous"))
    assert "previous upcr" in [fact.what for fact in later]
