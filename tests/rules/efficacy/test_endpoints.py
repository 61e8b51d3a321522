"""Which endpoints a study reports, and what its settings change in them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from app.rules.derive import verdicts
from app.rules.efficacy.endpoints import endpoints
from app.rules.explain import sentences
from app.rules.facts import Dose, Facts
from app.rules.study import Settings
from app.rules.verdict import Value, Verdict
from tests.rules import build

CONDITIONED = "2025-02-26T10:00"


def told(facts: Facts, *rules: str) -> dict[str, Verdict]:
    """The verdicts at M3 by rule."""
    return {verdict.rule.id: verdict for verdict in verdicts(facts, rules) if verdict.about == "M3"}


def test_the_endpoints_of_a_study_follow_from_its_settings() -> None:
    adults = endpoints(Settings(sri_points=5, paediatric=False))

    assert {"sri5", "sri5_clinical", "bicla", "lldas", "doris", "drug_free_remission"} == adults
    assert endpoints(Settings(paediatric=True)) - adults == {"sri4", "sri4_clinical", "clldas", "ccr", "ccr0"}


def test_further_indices_are_reported_beside_that_of_the_study() -> None:
    """A fall of 6 points is one of 5 and none of 8."""
    facts = build.facts(build.active(), build.m3(present="arthritis proteinuria"), settings=Settings(sri_also=(5, 8, 4)))
    found = told(facts, *(f"sri{n}" for n in range(4, 9)))

    assert {"sri4": Value.MET, "sri5": Value.MET, "sri8": Value.NOT_MET} == {rule: said.value for rule, said in found.items()}
    assert {"sri4", "sri5_clinical", "sri8_clinical"} <= endpoints(facts.settings)


def test_the_index_is_told_from_the_baseline_before_lymphodepletion_too_where_the_study_asks() -> None:
    """10 points before it, 14 under it and 8 at M3: a fall of 2, and of 6."""
    before = build.visit("SCR", "2025-02-20", present="arthritis proteinuria rash", mark="2.0")
    under, now = build.active(), build.m3(present="arthritis proteinuria")
    known = build.facts(before, under, now, lymphodepletion_start=CONDITIONED)
    asking = replace(known, settings=Settings(further=frozenset({"sri_before_lymphodepletion"})))
    found = told(asking, "sri4", "sri4_untouched")

    assert (Value.MET, Decimal(6)) == (found["sri4"].value, found["sri4"].amount)
    assert (Value.NOT_MET, Decimal(2)) == (found["sri4_untouched"].value, found["sri4_untouched"].amount)
    assert sentences(found["sri4_untouched"])[0].startswith(
        "SRI-4 from the baseline before lymphodepletion (sensitivity) at M3"
    )
    assert {"sri4"} == set(told(known, "sri4", "sri4_untouched"))
    assert "sri4_untouched" in endpoints(asking.settings)


def test_the_sensitivity_takes_the_rise_of_the_pga_that_the_study_sets() -> None:
    then, now = build.active(), build.m3(mark="2.4")
    settings = Settings(pga_worsening=Decimal("0.5"), further=frozenset({"sri_before_lymphodepletion"}))

    assert {Value.MET} == {
        said.value for said in told(build.facts(then, now, settings=settings), "sri4", "sri4_untouched").values()
    }


def test_low_disease_activity_takes_the_maxima_that_the_study_sets() -> None:
    agents = replace(build.STANDARD, agents=(Dose("mycophenolate_mofetil", Decimal(2500)),))
    visits = (build.visit("M2", "2025-05-02"), build.m3(background=agents))
    own = Settings(maintenance_maxima={"mycophenolate mofetil": Decimal(2000)})
    usual, strict = (told(build.facts(*visits, settings=each), "lldas", "clldas") for each in (Settings(), own))

    assert {Value.MET} == {said.value for said in usual.values()}
    assert {Value.NOT_MET} == {said.value for said in strict.values()}
