"""ICAHT and the screen for IEC-HS from the results of a casebook."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from app.rules.effector import haematotoxicity, hyperinflammation, local_toxicities
from app.rules.explain import sentences
from app.rules.facts import Facts, GradedEvent, LocalSigns
from app.rules.study import Settings
from app.rules.verdict import Source, Verdict, rests_on
from tests.rules import build
from tests.rules.cases import cases
from tests.rules.given import given
from tests.rules.measured import measured

INFUSED = date(2025, 3, 3)


def known(case: dict[str, str]) -> Facts:
    """A subject infused on the day from which the results of a case are counted."""
    return build.facts(results=measured(case["results"], INFUSED))


def grade(verdict: Verdict | None) -> str:
    """The grade of a verdict with its bounds, in the shorthand of the table."""
    if verdict is None:
        return ""
    return str(verdict.lowest) if verdict.lowest == verdict.highest else f"{verdict.lowest} to {verdict.highest}"


@cases("effector_neutrophils")
def test_neutrophils_are_graded_early_and_late(case: dict[str, str]) -> None:
    found = {verdict.about: verdict for verdict in haematotoxicity(known(case))}

    assert [case["early"], case["late"]] == [grade(found.get(period)) for period in ("early", "late")]
    assert all(rests_on(verdict) for verdict in found.values())


@cases("effector_ferritin")
def test_a_ferritin_is_screened_with_the_results_of_its_day(case: dict[str, str]) -> None:
    found = list(hyperinflammation(known(case)))

    assert [case["says"]] * bool(case["says"]) == [verdict.value for verdict in found]
    assert [case["missing"].split()] * bool(case["says"]) == [list(verdict.missing) for verdict in found]
    assert all(rests_on(verdict) for verdict in found)


def test_a_grade_and_a_flag_are_told_in_sentences() -> None:
    counts = measured("31 neutrophils 0.9 10^9/L 1.8 -; 40 neutrophils 1.4 10^9/L 1.8 -", INFUSED)
    high = measured("7 ferritin 401 ug/L - 150; 7 alanine_aminotransferase 201 U/L - 40", INFUSED)
    (late,) = haematotoxicity(build.facts(results=counts))
    (flag,) = hyperinflammation(build.facts(results=high))

    assert "ICAHT grade, late, is 1." == sentences(late)[0]
    assert "IEC-HS screening flag on 2025-03-10 needs an answer." == sentences(flag)[0]
    assert "alanine aminotransferase: 201 U/L." in sentences(flag)


def test_a_result_without_a_number_is_no_count_and_no_ferritin() -> None:
    words = tuple(
        replace(one, value=None, qualifier=None)
        for one in measured("7 ferritin 401 ug/L - 150; 7 neutrophils 0.4 10^9/L 1.8 -", INFUSED)
    )
    (screen,) = hyperinflammation(build.facts(results=words))

    assert [] == list(haematotoxicity(build.facts(results=words)))
    assert "ferritin" in screen.missing
    assert Decimal("0.4") not in [one.value for one in words]


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


@cases("effector_licats")
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
