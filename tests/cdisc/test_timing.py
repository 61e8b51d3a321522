"""Partial dates: what they decide, and what they leave open (B8)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdisc import timing
from cdisc.dates import day_number, relative_day
from cdisc.sdtm.elements import Element, epoch_at
from tests.cdisc.cases import cases

TRUTHS = {"yes": True, "no": False, "unknown": None}


@cases("timing")
def test_two_dates(case: dict[str, str]) -> None:
    """B8: reduced precision is compared as far as it goes, and never imputed."""
    day = relative_day(day_number(case["first"]), day_number(case["second"]))

    assert TRUTHS[case["before"]] is timing.before(case["first"], case["second"])
    assert case["study_day"] == ("" if day != day else str(int(day)))


@cases("epochs")
def test_a_date_has_the_epoch_in_which_it_certainly_lies(case: dict[str, str]) -> None:
    """B8: of a partial date every day that it may be is asked, and none is chosen."""
    starts = {"SCREENING": case["consent"], "TREATMENT": case["first_infusion"], "FOLLOW-UP": case["last_infusion"]}
    elements = [Element(n, name, name, name, start, "", name == "FOLLOW-UP") for n, (name, start) in enumerate(starts.items())]

    assert epoch_at(elements, case["at"]) == case["epoch"]


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(-4000, 4000))
def test_study_days_count_without_a_day_0(start: date, days: int) -> None:
    at = start + timedelta(days=days)

    found = relative_day(day_number(at.isoformat()), day_number(start.isoformat()))

    assert found == (days + 1 if days >= 0 else days)
    assert found != 0


@given(st.datetimes(), st.datetimes(), st.sampled_from([4, 7, 10, 13, 16, 19]), st.sampled_from([4, 7, 10, 13, 16, 19]))
def test_a_shorter_date_never_contradicts_the_longer_one(first: datetime, second: datetime, one: int, other: int) -> None:
    texts = [value.isoformat(timespec="seconds") for value in (first, second)]

    partial = timing.before(texts[0][:one], texts[1][:other])

    assert partial in (None, texts[0] < texts[1])


@pytest.mark.parametrize(
    "text", ["2014-13-45", "01JAN2014", "2025-02-30", "2025-1-6", "2025-01-06T25:00", "", "2025-01-06 10:00"]
)
def test_what_is_no_iso_8601_date_is_named(text: str) -> None:
    assert not timing.is_instant(text)


@pytest.mark.parametrize(
    "text", ["2025", "2025-01", "2025-01-06", "2025-01-06T10:00", "2025---15", "--01-06", "2025-01-06T10:00:30.5+08:00"]
)
def test_partial_dates_are_iso_8601(text: str) -> None:
    """B8: dates accept reduced precision."""
    assert timing.is_instant(text)


@pytest.mark.parametrize(("text", "is_one"), [("P0.67Y", True), ("-P30D", True), ("PT8H", True), ("P", False), ("30D", False)])
def test_durations(text: str, is_one: bool) -> None:
    assert is_one == timing.is_duration(text)


@pytest.mark.parametrize(
    ("birth", "on", "age"),
    [("2011-08", "2025-01-06", 13), ("2011-01", "2025-01-06", None), ("2011", "2025-01-06", None), ("2010-12", "2025", None)],
)
def test_an_age_is_given_only_where_the_digits_decide_it(birth: str, on: str, age: int | None) -> None:
    """G3: birth is kept to the month at most."""
    assert age == timing.completed_years(birth, on)
