"""The haematological BILAG-2004 grade: counts, findings, and what lymphodepletion takes out."""

from __future__ import annotations

from app.rules.efficacy.bilag_haematology import RULE, bilag_haematology
from tests.rules.cases import cases, truth
from tests.rules.given import given, graded


@cases("bilag_haematology")
def test_the_blood_from_its_counts(case: dict[str, str]) -> None:
    purpura = int(case["purpura"]) if case["purpura"] else None
    found = bilag_haematology(
        given(case["counts"]), given(case["findings"]), purpura, truth(case["lymphodepletion"]), truth(case["ever"])
    )

    graded(case, found)
    assert RULE is found.rule
