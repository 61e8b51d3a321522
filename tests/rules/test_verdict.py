"""Kleene's logic, and verdicts as plain JSON."""

from __future__ import annotations

import json
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.verdict import (
    Criterion,
    Evidence,
    Rule,
    Source,
    Truth,
    Value,
    Verdict,
    all_of,
    answered,
    any_of,
    from_json,
    judge,
    not_,
    rests_on,
    to_json,
)

RULE = Rule("sri4", "1", "SRI-4", "Furie 2009")
TRUTHS: tuple[Truth, ...] = (True, False, None)


def completions(truths: tuple[Truth, ...]) -> list[tuple[bool, ...]]:
    """Every way in which what is unknown may turn out."""
    return list(product(*((True, False) if truth is None else (truth,) for truth in truths)))


@given(st.lists(st.sampled_from(TRUTHS), max_size=4).map(tuple))
def test_an_answer_is_given_exactly_where_every_completion_agrees(truths: tuple[Truth, ...]) -> None:
    conjunctions = {all(way) for way in completions(truths)}
    disjunctions = {any(way) for way in completions(truths)}

    assert all_of(truths) is (conjunctions.pop() if len(conjunctions) == 1 else None)
    assert any_of(truths) is (disjunctions.pop() if len(disjunctions) == 1 else None)
    assert all_of(truths) is not_(any_of(not_(truth) for truth in truths))


@pytest.mark.parametrize(
    ("truths", "value"),
    [
        ((True, True), Value.MET),
        ((True, False), Value.NOT_MET),
        ((None, False), Value.NOT_MET),
        ((None, True), Value.NOT_EVALUABLE),
        ((), Value.MET),
    ],
)
def test_any_false_is_not_met_else_any_unknown_is_not_evaluable(truths: tuple[Truth, ...], value: Value) -> None:
    criteria = (Criterion(str(place), truth, (), (f"input {place}",)) for place, truth in enumerate(truths))
    verdict = judge(RULE, "M3", criteria)

    assert value is verdict.value
    assert tuple(f"input {place}" for place, truth in enumerate(truths) if truth is None) == verdict.missing


def test_what_is_missing_is_named_once() -> None:
    twice = [Criterion(key, None, (), ("PGA at M3",)) for key in ("one", "other")]

    assert ("PGA at M3",) == judge(RULE, "M3", twice).missing


@pytest.mark.parametrize(("truth", "value"), [(True, "yes"), (False, "no"), (None, None)])
def test_an_answer_reads_yes_or_no_or_is_missing(truth: Truth, value: str | None) -> None:
    assert Evidence("stable", value, None, "2025-06-01") == answered("stable", truth, "2025-06-01")


texts = st.text(max_size=8)
optional = st.one_of(st.none(), texts)
sources = st.builds(Source, texts, texts, st.integers(1, 9))
facts = st.builds(Evidence, texts, optional, optional, optional, st.one_of(st.none(), sources))
criteria = st.builds(
    Criterion, texts, st.sampled_from(TRUTHS), st.lists(facts, max_size=2).map(tuple), st.lists(texts).map(tuple)
)
numbers = st.one_of(st.none(), st.decimals(allow_nan=False, allow_infinity=False, places=3))
verdicts = st.builds(
    Verdict,
    st.just(RULE),
    texts,
    st.sampled_from(Value),
    st.lists(criteria, max_size=2).map(tuple),
    numbers,
    numbers,
    numbers,
    st.lists(texts).map(tuple),
    st.lists(facts, max_size=2).map(tuple),
)


@given(verdicts)
def test_a_verdict_comes_back_from_json_as_it_went(verdict: Verdict) -> None:
    stored = json.dumps(to_json(verdict))

    assert verdict == from_json(json.loads(stored))


def test_numbers_are_text_with_their_digits() -> None:
    verdict = Verdict(RULE, "M3", Value.COMPUTED, amount=Decimal("8.750"))

    assert "8.750" == to_json(verdict)["amount"]
    assert to_json(verdict)["lowest"] is None


def test_a_verdict_rests_on_each_version_once() -> None:
    first, second = Source("assessment", "R1", 2), Source("visit", "R2", 1)
    fact, other = Evidence("SLEDAI-2K at M3", "4", source=first), Evidence("visit", "M3", source=second)
    verdict = Verdict(RULE, "M3", Value.MET, (Criterion("key", True, (other, fact, Evidence("typed", "1"))),), evidence=(fact,))

    assert (first, second) == rests_on(verdict)
