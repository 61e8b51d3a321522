"""B2: the grades of BILAG-2004 beside those before them and beside SLEDAI-2K; a check asks and never changes a grade."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.rules.derive import verdicts
from app.rules.efficacy import bilag
from app.rules.efficacy.bilag_checks import DOMAINS_OF, RULES, checks
from app.rules.efficacy.sledai import DESCRIPTORS
from app.rules.explain import sentences
from app.rules.facts import Bilag, Facts, VisitFacts
from app.rules.verdict import Value, Verdict
from tests.rules import build
from tests.rules.cases import cases, table

SAYS = {"yes": [Value.FLAGGED], "no": [Value.CLEAR], "": [Value.NOT_EVALUABLE], "nothing": []}


def subject(earlier: str, now: str, present: str = "") -> Facts:
    """A subject with earlier BILAG-2004 forms, each two weeks after the one before it, and one with a SLEDAI-2K at M3."""
    forms = [] if earlier == "-" else earlier.split()
    before = [build.visit(f"M{n}", f"2025-04-{n:02}T09:00", grades=grades) for n, grades in enumerate(forms, 1)]
    m3 = build.m3(present=present)
    return build.facts(*before, replace(m3, bilag=build.bilag(now, record="R1")))


def said(facts: Facts, rule: str) -> list[Verdict]:
    """What a check says of the last form."""
    return [verdict for verdict in verdicts(facts, [rule]) if verdict.about == "R1"]


def shown(verdict: Verdict) -> list[tuple[str, str | None]]:
    """What a verdict shows, with its value; the question itself left out."""
    return [(fact.what, fact.value) for fact in verdict.evidence if fact.what != "question"]


def items(name: str, at: str, **grades: str) -> VisitFacts:
    """A visit with a form of items from which these grades follow, all others E."""
    return replace(build.visit(name, at), bilag=Bilag({**dict.fromkeys(bilag.DOMAINS, "E"), **grades}, items={}))


@cases("bilag_checks")
def test_a_form_is_asked_about(case: dict[str, str]) -> None:
    found = said(subject(case["earlier"], case["now"], case["present"]), case["rule"])

    assert SAYS[case["flagged"]] == [verdict.value for verdict in found]
    assert all((verdict.value is Value.NOT_EVALUABLE) == bool(verdict.missing) for verdict in found)


def test_every_check_has_cases_of_every_kind() -> None:
    seen = {(case["rule"], case["flagged"]) for case in table("bilag_checks")}

    assert {(rule.id, answer) for rule in RULES for answer in ("yes", "no", "nothing")} <= seen


def test_every_descriptor_of_8_points_belongs_to_a_domain() -> None:
    assert [each.key for each in DESCRIPTORS if each.weight == 8] == list(DOMAINS_OF)


def test_the_last_grade_that_contradicts_never_is_shown() -> None:
    [found] = said(subject("AEEEEEEEE CEEEEEEEE", "EEEEEEEEE"), "check_bilag_never_involved")

    assert [("constitutional of BILAG-2004 at M2", "C"), ("constitutional of BILAG-2004 at M3", "E")] == shown(found)


def test_a_domain_of_which_nobody_knows_whether_it_ever_was_involved_contradicts_nothing() -> None:
    """Where items are entered: inactive then, D or E."""
    then = items("M2", "2025-05-02", renal=bilag.INACTIVE)
    never, inactive = (list(checks(build.facts(then, build.m3(grades=grades)))) for grades in ("EEEEEEEEE", "EEEEEEEDE"))

    assert Value.CLEAR is never[0].value
    assert (Value.NOT_EVALUABLE, ("renal of BILAG-2004 at M2",)) == (inactive[1].value, inactive[1].missing)


@pytest.mark.parametrize(
    ("grades", "value", "missing"),
    [("EEEEEEEEE", Value.FLAGGED, ()), ("AEEEEEEEE", Value.NOT_EVALUABLE, ("whether A came before B",))],
)
def test_a_grade_of_unknown_order_is_not_an_earlier_one(grades: str, value: Value, missing: tuple[str, ...]) -> None:
    """It contradicts no E, and it may be the reason of a D."""
    one, other = build.visit("A", "2025-06-01", grades=grades), build.visit("B", "2025-06-01T09:00", grades="DEEEEEEEE")
    known = build.facts(build.visit("M1", "2025-04-02"), one, other)
    found = {(verdict.rule.id, verdict.about): verdict for verdict in checks(known)}

    assert Value.CLEAR is found["check_bilag_never_involved", "A"].value
    assert (value, missing) == ((inactive := found["check_bilag_newly_inactive", "B"]).value, inactive.missing)


def test_two_forms_of_unknown_order_are_held_beside_neither() -> None:
    one, other = build.visit("A", "2025-06-01"), build.visit("B", "2025-06-01T09:00", grades="DEEEEEEEE")

    assert [] == verdicts_of(build.facts(one, other), "check_bilag_newly_inactive")


def verdicts_of(facts: Facts, rule: str) -> list[Verdict]:
    """What a check says of any form."""
    return list(verdicts(facts, [rule]))


def test_the_domain_that_needs_a_reason_is_shown_beside_its_last_grade() -> None:
    [found] = said(subject("CEEEEEEEE EEEEEEEEE", "DEEEEEEDE"), "check_bilag_newly_inactive")

    assert [("renal of BILAG-2004 at M3", "D"), ("renal of BILAG-2004 at M2", "E")] == shown(found)
    assert "When was the domain involved? Give the reason, or correct a grade." in sentences(found)


def test_the_domains_that_were_left_out_are_shown() -> None:
    [found] = said(subject("-", "E?EEEEE?E"), "check_bilag_incomplete")

    assert [(f"{domain} of BILAG-2004 at M3", None) for domain in ("mucocutaneous", "renal")] == shown(found)


def test_a_form_of_items_is_never_called_incomplete() -> None:
    assert [] == verdicts_of(build.facts(items("M3", "2025-06-01", renal="E")), "check_bilag_incomplete")


@pytest.mark.parametrize(
    ("present", "domains"),
    [("rash", ["renal"]), ("rash proteinuria?", ["renal"]), ("hematuria", ["mucocutaneous"]), ("", ["mucocutaneous", "renal"])],
)
def test_the_domains_without_a_descriptor_are_shown(present: str, domains: list[str]) -> None:
    [found] = said(subject("-", "EBEEEEEAE", present), "check_bilag_organ")

    assert [f"{domain} of BILAG-2004 at M3" for domain in domains] == [what for what, _ in shown(found)[:-1]]


def test_the_descriptor_and_the_quiet_domain_are_shown() -> None:
    [found] = said(subject("-", "EECEEEDEE", "seizure visual_disturbance"), "check_bilag_severe")

    assert [
        ("ophthalmic of BILAG-2004 at M3", "D"),
        ("VISUAL_DISTURBANCE of SLEDAI-2K at M3", "present"),
    ] == shown(found)


def test_what_leaves_a_severe_descriptor_open_is_named() -> None:
    [found] = said(subject("-", "EE?EEEEEE", "psychosis seizure?"), "check_bilag_severe")

    assert ("SEIZURE of SLEDAI-2K at M3", "neuropsychiatric of BILAG-2004 at M3") == found.missing


def test_what_leaves_the_reason_of_a_d_open_is_shown_and_nothing_is_asked() -> None:
    [found] = said(subject("?EEEEEEEE", "DEEEEEEEE"), "check_bilag_newly_inactive")

    assert [("constitutional of BILAG-2004 at M3", "D"), ("constitutional of BILAG-2004 at M1", None)] == shown(found)
    assert "question" not in [fact.what for fact in found.evidence]


@pytest.mark.parametrize(
    ("rule", "grades", "present"),
    [
        ("check_bilag_never_involved", "EEDEEEEEE", ""),
        ("check_bilag_newly_inactive", "EEDEEEEEE", ""),
        ("check_bilag_incomplete", "EEDEEEEEE", ""),
        ("check_bilag_organ", "EEDBEEEEE", "arthritis"),
        ("check_bilag_severe", "EEBEEEEEE", "seizure"),
    ],
)
def test_a_check_that_raises_no_question_shows_the_form(rule: str, grades: str, present: str) -> None:
    [found] = said(subject("EEDEEEEEE", grades, present), rule)

    assert (Value.CLEAR, ("BILAG-2004 at M3", grades)) == (found.value, shown(found)[0])
