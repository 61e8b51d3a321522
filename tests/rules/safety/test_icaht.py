"""ICAHT: the longest run, joined and interpolated; the two lowest late counts."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.rules.safety.icaht import early, early_series, late
from app.rules.verdict import Truth, Value, Verdict
from tests.rules.cases import cases, truth
from tests.rules.measured import series


def says(case: dict[str, str], verdict: Verdict) -> None:
    """The bounds of a row, and that what leaves them apart is named."""
    assert (Decimal(case["lowest"]), Decimal(case["highest"])) == (verdict.lowest, verdict.highest)
    assert (verdict.value is Value.NOT_GRADABLE) == bool(verdict.missing)


@cases("icaht_early")
def test_early_by_the_longest_run(case: dict[str, str]) -> None:
    severe, profound = (int(case[name]) if case[name] else None for name in ("severe", "profound"))

    says(case, early(severe, profound, truth(case["never"])))


@cases("icaht_series")
def test_early_from_daily_counts(case: dict[str, str]) -> None:
    says(case, early_series(series(case["anc"])))


@cases("icaht_late")
def test_late_by_two_counts(case: dict[str, str]) -> None:
    counts = [Decimal(anc) for anc in case["anc"].split() if anc != "none"]

    says(case, late(counts if case["anc"] else None))


def told(verdict: Verdict) -> dict[str, tuple[Truth, str | None]]:
    """What each criterion says, and what is shown of the counts for it."""
    return {each.key: (each.holds, each.because[-1].value) for each in verdict.criteria}


def test_the_days_are_shown_as_they_are_known() -> None:
    well = {"anc_le_500": (False, "0"), "anc_le_100": (False, "0"), "no_recovery": (False, "no")}

    assert well == told(early(0, 0, never_above_500=False)) == told(early_series(series("0-30:2000")))
    assert "0 to 6" == told(early(6, None, None))["anc_le_100"][1]
    assert "0 to any number of" == told(early(None, 0, None))["anc_le_500"][1]
    assert (True, "yes") == told(early(31, 31, never_above_500=True))["no_recovery"]
    assert "0 to 31" == told(early_series({}))["anc_le_500"][1]


def test_who_was_low_from_the_start_to_the_last_count_may_never_have_recovered() -> None:
    assert (None, None) == told(early_series(series("0-3:400")))["no_recovery"]


def test_late_counts_are_shown_the_lowest_first() -> None:
    shown = [told(late(counts))["late"] for counts in ([Decimal(900), Decimal("400.0")], [], None)]

    assert [(True, "400.0, 900"), (False, "none"), (None, None)] == shown


counts = st.sampled_from([Decimal(50), Decimal(100), Decimal(300), Decimal(500), Decimal(501), Decimal(2000)])
month = st.lists(counts, min_size=31, max_size=31).map(lambda each: dict(enumerate(each)))


@given(month, st.integers(0, 30))
def test_a_lower_count_never_lowers_the_grade(anc: dict[int, Decimal], day: int) -> None:
    as_it_was, worse = early_series(anc).lowest, early_series(anc | {day: Decimal(50)}).lowest

    assert as_it_was is not None
    assert worse is not None
    assert as_it_was <= worse


@given(month)
def test_a_month_of_counts_is_graded_as_its_summary(anc: dict[int, Decimal]) -> None:
    """Where the counts end with a recovery, the grade is at least that of the longest run without joining."""
    whole = early_series(anc | dict.fromkeys((28, 29, 30), Decimal(2000)))

    assert whole.value is Value.GRADED
