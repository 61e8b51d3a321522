"""The days of a CRS episode, counted from every infusion before its onset, its highest grade and its resolution."""

from __future__ import annotations

from decimal import Decimal

from app.rules.explain import sentences
from app.rules.facts import Given
from app.rules.safety.crs_days import RULE, crs_days
from app.rules.verdict import Value, Verdict, rests_on
from tests.rules import build
from tests.rules.cases import cases

VALUES = {"none": Value.NOT_APPLICABLE, "": Value.NOT_EVALUABLE}


def told(case: dict[str, str]) -> Verdict:
    """The verdict on the one episode of a case."""
    seen = [
        *(build.seen(f"F{at}", at, temperature_c=Decimal(39)) for at in case["fever"].split()),
        *(build.seen(f"H{at}", at, temperature_c=Decimal(39), hypotension=True) for at in case["hypotension"].split()),
        *(build.seen(f"Q{at}", at) for at in case["quiet"].split()),
    ]
    (verdict,) = crs_days(build.facts(toxicity=tuple(seen), doses=build.infusions(case["infusions"])))
    return verdict


def days(verdict: Verdict, moment: str) -> str:
    """The days of one moment after each infusion before it; `?` are not known."""
    return " ".join(fact.value or "?" for fact in verdict.evidence if fact.what.startswith(f"{moment} after infusion"))


@cases("crs_days")
def test_an_episode_is_counted_from_each_infusion_before(case: dict[str, str]) -> None:
    verdict = told(case)
    lasted = {fact.what: fact.value for fact in verdict.evidence if fact.what.endswith("after onset")}

    assert VALUES.get(case["days"], Value.COMPUTED) is verdict.value
    assert case["days"] in (str(verdict.amount), *VALUES)
    assert [case["onset"], case["highest"], case["resolution"]] == [
        days(verdict, moment) for moment in ("onset", "highest grade", "resolution")
    ]
    assert (case["to_highest"], case["to_resolution"] or None) == (
        lasted["highest grade after onset"],
        lasted.get("resolution after onset"),
    )
    assert tuple(filter(None, [case["missing"]])) == verdict.missing


def test_an_episode_whose_highest_grade_may_have_come_earlier_leaves_its_day_open() -> None:
    doses = (Given("I1", build.INFUSION),)
    hot = Decimal(39)
    perhaps = build.seen("T1", "2025-03-04T08:00", temperature_c=hot, hypotension=None, systolic=None)
    surely = build.seen("T2", "2025-03-05T08:00", temperature_c=hot, hypotension=True)
    (verdict,) = crs_days(build.facts(toxicity=(perhaps, surely), doses=doses))

    assert [None] == [fact.value for fact in verdict.evidence if fact.what == "highest grade"]
    assert "1" == days(verdict, "onset")


def test_it_is_told_in_sentences_and_rests_on_infusions_and_observations() -> None:
    case = {"infusions": build.INFUSION, "fever": "2025-03-04T08:00", "hypotension": "", "quiet": "2025-03-06T08:00"}
    verdict = told(case)
    text = sentences(verdict)

    assert "Onset of CRS in days after the last infusion at episode 1 is 1." == text[0]
    assert "infusion 1: 2025-03-03T10:00." in text
    assert "resolution after infusion 1: 3 days." in text
    assert RULE is verdict.rule
    assert {"infusion", "toxicity_observation"} == {source.form for source in rests_on(verdict)}


def test_no_episode_has_no_days() -> None:
    assert [] == list(crs_days(build.facts(toxicity=(build.seen(),))))
