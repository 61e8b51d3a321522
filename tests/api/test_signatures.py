"""A decision is in force while it is signed: by whom, as what, when, with which meaning, for what it says (C1, C4, C5)."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
from sqlalchemy import select

from app.casebook import database, ledger, verify
from app.casebook.access import Role
from app.casebook.ledger import MARK, Act, Actor
from app.tables.base import STUDY_CHAIN
from seed.client import API, Body
from tests.api import site
from tests.api.variants import variant
from tests.casebook import build
from tests.casebook.build import DEMO, Service

NUMBERS = count(800)
LEVEL = "1*10^9"
UNSIGNED = "decision that is not signed: OPEN on dose level 1*10^9"


def recorded(service: Service, study: str = DEMO, **more: Any) -> Body:
    """A decision as the data manager records it, which nobody has signed."""
    record: Body = service.sponsor.decide(study, build.decision(LEVEL, decreas=build.key(), **more))["records"][0]
    return record


def sign(service: Service, record: Body, study: str = DEMO, *, token: str = "", **body: Any) -> httpx2.Response:
    """A signature as the medical monitor sends it."""
    headers = {"Authorization": f"Bearer {token or service.medical.token}", "If-Match": f'"{record["version"]}"'}
    sent = {"meaning": "APPROVAL"} | body
    return service.http.post(f"{API}/studies/{study}/decisions/{record['record_id']}/signatures", json=sent, headers=headers)


def signatures(service: Service, record: Body, study: str = DEMO) -> list[Body]:
    """The signatures of a decision, as the data manager reads them."""
    found: list[Body] = service.get(f"/studies/{study}/decisions/{record['record_id']}/signatures")["signatures"]
    return found


def amend(service: Service, record: Body, study: str = DEMO, **changes: Any) -> Body:
    """A correction of a decision by the data manager; its record."""
    headers = {"Authorization": f"Bearer {service.sponsor.token}", "If-Match": f'"{record["version"]}"'}
    body = changes | {"reason": {"code": "TRANSCRIPTION"}}
    answer = service.http.patch(f"{API}/studies/{study}/decisions/{record['record_id']}", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    corrected: Body = answer.json()["records"][0]
    return corrected


def gate(service: Service, subject: str, rule: str, study: str) -> tuple[str, str, list[str]]:
    """What a gate says of the subject's one dose, in a sentence of its facts, and the states of its queries."""
    (line,) = (one for one in service.get(f"{build.below(subject, study)}/verdicts")["verdicts"] if one["rule"] == rule)
    told = service.get(f"{build.below(subject, study)}/verdicts/{line['verdict_id']}")
    asked = service.get(f"{build.below(subject, study)}/queries")["queries"]
    return line["value"], " ".join(told["sentences"]), [one["state"] for one in asked if one["rule"] == rule]


def test_a_signature_tells_name_role_instant_and_meaning(service: Service) -> None:
    """C1: and the digest of what was signed; the entry of the study's chain is the person's own."""
    record = recorded(service)

    answer = sign(service, record)

    (one,) = answer.json()["signatures"]
    assert answer.status_code == 201
    assert ("a medical_monitor", "medical_monitor", "APPROVAL", "valid", 1) == tuple(
        one[name] for name in ("name", "role", "meaning", "state", "record_version")
    )
    assert timedelta(0) == datetime.fromisoformat(one["at"]).utcoffset()
    assert 64 == len(one["content"])
    assert [one] == signatures(service, record)


def test_a_correction_breaks_the_signature_and_asks_for_another(service: Service) -> None:
    """C5: broken in the transaction of the correction, kept in the history; the same person signs again."""
    record = recorded(service)
    sign(service, record)

    corrected = amend(service, record, members="Committee and a guest")
    assert ["broken"] == [one["state"] for one in signatures(service, record)]
    assert sign(service, corrected).status_code == 201

    assert [("broken", 1), ("valid", 2)] == [(one["state"], one["record_version"]) for one in signatures(service, record)]
    assert 2 == len({one["content"] for one in signatures(service, record)})


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.MEDICAL_MONITOR])
def test_nobody_else_signs(service: Service, role: Role) -> None:
    """C6: who records a decision does not approve it."""
    record = recorded(service)
    with site.nothing_stored(service):
        token = build.token(service.engine, role)
        site.problem(sign(service, record, token=token), 403, "not_allowed")


def test_what_was_seen_is_what_is_signed_and_only_once(service: Service) -> None:
    record = recorded(service)
    with site.nothing_stored(service):
        site.problem(sign(service, record | {"version": 2}), 412, "stale_version")
        assert {"/meaning": "not_allowed"} == site.faults(sign(service, record, meaning="LIKES IT"))
    sign(service, record)

    with site.nothing_stored(service):
        site.problem(sign(service, record), 409, "signed_already")
    assert sign(service, record, meaning="REVIEW").status_code == 201
    other = build.token(service.engine, Role.MEDICAL_MONITOR, "another")
    assert sign(service, record, token=other).status_code == 201


def test_only_an_approval_puts_a_decision_in_force(service: Service) -> None:
    study = variant(service, "UNSIGNED", levels=False)
    subject = build.eligible(service, f"SYN-{next(NUMBERS)}", study, arm=False)
    service.sponsor.cut(study, "OPENING")
    record = recorded(service, study)
    sign(service, record, study, meaning="REVIEW")

    entry = build.entry_into("DOSE1")
    panel = [entry | {"dsdecod": "INFORMED ASSENT OBTAINED", "armcd": None}, entry]
    refused = service.send("POST", f"{build.below(subject, study)}/dispositions", panel, Idempotency_Key=build.key())
    sign(service, record, study)

    assert {"/1/armcd": "gate_enrolment"} == site.faults(refused)
    assert refused.json()["detail"].startswith(f"Subject {subject} may not enter arm DOSE1. ")
    assert UNSIGNED in refused.json()["detail"].replace("Decision", "decision")
    build.enter_arm(service, "DOSE1", subject, study)


def test_a_broken_signature_moves_the_gate_of_the_doses_that_rested_on_it(service: Service) -> None:
    """Law 2: with the correction of the decision, not with the subject's next dose; and back when it is signed again."""
    study = variant(service, "BROKEN", levels=False)
    build.lot(service, study)
    service.sponsor.cut(study, "OPENING")
    record = recorded(service, study)
    sign(service, record, study)
    subject = build.eligible(service, f"SYN-{next(NUMBERS)}", study)
    build.infuse(service, subject=subject, study=study)
    assert ("clear", []) == gate(service, subject, "gate_decision", study)[::2]

    corrected = amend(service, record, study, members="Committee and a guest")
    broken = gate(service, subject, "gate_decision", study)
    sign(service, corrected, study)

    assert ("flagged", ["open"]) == broken[::2]
    assert UNSIGNED in broken[1].replace("Decision", "decision")
    assert ("clear", ["closed"]) == gate(service, subject, "gate_decision", study)[::2]
    trail = service.get(f"{build.below(subject, study)}/trail")["entries"]
    assert ["resettle", "resettle"] == [one["act"] for one in trail[-2:]]
    assert all("of the study's own chain" in one["reason"] for one in trail[-2:])
    assert {"system"} == {one["role"] for one in trail[-2:]}


def test_a_recalled_lot_asks_about_the_doses_that_were_given_from_it(service: Service) -> None:
    study = variant(service, "RECALL")
    given, other = (build.eligible(service, f"SYN-{next(NUMBERS)}", study) for _ in range(2))
    service.sponsor.add_lot(study, {"eclot": "LOT-2", "lotstat": "RELEASED", "expdtc": "2027-01"})
    lot = next(one for one in service.get(f"/studies/{study}/lots")["records"] if one["eclot"] == build.LOT)
    build.infuse(service, subject=given, study=study)
    build.infuse(service, subject=other, study=study, eclot="LOT-2")

    headers = {"Authorization": f"Bearer {service.sponsor.token}", "If-Match": '"1"'}
    change = {"lotstat": "RECALLED", "reason": {"code": "SOURCE_CHANGED"}}
    path = f"{API}/studies/{study}/lots/{lot['record_id']}"
    assert service.http.patch(path, json=change, headers=headers).status_code == 200

    assert [("flagged", ["open"]), ("clear", [])] == [gate(service, who, "gate_lot", study)[::2] for who in (given, other)]


def test_a_signature_copied_to_other_content_shows(service: Service) -> None:
    """C4: its entry and its chain fit, and `verify` still knows that it was given to something else."""
    study = variant(service, "FORGED", levels=False)
    service.sponsor.cut(study, "OPENING")
    signed, other = recorded(service, study), recorded(service, study, decision="STOP")
    sign(service, signed, study)
    with database.reading(service.engine) as connection:
        assert isinstance(verify.verify(connection, study), verify.Checked)
        mark = dict(connection.execute(select(MARK).where(MARK.c.study_id == study)).mappings().one())

    with database.writing(service.engine) as connection:
        head = ledger.head(connection, study, STUDY_CHAIN, 1)
        act = Act(Actor("somebody", "medical_monitor"), "a request", "a build")
        copied = mark | {"mark_id": uuid4(), "record_id": UUID(other["record_id"])}
        ledger.append(connection, head, act, "sign", [(MARK, copied)])

    with database.reading(service.engine) as connection:
        flaw = verify.verify(connection, study)
    assert isinstance(flaw, verify.Flaw)
    assert (head.chain_no + 1, "a signature that was not given to what it stands beside") == (flaw.chain_no, flaw.words)


def test_signatures_are_part_of_the_position_that_is_read(service: Service) -> None:
    """F4: a cut that was taken before the signature knows a decision that is not in force."""
    study = variant(service, "POSITION", levels=False)
    build.lot(service, study)
    service.sponsor.cut(study, "OPENING")
    record = recorded(service, study)
    service.sponsor.cut(study, "BEFORE")
    sign(service, record, study)
    subject = build.eligible(service, f"SYN-{next(NUMBERS)}", study)
    build.infuse(service, subject=subject, study=study)
    service.sponsor.cut(study, "AFTER")
    amend(service, record, study, members="Committee and a guest")

    told = {cut: service.get(f"/studies/{study}/escalation", **at)["levels"][0] for cut, at in POSITIONS.items()}

    assert [False, True, False] == [told[cut]["open"] for cut in POSITIONS]
    (one,) = told["AFTER"]["decision"]["signatures"]
    assert ("a medical_monitor", "medical_monitor", "APPROVAL") == (one["name"], one["role"], one["meaning"])


POSITIONS = {"BEFORE": {"cut": "BEFORE"}, "AFTER": {"cut": "AFTER"}, "now": {}}
