"""B2: what is asked of the forms of instruments, live: who filled them in, and whether one was filled in twice."""

from __future__ import annotations

import pytest

from seed.client import Body
from seed.load import DEMO
from tests.casebook import build
from tests.casebook.build import MISREAD, SUBJECT, TRAINED, Service

TRAINING = "check_assessor_training"


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
