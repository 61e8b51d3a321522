"""
The course of CRS: observations in order of time, each graded within its episode, and the episodes.

An episode starts with the first qualifying fever and ends when it has resolved, at grade 0. The waiver of fever (a fever of
the same episode, then an antipyretic or anticytokine drug) ends with it. An episode's grade is the highest of its observations.

Rulings. It has resolved at the first grade 0 that is not followed within 24 hours, the 24th included, by a grade of 1 or more;
what follows sooner is graded as if the episode went on. Observations that end at grade 0 have resolved. An observation that
cannot be graded never ends an episode.

Source: Lee DW et al. Biol Blood Marrow Transplant 2019;25:625-638 (onset, resolution); the 24 hours are a ruling.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.rules.dates import earliest, sort_key
from app.rules.facts import Toxicity
from app.rules.grades import Grade, highest, worst
from app.rules.safety.crs import crs, crs_grade, fever, treated
from app.rules.verdict import Evidence, Rule, Truth, Verdict, all_of, any_of

_SOURCE = "Lee DW et al. Biol Blood Marrow Transplant 2019;25:625-638"
RULE = Rule("crs_episode", "1", "CRS episode", _SOURCE)
HIGHEST_RULE = Rule("crs_max", "1", "Highest CRS grade", _SOURCE)
STILL_ONE_EPISODE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Graded:
    """One observation with what went before it in its episode, and its grade."""

    seen: Toxicity
    prior_fever: Truth
    prior_treated: Truth
    grade: Grade

    def verdict(self) -> Verdict:
        """The observation's grade as a verdict about it."""
        return crs(self.seen, prior_fever=self.prior_fever, prior_treated=self.prior_treated)


@dataclass(frozen=True, slots=True)
class Episode:
    """One episode, from its first observation with a possible fever to the one that resolved it."""

    observations: tuple[Graded, ...]

    @property
    def onset(self) -> Graded:
        """The first observation that is certainly CRS."""
        return next(each for each in self.observations if each.grade.lowest)

    @property
    def highest(self) -> Grade:
        """The highest grade of the episode."""
        return worst(each.grade for each in self.observations)

    @property
    def resolved(self) -> Graded | None:
        """The observation of grade 0 that ended the episode; None while it lasts."""
        last = self.observations[-1]
        return None if last.grade.highest else last


def by_time(observations: Iterable[Toxicity]) -> list[Toxicity]:
    """Observations by date and time, then by id, whatever order they came in."""
    return sorted(observations, key=lambda seen: (sort_key(seen.at), seen.id))


def _as_one(observations: Sequence[Toxicity]) -> list[Graded]:
    """Observations graded as if they were one episode from the first to the last."""
    had_fever: Truth = False
    had_drug: Truth = False
    course = []
    for seen in observations:
        had_drug = any_of((had_drug, all_of((had_fever, treated(seen)))))
        course.append(Graded(seen, had_fever, had_drug, crs_grade(seen, prior_fever=had_fever, prior_treated=had_drug)))
        had_fever = any_of((had_fever, fever(seen)))
    return course


def _followed(course: Sequence[Graded], place: int) -> bool:
    zero = earliest(course[place].seen.at)
    later = ((each, earliest(each.seen.at)) for each in course[place:] if each.grade.highest)
    return any(zero is None or at is None or at - zero <= STILL_ONE_EPISODE for _, at in later)


def _until_resolved(course: list[Graded]) -> list[Graded]:
    for place, each in enumerate(course):
        if not each.grade.highest and not _followed(course, place):
            return course[: place + 1]
    return course


def course_of(observations: Iterable[Toxicity]) -> tuple[tuple[Graded, ...], tuple[Episode, ...]]:
    """Every observation graded within its episode, in order of time, and the episodes that certainly were CRS."""
    rest, course, episodes = by_time(observations), list[Graded](), list[Episode]()
    while rest:
        part = _until_resolved(_as_one(rest)) if crs_grade(rest[0]).highest else _as_one(rest[:1])
        if any(each.grade.lowest for each in part):
            episodes.append(Episode(tuple(part)))
        course += part
        rest = rest[len(part) :]
    return tuple(course), tuple(episodes)


def _episode(number: int, episode: Episode) -> Verdict:
    onset, resolved = episode.onset.seen, episode.resolved
    end = Evidence("resolution", None) if resolved is None else _moment("resolution", resolved.seen)
    each = (one.verdict() for one in episode.observations)
    return highest(RULE, f"episode {number}", each, (_moment("onset", onset), end))


def _moment(what: str, seen: Toxicity) -> Evidence:
    return Evidence(what, seen.at, None, seen.at, seen.source)


def crs_course(observations: Iterable[Toxicity]) -> tuple[Verdict, ...]:
    """
    The verdicts on CRS of a subject: about each observation, about each episode, and the highest grade about the subject.

    Nothing was observed: nothing is said.
    """
    course, episodes = course_of(observations)
    if not course:
        return ()
    each = tuple(one.verdict() for one in course)
    spans = tuple(_episode(number, episode) for number, episode in enumerate(episodes, start=1))
    return (*each, *spans, highest(HIGHEST_RULE, "subject", each))
