"""
Numbers that are known only to lie in a span: a censored result, a limit that was not recorded.

A comparison of two spans is true where it holds for all their numbers, false where it holds for none, else unknown. Spans of
laboratory quantities begin at 0; one without an upper end is open upwards.

Source: elementary interval arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from app.rules.verdict import Truth


@dataclass(frozen=True, slots=True)
class Span:
    """All numbers from `low` to `high` (None: without end); an open end does not itself belong to the span."""

    low: Fraction
    high: Fraction | None
    low_open: bool = False
    high_open: bool = False

    @property
    def known(self) -> bool:
        """Whether the span is one number."""
        return self.low == self.high

    def times(self, factor: Fraction) -> Span:
        """The span scaled by a positive factor."""
        return Span(self.low * factor, None if self.high is None else self.high * factor, self.low_open, self.high_open)

    def plus(self, step: Fraction) -> Span:
        """The span moved up."""
        return Span(self.low + step, None if self.high is None else self.high + step, self.low_open, self.high_open)

    def meet(self, other: Span) -> Span:
        """What both spans hold; this span itself where they hold nothing together."""
        low, low_open = max((self.low, self.low_open), (other.low, other.low_open))
        ends = [(span.high, not span.high_open) for span in (self, other) if span.high is not None]
        high, closed = min(ends, default=(None, True))
        empty = high is not None and (low > high or (low == high and (low_open or not closed)))
        return self if empty else Span(low, high, low_open, not closed)


POSITIVE = Span(Fraction(0), None, low_open=True)
"""A limit or a baseline of which nothing is known but that it is above 0."""


def exact(number: Decimal | Fraction) -> Span:
    """One number, known exactly."""
    return Span(Fraction(number), Fraction(number))


def observed(number: Decimal | None, qualifier: str | None = None) -> Span:
    """A result as reported: exact, `<` somewhere below, `>` somewhere above; None: not recorded, so anything from 0."""
    if number is None:
        return Span(Fraction(0), None)
    if qualifier == "<":
        return Span(Fraction(0), Fraction(number), high_open=True)
    return Span(Fraction(number), None, low_open=True) if qualifier == ">" else exact(number)


def above(one: Span, other: Span) -> Truth:
    """Whether a number of the one span is greater than a number of the other."""
    if one.high is not None and one.high <= other.low:
        return False
    apart = one.low_open or other.high_open
    certain = other.high is not None and (one.low > other.high or (one.low == other.high and apart))
    return True if certain else None


def at_least(one: Span, other: Span) -> Truth:
    """Whether a number of the one span is as great as a number of the other or greater."""
    smaller = above(other, one)
    return None if smaller is None else not smaller
