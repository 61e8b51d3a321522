"""Queries that protect a subject: consent anew at majority, a pregnancy test and the doses, a death told in one place alone."""

from __future__ import annotations

from typing import Any

from seed.client import Body
from tests.casebook import build
from tests.casebook.build import DEMO, OTHER, Service

MILESTONE = {"dscat": "PROTOCOL MILESTONE", "dsdecod": "INFORMED CONSENT OBTAINED", "dsterm": "Consent"}
DIED = {
    "dscat": "DISPOSITION EVENT",
    "dsscat": "STUDY PARTICIPATION",
    "dsdecod": "DEATH",
    "dsterm": "Died",
    "dsstdtc": build.day(9),
}
SEPSIS = {"aespid": "AE-1", "aeterm": "Sepsis", "aestdtc": build.day(7), "aeendtc": build.day(9), "aeout": "FATAL"}
POSITIVE = {"lbtestcd": "HCG", "lborres": "POSITIVE", "lbspec": "URINE", "lbdtc": build.day(-1)}


def asked(answer: Body) -> list[tuple[str, str]]:
    """The queries of an answer: rule and state."""
    return [(one["rule"], one["state"]) for one in answer["queries"]]


def consented(service: Service, day: int, signer: str) -> Any:
    """A consent of a day; the answer."""
    return build.enter(service, "dispositions", MILESTONE | {"dsstdtc": build.day(day), "dssigner": signer}, OTHER)


def test_who_comes_of_age_is_asked_to_consent_anew(service: Service) -> None:
    """G4: the prompt opens with the first visit of the adult and closes with the consent that the adult signs."""
    service.site.register(DEMO, OTHER, service.get(f"/studies/{DEMO}")["document"]["sites"][0]["siteid"])
    build.enter(service, "demographics", {"brthdtc": "2007-04", "sex": "F"}, OTHER)
    consented(service, -20, "PARENT")
    child = build.enter(service, "visits", {"visit": "M1", "svoccur": "Y", "svstdtc": build.day(24)}, OTHER)
    adult = build.enter(service, "visits", {"visit": "M3", "svoccur": "Y", "svstdtc": build.day(90)}, OTHER)
    anew = consented(service, 91, "SUBJECT")

    assert [[], [("check_adult_consent", "open")], [("check_adult_consent", "closed")]] == [
        asked(answer) for answer in (child, adult, anew)
    ]
    assert "visit M3" in adult["queries"][0]["text"]


def test_a_dose_after_a_positive_test_and_a_fatal_event_without_a_death_are_asked_about(service: Service) -> None:
    build.enter(service, "laboratory", POSITIVE)
    dosed = build.infuse(service)
    fatal = build.enter(service, "adverse-events", SEPSIS)
    died = build.enter(service, "dispositions", DIED)

    assert ("check_pregnancy_test", "open") in asked(dosed)
    assert [("check_death_event", "open")] == asked(fatal)
    assert [("check_death_event", "closed")] == asked(died)
