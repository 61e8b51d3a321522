"""Comparisons of spans, held against every pair of numbers that they may be."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from app.rules.spans import POSITIVE, Span, above, at_least, exact, observed
from app.rules.verdict import Truth

STEP = Fraction(1, 4)
GRID = [STEP * place for place in range(-1, 41)]

whole = st.integers(0, 8).map(Fraction)
spans = st.one_of(
    whole.map(exact),
    st.builds(
        lambda low, width, low_open, high_open: Span(low, low + width + 1, low_open, high_open),
        whole,
        st.integers(0, 2).map(Fraction),
        st.booleans(),
        st.booleans(),
    ),
    st.builds(lambda low, low_open: Span(low, None, low_open), whole, st.booleans()),
)


def members(span: Span) -> list[Fraction]:
    """The numbers of a grid that lie in a span."""
    return [
        number
        for number in GRID
        if (number > span.low if span.low_open else number >= span.low)
        and (span.high is None or (number < span.high if span.high_open else number <= span.high))
    ]


def agreed(truths: list[bool]) -> Truth:
    """What all pairs say; unknown where they differ."""
    return truths[0] if len(set(truths)) == 1 else None


@given(spans, spans)
def test_a_comparison_says_what_every_pair_of_numbers_says(one: Span, other: Span) -> None:
    pairs = list(product(members(one), members(other)))
    unbounded = one.high is None or other.high is None

    assert unbounded or above(one, other) is agreed([first > second for first, second in pairs])
    assert unbounded or at_least(one, other) is agreed([first >= second for first, second in pairs])


@given(spans, spans)
def test_two_spans_meet_in_the_numbers_of_both(one: Span, other: Span) -> None:
    both = [number for number in members(one) if number in members(other)]

    assert (both or members(one)) == members(one.meet(other))


@given(spans, spans)
def test_an_endless_span_is_never_surely_below(one: Span, other: Span) -> None:
    assert other.high is not None or above(one, other) in (False, None)
    assert one.high is not None or above(one, other) in (True, None)


@given(spans, st.integers(1, 3).map(Fraction), whole)
def test_scaling_and_moving_keep_the_numbers(span: Span, factor: Fraction, step: Fraction) -> None:
    moved = span.times(factor).plus(step)

    assert moved.low == span.low * factor + step
    assert (moved.high is None) == (span.high is None)
    assert moved.known == span.known


def test_a_limit_that_was_not_recorded_is_above_zero_and_nothing_else_is_known() -> None:
    """Nothing is known of it beside what may be anything from 0 either."""
    assert above(POSITIVE, exact(Fraction(0))) is True
    assert above(exact(Fraction(1, 100)), POSITIVE) is None
    assert POSITIVE == observed(None).meet(POSITIVE) == POSITIVE.meet(observed(None))


def test_a_result_as_reported() -> None:
    assert observed(None) == Span(Fraction(0), None)
    assert observed(Fraction(1, 2), "<") == Span(Fraction(0), Fraction(1, 2), high_open=True)  # type: ignore[arg-type]
    assert observed(Fraction(1, 2), ">") == Span(Fraction(1, 2), None, low_open=True)  # type: ignore[arg-type]
    assert observed(Fraction(1, 2)).known  # type: ignore[arg-type]
