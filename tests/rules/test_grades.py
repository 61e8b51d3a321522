"""Grades as bounds: the worst of several, and what a domain contributes."""

from __future__ import annotations

import pytest

from app.rules.grades import NONE, Domain, Grade, exactly, unless, up_to, where, worst


def test_the_worst_of_none_is_no_grade() -> None:
    assert NONE == worst([]) == Grade(0, 0)


def test_the_worst_is_taken_bound_by_bound() -> None:
    assert Grade(1, 3) == worst([Grade(0, 3), Grade(1, 1)])


def test_what_is_not_recorded_leaves_everything_up_to_the_grade_open() -> None:
    assert [exactly(3), NONE, Grade(0, 3)] == [where(holds, exactly(3)) for holds in (True, False, None)]
    assert [NONE, exactly(3), Grade(0, 3)] == [unless(other_cause, exactly(3)) for other_cause in (True, False, None)]
    assert Grade(0, 3) == unless(None, Grade(2, 3)) == up_to(3)


@pytest.mark.parametrize(
    ("grade", "holds"), [(Grade(0, 0), False), (Grade(0, 2), None), (Grade(1, 2), True), (Grade(2, 2), True)]
)
def test_a_domain_holds_where_it_contributes_and_is_open_where_it_may(grade: Grade, holds: bool | None) -> None:
    criterion = Domain("hypoxia", grade, (), ("oxygen device",)).criterion()

    assert holds is criterion.holds
    assert (() if grade.graded else ("oxygen device",)) == criterion.missing
