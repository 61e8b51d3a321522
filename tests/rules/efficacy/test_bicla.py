"""BICLA: five criteria, for those with an A or B at baseline."""

from __future__ import annotations

from app.rules.efficacy.bicla import bicla
from app.rules.efficacy.visits import Baseline, Timepoint
from app.rules.verdict import Value
from tests.rules import build
from tests.rules.cases import cases, truth
from tests.rules.efficacy.test_sri import NO_FAILURE, failure


@cases("bicla")
def test_bicla_needs_all_five(case: dict[str, str]) -> None:
    then = build.visit("BL", "2025-03-02", present=case["sledai_then"], grades=case["bilag_then"], mark=case["pga_then"])
    now = build.m3(present=case["sledai_now"], grades=case["bilag_now"], mark=case["pga_now"])
    verdict = bicla(build.at_m3(now), build.base(then), failure(truth(case["failed"])))
    applies = case["verdict"] != "not_applicable"
    asked = [truth(case[name]) for name in ("improved", "worsening", "sledai", "pga", "failure")]

    assert case["verdict"] == verdict.value
    assert (asked if applies else []) == list(build.components(verdict).values())
    assert (None in build.components(verdict).values()) == bool(verdict.missing)


def test_it_does_not_apply_before_the_first_infusion() -> None:
    assert Value.NOT_APPLICABLE is bicla(Timepoint("SCR", build.m3()), build.base(build.active()), NO_FAILURE).value


def test_without_a_baseline_it_is_not_known_whether_it_applies() -> None:
    verdict = bicla(build.at_m3(build.m3()), Baseline(None, None, None), NO_FAILURE)

    assert (Value.NOT_EVALUABLE, ("BILAG-2004 at baseline",)) == (verdict.value, verdict.missing)


def test_improvement_rests_on_the_domains_that_were_active_and_names_those_that_are_open() -> None:
    then = build.visit("BL", "2025-03-02", grades="EBEEEEEAE")
    improved = bicla(build.at_m3(build.m3(grades="ECEEEEE?E")), build.base(then), NO_FAILURE).criteria[0]

    assert ["mucocutaneous", "mucocutaneous", "renal", "renal"] == [fact.what.split()[0] for fact in improved.because]
    assert ("renal of BILAG-2004 at M3",) == improved.missing
