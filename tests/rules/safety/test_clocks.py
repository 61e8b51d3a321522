"""The clocks of expedited reports: seven and fifteen calendar days."""

from __future__ import annotations

from dataclasses import replace

from app.rules.explain import sentences
from app.rules.facts import GradedEvent
from app.rules.safety.clocks import expedited, expedited_reports, sponsor_told
from app.rules.study import ReportClock, Settings
from app.rules.verdict import Source, Value, Verdict
from tests.rules import build
from tests.rules.cases import cases, truth

COMMITTEE = ReportClock("the ethics committee", 7, 15)


@cases("clocks")
def test_a_report_is_due(case: dict[str, str]) -> None:
    clock = expedited(
        serious=truth(case["serious"]),
        related=truth(case["related"]),
        unexpected=truth(case["unexpected"]),
        fatal_or_life_threatening=truth(case["fatal"]),
        aware=case["aware"] or None,
    )

    assert truth(case["expedited"]) is clock.expedited
    assert (case["due"] or None) == clock.due


def reports(case: dict[str, str], *clocks: ReportClock) -> list[Verdict]:
    """The clocks of one event of a casebook."""
    event = GradedEvent(
        "AE1",
        "Sepsis",
        int(case.get("grade") or 4),
        None,
        "2025-08-30",
        None,
        Source("adverse_event", "R1", 1),
        truth(case["serious"]),
        {"death": truth(case["death"]), "threat to life": truth(case["life"])},
        outcome=case.get("outcome") or None,
        related=truth(case["related"]),
        unexpected=truth(case["unexpected"]),
        aware=case["aware"] or None,
    )
    return list(expedited_reports(build.facts(settings=Settings(report_clocks=clocks), adverse_events=(event,))))


SAYS = {"yes": [Value.FLAGGED], "no": [Value.CLEAR], "": [Value.NOT_EVALUABLE], "nothing": []}


@cases("clocks_site")
def test_a_site_tells_the_sponsor_within_a_day(case: dict[str, str]) -> None:
    event = GradedEvent("AE1", "Sepsis", 4, None, "2025-03-04", None, Source("adverse_event", "R1", 1), truth(case["serious"]))
    known = replace(event, site_aware=case["site"] or None, aware=case["sponsor"] or None)
    found = list(sponsor_told(build.facts(adverse_events=(known,))))

    assert SAYS[case["flagged"]] == [one.value for one in found]
    assert all((one.value is Value.NOT_EVALUABLE) == bool(one.missing) for one in found)


@cases("reports")
def test_an_event_of_a_casebook_has_its_clock(case: dict[str, str]) -> None:
    said = reports(case, COMMITTEE)
    facts = {fact.what: fact.value for verdict in said for fact in verdict.evidence}

    assert [case["says"]] * bool(case["says"]) == [verdict.value for verdict in said]
    assert ({"none": None, "": None}.get(case["due"], case["due"])) == facts.get("report due to the ethics committee")
    assert (case["complete"] or None) == facts.get("complete report due to the ethics committee")
    assert bool(case["due"]) == ("report due to the ethics committee" in facts)


def test_where_nobody_has_reports_there_is_no_clock() -> None:
    """Of a published table nothing is derived."""
    case = {"serious": "", "death": "", "life": "", "related": "", "unexpected": "", "aware": ""}

    assert [] == reports(case)


def test_each_authority_of_the_study_has_its_own_day() -> None:
    case = {"serious": "yes", "death": "yes", "life": "", "related": "yes", "unexpected": "yes", "aware": "2025-09-01"}
    (said,) = reports(case, COMMITTEE, ReportClock("the hospital", 1, 3))

    assert "Expedited report at AE1 is met." == sentences(said)[0]
    assert {
        "report due to the ethics committee: 2025-09-08.",
        "report due to the hospital: 2025-09-02.",
        "complete report due to the hospital: 2025-09-10.",
    } <= set(sentences(said))
