"""LLDAS and childhood LLDAS: always both, never one for the other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.rules.efficacy.lldas import lldas
from app.rules.efficacy.sledai import WEIGHTS
from app.rules.facts import Sledai, VisitFacts
from app.rules.verdict import Truth, Value
from tests.rules import build
from tests.rules.cases import cases, truth
from tests.rules.efficacy.test_sri import completions


def previous(**differs: Any) -> VisitFacts:
    """The visit at two months."""
    return build.visit("M2", "2025-05-02T09:00", **differs)


@cases("lldas")
def test_lldas_needs_all_five(case: dict[str, str]) -> None:
    """B7: unknown is not no, and no is not unknown."""
    then = previous(present=case["then"], grades=case["bilag_then"])
    now = build.m3(
        present=case["now"],
        grades=case["bilag_now"],
        mark=case["pga"],
        taking=case["taking"],
        weight=case["weight"],
        haemolysis=truth(case["haemolysis"]),
        gut=truth(case["gut"]),
    )
    adult, child = lldas(build.at_m3(now, then)), lldas(build.at_m3(now, then), child=True)
    first = [truth(case[name]) for name in ("c1", "c2", "c3")]

    assert (case["verdict"], case["child"]) == (adult.value, child.value)
    assert [*first, truth(case["c4"]), True] == list(build.components(adult).values())
    assert [*first, truth(case["c4_child"]), True] == list(build.components(child).values())
    assert all((None in build.components(verdict).values()) == bool(verdict.missing) for verdict in (adult, child))


def test_without_a_previous_assessment_nothing_can_be_called_new_or_old() -> None:
    verdict = lldas(build.at_m3(build.m3()))

    assert (Value.NOT_EVALUABLE, ("an assessment before M3",)) == (verdict.value, verdict.missing)


def test_without_a_visit_nothing_is_known() -> None:
    verdict = lldas(build.at_m3(None, previous()))

    assert Value.NOT_EVALUABLE is verdict.value
    assert {None} == set(build.components(verdict).values())


def test_only_the_childhood_definition_asks_for_stability() -> None:
    changed = replace(build.STANDARD, stable=False, change_reason="disease_activity")
    at = build.at_m3(build.m3(background=changed), previous())

    assert (Value.MET, Value.NOT_MET) == (lldas(at).value, lldas(at, child=True).value)


def test_what_is_new_is_named() -> None:
    verdict = lldas(build.at_m3(build.m3(present="rash", grades="EBEEEEEEE", haemolysis=True), previous()))
    new = next(criterion for criterion in verdict.criteria if criterion.key == "c2_no_new_features")

    assert [
        "previous assessment of M3",
        "new: RASH of SLEDAI-2K",
        "new: mucocutaneous of BILAG-2004",
        "new: haemolytic anaemia",
    ] == [fact.what for fact in new.because]


def test_what_is_new_is_dated_and_what_could_be_new_is_named() -> None:
    verdict = lldas(build.at_m3(build.m3(present="rash fever?", grades="EBE?EEEEE", gut=None), previous()))
    lowly, new = verdict.criteria[:2]

    assert {"2025-06-01T09:00"} == {fact.at for fact in new.because[1:]}
    assert (
        "FEVER of SLEDAI-2K at M2 and M3",
        "musculoskeletal of BILAG-2004 at M2 and M3",
        "gastrointestinal activity at M2 and M3",
    ) == new.missing
    assert ("FEVER of SLEDAI-2K at M3", "gastrointestinal activity at M3") == lowly.missing


OPEN = ("arthritis", "leukopenia", "fever")
few = st.fixed_dictionaries({key: st.sampled_from([True, False, None]) for key in OPEN})


def state(then: dict[str, Truth], now: dict[str, Truth]) -> Value:
    """LLDAS on these answers, all else quiet."""
    quiet: dict[str, Truth] = dict.fromkeys(WEIGHTS, False)
    before = replace(previous(), sledai=Sledai(quiet | then))
    return lldas(build.at_m3(replace(build.m3(), sledai=Sledai(quiet | now)), before)).value


@given(few, few)
def test_what_is_decided_stays_so_however_the_missing_turn_out(then: dict[str, Truth], now: dict[str, Truth]) -> None:
    said = state(then, now)
    possible = {state(one, other) for one in completions(then) for other in completions(now)}

    assert said is Value.NOT_EVALUABLE or possible == {said}
    assert said is not Value.MET or None not in now.values()


@given(few, few, st.sampled_from(OPEN))
def test_one_more_descriptor_now_never_makes_low_activity(then: dict[str, Truth], now: dict[str, Truth], key: str) -> None:
    rank = [Value.NOT_MET, Value.NOT_EVALUABLE, Value.MET]

    assert rank.index(state(then, now | {key: True})) <= rank.index(state(then, now | {key: False}))
