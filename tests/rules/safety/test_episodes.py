"""The course of CRS: episodes begin with a fever, end after 24 hours, and take their waiver with them."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.facts import Toxicity
from app.rules.safety.episodes import course_of, crs_course
from tests.rules import build
from tests.rules.cases import table, truth


def courses() -> dict[str, list[dict[str, str]]]:
    """The rows of each course under its name."""
    return {name: list(rows) for name, rows in groupby(table("episodes"), key=lambda row: row["id"])}


def observed(number: int, row: dict[str, str]) -> Toxicity:
    """One row as an observation."""
    hypotension = None if row["hypotension"] == "?" else truth(row["hypotension"])
    return build.seen(
        f"T{number}",
        row["at"],
        temperature_c=None if row["temperature"] == "?" else Decimal(row["temperature"]),
        given=tuple(row["given"].split()),
        hypotension=hypotension,
        systolic=None if hypotension is None else Decimal(110),
    )


@pytest.mark.parametrize("rows", [*courses().values()], ids=[*courses()])
def test_a_course_is_graded_and_divided_into_episodes(rows: list[dict[str, str]]) -> None:
    course, episodes = course_of([observed(number, row) for number, row in enumerate(rows)])
    within = {each.seen.id: str(number) for number, episode in enumerate(episodes, start=1) for each in episode.observations}
    marks = {episode.onset.seen.id: "onset" for episode in episodes}
    marks |= {episode.resolved.seen.id: "resolved" for episode in episodes if episode.resolved}

    assert [row["grade"] for row in rows] == [str(each.grade) for each in course]
    assert [row["episode"] for row in rows] == [within.get(each.seen.id, "") for each in course]
    assert [row["mark"] for row in rows] == [marks.get(each.seen.id, "") for each in course]


def test_the_highest_grade_and_each_episode_are_verdicts_of_their_own() -> None:
    rows = courses()["one episode"]
    course = crs_course(observed(number, row) for number, row in enumerate(rows))
    by_rule = {(verdict.rule.id, verdict.about): verdict for verdict in course}
    episode, top = by_rule["crs_episode", "episode 1"], by_rule["crs_max", "subject"]

    assert (Decimal(2), Decimal(2)) == (episode.amount, top.amount)
    assert [("onset", "2025-09-01T08:00"), ("resolution", "2025-09-03T08:00")] == [(f.what, f.value) for f in episode.evidence]
    assert ["2025-09-01T20:00", "2025-09-02T08:00", "2025-09-02T20:00"] == [fact.at for fact in top.evidence]


def test_an_episode_that_lasts_has_no_resolution() -> None:
    rows = courses()["still going on"]
    verdicts = crs_course(observed(number, row) for number, row in enumerate(rows))

    assert [("resolution", None)] == [
        (fact.what, fact.value) for v in verdicts if v.rule.id == "crs_episode" for fact in v.evidence[1:]
    ]


def test_an_observation_without_a_year_never_lets_an_episode_end_before_it() -> None:
    fever, calm = build.seen("T1", temperature_c=Decimal(39)), build.seen("T2", "2025-03-05T08:00")
    undated = build.seen("T3", "--03-09", temperature_c=Decimal(39))
    _, episodes = course_of([undated, calm, fever])

    assert [None] == [episode.resolved for episode in episodes]


def test_nothing_observed_says_nothing() -> None:
    assert () == crs_course([])


HOURS = st.lists(st.integers(0, 120), min_size=1, max_size=7, unique=True)


@st.composite
def courses_of_observations(draw: st.DrawFn) -> list[Toxicity]:
    """Observations within five days, each with anything missing."""
    found = []
    for hour in draw(HOURS):
        at = f"2025-09-{1 + hour // 24:02}T{hour % 24:02}:00"
        found.append(
            build.seen(
                f"T{hour}",
                at,
                temperature_c=draw(st.sampled_from([None, Decimal("36.8"), Decimal("38.0")])),
                given=draw(st.sampled_from([None, (), ("TOCILIZUMAB",)])),
                hypotension=draw(st.sampled_from([True, False, None])),
                systolic=None,
            )
        )
    return found


@given(courses_of_observations(), st.randoms(use_true_random=False))
def test_the_order_of_entry_does_not_matter(course: list[Toxicity], random: Random) -> None:
    shuffled = list(course)
    random.shuffle(shuffled)

    assert crs_course(course) == crs_course(shuffled)


@given(courses_of_observations())
def test_every_observation_is_graded_once_and_every_episode_is_crs(course: list[Toxicity]) -> None:
    graded, episodes = course_of(course)

    assert sorted(each.seen.id for each in graded) == sorted(seen.id for seen in course)
    assert all(episode.highest.lowest >= 1 and episode.onset.grade.lowest >= 1 for episode in episodes)
    assert len(course) + len(episodes) + 1 == len(crs_course(course))
