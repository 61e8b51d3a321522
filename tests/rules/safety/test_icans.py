"""ICANS of one observation: the worst domain, the right instrument for the age, bounds over every completion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.facts import Toxicity
from app.rules.grades import Grade
from app.rules.safety.icans import icans, icans_course, icans_grade
from app.rules.verdict import Evidence, Value
from tests.rules import build
from tests.rules.cases import cases, truth


def answers(cell: str, form: Callable[[int, int], Mapping[str, int | None]]) -> Mapping[str, int | None] | None:
    """`8?1`: 8 points with one item not answered; `-` or nothing: the form was not done."""
    points, _, unanswered = cell.partition("?")
    return None if cell in ("", "-") else form(int(points), int(unanswered or 0))


@cases("icans")
def test_the_consensus_table(case: dict[str, str]) -> None:
    """B7: an observation is graded only where every completion of what is missing agrees."""
    seen = build.seen(
        age_years=int(case["age"]),
        developmental_delay=truth(case["delay"]),
        ice=answers(case["ice"], build.ice),
        ice_not_done_reason=case["ice_reason"] or None,
        capd=answers(case["capd"], build.capd),
        capd_unable=truth(case["unable"]),
        baseline_capd=int(case["baseline"]) if case["baseline"] else None,
        rass=int(case["rass"]) if case["rass"] else None,
        consciousness=case["conscious"] or None,
        consciousness_other_cause=truth(case["conscious_other"]),
        seizure=case["seizure"] or None,
        seizure_minutes=Decimal(case["minutes"]) if case["minutes"] else None,
        motor=case["motor"] or None,
        icp=case["icp"] or None,
        intracranial_haemorrhage=truth(case["haemorrhage"]),
        death=case["death"],
    )
    verdict = icans(seen)

    assert (Decimal(case["lowest"]), Decimal(case["highest"])) == (verdict.lowest, verdict.highest)
    assert (verdict.value is Value.GRADED) == (case["lowest"] == case["highest"]) == (verdict.amount is not None)
    assert (verdict.value is Value.NOT_GRADABLE) == bool(verdict.missing)


def test_the_verdict_names_the_item_that_keeps_it_open() -> None:
    ice = icans(build.seen(ice=build.ice(9, 1)))
    capd = icans(build.seen(age_years=8, capd=build.capd(6, 1), baseline_capd=None))
    sedated = icans(build.seen(age_years=8, rass=-4, capd=build.capd(6, 1), consciousness_other_cause=True))
    hidden = icans(build.seen(ice=build.ice(0), ice_not_done_reason="UNAROUSABLE", consciousness_other_cause=True))

    assert ("ATTENTION of ICE at 2025-03-04T08:00",) == ice.missing
    assert ("SLOW_RESPONSE of CAPD at 2025-03-04T08:00", "CAPD before the first infusion") == capd.missing
    assert ("ICE without sedation at 2025-03-04T08:00",) == hidden.missing
    assert ("CAPD without sedation at 2025-03-04T08:00",) == sedated.missing
    assert Evidence("RASS", "-4", None, "2025-03-04T08:00", sedated.evidence[0].source) in sedated.criteria[0].because


def test_each_domain_says_what_it_contributed() -> None:
    """Nothing seen contributes 0, never less; a CAPD that could have been done and was not leaves cognition open."""
    well, child = icans(build.seen()), icans(build.seen(age_years=8, capd=None))

    assert {False} == set(build.components(well).values())
    assert {"0"} == {criterion.because[0].value for criterion in well.criteria}
    assert build.components(child)["cognition"] is None


def test_the_total_of_an_unfinished_ice_is_shown_as_its_range() -> None:
    shown = [fact for criterion in icans(build.seen(ice=build.ice(8, 1))).criteria for fact in criterion.because]

    assert ["8 to 9"] == [fact.value for fact in shown if fact.what == "ICE total"]


def test_the_highest_grade_is_about_the_subject() -> None:
    mild, severe = build.seen("T2", "2025-03-05T08:00", ice=build.ice(8)), build.seen("T1", ice=build.ice(4))
    course = icans_course([mild, severe])

    assert ["T1", "T2", "subject"] == [verdict.about for verdict in course]
    assert (Decimal(2), ["2025-03-04T08:00"]) == (course[-1].amount, [fact.at for fact in course[-1].evidence])
    assert () == icans_course([])


ICES = tuple(build.ice(points) for points in (10, 9, 8, 4, 0))
CAPDS = tuple(build.capd(points) for points in (0, 3, 6, 9, 32))
CONSCIOUSNESS = ("ALERT", "AWAKENS_SPONTANEOUSLY", "VOICE", "TACTILE", "VIGOROUS_TACTILE")
SEIZURES = ("NONE", "CLINICAL_RESOLVED_RAPIDLY", "PROLONGED")
OEDEMAS = ("NONE", "FOCAL_OEDEMA", "PAPILLOEDEMA")
MAY_BE: dict[str, tuple[Any, ...]] = {
    "developmental_delay": (True, False),
    "ice": ICES,
    "capd": CAPDS,
    "baseline_capd": (0, 5, 32),
    "consciousness": CONSCIOUSNESS,
    "consciousness_other_cause": (True, False),
    "seizure": SEIZURES,
    "motor": ("NONE", "DEEP_FOCAL_WEAKNESS"),
    "icp": OEDEMAS,
    "intracranial_haemorrhage": (True, False),
}
"""What each input may turn out to be, every grade that it can give among it."""


@st.composite
def complete(draw: st.DrawFn) -> Toxicity:
    """An observation at or around the 12th birthday, with everything recorded."""
    return build.seen(age_years=draw(st.sampled_from([11, 12])), **{f: draw(st.sampled_from(c)) for f, c in MAY_BE.items()})


def completions(seen: Toxicity, absent: tuple[str, ...]) -> list[Toxicity]:
    """Every way in which the absent inputs may turn out; an ICE that was not done may have been impossible."""
    ways: Iterable[tuple[Any, ...]] = product(*(MAY_BE[field] for field in absent))
    found = [replace(seen, **dict(zip(absent, way, strict=True))) for way in ways]
    impossible = [replace(one, ice=None, ice_not_done_reason="UNAROUSABLE") for one in found if "ice" in absent]
    return found + impossible


@given(complete(), st.sets(st.sampled_from([*MAY_BE]), max_size=3))
def test_the_bounds_are_exactly_those_of_every_completion(seen: Toxicity, erased: set[str]) -> None:
    absent = tuple(sorted(erased))
    grades = [icans_grade(one) for one in completions(seen, absent)]
    bounds = Grade(min(grade.lowest for grade in grades), max(grade.highest for grade in grades))
    unknown: dict[str, Any] = dict.fromkeys(absent)

    assert bounds == icans_grade(replace(seen, **unknown))


@given(st.integers(0, 7), st.integers(0, 3), st.sampled_from([None, 0, 5]))
def test_unanswered_items_give_exactly_the_grades_of_their_completions(
    points: int, unanswered: int, baseline: int | None
) -> None:
    child = build.seen(age_years=8, capd=build.capd(points, unanswered), baseline_capd=baseline)
    teenager = build.seen(ice=build.ice(points, unanswered))
    baselines = [0, 32] if baseline is None else [baseline]
    children = [replace(child, capd=form, baseline_capd=b) for form in filled(child.capd, 4) for b in baselines]
    teenagers = [replace(teenager, ice=form) for form in filled(teenager.ice, 1)]

    for seen, whole in ((child, children), (teenager, teenagers)):
        grades = [icans_grade(one).lowest for one in whole]
        assert Grade(min(grades), max(grades)) == icans_grade(seen)


def filled(form: Mapping[str, int | None] | None, most: int) -> list[dict[str, int | None]]:
    """Every way in which the items not answered may turn out."""
    items = dict(form or {})
    absent = [key for key, points in items.items() if points is None]
    return [items | dict(zip(absent, way, strict=True)) for way in product(range(most + 1), repeat=len(absent))]


@pytest.mark.parametrize(
    ("field", "from_mild_to_severe"),
    [
        ("ice", ICES),
        ("capd", CAPDS),
        ("consciousness", CONSCIOUSNESS),
        ("seizure_minutes", (Decimal(1), Decimal(5), Decimal("5.1"))),
        ("motor", ("NONE", "DEEP_FOCAL_WEAKNESS")),
        ("icp", OEDEMAS),
        ("death", ("NO", "DUE_TO_ICANS")),
    ],
)
@given(seen=complete())
def test_getting_worse_never_lowers_the_grade(field: str, from_mild_to_severe: tuple[Any, ...], seen: Toxicity) -> None:
    each = [icans_grade(replace(seen, **{field: value})) for value in from_mild_to_severe]

    assert sorted(grade.lowest for grade in each) == [grade.lowest for grade in each]
    assert sorted(grade.highest for grade in each) == [grade.highest for grade in each]
