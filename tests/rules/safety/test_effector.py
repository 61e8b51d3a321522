"""ICAHT from the results of a casebook, and the screen for IEC-HS beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from app.rules.explain import sentences
from app.rules.facts import Facts
from app.rules.safety.effector import day_0, haematotoxicity, thrombocytopenia
from app.rules.safety.hyperinflammation import hyperinflammation
from app.rules.study import Settings
from app.rules.verdict import Verdict, rests_on
from tests.rules import build
from tests.rules.cases import cases
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


def test_the_study_says_from_which_infusion_the_days_are_counted() -> None:
    """A count of day 35 after the first infusion is one of day 20 after the last."""
    counts = measured("35 neutrophils 0.4 10^9/L 1.8 -; 36 neutrophils 2 10^9/L 1.8 -; 35 platelets 10 10^9/L - -", INFUSED)
    known = build.facts(results=counts, infusions=("2025-03-18T10:00", build.INFUSION))
    said: dict[str, list[str]] = {}
    for start in ("first_infusion", "last_infusion"):
        asked = replace(known, settings=Settings(haematotoxicity_from=start))
        said[start] = [one.about for one in (*haematotoxicity(asked), *thrombocytopenia(asked))]

    assert {"first_infusion": ["late", "late"], "last_infusion": ["early", "early"]} == said
    assert day_0(build.facts(settings=Settings(haematotoxicity_from="last_infusion"))) == build.INFUSION


def test_a_late_grade_rests_on_the_two_lowest_counts() -> None:
    case = {"results": "31 neutrophils 3 10^9/L 1.8 -; 40 neutrophils 1.4 10^9/L 1.8 -; 50 neutrophils 0.9 10^9/L 1.8 -"}
    (late,) = haematotoxicity(known(case))

    assert ["0.9", "1.4"] == [fact.value for fact in late.evidence]


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
