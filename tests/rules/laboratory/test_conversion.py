"""B cells, anti-dsDNA and complement after a depletion."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.rules.laboratory.conversion import Result, b_cells, complement_normal, dsdna_conversion
from app.rules.verdict import Value
from tests.rules import build
from tests.rules.cases import cases
from tests.rules.given import number

RULES = {"dna": dsdna_conversion, "complement": complement_normal}


def result(cell: str, day: int) -> Result:
    """A value, its limit, its assay."""
    value, limit, assay = cell.split()
    return Result(f"2025-03-{day:02}", number(value.replace("?", "")), number(limit.replace("?", "")), assay)


@cases("conversion")
def test_conversion_is_confirmed_by_a_second_result(case: dict[str, str]) -> None:
    later = [result(cell, day) for day, cell in enumerate(case["later"].split("; "), start=2) if cell]
    found = RULES[case["rule"]](result(case["baseline"], 1), later[::-1])

    assert case["value"] == found.value
    assert case["because"] == " ".join(fact.what for criterion in found.criteria for fact in criterion.because)
    assert (found.value is Value.NOT_EVALUABLE) == bool(found.missing)


@pytest.mark.parametrize(
    ("counts", "moments"),
    [
        ("200 5 0 12 25 30", {"depletion": "2025-03-02", "reconstitution": "2025-03-05"}),
        ("200 5 25 12 20 21", {"depletion": "2025-03-02", "reconstitution": "2025-03-05"}),
        ("200 5 25", {"depletion": "2025-03-02"}),
        ("200 30 20", {}),
    ],
)
def test_b_cells_go_and_come_back(counts: str, moments: dict[str, str]) -> None:
    """Depleted below 20; back with the first of two consecutive counts of 20 or more."""
    results = [Result(f"2025-03-{day:02}", Decimal(count)) for day, count in enumerate(counts.split(), start=1)]
    found = b_cells(results[::-1], Decimal(20), Decimal(20))

    assert moments == {fact.what: fact.at for fact in found.evidence}
    assert found.value is Value.COMPUTED
    assert {"depleted": "depletion" in moments, "reconstituted": "reconstitution" in moments} == build.components(found)


def test_b_cells_that_were_never_counted_are_not_evaluable() -> None:
    found = b_cells([Result("2025-03-01", None)], Decimal(20), Decimal(20))

    assert (Value.NOT_EVALUABLE, ("B-cell count",)) == (found.value, found.missing)


@pytest.mark.parametrize(
    ("counts", "depleted", "reconstituted"),
    [
        ("<20 25 30", True, True),
        ("200 <50 30", None, None),
        ("200 <50 5 25 30", True, True),
        ("200 5 <50 30", True, None),
        ("200 5 25 <50", True, None),
        ("200 5 <20 15", True, False),
        ("200 >150 30", False, False),
    ],
)
def test_a_censored_count_of_b_cells_may_leave_open_what_came(
    counts: str, depleted: bool | None, reconstituted: bool | None
) -> None:
    """B7: below what the assay measures is a depletion where all that it may be is below 20."""
    results = [
        Result(f"2025-03-{day:02}", Decimal(count.strip("<>")), qualifier=count.rstrip("0123456789") or None)
        for day, count in enumerate(counts.split(), start=1)
    ]
    found = b_cells(results, Decimal(20), Decimal(20))

    assert {"depleted": depleted, "reconstituted": reconstituted} == build.components(found)
    assert (found.value is Value.NOT_EVALUABLE) == bool(found.missing) == (reconstituted is None)


def test_the_moment_of_depletion_is_not_the_first_of_reconstitution() -> None:
    """Where a study counts 10 as back and below 20 as depleted, 15 and 12 are one depletion and one count."""
    found = b_cells([Result("2025-03-01", Decimal(15)), Result("2025-03-02", Decimal(12))], Decimal(20), Decimal(10))

    assert {"depleted": True, "reconstituted": False} == build.components(found)


def test_a_result_is_shown_with_its_qualifier_and_one_not_recorded_as_none() -> None:
    censored = dsdna_conversion(Result("2025-03-01", Decimal(200), Decimal(30), "ELISA", qualifier=">"), ())
    unknown = dsdna_conversion(Result("2025-03-01", None, Decimal(30), "ELISA"), ())

    assert [">200", None] == [verdict.criteria[0].because[0].value for verdict in (censored, unknown)]
