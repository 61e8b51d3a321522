"""Remission before 2021: clinical or complete, on treatment or off it."""

from __future__ import annotations

from decimal import Decimal

from app.rules.efficacy.doris_2017 import RULES, remission
from app.rules.facts import Background, Dose
from tests.rules import build
from tests.rules.cases import cases, truth


@cases("doris_2017")
def test_an_earlier_remission(case: dict[str, str]) -> None:
    agents = (Dose(case["agents"], Decimal(100)),) if case["agents"] else None
    background = Background(agents, truth(case["stable"]), None, True, False)
    visit = build.m3(present=case["present"], mark=case["pga"], taking=case["taking"], background=background)
    said = {name: remission(rule, build.at_m3(visit)) for name, rule in RULES.items()}

    assert {name: case[name.removeprefix("doris_")] for name in RULES} == {name: one.value for name, one in said.items()}
    assert all((None in build.components(verdict).values()) == bool(verdict.missing) for verdict in said.values())


def test_without_a_visit_nothing_is_known() -> None:
    for rule in RULES.values():
        assert {None} == set(build.components(remission(rule, build.at_m3(None))).values())
