"""An endpoint as records of ADEFF: which record holds its value by each strategy, and which has one of its own."""

from __future__ import annotations

import pytest

from cdisc.adam.endpoints import rows
from cdisc.adam.verdicts import Said

Marked = dict[str, tuple[str, str]]
"""By DTYPE: AVALC, and the strategies (1 composite, 2 treatment policy) whose value the record holds."""
OBSERVED, IMPUTED, FAILED = (False, "observed"), (False, "imputed"), (False, "intercurrent failure")
MET = (True, "observed")


@pytest.mark.parametrize(
    ("value", "composite", "policy", "marked"),
    [
        ("met", MET, MET, {"": ("Y", "12")}),
        ("not_met", OBSERVED, OBSERVED, {"": ("N", "12")}),
        ("not_evaluable", IMPUTED, IMPUTED, {"": ("", ""), "NRI": ("N", "12")}),
        ("not_met", FAILED, OBSERVED, {"": ("N", "12")}),
        ("not_met", FAILED, MET, {"": ("N", "1"), "TREATMENT POLICY": ("Y", "2")}),
        ("not_met", FAILED, IMPUTED, {"": ("N", "1"), "NRI": ("N", "2")}),
        ("not_evaluable", IMPUTED, MET, {"": ("", ""), "NRI": ("N", "1"), "TREATMENT POLICY": ("Y", "2")}),
        ("met", FAILED, MET, {"": ("Y", "2"), "COMPOSITE": ("N", "1")}),
        ("met", IMPUTED, MET, {"": ("Y", "2"), "NRI": ("N", "1")}),
        ("not_evaluable", FAILED, IMPUTED, {"": ("", ""), "COMPOSITE": ("N", "1"), "NRI": ("N", "2")}),
        ("not_applicable", (None, None), (None, None), {"": ("", "")}),
    ],
)
def test_each_strategy_has_one_record(
    value: str, composite: tuple[bool | None, str | None], policy: tuple[bool | None, str | None], marked: Marked
) -> None:
    said = Said("sri4", "1", "M3", value, None, (), (), (), *composite, *policy)
    made = list(rows(said))

    held = {row.get("DTYPE", ""): (row["AVALC"], "".join(n for n in "12" if row.get(f"ANL0{n}FL") == "Y")) for row in made}
    assert marked == held
    assert len(made) == len(marked)


def test_the_basis_of_a_record_that_both_strategies_mark_is_that_of_the_composite_one() -> None:
    said = Said("sri4", "1", "M3", "not_met", None, (), (), (), *FAILED, *OBSERVED)

    assert ["INTERCURRENT FAILURE"] == [row["ANLBASIS"] for row in rows(said)]
