"""CRS of one observation: bounds over every completion, and never milder for being worse."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.facts import Toxicity
from app.rules.grades import Grade
from app.rules.safety.crs import crs, crs_grade, treated
from app.rules.verdict import Truth, Value
from tests.rules import build
from tests.rules.cases import cases, truth

DEVICES = ("NONE", "BLOW_BY", "NASAL_CANNULA", "HFNC", "SIMPLE_MASK", "CPAP")
PRESSORS = ((), ("VASOPRESSIN",), ("NOREPINEPHRINE",), ("NOREPINEPHRINE", "EPINEPHRINE"))


def number(cell: str) -> Decimal | None:
    """A cell with a number, or nothing."""
    return Decimal(cell) if cell else None


@cases("crs")
def test_the_consensus_table(case: dict[str, str]) -> None:
    """B7: an observation is graded only where every completion of what is missing agrees."""
    pressors = {"": None, "none": ()}.get(case["pressors"], tuple(case["pressors"].split()))
    seen = Toxicity(
        "T1",
        "2025-03-04T08:00",
        int(case["age"]),
        temperature_c=number(case["temperature"]),
        fever_other_cause=truth(case["other_fever"]),
        systolic=number(case["systolic"]),
        hypotension=truth(case["hypotension"]),
        hypotension_other_cause=truth(case["hypotension_other"]),
        vasopressors=pressors,
        o2_device=case["device"] or None,
        o2_flow=number(case["flow"]),
        hypoxia_other_cause=truth(case["hypoxia_other"]),
        death=case["death"] or None,
    )
    verdict = crs(seen, prior_fever=case["earlier"] != "no", prior_treated=truth(case["earlier"]))

    assert (Decimal(case["lowest"]), Decimal(case["highest"])) == (verdict.lowest, verdict.highest)
    assert (verdict.value is Value.GRADED) == (case["lowest"] == case["highest"]) == (verdict.amount is not None)
    assert (verdict.value is Value.NOT_GRADABLE) == bool(verdict.missing)


def test_the_verdict_names_what_keeps_it_open() -> None:
    missing = crs(build.seen(temperature_c=Decimal(39), vasopressors=None, o2_device="HFNC", hypoxia_other_cause=None)).missing
    waiver = crs(build.seen(hypotension=True), prior_fever=True, prior_treated=None).missing

    assert (
        "vasopressors running at 2025-03-04T08:00",
        "oxygen flow at 2025-03-04T08:00",
        "other cause of hypoxia at 2025-03-04T08:00",
    ) == missing
    assert ("treatment of an earlier fever at 2025-03-04T08:00",) == waiver


def test_the_verdict_shows_what_each_domain_contributed() -> None:
    verdict = crs(build.seen(temperature_c=Decimal("38.5"), hypotension=True, o2_device="SIMPLE_MASK"))

    assert {"fever": True, "hypotension": True, "hypoxia": True} == build.components(verdict)
    assert ["2", "3"] == [criterion.because[0].value for criterion in verdict.criteria[1:]]
    assert ("T1", "3") == (verdict.about, verdict.evidence[0].value)


def test_a_running_vasopressor_is_shown_by_name_and_none_as_none() -> None:
    for running, shown in (((), "none"), (("NOREPINEPHRINE", "VASOPRESSIN"), "NOREPINEPHRINE, VASOPRESSIN"), (None, None)):
        facts = {
            fact.what: fact.value for criterion in crs(build.seen(vasopressors=running)).criteria for fact in criterion.because
        }
        assert shown == facts["vasopressors running"]


def test_fever_is_waived_only_by_a_fever_and_a_treatment() -> None:
    """What is not said of the episode before is that there was neither."""
    low = build.seen(hypotension=True)

    for grade in (crs_grade(low), crs_grade(low, prior_fever=True), crs_grade(low, prior_treated=True)):
        assert Grade(0, 0) == grade
    assert [0, 0] == [crs(low, prior_fever=True).amount, crs(low, prior_treated=True).amount]
    assert Grade(2, 2) == crs_grade(low, prior_fever=True, prior_treated=True)


def test_whether_a_fever_was_treated_is_unknown_where_nothing_was_recorded() -> None:
    assert [None, False, True] == [treated(build.seen(given=drugs)) for drugs in (None, (), ("TOCILIZUMAB",))]


maybe = st.sampled_from([True, False, None])
observations = st.builds(
    Toxicity,
    id=st.just("T1"),
    at=st.just("2025-03-04T08:00"),
    age_years=st.just(15),
    temperature_c=st.sampled_from([None, Decimal("37.9"), Decimal("38.0")]),
    fever_other_cause=maybe,
    systolic=st.sampled_from([None, Decimal(89), Decimal(90)]),
    hypotension=maybe,
    hypotension_other_cause=maybe,
    vasopressors=st.sampled_from([None, *PRESSORS]),
    o2_device=st.sampled_from([None, *DEVICES]),
    o2_flow=st.sampled_from([None, Decimal(6), Decimal("6.1")]),
    hypoxia_other_cause=maybe,
)


def either(truth_: Truth) -> tuple[Truth, ...]:
    """Both answers where there is none."""
    return (True, False) if truth_ is None else (truth_,)


def completed(seen: Toxicity) -> list[Toxicity]:
    """Every way in which the missing inputs of an observation may turn out."""
    temperatures = [Decimal("37.9"), Decimal("38.0")] if seen.temperature_c is None else [seen.temperature_c]
    flags = (True, False) if seen.hypotension is None and seen.systolic is None else (seen.hypotension,)
    pressors = PRESSORS if seen.vasopressors is None else (seen.vasopressors,)
    devices = DEVICES if seen.o2_device is None else (seen.o2_device,)
    flows = (Decimal(6), Decimal("6.1")) if seen.o2_flow is None else (seen.o2_flow,)
    causes = [either(c) for c in (seen.fever_other_cause, seen.hypotension_other_cause, seen.hypoxia_other_cause)]
    names = (
        "temperature_c",
        "hypotension",
        "vasopressors",
        "o2_device",
        "o2_flow",
        "fever_other_cause",
        "hypotension_other_cause",
        "hypoxia_other_cause",
    )
    ways: Iterable[tuple[Any, ...]] = product(temperatures, flags, pressors, devices, flows, *causes)
    return [replace(seen, **dict(zip(names, way, strict=True))) for way in ways]


@given(observations, maybe, maybe)
def test_the_bounds_are_exactly_those_of_every_completion(seen: Toxicity, prior: Truth, given_drug: Truth) -> None:
    grades = [
        crs_grade(whole, prior_fever=fever, prior_treated=drug)
        for whole in completed(seen)
        for fever in either(prior)
        for drug in either(given_drug)
    ]

    assert all(grade.graded for grade in grades)
    assert Grade(min(g.lowest for g in grades), max(g.highest for g in grades)) == crs_grade(
        seen, prior_fever=prior, prior_treated=given_drug
    )


@pytest.mark.parametrize(
    ("field", "from_mild_to_severe"),
    [
        ("temperature_c", (Decimal("36.8"), Decimal("37.9"), Decimal("38.0"), Decimal(41))),
        ("hypotension", (False, True)),
        ("vasopressors", PRESSORS),
        ("o2_device", DEVICES),
        ("o2_flow", (Decimal(1), Decimal(6), Decimal("6.1"), Decimal(30))),
        ("death", ("NO", "DUE_TO_CRS")),
    ],
)
@given(seen=observations, prior=maybe, given_drug=maybe)
def test_getting_worse_never_lowers_the_grade(
    field: str, from_mild_to_severe: tuple[Any, ...], seen: Toxicity, prior: Truth, given_drug: Truth
) -> None:
    worse = [replace(replace(seen, o2_flow=Decimal(6)), **{field: value}) for value in from_mild_to_severe]
    each = [crs_grade(one, prior_fever=prior, prior_treated=given_drug) for one in worse]

    assert sorted(grade.lowest for grade in each) == [grade.lowest for grade in each]
    assert sorted(grade.highest for grade in each) == [grade.highest for grade in each]
