"""T-ICAHT: the longest run of low platelets, early and late, and the two lowest late counts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from app.rules.grades import told
from app.rules.safety import icaht_platelets
from app.rules.safety.effector import thrombocytopenia
from app.rules.verdict import Value, Verdict, rests_on
from tests.rules import build
from tests.rules.cases import cases
from tests.rules.measured import measured, series


@cases("icaht_platelets_series")
def test_platelets_early_and_late(case: dict[str, str]) -> None:
    say = {"early": icaht_platelets.early, "late": icaht_platelets.late}[case["period"]]
    verdict = say(series(case["platelets"]))

    assert (Decimal(case["lowest"]), Decimal(case["highest"])) == (verdict.lowest, verdict.highest)
    assert (verdict.value is Value.NOT_GRADABLE) == bool(verdict.missing)
    assert case["period"] == verdict.about


def test_late_platelets_show_the_two_lowest() -> None:
    shown = [icaht_platelets.late(series(cell)).criteria[0].because[-1].value for cell in ("40:90 41:150 42:80", "40:90", "")]

    assert ["80, 90", "90", "none"] == shown


@pytest.mark.parametrize(("counts", "grade"), [("40:60", "0 to 1"), ("40-41:150", "0"), ("40-41:99", "1"), ("40-41:49", "2")])
def test_what_two_late_counts_contribute(counts: str, grade: str) -> None:
    assert grade == icaht_platelets.late(series(counts)).criteria[0].because[0].value


def graded(verdict: Verdict | None) -> str:
    """The grade of a verdict with its bounds."""
    return "" if verdict is None else str(told(verdict))


@pytest.mark.parametrize(
    ("results", "early", "late"),
    [
        ("", "", ""),
        ("5 neutrophils 0.1 10^9/L - -", "", ""),
        ("-1 platelets 10 10^9/L - -", "", ""),
        ("0 platelets 60 10^9/L - -", "0", ""),
        ("30 platelets 19 10^3/uL - -; 29 platelets 19000 /uL - -", "3", ""),
        ("5 platelets 49 10^9/L - -; 5 platelets 60 10^9/L - -; 6 platelets 60 10^9/L - -", "1", ""),
        ("5 platelets 49.96 10^9/L - -; 6 platelets 60 10^9/L - -", "1", ""),
        ("5 platelets <10 10^9/L - -; 6 platelets 60 10^9/L - -", "3", ""),
        ("5 platelets <20 10^9/L - -; 6 platelets 60 10^9/L - -", "0", ""),
        ("5 platelets >60 10^9/L - -", "", ""),
        ("5 platelets 10 % - -", "", ""),
        ("5 platelets clotted 10^9/L - -", "", ""),
        ("31 platelets 49 10^9/L - -; 100 platelets 49 10^9/L - -", "", "2"),
        ("101 platelets 10 10^9/L - -", "", ""),
    ],
)
def test_platelets_are_graded_early_and_late(results: str, early: str, late: str) -> None:
    found = {verdict.about: verdict for verdict in thrombocytopenia(build.facts(results=measured(results, date(2025, 3, 3))))}

    assert [early, late] == [graded(found.get(period)) for period in ("early", "late")]
    assert all(rests_on(verdict) for verdict in found.values())
