"""
Dose escalation by BOIN, the Bayesian optimal interval design: a recommendation. The safety review committee decides.

Escalate where the observed rate of DLT is at or below lambda_e, de-escalate where it is at or above lambda_d, else stay:
lambda_e = ln((1-p1)/(1-p)) / ln(p(1-p1)/(p1(1-p))), lambda_d = ln((1-p)/(1-p2)) / ln(p2(1-p)/(p(1-p2))), for the target rate p,
p1 below it (0.6 p by default) and p2 above it (1.4 p). A level is eliminated, with all above it, where three or more subjects
make it more than 95 % probable, from a uniform prior, that its rate is above the target; at the lowest level that stops the
trial. Where there is no level to go to, the design stays.

The posterior tail is summed exactly in fractions: 2 of 3 at a target of 0.25 is 0.9492 and not eliminated.

Source: Liu S, Yuan Y. J R Stat Soc C 2015;64:507-523; the boundaries printed in the documentation of the R package BOIN 2.7.2.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import comb

from app.rules.dosing.escalation import Decision, Recommendation
from app.rules.exact import DIGITS
from app.rules.verdict import Rule

RULE = Rule("boin", "1", "BOIN dose escalation", "Liu S, Yuan Y. J R Stat Soc C 2015;64:507-523")
LEAST_TO_ELIMINATE = 3
CUTOFF = Decimal("0.95")


@dataclass(frozen=True, slots=True)
class Design:
    """The target rate of DLT, the rates below and above it that the design tells apart, and the cut-off of elimination."""

    target: Decimal
    safe: Decimal | None = None
    toxic: Decimal | None = None
    cutoff: Decimal = CUTOFF

    @property
    def below(self) -> Decimal:
        """The rate below the target that calls for a higher level."""
        return self.target * Decimal("0.6") if self.safe is None else self.safe

    @property
    def above(self) -> Decimal:
        """The rate above the target that calls for a lower level."""
        return self.target * Decimal("1.4") if self.toxic is None else self.toxic

    def boundaries(self) -> tuple[Decimal, Decimal]:
        """lambda_e and lambda_d, to forty digits."""
        return _between(self.below, self.target), _between(self.target, self.above)


def _between(low: Decimal, high: Decimal) -> Decimal:
    """The rate at which two true rates are equally likely."""
    odds = Fraction(high) * (1 - Fraction(low)) / (Fraction(low) * (1 - Fraction(high)))
    return DIGITS.divide(_ln((1 - Fraction(low)) / (1 - Fraction(high))), _ln(odds))


def _ln(value: Fraction) -> Decimal:
    return DIGITS.divide(Decimal(value.numerator), Decimal(value.denominator)).ln(DIGITS)


def posterior_above(target: Decimal, n: int, dlt: int) -> Fraction:
    """The exact probability, from a uniform prior, that the rate lies above the target after `dlt` of `n`."""
    rate = Fraction(target)
    return sum((comb(n + 1, k) * rate**k * (1 - rate) ** (n + 1 - k) for k in range(dlt + 1)), Fraction(0))


def too_toxic(design: Design, n: int, dlt: int) -> bool:
    """Whether a level is to be eliminated."""
    return n >= LEAST_TO_ELIMINATE and posterior_above(design.target, n, dlt) > Fraction(design.cutoff)


@dataclass(frozen=True, slots=True)
class Level:
    """A dose level, 1 being the lowest of `levels`: `dlt` of `n` evaluable subjects; `eliminated`: levels given up before."""

    level: int
    levels: int
    n: int
    dlt: int
    eliminated: Collection[int] = ()

    @property
    def open_above(self) -> bool:
        """Whether there is a level to escalate to."""
        return self.level < self.levels and self.level + 1 not in self.eliminated


def move(design: Design, seen: Level, *, low: bool, high: bool) -> Decision:
    """Where a rate that is low or high leads: to a level that is there, or nowhere; elimination comes before."""
    if seen.level in seen.eliminated or too_toxic(design, seen.n, seen.dlt):
        return Decision.ELIMINATE if seen.level > 1 else Decision.STOP_ALL_TOXIC
    if low and seen.open_above:
        return Decision.ESCALATE
    return Decision.DE_ESCALATE if high and seen.level > 1 else Decision.STAY


def boin(design: Design, seen: Level) -> Recommendation:
    """The recommendation for a level; one without evaluable subjects stays."""
    low, high = design.boundaries()
    rate = DIGITS.divide(Decimal(seen.dlt), Decimal(seen.n)) if seen.n else None
    decision = move(design, seen, low=rate is not None and rate <= low, high=rate is not None and rate >= high)
    return Recommendation(RULE, decision, f"{seen.dlt} DLT in {seen.n}; boundaries {low:.4f} and {high:.4f}")
