"""B2: what is asked of the forms of instruments, live: who filled them in, and whether one was filled in twice."""

from __future__ import annotations

import pytest

from seed.client import Body
from seed.load import DEMO
from tests.casebook import build
from tests.casebook.build import MISREAD, SUBJECT, TRAINED, Service

TRAINING, SECOND = "check_assessor_training", "check_second_form"


@pytest.fixture
def screened(service: Service) -> Service:
    """A subject with a visit, at which nothing was assessed yet."""
    build.visit(service, "BASELINE", -6)
    return service


def asked(answer: Body, rule: str) -> list[tuple[str, str]]:
    """The queries of a rule that a write opened or closed: the record they are about, and their state."""
    return [(one["record_id"], one["state"]) for one in answer["queries"] if one["rule"] == rule]


def test_the_training_of_who_grades_bilag_is_asked_for(screened: Service) -> None:
    """A training after the assessment asks again; one before it closes the query. Other instruments ask for none."""
    graded = build.assess(screened, "BASELINE", build.bilag(renal="A"), "BILAG-2004")
    (record,) = graded["records"]
    changes = [{"rsevalid": "INV-1", "rstrndtc": build.day(9)}, TRAINED]
    answers = []
    for change in changes:
        answers.append(screened.site.correct(DEMO, SUBJECT, "assessments", record, change, MISREAD))
        (record,) = answers[-1]["records"]

    about = record["record_id"]
    assert [[(about, "open")], [], [(about, "closed")]] == [asked(answer, TRAINING) for answer in (graded, *answers)]
    assert "training of the assessor: not recorded" in graded["queries"][0]["text"]
    assert "clear" == build.verdicts(screened)[TRAINING, about]["value"]
    assert [] == asked(build.assess(screened, "BASELINE", build.pga("2.0"), "PGA"), TRAINING)


def test_a_second_form_of_one_visit_is_asked_about_and_the_later_counts(screened: Service) -> None:
    """What counts is what the question says; once one of them is withdrawn nothing is asked."""
    first, later = (
        build.assess(screened, "BASELINE", build.sledai(*present), rsdtc=build.day(on))
        for present, on in ((("rash",), -5), (("arthritis",), -6))
    )
    (counts,) = first["records"]
    totals = {about: one["amount"] for (rule, about), one in build.verdicts(screened).items() if rule == "sledai2k"}
    withdrawn = screened.site.withdraw(DEMO, SUBJECT, "assessments", later["records"][0], build.MISTAKE)

    assert ([], [(counts["record_id"], "open")]) == (asked(first, SECOND), asked(later, SECOND))
    words = next(one["text"] for one in later["queries"] if one["rule"] == SECOND)
    assert f"SLEDAI-2K at BASELINE that counts: {build.day(-5)}." in words
    assert f"SLEDAI-2K at BASELINE that does not count: {build.day(-6)}." in words
    assert {counts["record_id"]: "2"} == totals
    assert [(counts["record_id"], "closed")] == asked(withdrawn, SECOND)


def test_observations_at_the_bedside_are_several_of_one_visit(screened: Service) -> None:
    entered = [build.assess(screened, "BASELINE", build.ice(), "ICE", rsdtc=f"{build.day(-6)}T{hour}:00") for hour in (10, 22)]

    assert [[], []] == [asked(answer, SECOND) for answer in entered]
