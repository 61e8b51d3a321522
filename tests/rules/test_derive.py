"""Everything about one subject: the same from any order, for any choice of rules, and from only what the rules read."""

from __future__ import annotations

import ast
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import app.rules
from app.rules.derive import FURTHER, READS, RULES, affected, tables, verdicts
from app.rules.efficacy.endpoints import endpoints
from app.rules.facts import Consent, Death, Event, Facts, GradedEvent, Measurement, VisitFacts
from app.rules.study import Settings
from app.rules.verdict import Value, rests_on
from tests.rules import build
from tests.rules.cases import table
from tests.rules.safety.test_episodes import courses_of_observations

ENDPOINTS = {"sri4", "sri4_clinical", "bicla", "lldas", "doris", "drug_free_remission"}
CHILDHOOD = {"clldas", "ccr", "ccr0"}
CRITERIA = {
    "sledai",
    "bilag",
    "assessor_training",
    "second_forms",
    "raised",
    "entry_scores",
    "bilag_forms",
    "pga",
    "steroids",
    "background",
    "sri",
    "bicla",
    "lldas",
    "doris",
    "crs",
    "episodes",
    "icans",
    "checks",
    "ticks",
    "grades_of_results",
    "filtration",
    "followed",
    "event_checks",
    "infusion_checks",
    "emergent",
    "crs_days",
    "crs_lee_observed",
    "nephritis",
    "reports",
    "clocks_site",
    "icaht_platelets_series",
    "consent",
    "pregnancy",
    "death",
    "doris_2017",
    "effector_neutrophils",
    "iechs_ferritin",
    "licats_events",
    "investigator",
    "investigator_course",
    "crs_treatment",
    "licats_onset",
    "infusion_reaction",
    "infusion_reaction_crs",
}
TABLES = {
    "assessment",
    "visit",
    "lupus_review",
    "medication",
    "vital_sign",
    "infusion",
    "lymphodepletion",
    "intercurrent_event",
    "prespecified_event",
    "toxicity_observation",
    "adverse_event",
    "event_grade",
    "dlt_assessment",
    "procedure",
    "demographics",
    "descriptor_exclusion",
    "disposition",
    "eligibility",
    "biopsy",
    "laboratory",
    "immunogenicity",
    "flow_cytometry",
    "death_detail",
    "healthcare_encounter",
    "product_lot",
    "committee_decision",
    "medical_history",
    "protocol_deviation",
    "comment",
}

events = st.builds(
    Event,
    st.sampled_from(["DEATH", "RESCUE_GLUCOCORTICOID", "CRS_TREATMENT"]),
    st.sampled_from(["2025-03", "2025-05-20", "2025-06-01T08:00", "2025-08-30"]),
    build.truths,
    st.sampled_from([None, "M3"]),
)
results = st.builds(
    Measurement,
    id=st.sampled_from([f"L{number}" for number in range(9)]),
    quantity=st.sampled_from(["creatinine", "height", "upcr", "platelets", "c3", "anti_dsdna", "b_cells", "temperature"]),
    at=st.sampled_from(["2025-02-26", "2025-03-03", "2025-03", "2025-04-02T09:00", "2025-05-30", "2025-08-30"]),
    reported=st.just("as reported"),
    value=st.sampled_from([None, Decimal("0.4"), Decimal(39), Decimal(90)]),
    qualifier=st.sampled_from([None, "<", ">"]),
    unit=st.sampled_from([None, "umol/L", "cm", "g/g", "10^9/L", "10^6/L", "C", "g/L"]),
    lower=st.sampled_from([None, Decimal("0.8")]),
    upper=st.sampled_from([None, Decimal(27)]),
    terms=st.sampled_from([(), ("Creatinine increased",), ("Platelet count decreased", "Thrombocytopenia")]),
)
consents = st.builds(
    Consent,
    st.sampled_from([None, "2025-02", "2025-02-10", "2031-02-10"]),
    st.sampled_from([None, "PARENT", "SUBJECT"]),
    st.booleans(),
)
subjects = st.builds(
    Facts,
    settings=st.builds(
        Settings,
        paediatric=st.booleans(),
        sri_points=st.sampled_from([4, 6]),
        further=st.sampled_from([frozenset(), frozenset(FURTHER)]),
    ),
    subject=st.just("SYN-001"),
    birth=st.sampled_from([None, "2013", "2013-03"]),
    first_infusion=st.sampled_from([None, build.INFUSION, "2025-03-03", "2025-03"]),
    lymphodepletion_start=st.sampled_from([None, "2025-02-26", "2025-02-26T10:00"]),
    visits=st.lists(build.visits(), max_size=5, unique_by=lambda visit: visit.name).map(tuple),
    events=st.lists(events, max_size=2).map(tuple),
    toxicity=courses_of_observations().map(tuple),
    adverse_events=st.just((GradedEvent("AE1", "CRS", 2, None, "2025-09-01", None),)),
    results=st.lists(results, max_size=6, unique_by=lambda result: result.id).map(tuple),
    sex=st.sampled_from([None, "F", "M"]),
    consents=st.lists(consents, max_size=2).map(tuple),
    deaths=st.sampled_from([(), (Death("2025-05-20"),), (Death(None), Death("2025-05-20"))]),
)


def said(facts: Facts) -> dict[str, set[str]]:
    """What was said: the rules by what they are about."""
    found: dict[str, set[str]] = {}
    for verdict in verdicts(facts):
        found.setdefault(verdict.about, set()).add(verdict.rule.id)
    return found


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(subjects, st.randoms(use_true_random=False))
def test_the_order_of_entry_does_not_matter(facts: Facts, random: Random) -> None:
    """B5: the same inputs give the same verdicts."""
    moved: dict[str, Any] = {}
    for name in ("visits", "events", "toxicity", "results"):
        things = list(getattr(facts, name))
        random.shuffle(things)
        moved[name] = tuple(things)

    assert verdicts(facts) == verdicts(replace(facts, **moved))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(subjects, st.sets(st.sampled_from(sorted(RULES))))
def test_a_rule_says_the_same_whichever_others_are_asked(facts: Facts, rules: set[str]) -> None:
    """Law 3: nothing raises, at most one verdict of a rule about a thing."""
    every = verdicts(facts)

    assert tuple(verdict for verdict in every if verdict.rule.id in rules) == verdicts(facts, rules)
    assert len({(verdict.rule.id, verdict.about) for verdict in every}) == len(every)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(subjects)
def test_what_cannot_be_said_names_what_is_missing(facts: Facts) -> None:
    """B7: not evaluable comes with the list of missing inputs."""
    for verdict in verdicts(facts):
        if verdict.value in (Value.NOT_EVALUABLE, Value.NOT_GRADABLE):
            assert verdict.missing, verdict


def test_a_timepoint_is_reported_when_it_can_be_answered_or_no_longer_can() -> None:
    early = said(build.facts(build.active(), build.visit("M2", "2025-05-02")))
    later = said(build.facts(build.active(), build.visit("M4", "2025-07-01")))

    assert ENDPOINTS | CHILDHOOD == early["M2"] & (ENDPOINTS | CHILDHOOD)
    assert "M3" not in early
    assert ENDPOINTS | CHILDHOOD == later["M3"]
    assert "M6" not in later


def test_a_failure_decides_the_responder_indices_of_timepoints_to_come() -> None:
    rescue = build.facts(build.active(), events=(Event("RESCUE_GLUCOCORTICOID", "2025-05-20", True),))
    death = build.facts(build.active(), events=(Event("DEATH", "2025-05-20", True),))

    assert {"sri4", "sri4_clinical", "bicla"} == said(rescue)["M6"]
    assert ENDPOINTS | CHILDHOOD == said(death)["M6"]
    assert {Value.NOT_MET} == {v.value for v in verdicts(death, ["sri4", "bicla"])} - {Value.NOT_EVALUABLE}


def test_an_adult_study_reports_no_childhood_definition_and_its_own_points() -> None:
    adult = said(build.facts(build.active(), build.m3(), settings=Settings(paediatric=False, sri_points=6)))

    assert not CHILDHOOD & adult["M3"]
    assert {"sri6", "sri6_clinical"} < adult["M3"]


def test_a_flare_is_told_against_the_assessment_before() -> None:
    """Where a form is missing at a visit nothing is said of it; what the form of the index does not say is open."""
    then, now = build.visit("M2", "2025-05-02"), build.m3(present="rash", grades="EAEEEEEEE")
    bare = build.m3(grades="-", present="-")
    flares = {verdict.rule.id: verdict for verdict in verdicts(build.facts(then, now), ["selena_flare", "bilag_flare"])}

    assert {"selena_flare", "bilag_flare"} == set(flares)
    assert {"M3"} == {verdict.about for verdict in flares.values()}
    assert (Value.MET, Value.NOT_GRADABLE) == (flares["bilag_flare"].value, flares["selena_flare"].value)
    assert (Decimal(1), Decimal(2)) == (flares["selena_flare"].lowest, flares["selena_flare"].highest)
    assert "hospital" in flares["selena_flare"].missing
    assert () == verdicts(build.facts(then, bare), ["selena_flare", "bilag_flare"])
    assert () == verdicts(build.facts(build.visit("M2", "2025-05-02", grades="-"), now), ["bilag_flare"])
    assert () == verdicts(build.facts(now), ["selena_flare", "bilag_flare"])


def test_what_is_not_done_is_not_measured() -> None:
    bare = said(build.facts(VisitFacts("UNS1", "2025-04-01")))

    assert {"prednisone"} == bare["UNS1"]


def test_a_verdict_rests_on_the_records_that_it_looked_at() -> None:
    visit = replace(build.m3(), sledai=build.sledai("", record="R1"))
    sri4 = next(v for v in verdicts(build.facts(build.active(), visit), ["sri4"]) if v.about == "M3")

    assert ["R1", "V-M3"] == [source.record for source in rests_on(sri4)]
    assert Decimal(14) == sri4.amount


def test_every_rule_says_what_it_reads() -> None:
    assert set(RULES) == set(READS)
    assert set().union(*READS.values()) == TABLES


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_write_asks_again_exactly_the_rules_that_read_it(name: str) -> None:
    every, usual = affected(name, Settings(further=frozenset(FURTHER))), affected(name)

    assert every == {rule for rule in RULES if name in READS[rule]}
    assert usual == every.difference(*FURTHER.values())
    assert name in tables(every)


def test_a_vital_sign_moves_only_what_weight_height_and_temperature_decide() -> None:
    of_weight = {"clldas", "ccr", "selena_flare", "gate_weight_tier"}
    of_height, of_temperature = {"egfr_schwartz", "egfr_ckd_epi"}, {"check_sledai_laboratory"}

    assert of_weight | of_height | of_temperature == affected("vital_sign")
    assert "toxicity_observation" not in tables(affected("vital_sign"))
    assert frozenset() == affected("biopsy") == tables([])


def test_every_rule_has_a_title_a_version_and_a_source() -> None:
    for rule in RULES.values():
        assert all((rule.title, rule.version, rule.source))


@pytest.mark.parametrize("path", sorted(Path(app.rules.__file__).parent.rglob("*.py")), ids=lambda path: path.stem)
def test_a_rule_knows_no_float_and_no_clock(path: Path) -> None:
    """Numbers are compared as decimals as entered; a verdict does not depend on when it was made."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    calls = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}

    assert not any(isinstance(node, ast.Constant) and isinstance(node.value, float) for node in ast.walk(tree))
    assert not {"float"} & names
    assert not {"now", "today", "utcnow"} & calls


def test_every_criterion_file_has_a_case_table() -> None:
    cases = {path.stem for path in Path(__file__).parent.rglob("*.csv")}

    assert CRITERIA <= cases
    for name in cases:
        ids = [row["id"] for row in table(name)]
        assert ids, name
        assert name == "episodes" or len(set(ids)) == len(ids), name


def test_a_rule_beyond_the_usual_ones_runs_where_the_study_asks_for_it() -> None:
    facts = build.facts(build.active(), build.m3())
    asking = replace(facts, settings=Settings(further=frozenset({"doris_2017"})))
    remissions = FURTHER["doris_2017"]

    assert () == verdicts(facts, remissions)
    assert remissions == said(asking)["M3"] & remissions == endpoints(asking.settings) & remissions


def test_nothing_is_said_of_the_baseline_of_a_subject_without_any_instrument() -> None:
    facts = Facts(Settings(), "001")

    assert () == verdicts(facts)


@pytest.mark.parametrize("lacking", [("bilag", "pga"), ("sledai", "pga"), ("sledai", "bilag")])
def test_one_instrument_has_a_baseline_before_the_others_are_done(lacking: tuple[str, ...]) -> None:
    alone: dict[str, Any] = dict.fromkeys(lacking)
    facts = build.facts(replace(build.active(), **alone))

    assert {"baseline"} == {verdict.rule.id for verdict in verdicts(facts, ["baseline"])}
