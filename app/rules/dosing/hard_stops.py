"""
What stops a dose whatever its circumstances: that it is more than its level allows, and that a dose-limiting toxicity is open.

Two of the gates of a dose; `gates` says what they are flagged for, and what follows.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from app.rules.dates import before
from app.rules.exact import plain
from app.rules.facts import Facts, Given, Limiting
from app.rules.verdict import Evidence, Truth, all_of, any_of, not_


class Found(NamedTuple):
    """What a gate finds of an infusion or entry: whether it is flagged, on what, and what was missing where that is unknown."""

    flagged: Truth
    because: tuple[Evidence, ...]
    missing: tuple[str, ...] = ()


def above_level(facts: Facts, dose: Given) -> Found | None:
    """Whether a dose is above the one that the study document states for it; nothing where it states none for its level."""
    if not dose.stated:
        return None
    most = None if dose.planned is None else dose.planned * (Decimal(1) + facts.settings.dose_tolerance)
    because = (
        Evidence("dose given", plain(dose.amount), dose.unit, dose.at, dose.source),
        Evidence("dose of the study document", plain(dose.planned), dose.unit, dose.at, dose.source),
        Evidence("most that may be given", plain(most), dose.unit, dose.at, dose.source),
    )
    flagged = None if dose.amount is None or most is None else dose.amount > most
    return Found(flagged, because, ("dose in the unit of the study document, and the weight that it rests on",))


def limited(facts: Facts, dose: Given) -> Found:
    """Whether a dose-limiting toxicity that was adjudicated had begun by then and was not over."""
    still = {each: _open(each, dose) for each in facts.limiting}
    told = tuple(_told(each) for each, truth in still.items() if truth is not False)
    return Found(any_of(still.values()), told, ("whether the dose-limiting toxicity was over at the infusion",))


def _open(one: Limiting, dose: Given) -> Truth:
    over = False if one.ended is None else before(one.ended, dose.at)
    return all_of((one.limiting, not_(before(dose.at, one.began)), not_(over)))


def _told(one: Limiting) -> Evidence:
    lasted = f"{one.event or 'no event named'}, from {one.began or 'an unknown day'} to {one.ended or 'no recorded end'}"
    return Evidence("dose-limiting toxicity", lasted, None, one.began, one.source)
