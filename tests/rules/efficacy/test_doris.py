"""Remission: DORIS, childhood remission with and without glucocorticoids, and drug-free."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from app.rules.efficacy.doris import ccr, ccr0, doris, drug_free_remission
from app.rules.explain import sentences
from app.rules.facts import Background, Dose, VisitFacts
from app.rules.verdict import Value
from tests.rules import build
from tests.rules.cases import cases, truth


@cases("doris")
def test_remission(case: dict[str, str]) -> None:
    agents = (Dose(case["agents"], Decimal(100)),) if case["agents"] else None
    visit = build.m3(
        present=case["present"],
        mark=case["pga"],
        taking=case["taking"],
        weight=case["weight"],
        background=Background(agents, truth(case["stable"]), None, True, False),
    )
    said = {name: rule(build.at_m3(visit)) for name, rule in RULES.items()}

    assert {name: case[name] for name in RULES} == {name: verdict.value for name, verdict in said.items()}
    assert all((None in build.components(verdict).values()) == bool(verdict.missing) for verdict in said.values())


RULES = {"doris": doris, "ccr": ccr, "ccr0": ccr0, "drug_free": drug_free_remission}


def test_a_change_for_weight_counts_as_stable() -> None:
    grown = replace(build.STANDARD, stable=False, change_reason="weight")

    assert Value.MET is doris(build.at_m3(build.m3(background=grown))).value


def test_without_a_visit_nothing_is_known() -> None:
    for rule in RULES.values():
        assert {None} == set(build.components(rule(build.at_m3(None))).values())


def test_the_components_carry_the_names_of_the_exchange_format() -> None:
    names = ["cSLEDAI_eq_0", "pga_lt_0_5", "glucocorticoid", "stable_background_therapy"]

    assert names == list(build.components(doris(build.at_m3(build.m3()))))


def warned(visit: VisitFacts) -> list[tuple[str, str | None]]:
    """What is told beside a remission, after the visit that it was read at."""
    return [(fact.what, fact.value) for fact in doris(build.at_m3(visit)).evidence[1:]]


def test_what_remission_does_not_look_at_is_told_beside_it() -> None:
    active = build.m3(grades="EEEEEEEBA", haemolysis=True, gut=True)
    words = "The definition does not look at it, and there is activity beside it"

    assert Value.MET is doris(build.at_m3(active)).value
    assert [
        ("warning", words),
        ("renal of BILAG-2004 at M3", "B"),
        ("haematological of BILAG-2004 at M3", "A"),
        ("haemolytic anaemia at M3", "yes"),
        ("gastrointestinal activity at M3", "yes"),
    ] == warned(active)
    assert f"{words}." in sentences(doris(build.at_m3(active)))


def test_nothing_is_told_beside_a_remission_where_nothing_is_active_or_known() -> None:
    assert [] == warned(build.m3(grades="ECEEEEEDE")) == warned(build.m3(grades="-", haemolysis=None, gut=None))
    assert [("gastrointestinal activity at M3", "yes")] == warned(build.m3(gut=True))[1:]
