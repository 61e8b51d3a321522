"""CRS by Lee 2014: the table, and that it is not the ASTCT grade."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given as given_
from hypothesis import strategies as st

from app.rules.explain import sentences
from app.rules.safety.crs_lee import LeeSigns, crs_lee, observed
from app.rules.verdict import Value
from tests.rules import build
from tests.rules.cases import cases
from tests.rules.given import given

WELL = LeeSigns(False, False, False, (), False, Decimal(21), False, 0, 0, "NO")


def entered(cell: str) -> dict[str, Any]:
    """The inputs of a cell: drugs apart by `+`, grades as whole numbers."""
    inputs = given(cell)
    if isinstance(inputs.get("vasopressors"), str):
        inputs["vasopressors"] = () if inputs["vasopressors"] == "NONE" else tuple(inputs["vasopressors"].split("+"))
    for name in ("organ_toxicity", "transaminitis"):
        inputs |= {name: int(inputs[name])} if inputs.get(name) is not None else {}
    return inputs


@cases("crs_lee")
def test_the_published_table(case: dict[str, str]) -> None:
    verdict = crs_lee(replace(WELL, **entered(case["inputs"])))

    assert (Decimal(case["lowest"]), Decimal(case["highest"])) == (verdict.lowest, verdict.highest)
    assert (verdict.value is Value.NOT_GRADABLE) == bool(verdict.missing)


signs = st.builds(
    LeeSigns,
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from([(), ("NOREPINEPHRINE",), ("NOREPINEPHRINE", "EPINEPHRINE")]),
    st.booleans(),
    st.sampled_from([Decimal(21), Decimal(30), Decimal(40)]),
    st.booleans(),
    st.integers(0, 4),
    st.integers(0, 4),
    st.just("NO"),
)


@given_(
    signs.filter(lambda seen: bool(seen.vasopressors) or not seen.high_dose),
    st.sets(st.sampled_from(LeeSigns.__slots__[:-1]), max_size=3),
)
def test_what_is_missing_never_moves_the_grade_out_of_its_bounds(seen: LeeSigns, lost: set[str]) -> None:
    whole = crs_lee(seen).lowest
    partly = crs_lee(replace(seen, **dict.fromkeys(lost)))

    assert whole is not None
    assert partly.lowest is not None
    assert partly.highest is not None
    assert partly.lowest <= whole <= partly.highest


def test_what_keeps_the_grade_open_is_named() -> None:
    assert ("organ toxicity",) == crs_lee(replace(WELL, organ_toxicity=None)).missing
    assert ("transaminitis",) == crs_lee(replace(WELL, transaminitis=None)).missing


@cases("crs_lee_observed")
def test_an_observation_of_a_casebook_is_graded_by_the_older_scale_too(case: dict[str, str]) -> None:
    quiet: dict[str, Any] = {"constitutional": False, "high_dose_vasopressor": False, "organ_toxicity": 0, "transaminitis": 0}
    (verdict,) = observed([build.seen(**(quiet | entered(case["seen"])))])

    assert (Decimal(case["lowest"]), Decimal(case["highest"])) == (verdict.lowest, verdict.highest)
    assert (verdict.value is Value.NOT_GRADABLE) == bool(verdict.missing)


def test_an_observation_is_told_under_its_own_scale() -> None:
    later, first = build.seen("T2", "2025-03-05T08:00"), build.seen("T1", "2025-03-04T08:00", temperature_c=Decimal(39))
    graded = list(observed([later, first]))

    assert ["T1", "T2"] == [verdict.about for verdict in graded]
    assert "CRS grade (Lee 2014) on 2025-03-04T08:00 lies between 1 and 4 and cannot be graded" in sentences(graded[0])[0]


def test_a_running_vasopressor_is_shown_by_name_and_none_as_none() -> None:
    for running, shown in (((), "none"), (("NOREPINEPHRINE",), "NOREPINEPHRINE"), (None, None)):
        criteria = crs_lee(replace(WELL, vasopressors=running)).criteria
        facts = {fact.what: fact.value for criterion in criteria for fact in criterion.because}

        assert shown == facts["vasopressors running"]
