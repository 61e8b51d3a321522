"""
What a test of the casebook begins with: a service over a database, an open study, a subject, a visit, an assessment.

Plain functions with good defaults; every write goes through the API as a site's would. Days are counted from the first
infusion, which is day 0. Descriptors that are not named as present are absent; `None` in their place is not assessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import httpx2
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from app.casebook import access, database
from app.casebook.access import Role
from app.main import create_app
from app.settings import Settings
from seed.client import API, Body, Client, Reason
from seed.kn5601.bedside import DESCRIPTORS, SYSTEMS
from seed.kn5601.treatment import ICE_ITEMS, NOTHING_NEUROLOGICAL
from seed.load import DEMO, open_study

SUBJECT, OTHER = "SYN-001", "SYN-002"
LOT, OPENING = "LOT-1", "OPENING"
"""The lot that doses are given from, and the data cut at which the committee opened every level."""
FIRST_INFUSION = date(2025, 3, 3)
MISREAD = Reason("TRANSCRIPTION", "Misread from the source")
MISTAKE = Reason("ENTERED_IN_ERROR")
TRAINED = {"rsevalid": "INV-1", "rstrndtc": "2025-01-10"}
"""Who graded BILAG-2004, and when that person was trained in it."""
ACTIVE = ("arthritis", "proteinuria", "rash", "low_complement", "increased_dna_binding")
"""A SLEDAI-2K of 14."""


@dataclass(frozen=True, slots=True)
class Service:
    """The application in process, and who speaks to it: a coordinator of every site, the sponsor's data manager and monitor."""

    engine: Engine
    http: TestClient
    site: Client
    sponsor: Client
    medical: Client

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        """What the service answers the coordinator, refusals too; `If_Match` is the header If-Match."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.request(method, API + path, json=body, headers={"Authorization": f"Bearer {self.site.token}"} | named)

    def get(self, path: str, **at: str) -> Any:
        """What the service tells the data manager, now or at a position (`cut=`, `at=`)."""
        answer = self.http.get(API + path, params=at, headers={"Authorization": f"Bearer {self.sponsor.token}"})
        assert answer.status_code == 200, answer.text
        return answer.json()


@contextmanager
def service(engine: Engine) -> Iterator[Service]:
    """A service over a migrated database; refusals of its own making come back as answers."""
    with TestClient(create_app(Settings(), engine), raise_server_exceptions=False) as http:
        roles = (Role.COORDINATOR, Role.DATA_MANAGER, Role.MEDICAL_MONITOR)
        yield Service(engine, http, *(Client(http, token(engine, role)) for role in roles))


def token(engine: Engine, role: Role, person: str = "") -> str:
    """A token of a role in every study and site."""
    with database.writing(engine) as connection:
        return access.issue(connection, person or f"a {role}", role, study_id=None, sites=None, days=1)


@contextmanager
def opened(engine: Engine, study: str = DEMO) -> Iterator[Service]:
    """A service in which a study that ships stands open, without a subject; its dose levels too, save of a published one."""
    with service(engine) as running:
        open_study(running.sponsor, study)
        if running.get(f"/studies/{study}")["document"]["study"]["origin"] != "published":
            open_levels(running, study)
        yield running


def demo(engine: Engine) -> None:
    """KN5601-DEMO stands open, and no subject is registered."""
    with opened(engine):
        pass


def treatable(engine: Engine) -> None:
    """KN5601-DEMO with one subject who may be treated."""
    with opened(engine) as running:
        eligible(running)


def responds(engine: Engine) -> None:
    """KN5601-DEMO with one subject who meets SRI-4 at M3."""
    with opened(engine) as running:
        responder(running)


def open_levels(to: Service, study: str = DEMO) -> None:
    """A released lot, a cut, and a decision that opens each dose level of the study."""
    lot(to, study)
    to.sponsor.cut(study, OPENING)
    for level in to.get(f"/studies/{study}")["document"]["dosing"]["levels"]:
        decide(to, study, decision(level["level"]))


def lot(to: Service, study: str = DEMO) -> None:
    """The lot that doses are given from."""
    to.sponsor.add_lot(study, {"eclot": LOT, "lotstat": "RELEASED", "expdtc": "2027-01"})


def decide(to: Service, study: str, body: Body) -> Body:
    """A decision of the committee, recorded by the data manager and signed by the medical monitor; its record."""
    record: Body = to.sponsor.decide(study, body)["records"][0]
    to.medical.sign(study, "decisions", record)
    return record


def decision(level: str, **more: Any) -> Body:
    """A decision of the committee, in force from a month before the first infusion."""
    about = {"doselvl": level, "decision": "OPEN", "decreas": "First level", "members": "Committee", "cutname": OPENING}
    return about | {"decdtc": day(-31), "effdtc": f"{day(-30)}T08:00"} | more


def day(offset: int) -> str:
    """The date so many days after the first infusion."""
    return (FIRST_INFUSION + timedelta(days=offset)).isoformat()


def key() -> str:
    """An Idempotency-Key that no request had."""
    return uuid4().hex


def below(subject: str = SUBJECT, study: str = DEMO) -> str:
    """The path of a subject."""
    return f"/studies/{study}/subjects/{subject}"


def enter(to: Service, path: str, body: Any, subject: str = SUBJECT, study: str = DEMO) -> Body:
    """One form or panel entered, under a key of its own: the same body twice is two records."""
    answer = to.send("POST", f"{below(subject, study)}/{path}", body, Idempotency_Key=key())
    assert answer.status_code == 201, answer.text
    told: Body = answer.json()
    return told


def eligible(to: Service, subject: str = SUBJECT, study: str = DEMO, born: str = "2011-08", *, arm: bool = True) -> str:
    """A subject who consented, meets every criterion of the study's document and entered its first `arm`; its code."""
    document = to.get(f"/studies/{study}")["document"]
    to.site.register(study, subject, document["sites"][0]["siteid"])
    enter(to, "demographics", {"brthdtc": born, "sex": "F"}, subject, study)
    consent = {"dscat": "PROTOCOL MILESTONE", "dsdecod": "INFORMED CONSENT OBTAINED", "dsterm": "Consent", "dsstdtc": day(-20)}
    enter(to, "dispositions", consent, subject, study)
    wanted = {"INCLUSION": "Y", "EXCLUSION": "N"}
    answers = [{"ietestcd": each["ietestcd"], "ieorres": wanted[each["iecat"]]} for each in document["criteria"]]
    enter(to, "eligibility", answers, subject, study)
    if arm:
        enter_arm(to, document["arms"][0]["armcd"], subject, study)
    return subject


def enter_arm(to: Service, armcd: str, subject: str = SUBJECT, study: str = DEMO, **more: Any) -> Body:
    """Entry into an arm of the study."""
    return enter(to, "dispositions", entry_into(armcd) | more, subject, study)


def entry_into(armcd: str) -> Body:
    """The body of such an entry."""
    body = {"dscat": "PROTOCOL MILESTONE", "dsdecod": "ENTERED INTO TRIAL", "dsterm": "Entered", "dsstdtc": day(-10)}
    return body | {"armcd": armcd}


def visit(to: Service, name: str, offset: int, subject: str = SUBJECT, study: str = DEMO) -> Body:
    """A planned visit that took place; its record."""
    body = {"visit": name, "svoccur": "Y", "svstdtc": day(offset)}
    record: Body = enter(to, "visits", body, subject, study)["records"][0]
    return record


def sledai(*present: str, **answered: bool | None) -> Body:
    """The answers of a SLEDAI-2K: those named are present, the others absent unless answered otherwise."""
    return dict.fromkeys(DESCRIPTORS, False) | dict.fromkeys(present, True) | answered


def bilag(**grades: str) -> Body:
    """The answers of a BILAG-2004: E in every system that is not named."""
    return dict.fromkeys(SYSTEMS, "E") | grades


def pga(mark: str) -> Body:
    """The answers of a PGA marked on 0 to 3."""
    return {"score": mark, "scale": "0-3"}


def assess(
    to: Service, at: str, answers: Body, instrument: str = "SLEDAI-2K", subject: str = SUBJECT, study: str = DEMO, **more: Any
) -> Body:
    """One instrument answered at a visit, on the visit's own date; the answer to the write."""
    body = {"visit": at, "instrument": instrument, "answers": answers} | more
    return enter(to, "assessments", body, subject, study)


def assessed(to: Service, at: str, offset: int, *present: str, mark: str = "2.0", subject: str = SUBJECT) -> Body:
    """A visit with SLEDAI-2K, a quiet BILAG-2004 and a PGA; the record of the SLEDAI-2K."""
    visit(to, at, offset, subject)
    assess(to, at, bilag(), "BILAG-2004", subject, **TRAINED)
    assess(to, at, pga(mark), "PGA", subject)
    record: Body = assess(to, at, sledai(*present), subject=subject)["records"][0]
    return record


def infuse(to: Service, offset: int = 0, subject: str = SUBJECT, study: str = DEMO, **more: Any) -> Body:
    """One infusion that was given past every gate, at the level of the study's first arm; the answer to the write."""
    return enter(to, "infusions", dose(to, offset, subject, study) | more, subject, study)


def dose(to: Service, offset: int = 0, subject: str = SUBJECT, study: str = DEMO) -> Body:
    """The body of such an infusion; an autologous product has a lot of the subject's own."""
    document = to.get(f"/studies/{study}")["document"]
    own = document["product"]["source"] == "autologous"
    number = f"LOT-{subject}" if own else LOT
    if own:
        to.sponsor.add_lot(study, {"eclot": number, "lotstat": "RELEASED", "expdtc": "2027-01", "dsubjid": subject})
    passed = {"eclot": number, "doselvl": document["arms"][0]["dose_level"], "ecidchk": "Y"}
    about = {"ectrt": document["product"]["name"], "infusno": 1, "ecoccur": "Y", "ecstdtc": f"{day(offset)}T10:00"}
    return about | passed


def responder(to: Service, subject: str = SUBJECT) -> tuple[Body, Body]:
    """A subject who meets SRI-4 at M3; the SLEDAI-2K records of baseline and of M3, the last act."""
    eligible(to, subject)
    baseline = assessed(to, "BASELINE", -6, *ACTIVE, subject=subject)
    infuse(to, subject=subject)
    return baseline, assessed(to, "M3", 90, "proteinuria", "low_complement", mark="1.0", subject=subject)


def at_m3(of: Service) -> Body:
    """The SLEDAI-2K at M3 by which `responder` responds."""
    records: list[Body] = of.get(f"{below()}/assessments", visit="M3")["records"]
    return next(record for record in records if record["instrument"] == "SLEDAI-2K")


def fever(hours: int = 12, **more: Any) -> Body:
    """An observation after the first infusion with nothing but a fever: CRS grade 1."""
    moment = f"{day((10 + hours) // 24)}T{(10 + hours) % 24:02}:00"
    body = {"fadtc": moment, "age": 13, "temp": "39.1", "tempu": "C", "feveroth": "N", "given": []}
    return body | {"hypotens": "N", "pressors": [], "o2device": "NONE"} | NOTHING_NEUROLOGICAL | more


def ice(right: int = 10) -> Body:
    """The answers of an ICE with so many items right."""
    return {item: int(number < right) for number, item in enumerate(ICE_ITEMS)}


def verdicts(to: Service, subject: str = SUBJECT, study: str = DEMO, **at: str) -> dict[tuple[str, str], Body]:
    """What the rules say of a subject, by rule and what it is about."""
    told = to.get(f"{below(subject, study)}/verdicts", **at)["verdicts"]
    return {(one["rule"], one["about"]): one for one in told}


def moved(answer: Body) -> dict[tuple[str, str], tuple[str | None, str]]:
    """The verdicts that a write moved, by rule and what it is about: from what, to what."""
    return {(one["rule"], one["about"]): (one["before"], one["after"]) for one in answer["moved"]}
