"""
Stagger of a dose level: its first subject is alone for so many days, and nobody else is given a first dose before they are
over.

The days count from the first infusion at the level; the day on which they are over is the first on which another subject may
start. Who started earlier is named, and so is whoever may have: of whom the first infusion is not known to the day that
decides.

Rulings. Of two who started at the same first moment the one of the lower code is called the first, and the other was early.
The stagger is shown beside the level and stops no dose by itself.

Source: the usual wording of phase I protocols of cell therapy, such as a first subject alone for 14 days before the rest of
the cohort; the days are a parameter of the study document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.rules.dates import before, shifted, sort_key
from app.rules.verdict import Rule

RULE = Rule("stagger", "1", "Stagger of a dose level", "Study design")


@dataclass(frozen=True, slots=True)
class Stagger:
    """Who started a level, the day from which others may start, who was early, and of whom that is not known; all by code."""

    first: str
    until: str | None
    early: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def stagger(days: int | None, starts: Mapping[str, str | None]) -> Stagger | None:
    """The stagger of a level from each subject's first infusion there; None where none is asked for or nobody has started."""
    dated = sorted((sort_key(at), subject) for subject, at in starts.items() if at is not None)
    if days is None or not dated:
        return None
    first = dated[0][1]
    until = shifted(starts[first], days)
    over = None if until is None else f"{until}T00:00"
    early = {subject: before(at, over) for subject, at in starts.items() if subject != first}
    return Stagger(
        first,
        until,
        tuple(sorted(subject for subject, is_early in early.items() if is_early)),
        tuple(sorted(subject for subject, is_early in early.items() if is_early is None)),
    )
