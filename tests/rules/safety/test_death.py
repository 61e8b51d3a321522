"""A death as it is told in several places."""

from __future__ import annotations

from app.rules.explain import sentences
from app.rules.facts import Death, DeathDetail, Facts, Given, GradedEvent
from app.rules.safety.death import after_death, causes, days, fatal_events
from app.rules.verdict import Source
from tests.rules import build
from tests.rules.cases import cases

CHECKS = {"told": fatal_events, "cause": causes, "after": after_death, "day": days}
DETAILS = {"cause": DeathDetail("PRCDTH: Sepsis", True), "place": DeathDetail("LOCDTH: Hospital", False)}


def _event(how: str, end: str) -> GradedEvent:
    grade = int(how) if how.isdigit() else None
    return GradedEvent(
        "AE1", "Sepsis", grade, None, None, end, Source("adverse_event", "R1", 1), True, {"death": how == "death"}, how
    )


def known(case: dict[str, str]) -> Facts:
    """A subject of whose death a case tells."""
    told = [None if at == "-" else at for at in case["deaths"].split()]
    visits = [build.visit("V1", at) for at in case["done"].split()]
    return build.facts(
        *visits,
        deaths=tuple(Death(at, Source("disposition", f"D{place}", 1)) for place, at in enumerate(told)),
        adverse_events=(_event(*case["event"].split()),) if case["event"] else (),
        death_details=(DETAILS[case["details"]],) if case["details"] else (),
        doses=tuple(Given(f"I{at}", at) for at in case["done"].split()),
    )


@cases("death")
def test_a_death_is_told_alike_in_every_place(case: dict[str, str]) -> None:
    facts = known(case)
    found = {name: [str(one.value) for one in check(facts)] for name, check in CHECKS.items()}

    assert {name: [case[name]] * bool(case[name]) for name in CHECKS} == found
    assert all(bool(one.missing) == (one.value == "not_evaluable") for check in CHECKS.values() for one in check(facts))


def test_the_question_names_what_contradicts_what() -> None:
    case = {"deaths": "2025-05-10", "event": "FATAL 2025-05-12", "details": "", "done": "2025-05-11"}
    facts = known(case)

    assert [
        "What was done after a death needs an answer.",
        "death: 2025-05-10.",
        "infusion: 2025-05-11.",
        "visit V1: 2025-05-11.",
    ] == sentences(next(after_death(facts)))
    assert "Sepsis was fatal and ended: 2025-05-12." in sentences(next(days(facts)))


def test_what_was_done_after_a_death_is_shown_in_its_order() -> None:
    visits = [build.visit(name, at) for name, at in (("A", "2025-05-13"), ("B", "2025-05-12"), ("C", "2025-05-10"))]
    (found,) = after_death(build.facts(*visits, deaths=(Death("2025-05-10"),), doses=(Given("I1", None),)))

    assert ["death", "visit B", "visit A"] == [fact.what for fact in found.evidence]


def test_a_fatal_event_is_shown_with_the_dispositions_or_that_there_is_none() -> None:
    case = {"deaths": "", "event": "FATAL 2025-05-12", "details": "", "done": ""}
    alone, told = (next(fatal_events(known(case | {"deaths": deaths}))) for deaths in ("", "2025-05-12"))

    assert ("death among the dispositions", "no") == (alone.evidence[1].what, alone.evidence[1].value)
    assert ("death", "2025-05-12") == (told.evidence[1].what, told.evidence[1].value)
