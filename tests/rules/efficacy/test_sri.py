"""SRI-n: three-valued, exact, and never better for being worse."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.efficacy.sledai import WEIGHTS
from app.rules.efficacy.sri import POINTS, sri
from app.rules.efficacy.visits import Baseline, Timepoint
from app.rules.facts import Sledai, VisitFacts
from app.rules.verdict import Criterion, Truth, Value, Verdict, not_
from tests.rules import build
from tests.rules.cases import cases, truth

NO_FAILURE = Criterion("no_intercurrent_failure", True)


def failure(failed: Truth) -> Criterion:
    """Whether an intercurrent event failed the subject."""
    return Criterion("no_intercurrent_failure", not_(failed), (), ("adjudication",) if failed is None else ())


def scored(visit: VisitFacts, items: dict[str, Truth]) -> VisitFacts:
    """A visit with these SLEDAI-2K answers."""
    return replace(visit, sledai=Sledai(items))


@cases("sri")
def test_sri_4_needs_all_four(case: dict[str, str]) -> None:
    """B5, B7: criterion by criterion, with what was missing."""
    then = build.visit("BL", "2025-03-02", present=case["sledai_then"], grades=case["bilag_then"], mark=case["pga_then"])
    now = build.m3(present=case["sledai_now"], grades=case["bilag_now"], mark=case["pga_now"])
    verdict = sri(build.at_m3(now), build.base(then), failure(truth(case["failed"])))

    assert case["verdict"] == verdict.value
    assert [truth(case[name]) for name in ("drop", "worsening", "pga", "failure")] == list(build.components(verdict).values())
    assert case["fall"] == ("" if verdict.amount is None else str(verdict.amount))
    assert (None in build.components(verdict).values()) == bool(verdict.missing)


@pytest.mark.parametrize(("points", "value"), [(4, "met"), (5, "met"), (6, "met"), (7, "not_met"), (8, "not_met")])
def test_sri_n_asks_for_n_points(points: int, value: str) -> None:
    then, now = build.visit("BL", "2025-03-02", present="arthritis rash fever"), build.m3(present="fever")
    verdict = sri(build.at_m3(now), build.base(then), NO_FAILURE, points=points)

    assert (f"sri{points}", value, Decimal(6)) == (verdict.rule.id, verdict.value, verdict.amount)


def test_the_modified_index_leaves_serology_out() -> None:
    then = build.visit("BL", "2025-03-02", present="rash low_complement increased_dna_binding")
    now = build.m3(present="rash low_complement?")
    modified = sri(build.at_m3(now), build.base(then), NO_FAILURE, clinical=True)

    assert ("sri4_clinical", Value.NOT_MET, Decimal(0)) == (modified.rule.id, modified.value, modified.amount)
    assert build.components(modified)["csledai_drop_ge_4"] is False


def test_a_study_may_set_another_worsening() -> None:
    then, now = build.visit("BL", "2025-03-02", present="arthritis", mark="1.0"), build.m3(mark="1.2")

    assert Value.NOT_MET is sri(build.at_m3(now), build.base(then), NO_FAILURE, worsening=Decimal("0.2")).value


def test_it_does_not_apply_before_the_first_infusion() -> None:
    verdict = sri(Timepoint("SCR", build.m3()), build.base(build.active()), NO_FAILURE)

    assert (Value.NOT_APPLICABLE, ()) == (verdict.value, verdict.criteria)


def test_without_a_visit_only_a_failure_decides() -> None:
    """An absent visit is not a failure; an intercurrent failure is one without a visit."""
    none = build.at_m3(None)
    low = build.visit("BL", "2025-03-02", present="rash")

    assert Value.NOT_EVALUABLE is sri(none, build.base(build.active()), NO_FAILURE).value
    assert Value.NOT_EVALUABLE is sri(none, build.base(low), NO_FAILURE).value
    assert Value.NOT_MET is sri(none, build.base(build.active()), failure(True)).value
    assert ("SLEDAI-2K at M3", "BILAG-2004 at M3", "PGA at M3") == sri(none, build.base(build.active()), NO_FAILURE).missing


def test_without_a_baseline_it_is_not_evaluable() -> None:
    verdict = sri(build.at_m3(build.m3()), Baseline(None, None, None), NO_FAILURE)

    assert ("SLEDAI-2K at baseline", "BILAG-2004 at baseline", "PGA at baseline") == verdict.missing


OPEN = ("arthritis", "rash", "fever")
few = st.fixed_dictionaries({key: st.sampled_from([True, False, None]) for key in OPEN})


def index(then: dict[str, Truth], now: dict[str, Truth]) -> Verdict:
    """SRI-4 on these answers, all else quiet."""
    quiet: dict[str, Truth] = dict.fromkeys(WEIGHTS, False)
    base = build.base(scored(build.visit("BL", "2025-03-02"), quiet | then))
    return sri(build.at_m3(scored(build.m3(), quiet | now)), base, NO_FAILURE)


def completions(answers: dict[str, Truth]) -> list[dict[str, Truth]]:
    """Every way in which the missing answers may turn out."""
    absent = [key for key, present in answers.items() if present is None]
    return [answers | dict(zip(absent, choice, strict=True)) for choice in product((True, False), repeat=len(absent))]


@given(few, few)
def test_what_is_not_met_stays_so_however_the_missing_turn_out(then: dict[str, Truth], now: dict[str, Truth]) -> None:
    said = index(then, now).value
    possible = {index(*pair).value for pair in product(completions(then), completions(now))}
    complete = None not in (*then.values(), *now.values())

    assert (said is Value.NOT_MET) == (possible == {Value.NOT_MET})
    assert (said is Value.MET) == (complete and possible == {Value.MET})


@given(few, few, st.sampled_from(OPEN))
def test_one_more_descriptor_now_never_makes_a_responder(then: dict[str, Truth], now: dict[str, Truth], key: str) -> None:
    better, worse = index(then, now | {key: False}).value, index(then, now | {key: True}).value
    rank = [Value.NOT_MET, Value.NOT_EVALUABLE, Value.MET]

    assert rank.index(worse) <= rank.index(better)


@given(few, few)
def test_more_points_are_never_easier(then: dict[str, Truth], now: dict[str, Truth]) -> None:
    quiet: dict[str, Truth] = dict.fromkeys(WEIGHTS, False)
    base = build.base(scored(build.visit("BL", "2025-03-02"), quiet | then))
    at = build.at_m3(scored(build.m3(), quiet | now))
    rank = [Value.NOT_MET, Value.NOT_EVALUABLE, Value.MET]
    reached = [rank.index(sri(at, base, NO_FAILURE, points=points).value) for points in POINTS]

    assert sorted(reached, reverse=True) == reached
