"""The onset of LICATS: days since the last infusion before, and the class where all that the dates may mean is of one."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from app.rules.explain import sentences
from app.rules.facts import GradedEvent, LocalSigns
from app.rules.safety.licats_onset import CLASS, licats_onset
from app.rules.verdict import Source, Value, Verdict, rests_on
from tests.rules import build
from tests.rules.cases import cases

RASH = GradedEvent("AE1", "Rash", 2, None, None, None, Source("adverse_event", "R1", 1), category="LICATS")
MAY_BE = LocalSigns("SKIN", affected_before=True)


def onsets(start: str | None, infusions: str, local: LocalSigns = MAY_BE) -> list[Verdict]:
    """What is said of the onset of one event that may be LICATS."""
    event, doses = replace(RASH, start=start, local=local), build.infusions(infusions)
    return list(licats_onset(build.facts(adverse_events=(event,), doses=doses)))


def told(verdict: Verdict) -> str:
    """The days, their bounds, or that there are none."""
    if verdict.value is Value.NOT_APPLICABLE:
        return "none"
    if verdict.value is Value.COMPUTED:
        assert verdict.amount == verdict.lowest == verdict.highest
        return str(verdict.amount)
    assert verdict.missing == ("complete dates of Rash and of the infusions before it",)
    return f"{verdict.lowest} or more" if verdict.highest is None else f"{verdict.lowest} to {verdict.highest}"


@cases("licats_onset")
def test_the_onset_is_counted_from_the_last_infusion_before(case: dict[str, str]) -> None:
    (verdict,) = onsets(case["start"] or None, case["infusions"])
    facts = {fact.what: fact.value for fact in verdict.evidence}
    since = [fact.value or "?" for fact in verdict.evidence if fact.what.startswith("start after")]

    assert (case["days"], case["class"] or None, case["since"]) == (told(verdict), facts.get(CLASS), " ".join(since))


def test_an_event_that_is_not_licats_has_no_onset() -> None:
    assert [] == onsets("2025-03-10", build.INFUSION, LocalSigns("SKIN", affected_before=False))


def test_it_is_told_in_sentences_and_rests_on_the_event_and_the_infusions() -> None:
    (verdict,) = onsets("2025-03-10", build.INFUSION)

    assert Decimal(7) == verdict.amount
    assert "Onset of LICATS in days after the last infusion at AE1 is 7." == sentences(verdict)[0]
    assert {"onset class: early.", f"start after the infusion of {build.INFUSION}: 7 days."} <= set(sentences(verdict))
    assert {"adverse_event", "infusion"} == {source.form for source in rests_on(verdict)}
