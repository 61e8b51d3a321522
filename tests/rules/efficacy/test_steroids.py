"""Prednisone equivalents: exact ratios, systemic routes, unknown drugs unknown."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from app.rules.efficacy import steroids
from app.rules.facts import Dose
from app.rules.verdict import Value
from tests.rules import build
from tests.rules.cases import cases, truth


@cases("steroids")
def test_a_dose_is_so_much_prednisone_a_day(case: dict[str, str]) -> None:
    mg, interval = (Decimal(case[name]) if case[name] else None for name in ("mg", "interval"))
    expected = Fraction(case["prednisone"]) if case["prednisone"] else None

    assert expected == steroids.prednisone_mg_per_day((Dose(case["drug"], mg, interval, case["route"]),))


@cases("steroid_limits")
def test_a_limit_is_kept_exactly(case: dict[str, str]) -> None:
    per_kg = Decimal(case["per_kg"]) if case["per_kg"] else None
    visit = build.m3(taking=case["taking"], weight=case["weight"])
    found = steroids.at_most("key", visit, Decimal(case["most"]), per_kg)

    assert truth(case["holds"]) is found.holds
    assert (found.holds is None) <= bool(found.missing)


def test_not_recorded_is_unknown_and_recorded_as_none_is_zero() -> None:
    assert steroids.prednisone_mg_per_day(None) is None
    assert Fraction(0) == steroids.prednisone_mg_per_day(())


def test_the_verdict_shows_each_dose_and_names_what_is_missing() -> None:
    known = steroids.prednisone(build.m3(taking="7 methylprednisolone"))
    unknown = steroids.prednisone(build.m3(taking="5 prednisone + 9 budesonide"))
    unsaid = steroids.prednisone(build.m3(taking="-"))

    assert (Value.COMPUTED, Decimal("8.75"), "M3") == (known.value, known.amount, known.about)
    assert ("methylprednisolone, oral, daily", "7") == (known.evidence[0].what, known.evidence[0].value)
    assert (Value.NOT_EVALUABLE, ("prednisone equivalent of budesonide at M3",)) == (unknown.value, unknown.missing)
    assert ("glucocorticoids at M3",) == unsaid.missing


def test_the_sum_and_the_weight_are_dated_by_the_visit() -> None:
    dated, undated = build.m3(), build.visit("M3", "")
    facts = [steroids.at_most("key", visit, Decimal(5), Decimal("0.1")).because for visit in (dated, undated)]

    assert [["2025-06-01T09:00"] * 2, [None] * 2] == [[each[0].at, each[-1].at] for each in facts]
    assert "weight at M3" == facts[0][-1].what


def test_the_limits_are_shown_with_their_units() -> None:
    adult, child, unweighed = (
        steroids.at_most("key", build.m3(weight=weight), Decimal("7.5"), per_kg).because
        for weight, per_kg in (("44.0", None), ("44.0", Decimal("0.15")), ("", Decimal("0.15")))
    )

    assert ("limit", "7.5", "mg/day") == (adult[-1].what, adult[-1].value, adult[-1].unit)
    assert ("limit at 0.15 mg/kg", "6.6", "mg/day") == (child[-2].what, child[-2].value, child[-2].unit)
    assert unweighed[-2].value is None


def test_the_evidence_says_how_often() -> None:
    often = (Dose("prednisone", Decimal(10), days) for days in (Decimal(1), Decimal(2), Decimal("0.5"), None))
    shown = steroids.shown(build.VisitFacts("M3", "2025-06-01", glucocorticoids=tuple(often)))

    assert ["daily", "every 2 days", "every 0.5 days", "interval not known"] == [f.what.split(", ")[2] for f in shown[1:]]
