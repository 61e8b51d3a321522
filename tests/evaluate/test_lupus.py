"""LUPUS_ENDPOINTS: windows, baselines, previous assessments, events; and that it says what is derived."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.evaluate import cases, lupus
from app.evaluate.inputs import Inputs
from app.rules import derive
from app.rules.efficacy import doris_2017
from app.rules.efficacy.visits import baseline as find_baseline
from app.rules.efficacy.visits import timepoint
from tests.evaluate import build
from tests.evaluate.build import Case, baseline, case, dose, m2, m3, visit


def told(asked: Case) -> dict[str, Any]:
    """The result of a case."""
    result: dict[str, Any] = cases.evaluate(asked)["result"]
    return result


def components(asked: Case, endpoint: str) -> dict[str, bool | None]:
    """The components of one endpoint."""
    found: dict[str, bool | None] = told(asked)[endpoint]["components"]
    return found


def test_a_responder_in_every_respect() -> None:
    result = told(case(baseline(), m2(), m3()))

    assert ("M3", "M2") == (result["target_visit"], result["previous_visit"])
    assert {"sledai": "BL", "bilag": "BL", "pga": "BL"} == result["baseline_visits"]
    assert {"total": 0, "known_min": 0, "known_max": 0, "csledai": 0, "nonlab": 0} == result["sledai2k"]
    assert {"met"} == {result[name]["result"] for name in ("sri4", "bicla", "lldas", "clldas", "doris", "ccr")}
    assert {"4", "5", "6", "7", "8"} == set(result["sri_n"])
    assert (14, 5, True) == (
        result["sledai2k_drop"],
        result["prednisone_equivalent_mg_per_day"],
        result["eligible_sledai_gt_6"],
    )
    assert {"sri4": True, "lldas": True, "clldas": True, "doris": True} == result["analysis_nri"]
    assert "not_met" == result["ccr0"]["result"] == result["drug_free_remission"]["result"]


@pytest.mark.parametrize(
    ("visits", "target", "previous"),
    [
        ([m3(), visit("UNS1", "2025-06-01T12:00:00")], "M3", "BL"),
        ([m2(), visit("UNS1", "2025-06-15T23:59:00")], "UNS1", "M2"),
        ([m2(), visit("UNS1", "2025-06-16T00:00:00")], None, None),
        ([visit("M3a", "2025-05-30T09:00:00"), visit("M3b", "2025-06-03T09:00:00")], "M3b", "M3a"),
        ([visit("M3a", "2025-05-29T09:00:00"), visit("M3b", "2025-06-04T09:00:00")], "M3b", "M3a"),
        ([visit("M3a", "2025-05-31T09:00:00"), visit("M3b", "2025-06-03T09:00:00")], "M3a", "BL"),
        ([m3(), visit("UNS1", "2025-05-30T09:00:00")], "M3", "UNS1"),
        ([m3(), visit("UNS1", "2025-05-30T09:00:00", sledai2k=None)], "M3", "BL"),
        ([visit("M3", "2025-07-20T09:00:00")], None, None),
    ],
    ids=[
        "scheduled before unscheduled",
        "unscheduled on the last day",
        "the day after the last",
        "a tie goes to the later",
        "a tie further out",
        "the nearer",
        "an unscheduled visit is a previous assessment",
        "one without a SLEDAI-2K is none",
        "a name does not put a visit into its window",
    ],
)
def test_a_timepoint_is_answered_by_one_visit(visits: list[Case], target: str | None, previous: str | None) -> None:
    result = told(case(baseline(), *visits))

    assert (target, previous) == (result["target_visit"], result["previous_visit"])
    assert (target is None) == (result["sledai2k"] is None)


@pytest.mark.parametrize(
    ("visits", "bases"),
    [
        ([baseline("D0pre", "2025-03-03T09:59:00")], ("D0pre", "D0pre", "D0pre")),
        ([baseline("D0post", "2025-03-03T10:00:00")], ("BL", "BL", "BL")),
        ([baseline("D0pre", "2025-03-03")], ("BL", "BL", "BL")),
        ([baseline("D0pre", "2025-03-03T08:00:00", mark=None)], ("D0pre", "D0pre", "BL")),
        ([baseline("D0pre", "2025-03-03T08:00:00", bilag2004=None)], ("D0pre", "BL", "D0pre")),
        ([baseline("D0pre", "2025-03-03T08:00:00", sledai2k=None)], ("BL", "D0pre", "D0pre")),
    ],
    ids=["before the dose", "at the dose", "time not recorded", "PGA missing", "BILAG missing", "SLEDAI missing"],
)
def test_baseline_is_the_last_of_each_instrument_before_the_infusion(visits: list[Case], bases: tuple[str, ...]) -> None:
    result = told(case(baseline(), *visits, m3()))

    assert bases == tuple(result["baseline_visits"].values())


def test_before_the_first_infusion_a_response_does_not_apply() -> None:
    screening = told(case(baseline("SCR", "2025-02-10T09:00:00"), baseline(), m3(), timepoint="SCR"))
    never = told(case(baseline(), m3(), timepoint="BL", first_infusion_datetime=None))

    assert ("SCR", "not_applicable", None) == (
        screening["target_visit"],
        screening["sri4"]["result"],
        screening["sri4"]["components"],
    )
    assert screening["analysis_nri"]["sri4"] is False
    assert "not_applicable" == never["sri4"]["result"]
    assert {None} == set(never["baseline_visits"].values())


RESCUE = {"type": "rescue_glucocorticoid", "start": "2025-05-20", "counts_as_ice": True}


@pytest.mark.parametrize(
    ("differs", "holds"),
    [
        ({}, False),
        ({"counts_as_ice": False}, True),
        ({"counts_as_ice": None}, None),
        ({"type": "crs_treatment"}, False),
        ({"start": "2025-06-01T08:59:00"}, False),
        ({"start": "2025-06-01T09:00:00"}, True),
        ({"start": "2025-06-01", "prescribed_at_visit": "M3"}, True),
        ({"start": "2025-05-02", "prescribed_at_visit": "M2"}, False),
        ({"start": "2025-06-02"}, True),
    ],
)
def test_an_adjudicated_event_before_the_visit_is_a_failure(differs: Case, holds: bool | None) -> None:
    result = told(case(baseline(), m2(), m3(), events=[RESCUE | differs]))

    assert result["sri4"]["components"]["no_intercurrent_failure"] is holds
    assert {"sri4": holds is True, "lldas": holds is True, "clldas": holds is True, "doris": holds is True} == result[
        "analysis_nri"
    ]
    assert dict.fromkeys(("sri4", "lldas", "clldas", "doris"), True) == result["analysis_treatment_policy"]
    assert "met" == result["lldas"]["result"]


@pytest.mark.parametrize(("start", "result"), [("2025-09-20", "not_met"), ("2025-09-21", "not_evaluable")])
def test_without_a_visit_an_event_counts_to_the_end_of_the_window(start: str, result: str) -> None:
    died = {"type": "death", "start": start, "counts_as_ice": True}

    assert result == told(case(baseline(), m3(), timepoint="M6", events=[died]))["sri4"]["result"]


def test_an_incomplete_score_may_prove_that_a_limit_was_missed_and_never_that_it_was_met() -> None:
    missed = case(baseline(), m2(), m3(present="arthritis proteinuria rash fever rash pleurisy alopecia?"))
    not_shown = case(baseline(), m2(), m3(present="alopecia?"))
    unknown_then = case(baseline(present="arthritis? seizure? rash"), m2(), m3(present="arthritis"))

    assert components(missed, "sri4")["sledai2k_drop_ge_4"] is False
    assert components(not_shown, "sri4")["sledai2k_drop_ge_4"] is None
    assert components(unknown_then, "sri4")["sledai2k_drop_ge_4"] is None
    assert {"total": None, "known_min": 0, "known_max": 2, "csledai": None, "nonlab": None} == told(not_shown)["sledai2k"]
    assert components(missed, "lldas")["c1_sledai_le4_no_major_organ"] is False
    assert components(not_shown, "lldas")["c1_sledai_le4_no_major_organ"] is None
    assert told(case(baseline(present="arthritis rash fever?"), m3()))["eligible_sledai_gt_6"] is None
    assert told(case(baseline(present="arthritis fever?"), m3()))["eligible_sledai_gt_6"] is False


@pytest.mark.parametrize(
    ("taking", "weight", "mg", "lldas", "clldas", "doris", "ccr"),
    [
        ([dose("prednisone", "7.5")], 50, 7.5, True, True, False, False),
        ([dose("prednisone", "7.5")], "49.9", 7.5, True, False, False, False),
        ([dose("prednisone", "7.51")], None, 7.51, False, False, False, False),
        ([dose("dexamethasone", "0.75")], 50, 5, True, True, True, True),
        ([dose("prednisone", "5")], "49.9", 5, True, True, True, False),
        ([dose("prednisone", "10", every=2)], None, 5, True, None, True, None),
        ([], None, 0, True, True, True, True),
        (
            [dose("prednisone", "2.5"), dose("hydrocortisone", "10"), dose("budesonide", "0.4", route="inhaled")],
            50,
            5,
            *4 * [True],
        ),
        ([dose("budesonide", "3")], 50, None, *4 * [None]),
        ([dose("prednisone", None)], 50, None, *4 * [None]),
        ([dose("methylprednisolone", "500", every=28, route="iv")], 50, 22.321429, *4 * [False]),
    ],
)
def test_limits_of_glucocorticoid(
    taking: list[Case],
    weight: int | str | None,
    mg: float | None,
    lldas: bool | None,
    clldas: bool | None,
    doris: bool | None,
    ccr: bool | None,
) -> None:
    """The limit a day, for a child also by weight; none needs no weight, and more than the limit neither."""
    kilograms = build.Decimal(weight) if isinstance(weight, str) else weight
    result = told(case(baseline(), m2(), m3(taking=taking, weight_kg=kilograms)))

    assert mg == (
        None if result["prednisone_equivalent_mg_per_day"] is None else float(result["prednisone_equivalent_mg_per_day"])
    )
    assert [lldas, clldas] == [result[name]["components"]["c4_glucocorticoid"] for name in ("lldas", "clldas")]
    assert [doris, ccr] == [result[name]["components"]["glucocorticoid"] for name in ("doris", "ccr")]


@pytest.mark.parametrize(
    ("differs", "lldas", "clldas", "doris"),
    [
        ({"stable": False}, True, False, False),
        ({"stable": False, "change_reason": "weight"}, True, True, True),
        ({"stable": False, "change_reason": "activity"}, True, False, False),
        ({"well_tolerated": False}, False, False, True),
        ({"other_investigational": True}, False, False, True),
        ({"agents": [{"drug": "mycophenolate_mofetil", "dose_mg": 3001}]}, False, False, True),
        ({"agents": [{"drug": "hydroxychloroquine", "dose_mg": 400}]}, True, True, True),
        ({"agents": [{"drug": "methotrexate", "dose_mg": 30, "interval_days": 7}]}, True, True, True),
        ({"agents": None}, None, None, True),
    ],
)
def test_background_therapy(differs: Case, lldas: bool | None, clldas: bool | None, doris: bool) -> None:
    visit_ = m3()
    visit_["immunosuppression"] |= differs
    result = told(case(baseline(), m2(), visit_))

    assert [lldas, clldas] == [result[name]["components"]["c5_background_therapy"] for name in ("lldas", "clldas")]
    assert result["doris"]["components"]["stable_background_therapy"] is doris


@pytest.mark.parametrize(
    ("grades", "holds"),
    [
        ("EBEBEEEAE", True),
        ("EBEBBEEAE", True),
        ("EBEBBBEAE", False),
        ("EAEBEEEAE", False),
        ("EBEBEEEBE", True),
        ("EBEBBEEA?", None),
        ("EBEBBBEA?", False),
    ],
)
def test_new_bilag_grades_since_baseline(grades: str, holds: bool | None) -> None:
    assert components(case(baseline(), m2(), m3(grades=grades)), "sri4")["no_new_bilag_worsening"] is holds


@pytest.mark.parametrize(("mark", "holds"), [("2.29", True), ("2.30", False), (None, None)])
def test_the_global_assessment_worsens_by_exactly_three_tenths(mark: str | None, holds: bool | None) -> None:
    assert components(case(baseline(), m2(), m3(mark=mark)), "sri4")["pga_not_worsened"] is holds


def test_the_bench_says_what_is_derived() -> None:
    """The very verdicts: each endpoint of the bench is the one that a subject's own facts lead to."""
    asked = case(baseline(), m2(present="rash"), m3(present="rash fever?", mark="1.1"), events=[RESCUE], age_years=14)
    facts = lupus.facts_of(Inputs(asked["inputs"]))
    facts = replace(facts, settings=replace(facts.settings, further=frozenset(derive.FURTHER)))
    derived = {verdict.rule.id: verdict for verdict in derive.verdicts(facts) if verdict.about == "M3"}
    result = told(asked)

    common = derived.keys() & lupus.endpoints(facts, timepoint(facts, "M3"), find_baseline(facts)).keys()
    states = {"lldas", "clldas", "doris", "ccr", "ccr0", "drug_free_remission", *doris_2017.RULES}
    assert {"sri4", "sri4_clinical", "sri4_untouched", "bicla", *states} == common
    for name in common:
        assert derived[name].value == result[name]["result"]
        assert {each.key: each.holds for each in derived[name].criteria} == result[name]["components"]


def test_infusions_and_lymphodepletion_are_dated_from_their_offsets() -> None:
    asked = case(
        baseline(), infusion_offsets_days=[0, 3, 6, 9, 12, 15], lymphodepletion_offsets_days=[-5, -4, -3], age_years=None
    )
    facts = lupus.facts_of(Inputs(asked["inputs"]))

    assert ("2025-03-03", "2025-03-18", 6) == (facts.infusions[0], facts.infusions[-1], len(facts.infusions))
    assert ("2025-02-26", None) == (facts.lymphodepletion_start, facts.age_years)


def test_what_was_not_recorded_at_a_visit_is_unknown_and_not_none() -> None:
    result = told(case(baseline(), m2(), m3(glucocorticoids=None, immunosuppression=None)))

    assert result["prednisone_equivalent_mg_per_day"] is None
    assert {None} == {result["lldas"]["components"][name] for name in ("c4_glucocorticoid", "c5_background_therapy")}
    assert ("not_evaluable", False) == (result["lldas"]["result"], result["analysis_nri"]["lldas"])
    assert "glucocorticoids at M3" in result["lldas"]["missing"]


def test_offsets_that_are_no_list_are_an_error() -> None:
    error = cases.evaluate(case(baseline(), infusion_offsets_days=0))["error"]

    assert ("bad_type", "/inputs/subject/infusion_offsets_days") == (error["code"], error["pointer"])
