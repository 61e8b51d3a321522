"""A second study is a document (law 5): SYS6020 in SLE, autologous, without lymphodepletion or public dose, runs as it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from app.casebook import access, database
from app.casebook.access import Role
from app.main import create_app
from app.settings import Settings
from seed.client import Body, Client, Refused
from seed.kn5601.bedside import DESCRIPTORS, SYSTEMS
from seed.load import open_study
from tests.servers import Database

STUDY, SUBJECT = "SYS6020-SLE", "01-001"
INCLUSIONS = ("INCL01", "INCL02", "INCL03", "INCL04")


@pytest.fixture
def site(database: Database) -> Iterator[Client]:
    """A coordinator on a service on which the study was opened and one subject has consented."""
    with TestClient(create_app(Settings(database_url=database.url), database.engine)) as http:
        roles = (Role.DATA_MANAGER, Role.MEDICAL_MONITOR, Role.COORDINATOR)
        data_manager, medical_monitor, coordinator = (Client(http, token(database, role)) for role in roles)
        open_study(data_manager, STUDY)
        data_manager.add_lot(STUDY, LOT)
        data_manager.cut(STUDY, "OPENING")
        medical_monitor.sign(STUDY, "decisions", data_manager.decide(STUDY, OPENED)["records"][0])
        coordinator.register(STUDY, SUBJECT, "01")
        consent = {
            "dscat": "PROTOCOL MILESTONE",
            "dsdecod": "INFORMED CONSENT OBTAINED",
            "dsterm": "Consent",
            "dssigner": "SUBJECT",
        }
        coordinator.enter(STUDY, SUBJECT, "dispositions", consent | {"dsstdtc": "2025-03-01"})
        coordinator.enter(STUDY, SUBJECT, "dispositions", ENTERED)
        yield coordinator


def token(given: Database, role: Role) -> str:
    with database.writing(given.engine) as connection:
        return access.issue(connection, "a test", role, study_id=STUDY, sites=None, days=1)


def assess(site: Client, visit: str, date: str, present: set[str], pga: str) -> Body:
    """A visit with SLEDAI-2K, BILAG-2004 and PGA; the last answer."""
    site.enter(STUDY, SUBJECT, "visits", {"visit": visit, "svoccur": "Y", "svstdtc": date})
    answers = {
        "PGA": {"score": pga, "scale": "0-3"},
        "BILAG-2004": dict.fromkeys(SYSTEMS, "C"),
        "SLEDAI-2K": {key: key in present for key in DESCRIPTORS},
    }
    panel = [{"visit": visit, "instrument": name, "rsdtc": date, "answers": said} for name, said in answers.items()]
    return site.enter(STUDY, SUBJECT, "assessments", panel)


INFUSION = {
    "ectrt": "SYS6020",
    "infusno": 1,
    "ecoccur": "Y",
    "ecstdtc": "2025-03-20T10:00",
    "ecdostxt": "As on the label",
    "eclot": "LOT-1",
    "eccoiid": "COI-1",
    "doselvl": "NOT PUBLIC",
    "ecidchk": "Y",
}
LOT = {"eclot": "LOT-1", "lotstat": "RELEASED", "coiid": "COI-1", "dsubjid": SUBJECT}
OPENED = {
    "doselvl": "NOT PUBLIC",
    "decision": "OPEN",
    "decreas": "First level",
    "members": "Committee",
    "decdtc": "2025-02-20",
    "effdtc": "2025-02-21T08:00",
    "cutname": "OPENING",
}
ENTERED = {
    "dscat": "PROTOCOL MILESTONE",
    "dsdecod": "ENTERED INTO TRIAL",
    "dsterm": "Entered",
    "dsstdtc": "2025-03-10",
    "armcd": "SYS6020",
}


def test_an_adult_is_enrolled_dosed_once_and_responds_at_three_months(site: Client) -> None:
    assess(site, "SCREENING", "2025-03-05", {"arthritis", "rash", "low_complement"}, "1.8")
    site.enter(STUDY, SUBJECT, "eligibility", [{"ietestcd": name, "ieorres": "Y"} for name in INCLUSIONS])
    site.enter(STUDY, SUBJECT, "infusions", INFUSION)
    answer = assess(site, "M3", "2025-06-18", {"low_complement"}, "0.6")
    verdicts = {(one["rule"], one["about"]): one["value"] for one in site.verdicts(STUDY, SUBJECT)}

    assert ("sri4", "M3", "met") in {(moved["rule"], moved["about"], moved["after"]) for moved in answer["moved"]}
    assert verdicts["sri4", "M3"] == "met"
    assert not [rule for rule, _ in verdicts if rule in ("clldas", "ccr")]


def test_nobody_is_dosed_before_every_criterion_is_answered_and_met(site: Client) -> None:
    site.enter(STUDY, SUBJECT, "eligibility", [{"ietestcd": name, "ieorres": "Y"} for name in INCLUSIONS[:3]])

    with pytest.raises(Refused, match="INCL04") as refused:
        site.enter(STUDY, SUBJECT, "infusions", INFUSION)

    assert (refused.value.status, refused.value.code) == (409, "eligibility_not_confirmed")
