"""
Dose escalation by the keyboard design (mTPI-2): a recommendation. The safety review committee decides.

Around the target rate p lies the target key, p - 0.05 to p + 0.05; keys of the same width fill the rest of 0 to 1 outwards from
it, what is left over at the ends being none. The key with the highest posterior probability, from a uniform prior, decides:
below the target key escalate, the target key itself stay, above it de-escalate. A level is eliminated as in BOIN.

Source: Yan F, Mandrekar SJ, Yuan Y. Clin Cancer Res 2017;23:3994-4003; Guo W et al. Contemp Clin Trials 2017;58:23-33 (mTPI-2).
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from app.rules.dosing.boin import Design, Level, move, posterior_above
from app.rules.dosing.escalation import Recommendation
from app.rules.verdict import Rule

RULE = Rule("keyboard", "1", "Keyboard (mTPI-2) dose escalation", "Yan F et al. Clin Cancer Res 2017;23:3994-4003")
HALF_WIDTH = Decimal("0.05")

Key = tuple[Fraction, Fraction]


def keys(target: Decimal) -> list[Key]:
    """The keys in order of rate, the target key among them."""
    half = Fraction(HALF_WIDTH)
    low, width = Fraction(target) - half, 2 * half
    below = int(low / width)
    above = int((1 - low - width) / width)
    return [(low + place * width, low + (place + 1) * width) for place in range(-below, above + 1)]


def _probability(key: Key, n: int, dlt: int) -> Fraction:
    above_low, above_high = (posterior_above(_decimal(rate), n, dlt) for rate in key)
    return above_low - above_high


def _decimal(rate: Fraction) -> Decimal:
    return Decimal(rate.numerator) / Decimal(rate.denominator)


def strongest(target: Decimal, n: int, dlt: int) -> Key:
    """The key with the highest posterior probability after `dlt` of `n`; the lower one of two equal."""
    return max(keys(target), key=lambda key: (_probability(key, n, dlt), -key[0]))


def keyboard(design: Design, seen: Level) -> Recommendation:
    """The recommendation for a level; one without evaluable subjects stays."""
    low, high = strongest(design.target, seen.n, seen.dlt)
    decision = move(design, seen, low=bool(seen.n) and high <= design.target, high=bool(seen.n) and low >= design.target)
    because = f"{seen.dlt} DLT in {seen.n}; strongest key {_decimal(low):.2f} to {_decimal(high):.2f}"
    return Recommendation(RULE, decision, because)
