"""
The days of a CRS episode: when it began, reached its highest grade and resolved, counted from every infusion before each.

The number of an episode is that of the calendar days from the last infusion before its onset to the onset; the day of an
infusion is day 0. Beside it stand the days from each infusion to each of the three, and how long the episode took to its
highest grade and to its resolution.

Rulings. Episodes are those of `episodes`; the onset is the first observation that is certainly CRS. The highest grade is
reached at the first observation of it; where an earlier one may have reached it already, that day is open. Infusions are
numbered in the order of their time. One that cannot be put in order with the onset leaves the number open; CRS before any
infusion has none.

Source: Lee DW et al. Biol Blood Marrow Transplant 2019;25:625-638 (onset, resolution); the days are a ruling.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from app.rules.dates import before, days_between
from app.rules.facts import Facts, Given, Toxicity
from app.rules.safety.episodes import Episode, course_of
from app.rules.verdict import Evidence, Rule, Value, Verdict

_SOURCE = "Lee DW et al. Biol Blood Marrow Transplant 2019;25:625-638"
RULE = Rule("crs_days", "1", "Onset of CRS in days after the last infusion", _SOURCE)
UNIT = "days"


def reached(episode: Episode) -> Toxicity | None:
    """The observation that reached the highest grade of an episode first; None where that is open."""
    most = episode.highest.highest
    first = next(each for each in episode.observations if each.grade.highest == most)
    return first.seen if first.grade.lowest == most else None


def moments(episode: Episode) -> dict[str, Toxicity | None]:
    """The observations of onset, highest grade and resolution; None where there is none, or it is open."""
    resolved = episode.resolved
    return {
        "onset": episode.onset.seen,
        "highest grade": reached(episode),
        "resolution": None if resolved is None else resolved.seen,
    }


def crs_days(facts: Facts) -> Iterator[Verdict]:
    """The days of each episode, about the episode."""
    _, episodes = course_of(facts.toxicity)
    for number, episode in enumerate(episodes, start=1):
        yield _verdict(f"episode {number}", moments(episode), episode.onset.seen.at, facts.doses)


def _verdict(about: str, found: dict[str, Toxicity | None], onset: str, doses: Sequence[Given]) -> Verdict:
    evidence = (*_infusions(doses), *_after(found, doses), *_lasting(found, onset))
    order = [before(dose.at, onset) for dose in doses]
    lacking = tuple(f"time of infusion {place}" for place, first in enumerate(order, start=1) if first is None)
    prior = [dose for dose, first in zip(doses, order, strict=True) if first]
    if not prior and not lacking:
        return Verdict(RULE, about, Value.NOT_APPLICABLE, evidence=evidence)
    days = None if lacking else days_between(prior[-1].at, onset)
    if days is None:
        return Verdict(RULE, about, Value.NOT_EVALUABLE, missing=lacking or ("day of the last infusion",), evidence=evidence)
    return Verdict(RULE, about, Value.COMPUTED, amount=Decimal(days), evidence=evidence)


def _infusions(doses: Sequence[Given]) -> Iterator[Evidence]:
    for place, dose in enumerate(doses, start=1):
        yield Evidence(f"infusion {place}", dose.at, None, dose.at, dose.source)


def _after(found: dict[str, Toxicity | None], doses: Sequence[Given]) -> Iterator[Evidence]:
    """Each moment, with its days after every infusion that was certainly before it."""
    for name, seen in found.items():
        yield Evidence(name, None) if seen is None else Evidence(name, seen.at, None, seen.at, seen.source)
        for place, dose in enumerate(doses, start=1):
            if seen is not None and before(dose.at, seen.at):
                yield _days(f"{name} after infusion {place}", dose.at, seen.at)


def _lasting(found: dict[str, Toxicity | None], onset: str) -> Iterator[Evidence]:
    for name in ("highest grade", "resolution"):
        seen = found[name]
        if seen is not None:
            yield _days(f"{name} after onset", onset, seen.at)


def _days(what: str, start: str | None, end: str) -> Evidence:
    days = days_between(start, end)
    return Evidence(what, None if days is None else str(days), UNIT)
