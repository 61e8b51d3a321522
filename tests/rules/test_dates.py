"""B8: dates accept reduced precision, keep the entered form, and nothing is imputed."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.dates import (
    BadDate,
    Partial,
    before,
    completed_age,
    day,
    days_between,
    earliest,
    latest,
    parse,
    shifted,
    sort_key,
    study_day,
    why_not,
)
from tests.rules.cases import cases, truth

moments = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)).map(lambda moment: moment.replace(microsecond=0))  # noqa: DTZ001
PRECISIONS = (4, 7, 10, 13, 16, 19)


@cases("dates")
def test_a_partial_date_is_the_span_of_what_it_may_mean(case: dict[str, str]) -> None:
    first, last = earliest(case["text"]), latest(case["text"])

    assert case["earliest"] == ("" if first is None else first.isoformat())
    assert case["latest"] == ("" if last is None else last.isoformat())
    assert why_not(case["text"]) is None


@cases("not_dates")
def test_what_is_no_date_is_refused_with_the_reason(case: dict[str, str]) -> None:
    with pytest.raises(BadDate, match=case["says"]):
        parse(case["text"])

    assert case["says"] in str(why_not(case["text"]))


@cases("before")
def test_order_is_decided_only_where_the_spans_decide_it(case: dict[str, str]) -> None:
    assert truth(case["before"]) is before(case["one"] or None, case["other"] or None)


@cases("age")
def test_the_completed_age_is_a_range_where_the_birth_date_is_partial(case: dict[str, str]) -> None:
    """G3: birth is kept as year or month, the age at a visit is derived."""
    expected = (int(case["least"]), int(case["most"])) if case["least"] else None

    assert expected == completed_age(case["birth"], case["at"] or None)


def test_parts_that_are_not_known_stay_unknown() -> None:
    assert Partial(2026, None, 15) == parse("2026---15")
    assert day("2026---15") is None
    assert day(None) is None
    assert completed_age(None, "2026-03-15") is None


@given(moments, st.sampled_from(PRECISIONS))
def test_a_moment_lies_within_its_own_text_at_any_precision(moment: datetime, precision: int) -> None:
    text = moment.isoformat()[:precision]
    first, last = earliest(text), latest(text)

    assert first is not None
    assert last is not None
    assert first <= moment.replace(second=0 if precision == 16 else moment.second) <= last


@given(moments, moments, st.sampled_from(PRECISIONS), st.sampled_from(PRECISIONS))
def test_an_order_that_is_stated_is_the_order_of_the_moments(one: datetime, other: datetime, cut: int, other_cut: int) -> None:
    at_the_minute = [moment.replace(second=0) for moment in (one, other)]
    said = before(at_the_minute[0].isoformat()[:cut], at_the_minute[1].isoformat()[:other_cut])

    assert said in (None, at_the_minute[0] < at_the_minute[1])


@pytest.mark.parametrize(("at", "day_"), [("2026-03-01", -1), ("2026-03-02", 1), ("2026-03-03", 2), ("2026-02-28", -2)])
def test_the_day_before_the_reference_is_minus_one(at: str, day_: int) -> None:
    assert day_ == study_day(at, "2026-03-02")


@given(st.dates(), st.dates())
def test_there_is_no_study_day_0(reference: date, other: date) -> None:
    found = study_day(other.isoformat(), reference.isoformat())

    assert found is not None
    assert found != 0
    assert (other - reference).days == (found - 1 if found > 0 else found)


@given(st.dates(date(1, 1, 2), date(9998, 1, 1)), st.integers(-1, 700))
def test_a_day_moved_is_that_many_days_away(start: date, days: int) -> None:
    assert shifted(start.isoformat(), days) == (start + timedelta(days=days)).isoformat()
    assert days_between(start.isoformat() + "T23:59", shifted(start.isoformat(), days)) == days


def test_days_need_both_dates_complete_to_the_day() -> None:
    assert days_between("2026-03", "2026-03-15") is None
    assert days_between("2026-03-15", None) is None
    assert study_day("2026", "2026-03-15") is None
    assert shifted("2026-03", 1) is None


@given(st.lists(moments, min_size=2, max_size=6))
def test_sorting_by_key_is_sorting_by_moment_with_the_undated_last(found: list[datetime]) -> None:
    texts = sorted([*(moment.isoformat() for moment in found), "--03-15"], key=sort_key)

    assert [moment.isoformat() for moment in sorted(found)] + ["--03-15"] == texts
