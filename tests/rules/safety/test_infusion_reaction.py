"""An infusion reaction: its minutes since the start of the infusion, the 24 hours, and CRS beside it."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from app.rules.explain import sentences
from app.rules.facts import Facts, GradedEvent
from app.rules.safety.infusion_reaction import beside_crs, late, onsets
from app.rules.verdict import Source, Value, Verdict, rests_on
from tests.rules import build
from tests.rules.cases import cases, truth

SAID = {Value.FLAGGED: True, Value.CLEAR: False, Value.NOT_EVALUABLE: None}


def event(id_: str, category: str | None, start: str, end: str = "", term: str = "Reaction") -> GradedEvent:
    """An event of a category, with its dates where they are recorded."""
    return GradedEvent(id_, term, 1, None, start or None, end or None, Source("adverse_event", id_, 1), category=category)


def infused(infusions: str, *events: GradedEvent) -> Facts:
    """A subject with infusions, of which `?` has no date, and events."""
    return build.facts(adverse_events=events, doses=build.infusions(infusions))


def only(verdicts: Iterable[Verdict]) -> Verdict:
    """The one verdict."""
    (verdict,) = verdicts
    assert (verdict.value is Value.NOT_EVALUABLE) == bool(verdict.missing)
    return verdict


def told(verdict: Verdict) -> str:
    """The minutes, their bounds, or that there are none."""
    if verdict.value is Value.NOT_APPLICABLE:
        return "none"
    if verdict.value is Value.COMPUTED:
        assert verdict.amount == verdict.lowest == verdict.highest
        return str(verdict.amount)
    return f"{verdict.lowest} or more" if verdict.highest is None else f"{verdict.lowest} to {verdict.highest}"


@cases("infusion_reaction")
def test_a_reaction_is_counted_from_the_start_of_the_infusion_and_asked_about_after_a_day(case: dict[str, str]) -> None:
    facts = infused(case["infusions"], event("AE1", "INFUSION REACTION", case["start"]))

    assert (case["minutes"], truth(case["late"])) == (told(only(onsets(facts))), SAID[only(late(facts)).value])


@cases("infusion_reaction_crs")
def test_a_reaction_that_overlaps_crs_is_asked_about(case: dict[str, str]) -> None:
    reaction = event("AE1", "INFUSION REACTION", case["start"], case["end"])
    crs = event("AE2", "CRS", case["crs_start"], case["crs_end"])
    before = event("AE0", "CRS", "2025-01-03", "2025-01-04")

    assert truth(case["overlaps"]) is SAID[only(beside_crs(infused("", reaction, crs, before))).value]


@pytest.mark.parametrize(
    ("one", "counted"),
    [
        (event("AE1", None, "2025-03-03T11:00", term="Infusion related reaction"), 1),
        (event("AE1", "OTHER", "2025-03-03T11:00", term="Infusion reaction"), 1),
        (event("AE1", "CRS", "2025-03-03T11:00"), 0),
    ],
    ids=lambda given: given.term if isinstance(given, GradedEvent) else "",
)
def test_an_event_is_a_reaction_by_its_category_or_its_term(one: GradedEvent, counted: int) -> None:
    facts = infused(build.INFUSION, one)

    assert [counted, counted, 0] == [len(list(say(facts))) for say in (onsets, late, beside_crs)]


def test_crs_by_its_term_is_crs_and_what_does_not_overlap_is_not_told() -> None:
    reaction = event("AE1", "INFUSION REACTION", "2025-03-03T12:00", "2025-03-03T18:00")
    crs = event("AE3", None, "2025-03-03T13:00", "2025-03-05", "Cytokine release syndrome")
    other = event("AE2", "CRS", "2025-04-03", "2025-04-05", "CRS")
    verdict = only(beside_crs(infused("", other, crs, reaction)))

    assert "Infusion reaction that overlaps CRS on 2025-03-03T12:00 needs an answer." == sentences(verdict)[0]
    assert ["AE1", "AE3"] == [source.record for source in rests_on(verdict)]
    assert "Cytokine release syndrome: 2025-03-03T13:00 to 2025-03-05." in sentences(verdict)


def test_it_is_told_in_sentences_and_rests_on_the_event_and_the_infusions() -> None:
    reaction = event("AE1", "INFUSION REACTION", "2025-03-03T11:35")
    verdict = only(onsets(infused(build.INFUSION, reaction)))

    assert (
        "Onset of the infusion reaction after the start of the infusion on 2025-03-03T11:35 is 95 minutes."
        == sentences(verdict)[0]
    )
    assert {"start of Reaction: 2025-03-03T11:35.", f"start of the infusion: {build.INFUSION}."} <= set(sentences(verdict))
    assert {"adverse_event", "infusion"} == {source.form for source in rests_on(verdict)}
