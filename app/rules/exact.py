"""Exact arithmetic: fractions inside, decimals where a person reads. No float has a place in a rule."""

from __future__ import annotations

from decimal import MAX_PREC, Context, Decimal, localcontext
from fractions import Fraction

DIGITS = Context(prec=40)
"""How many digits are kept of what has no end: a root, a power, a logarithm."""
_PLACES = 6


def decimal(value: Fraction) -> Decimal:
    """A fraction as a decimal without trailing zeros, rounded half to even at the sixth place where it does not end before."""
    whole, part = divmod(abs(round(value * 10**_PLACES)), 10**_PLACES)
    digits = f"{whole}.{part:0{_PLACES}d}".rstrip("0").rstrip(".")
    return Decimal(f"-{digits}" if value < 0 else digits)


def rounded(value: Decimal, places: int) -> Decimal:
    """A decimal rounded half to even at a place, however many digits stand before it."""
    with localcontext(prec=MAX_PREC):
        return round(value, places)


def plain(value: Decimal | Fraction | int | None) -> str | None:
    """A number as a person writes it, with the digits it was entered with; None stays None."""
    if value is None:
        return None
    return format(decimal(value) if isinstance(value, Fraction) else Decimal(value), "f")
