"""A value beside the baseline of its parameter: the same arithmetic for every analysis dataset of the basic structure."""

from __future__ import annotations

from decimal import Decimal

from cdisc.dates import UNKNOWN


def change(value: float, base: float) -> float:
    """A value less its baseline, in the digits that both have (1.2 less 0.9 is 0.3); NaN where either is NaN."""
    if value != value or base != base:
        return UNKNOWN
    return float(Decimal(repr(float(value))) - Decimal(repr(float(base))))
