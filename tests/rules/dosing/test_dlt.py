"""Who counts for a dose level: the window by its anchor, and what makes a subject evaluable."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from app.rules.dosing.dlt import Adjudicated, Exposed, Infused, Window, count, fraction
from tests.rules.cases import cases

TRUTHS = {"yes": True, "no": False, "?": None}


def window(anchor: str, least: Decimal | None = Decimal("0.8")) -> Window:
    """28 days over two planned infusions; no anchor is no window; `late`: what began outside of it counts."""
    stated: Any = anchor.removesuffix(" late") or None
    return Window(28 if anchor else None, stated, 2, least, anchor.endswith(" late"))


def exposed(case: dict[str, str]) -> Exposed:
    """`date/fraction` for each infusion; `date answer event onset` for each adjudication."""
    doses = [cell.split("/") for cell in case["infusions"].split()]
    said = [cell.split() for cell in filter(None, case["said"].split("; "))]
    return Exposed(
        tuple(Infused(None if at == "?" else at, None if part == "?" else Decimal(part)) for at, part in doses),
        case["ended"] == "yes",
        tuple(Adjudicated(at, TRUTHS[answer], *(None if word == "?" else word for word in more)) for at, answer, *more in said),
        case["ended"] == "replaced",
    )


@cases("dlt")
def test_a_subject_counts(case: dict[str, str]) -> None:
    """In whatever order its doses and adjudications were recorded."""
    subject = exposed(case)
    other_way = replace(subject, doses=subject.doses[::-1], adjudications=subject.adjudications[::-1])
    found, other = (count(window(case["anchor"]), each, case["at"] or None) for each in (subject, other_way))

    assert (case["standing"], case["closes"] or None) == (found.standing.value, found.closes)
    assert found.because
    assert found == other
    assert case["outside"].split() == [words.split()[0] for words in found.outside]


def test_without_a_least_part_of_the_dose_any_part_counts() -> None:
    half = Exposed((Infused("2025-03-03", None),), True, (Adjudicated("2025-06-01", False),), False)

    assert "evaluable" == count(window("last_infusion", None), half, "2025-06-01").standing


def test_the_part_of_the_dose_is_that_of_the_whole_plan() -> None:
    """One of two infusions given whole is half of it; of two of which one is not known, nothing is said."""
    one, unknown = Infused("2025-03-03", Decimal(1)), Infused("2025-03-06", None)

    assert Decimal("0.5") == fraction(window("last_infusion"), [one])
    assert None is fraction(window("last_infusion"), [one, unknown])
