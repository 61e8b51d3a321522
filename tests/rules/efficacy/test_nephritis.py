"""Renal response at a timepoint from the results of a casebook."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.rules import derive
from app.rules.explain import sentences
from app.rules.facts import Event, Facts
from app.rules.study import Settings
from app.rules.verdict import Value, Verdict, rests_on
from tests.rules import build
from tests.rules.cases import cases, truth
from tests.rules.measured import measured

AT_M3 = date(2025, 6, 1)
ASKING = Settings(further=frozenset({"renal_response"}))


def known(results: str, rescue: str = "no") -> Facts:
    """A child of 150 cm seen at M3, with results counted from that visit; `rescue` as it was adjudicated."""
    height = measured("-100 height 150 cm - -", AT_M3)
    event = Event("RESCUE_GLUCOCORTICOID", "2025-05-20", truth(rescue))
    return build.facts(build.m3(), events=(event,), settings=ASKING, birth="2011-03", results=height + measured(results, AT_M3))


def told(facts: Facts) -> dict[str, Verdict]:
    """Both responses at M3."""
    return {verdict.rule.id: verdict for verdict in derive.verdicts(facts, ("crr", "perr")) if verdict.about == "M3"}


@cases("nephritis")
def test_a_response_is_read_from_the_results_nearest_to_the_visit(case: dict[str, str]) -> None:
    found = told(known(case["results"], case["rescue"]))

    assert {name: case[name] for name in ("crr", "perr")} == {name: str(verdict.value) for name, verdict in found.items()}
    assert case["missing"] == "; ".join(found["crr"].missing)


def test_without_a_visit_no_result_is_near() -> None:
    facts = build.facts(build.visit("M4", "2025-07-01"), settings=ASKING, results=measured("0 upcr 0.4 g/g - -", AT_M3))

    assert "UPCR" in told(facts)["crr"].missing


def test_it_rests_on_the_results_and_is_told_in_sentences() -> None:
    before = "-400 filtration_before_flare 60 mL/min/1.73m2 - -"
    found = told(known(f"0 upcr 0.4 g/g - -; 0 creatinine 50 umol/L - -; {before}"))["crr"]
    text = sentences(found)

    assert "Complete renal response (BLISS-LN) at M3 is met." == text[0]
    assert any(sentence.startswith("Yes: a UPCR within the limit") for sentence in text)
    assert any("enough: 90 mL/min/1.73m2; or of the value before the flare: 90 %" in sentence for sentence in text)
    assert any("UPCR: 0.4 g/g; below: 0.5 g/g" in sentence for sentence in text)
    assert "eGFR before the flare: 60 mL/min/1.73m2." in text
    assert {"laboratory", "visit"} == {source.form for source in rests_on(found)}


@pytest.mark.parametrize(
    ("day", "taking", "value"),
    [
        (167, "15 prednisone", Value.MET),
        (168, "15 prednisone", Value.NOT_MET),
        (168, "10 prednisone", Value.MET),
        (168, "10.1 prednisone", Value.NOT_MET),
        (168, "-", Value.NOT_EVALUABLE),
    ],
)
def test_from_week_24_on_at_most_10_mg_of_prednisone_are_taken(day: int, taking: str, value: Value) -> None:
    on = date(2025, 3, 3) + timedelta(days=day)
    results = measured("-9 height 150 cm - -; 0 upcr 0.4 g/g - -; 0 creatinine 50 umol/L - -", on)
    visit = build.visit("M6", on.isoformat(), taking=taking)
    found = derive.verdicts(build.facts(visit, settings=ASKING, birth="2011-03", results=results), ("crr", "perr"))

    assert [value, value] == [verdict.value for verdict in found if verdict.about == "M6"]
