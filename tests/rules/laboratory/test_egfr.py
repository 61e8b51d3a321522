"""Filtration: the formula of the age, exact units, what is missing."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.rules.laboratory.egfr import ckd_epi, egfr, schwartz
from tests.rules.cases import cases
from tests.rules.given import number


@cases("egfr")
def test_the_formula_of_the_age(case: dict[str, str]) -> None:
    age = Decimal(case["age"])
    found = egfr(age, case["sex"] or None, number(case["height"]), number(case["creatinine"]), case["unit"])
    missing = tuple(filter(None, [case["missing"]]))

    assert case["formula"] == found.rule.id
    assert missing == found.missing
    assert (found.amount is None) == bool(missing)
    assert number(case["egfr"]) == found.amount


creatinines = st.fractions("0.2", "15", max_denominator=1000)


@given(creatinines, creatinines, st.integers(18, 90), st.sampled_from("FM"))
def test_more_creatinine_never_filters_more(one: object, other: object, age: int, sex: str) -> None:
    low, high = sorted((one, other))  # type: ignore[type-var]

    assert ckd_epi(Decimal(age), sex, low) >= ckd_epi(Decimal(age), sex, high)  # type: ignore[arg-type]
    assert schwartz(Decimal(150), low) >= schwartz(Decimal(150), high)  # type: ignore[arg-type]
