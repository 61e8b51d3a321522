"""SLEDAI-2K ticks beside the results of the casebook: which sample counts, what is asked, and that the tick stays (B2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.rules.efficacy import ticks
from app.rules.efficacy.crosscheck import RULE, Status
from app.rules.efficacy.sledai import LAB
from app.rules.explain import sentences
from app.rules.facts import Exclusion, Facts, GradedEvent
from app.rules.study import Settings
from app.rules.verdict import Source, Value, Verdict
from tests.rules import build
from tests.rules.cases import TRUTHS, cases, table
from tests.rules.measured import measured

INFUSED = date(2025, 3, 3)


def known(descriptor: str, ticked: str, results: str, visit_day: int = 90) -> Facts:
    """A subject with one SLEDAI-2K, a descriptor of which was answered, and results counted from its day."""
    on = INFUSED + timedelta(days=visit_day)
    form = build.sledai("", record="R1")
    assert form is not None
    items = dict.fromkeys(form.items) | {descriptor: TRUTHS[ticked]}
    visit = replace(build.visit("V", on.isoformat()), sledai=replace(form, items=items))
    return build.facts(visit, results=measured(results, on))


def told(verdict: Verdict) -> dict[str, str | None]:
    """The evidence of a verdict by name."""
    return {fact.what: fact.value for fact in verdict.evidence}


@cases("ticks")
def test_a_tick_beside_the_samples_of_its_look_back(case: dict[str, str]) -> None:
    """B2: the seven statuses less the one that a recorded reason would give."""
    day = int(case["visit_day"])
    found = list(ticks.checks(known(case["descriptor"], case["ticked"], case["results"], day)))

    assert [case["status"]] * bool(case["status"]) == [told(verdict)["status"] for verdict in found]
    for verdict in found:
        on = (INFUSED + timedelta(days=day + int(case["held_beside"]))).isoformat()
        assert f"V {case['descriptor'].upper()}" == verdict.about
        assert {on} == {fact.at for fact in verdict.evidence if fact.source and fact.source.form == "laboratory"}
        assert case["status"].startswith("query") == (verdict.value is Value.FLAGGED)
        assert case["status"].startswith("lab") == (verdict.value is Value.NOT_EVALUABLE) == bool(verdict.missing)


def test_every_status_that_can_stand_has_a_case() -> None:
    assert set(Status) - {Status.EXPLAINED} == {case["status"] for case in table("ticks") if case["status"]}


@pytest.mark.parametrize(("about", "status"), [("hematuria", Status.EXPLAINED), ("pyuria", Status.NOT_SCORED)])
def test_a_cause_recorded_for_the_descriptor_explains_that_it_is_not_scored(about: str, status: Status) -> None:
    facts = known("hematuria", "no", "0 red_cells_per_field 22 /HPF - -")
    (visit,) = facts.visits
    cause = Exclusion("Menses", Source("descriptor_exclusion", "E1", 1))

    (verdict,) = ticks.checks(replace(facts, visits=(replace(visit, exclusions={about: cause}),)))

    assert told(verdict)["status"] == status
    assert (verdict.value is Value.CLEAR) == (status is Status.EXPLAINED)
    assert ("E1" in {fact.source.record for fact in verdict.evidence if fact.source}) == (status is Status.EXPLAINED)


@pytest.mark.parametrize(("day", "status"), [(-10, Status.NOT_SCORED), (-11, Status.OUTSIDE_WINDOW)])
def test_a_sample_counts_as_many_days_before_as_the_study_looks_back(day: int, status: Status) -> None:
    facts = replace(known("leukopenia", "no", f"{day} white_cells 2.0 10^9/L - -"), settings=Settings(look_back_days=10))

    assert [status] == [told(verdict)["status"] for verdict in ticks.checks(facts)]


@pytest.mark.parametrize(("start", "status"), [("2025-02-26", Status.EXCLUDED), ("2025-03-01", Status.AGREE)])
def test_a_cytopenia_between_lymphodepletion_and_infusion_is_asked_about(start: str, status: Status) -> None:
    facts = replace(known("leukopenia", "yes", "0 white_cells 1.2 10^9/L - -", -3), lymphodepletion_start=start)

    assert [status] == [told(verdict)["status"] for verdict in ticks.checks(facts)]


def test_every_laboratory_descriptor_and_fever_is_checked() -> None:
    assert LAB | {"fever"} == set(ticks.QUANTITIES)


def test_a_question_names_value_unit_date_limit_and_rule_version_in_a_sentence() -> None:
    (verdict,) = ticks.checks(known("proteinuria", "no", "0 upcr 0.62 mg/mg - -"))

    assert [
        "SLEDAI-2K beside its data, proteinuria at V, needs an answer.",
        "UPCR 0.62 mg/mg on 2025-06-01 (limit: above 0.5): the limit is met and proteinuria is not scored. "
        f"Score it, or give the non-lupus reason. [{RULE.id} version {RULE.version}].",
        "proteinuria as scored: no.",
        "UPCR: 0.62 mg/mg.",
    ] == sentences(verdict)


def test_a_descriptor_is_named_in_words() -> None:
    (verdict,) = ticks.checks(known("increased_dna_binding", "no", "0 anti_dsdna 31 IU/mL - 27"))

    assert "increased DNA binding is not scored" in str(told(verdict)["question"])
    assert told(verdict)["increased DNA binding as scored"] == "no"


def test_a_censored_result_is_told_as_it_was_reported() -> None:
    (verdict,) = ticks.checks(known("low_complement", "no", "0 c4 <0.05 g/L 0.1 -"))

    assert str(told(verdict)["question"]).startswith("C4 <0.05 g/L on 2025-06-01 (limit: below the lower limit (C4 0.1))")


@pytest.mark.parametrize(
    ("term", "category", "start", "end", "named"),
    [
        ("CRS", None, "2025-05-31", None, True),
        ("Cytokine release syndrome", None, "2025-05-31", "2025-06-01", True),
        ("Pyrexia", "CRS", "2025-05-31", None, True),
        ("CRS", None, "2025-06-02", None, False),
        ("CRS", None, "2025-05-20", "2025-05-31", False),
        ("CRS", None, None, None, False),
        ("Pneumonia", None, "2025-05-31", None, False),
    ],
)
def test_a_reported_crs_is_named_as_the_likely_cause_of_a_fever(
    term: str, category: str | None, start: str | None, end: str | None, named: bool
) -> None:
    event = GradedEvent("AE1", term, 1, None, start, end, category=category)
    facts = replace(known("fever", "yes", "0 temperature 39.0 C - -"), adverse_events=(event,))
    (verdict,) = ticks.checks(facts)

    assert ("cytokine release syndrome" in str(told(verdict))) == named
    assert (Status.EXCLUDED if named else Status.AGREE) == told(verdict)["status"]


def test_the_last_of_two_temperatures_of_a_day_is_held_beside_the_crs() -> None:
    day = "2025-06-01T08:00 temperature 38.5 C - -; 2025-06-01T18:00 temperature 39.0 C - -"
    event = GradedEvent("AE1", "CRS", 1, None, "2025-06-01T12:00", None)
    (verdict,) = ticks.checks(replace(known("fever", "yes", day), adverse_events=(event,)))

    assert Status.EXCLUDED == told(verdict)["status"]


def test_a_visit_without_the_form_is_not_checked() -> None:
    visit = build.m3(present="-")

    assert [] == list(ticks.checks(build.facts(visit, results=measured("0 upcr 0.9 g/g - -", date(2025, 6, 1)))))
