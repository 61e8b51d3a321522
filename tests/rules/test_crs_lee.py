"""CRS by Lee 2014: the table, and that it is not the ASTCT grade."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given as given_
from hypothesis import strategies as st

from app.rules.crs_lee import LeeSigns, crs_lee
from app.rules.verdict import Value
from tests.rules.cases import cases
from tests.rules.given import given

WELL = LeeSigns(False, False, False, (), False, Decimal(21), False, 0, 0, "NO")


@cases("crs_lee")
def test_the_published_table(case: dict[str, str]) -> None:
    inputs = given(case["inputs"])
    if isinstance(inputs.get("vasopressors"), str):
        inputs["vasopressors"] = () if inputs["vasopressors"] == "NONE" else tuple(inputs["vasopressors"].split("+"))
    for name in ("organ_toxicity", "transaminitis"):
        inputs |= {name: int(inputs[name])} if inputs.get(name) is not None else {}
    verdict = crs_lee(replace(WELL, **inputs))

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
