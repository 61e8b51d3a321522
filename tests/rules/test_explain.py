"""Verdicts in sentences that a coordinator reads, from the verdict alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from app.rules import derive
from app.rules.explain import ASKED, sentences
from app.rules.facts import Facts
from app.rules.study import Settings
from app.rules.verdict import Evidence, Rule, Value, Verdict, from_json, to_json
from tests.rules import build
from tests.rules.measured import measured

INFUSED = date(2025, 3, 3)


def said(facts: Facts, rule: str, about: str) -> list[str]:
    """The sentences of one verdict."""
    return next(sentences(v) for v in derive.verdicts(facts, [rule]) if v.about == about)


def test_a_verdict_not_met_says_what_it_needed_and_what_there_was() -> None:
    now = build.m3(present="arthritis proteinuria rash increased_dna_binding", mark="-")

    assert [
        "SRI-4 at M3 is not met: it needs a fall of SLEDAI-2K by 4 points or more (SLEDAI-2K at BL: 14 points; "
        "SLEDAI-2K at M3: 12 points; fall of SLEDAI-2K: 2 points).",
        "Unknown: a PGA that has not worsened (PGA at BL: 2 on 0 to 3; PGA at M3: not recorded; "
        "rise that is a worsening: 0.30 on 0 to 3).",
        "Yes: no new BILAG A and at most one new B (BILAG-2004 at BL: EBEBEEEAE; BILAG-2004 at M3: EEEEEEEEE).",
        "Yes: no intercurrent failure.",
        "visit used for M3: M3.",
    ] == said(build.facts(build.active(), now), "sri4", "M3")


def test_a_verdict_not_evaluable_names_what_is_missing() -> None:
    first = said(build.facts(build.active(), build.m3(mark="-")), "sri4", "M3")[0]

    assert "SRI-4 at M3 cannot be evaluated: PGA at M3 missing." == first


def test_several_failed_criteria_are_all_named() -> None:
    first = said(build.facts(build.m3(present="fever", mark="2.0")), "doris", "M3")[0]

    assert first.startswith("DORIS remission at M3 is not met: it needs a clinical SLEDAI-2K of 0 (")
    assert ", and a PGA below 0.5 (PGA at M3: 2 on 0 to 3)." in first


def test_a_number_a_grade_and_a_range_are_told_with_their_day() -> None:
    visit = replace(build.m3(), sledai=build.sledai("rash", record="R1"))
    open_ = build.seen(temperature_c=Decimal(39), vasopressors=None)

    assert "SLEDAI-2K on 2025-06-01T09:00 is 2 points." == said(build.facts(visit), "sledai2k", "R1")[0]
    assert "Highest CRS grade is 0." == said(build.facts(toxicity=(build.seen(),)), "crs_max", "subject")[0]
    assert (
        "CRS grade on 2025-03-04T08:00 lies between 1 and 4 and cannot be graded: "
        "vasopressors running at 2025-03-04T08:00 missing." == said(build.facts(toxicity=(open_,)), "crs", "T1")[0]
    )
    assert [
        "Baseline has been determined.",
        "baseline of SLEDAI-2K: BL.",
        "baseline of BILAG-2004: BL.",
        "baseline of PGA: BL.",
    ] == said(build.facts(build.active()), "baseline", "subject")


def test_what_a_score_may_lie_between_is_told() -> None:
    visit = replace(build.m3(), sledai=build.sledai("rash arthritis? low_complement?", record="R1"))
    words = "ARTHRITIS of SLEDAI-2K at M3, LOW_COMPLEMENT of SLEDAI-2K at M3 missing."

    assert (
        f"SLEDAI-2K on 2025-06-01T09:00 lies between 2 and 8 points and cannot be evaluated: {words}"
        == said(build.facts(visit), "sledai2k", "R1")[0]
    )


def test_a_grade_tells_each_domain_once_those_that_contribute_nothing_first() -> None:
    low = build.seen(temperature_c=Decimal(39), hypotension=True)
    first, *told = said(build.facts(toxicity=(low,)), "crs", "T1")

    assert "CRS grade on 2025-03-04T08:00 is 2." == first
    assert [
        "No: hypoxia",
        "Yes: fever, now or treated earlier in the episode",
        "Yes: hypotension",
        "observation: grade 2.",
    ] == [sentence.partition(" (")[0] for sentence in told]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Value.MET, "Any rule at M3 is met."),
        (Value.NOT_APPLICABLE, "Any rule at M3 does not apply."),
        (Value.FLAGGED, "Any rule at M3 needs an answer."),
        (Value.CLEAR, "Any rule at M3 raises no question."),
        (Value.COMPUTED, "Any rule at M3 has been determined."),
    ],
)
def test_every_value_has_its_words(value: Value, words: str) -> None:
    assert [words, "visit: M3."] == sentences(
        Verdict(Rule("any", "1", "Any rule", "none"), "M3", value, evidence=(Evidence("visit", "M3"),))
    )


def test_a_question_is_told_in_its_own_words() -> None:
    told = (Evidence("question", "Was it so"), Evidence("finding", None))

    assert ["Was it so.", "finding: not recorded."] == sentences(
        Verdict(Rule("any", "1", "Any rule", "none"), "M3", Value.FLAGGED, evidence=told)
    )[1:]


def test_a_stored_verdict_is_explained_in_the_same_words() -> None:
    known = build.facts(build.active(), build.m3(present="rash?"), toxicity=(build.seen(),))

    for verdict in derive.verdicts(known):
        assert sentences(verdict) == sentences(from_json(to_json(verdict)))


def test_every_criterion_has_words() -> None:
    results = (
        *measured("-6 anti_dsdna 90 IU/mL - 27; 9 anti_dsdna 9 IU/mL - 27; -6 c3 0.5 g/L 0.8 -; 9 c3 0.9 g/L 0.8 -", INFUSED),
        *(replace(one, terms=("Anemia",)) for one in measured("9 b_cells 1 10^6/L - -; 9 haemoglobin 95 g/L 110 -", INFUSED)),
    )
    limits = Settings(b_cells_depleted_below=Decimal(10), b_cells_reconstituted_from=Decimal(20))
    known = build.facts(build.active(), build.m3(), toxicity=(build.seen(),), results=results, settings=limits)
    keys = {criterion.key for verdict in derive.verdicts(known) for criterion in verdict.criteria}

    assert {"sledai_rise", "bilag_flare", "seroconverted", "normalised", "depleted", "limits"} <= keys <= set(ASKED)


def test_a_grade_of_a_result_and_an_estimate_are_told_with_their_day() -> None:
    tall, creatinine, count = measured(
        "-6 height 152 cm - -; 9 creatinine 50 umol/L 27 66; 9 neutrophils 0.78 10^9/L 1.8 7.5", INFUSED
    )
    known = build.facts(results=(tall, creatinine, replace(count, terms=("Neutrophil count decreased",))), birth="2013")

    assert [
        "eGFR (bedside Schwartz) on 2025-03-12 is 110.9880 mL/min/1.73m2.",
        "estimated filtration rate: 110.9880 mL/min/1.73m2.",
        "creatinine: 50 umol/L.",
        "height: 152 cm.",
    ] == said(known, "egfr_schwartz", "L2")
    assert "CTCAE v5.0 laboratory grade on 2025-03-12 is 3." == said(known, "ctcae_lab_5", "L3")[0]
