"""The dose levels: who counts, what the design recommends, what the committee decided on what it saw (E1, F4)."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
import time_machine

from app.casebook import access, database
from app.casebook.access import Role
from seed.client import API, Body
from tests.api import site
from tests.api.variants import variant
from tests.casebook import build
from tests.casebook.build import DEMO, OPENING, Service

NUMBERS = count(700)
NONE = 'design = "none"\nleast_dose_fraction = 0.8'
THREE = (NONE, 'design = "three_plus_three"\nleast_dose_fraction = 0.8')
ONE_INFUSION = ("infusions = 6\nplanned_days = [1, 4, 7, 10, 13, 16]", "infusions = 1\nplanned_days = [1]")
CLEAR = {"dltdtc": build.day(40), "dltyn": "N", "dltby": "Committee", "dltreas": "No item was met"}
LIMITING = {"dltdtc": build.day(10), "dltyn": "Y", "dltitem": "CRS3", "aespid": "AE-1", "dltby": "Committee", "dltreas": "CRS"}
DOSE = {"ecdose": "1", "ecdosu": "10^9 Therapeutic Cells"}
"""The whole dose of the lowest level, in the unit of the study document."""


def began(service: Service, subject: str, study: str, onset: str) -> None:
    """The event that was adjudicated, with its onset."""
    event = {"aespid": "AE-1", "aeterm": "Cytokine release syndrome", "aestdtc": onset, "aetoxgr": "3"}
    build.enter(service, "adverse-events", event, subject, study)


def treated(service: Service, study: str, *assessments: Body, offset: int = 0, onset: int = 9, **more: Any) -> str:
    """A subject who was infused once with the whole dose, and what was adjudicated since: the events first."""
    subject = build.eligible(service, f"SYN-{next(NUMBERS)}", study)
    build.infuse(service, offset, subject, study, **DOSE, **more)
    for body in assessments:
        if "aespid" in body:
            began(service, subject, study, build.day(onset))
        build.enter(service, "dlt-assessments", body, subject, study)
    return subject


def levels(service: Service, study: str, **at: str) -> list[Body]:
    """The dose levels as the data manager is told them."""
    found: list[Body] = service.get(f"/studies/{study}/escalation", **at)["levels"]
    return found


def counts(level: Body) -> tuple[int, ...]:
    """Treated, evaluable, pending, unassessed, with a toxicity."""
    return tuple(level[name] for name in ("treated", "evaluable", "pending", "unassessed", "dlt"))


def advice(level: Body) -> str | None:
    """What the design recommends."""
    return None if level["recommendation"] is None else str(level["recommendation"]["decision"])


@pytest.fixture(scope="module")
def three(service: Service) -> str:
    """A study of one infusion that finds its dose by 3+3."""
    return variant(service, "THREE", THREE, ONE_INFUSION)


def decide(service: Service, study: str, **more: Any) -> Any:
    """A decision as the data manager sends it."""
    headers = {"Authorization": f"Bearer {service.sponsor.token}", "Idempotency-Key": build.key()}
    return service.http.post(f"{API}/studies/{study}/decisions", json=build.decision("1*10^9", **more), headers=headers)


def test_a_level_is_counted_and_the_committee_decides_on_the_cut_it_saw(service: Service, three: str) -> None:
    """F4: the recommendation that is kept is that of the cut, whatever is recorded later."""
    assert [(0, 0, 0, 0, 0)] * 4 == [counts(level) for level in levels(service, three)]

    open_ = treated(service, three)
    assert ((1, 0, 1, 0, 0), "CONTINUE_ENROLMENT") == (counts(first := levels(service, three)[0]), advice(first))
    assert build.day(28) == first["subjects"][0]["window_closes"]

    for _ in range(2):
        treated(service, three, CLEAR)
    assert ((3, 2, 0, 1, 0), "WAIT_DLT_WINDOW") == (counts(first := levels(service, three)[0]), advice(first))

    build.enter(service, "dlt-assessments", CLEAR, open_, three)
    service.sponsor.cut(three, "SRC-1")
    decided = decide(service, three, decision="ESCALATE", cutname="SRC-1", effdtc=f"{build.day(45)}T08:00").json()["records"][0]
    treated(service, three, LIMITING)
    treated(service, three, LIMITING)

    assert ((3, 3, 0, 0, 0), "ESCALATE") == (counts(then := levels(service, three, cut="SRC-1")[0]), advice(then))
    assert ((5, 5, 0, 0, 2), "STOP_NO_MTD") == (counts(now := levels(service, three)[0]), advice(now))
    assert "three_plus_three 1" == decided["decrule"]
    assert decided["decrec"] == f"ESCALATE: {then['recommendation']['because']}"
    again = service.sponsor.http.patch(
        f"{API}/studies/{three}/decisions/{decided['record_id']}",
        json={"members": "Committee and guest", "reason": {"code": "TRANSCRIPTION"}},
        headers={"Authorization": f"Bearer {service.sponsor.token}", "If-Match": '"1"'},
    )
    assert decided["decrec"] == again.json()["records"][0]["decrec"]


def test_accelerated_titration_leaves_a_level_after_one_subject_until_toxicity_slows_it(service: Service) -> None:
    """An event of which nobody says whether the product caused it may be moderate, and counts as one."""
    fast = (NONE, 'design = "three_plus_three"\naccelerated = true\nleast_dose_fraction = 0.8')
    study = variant(service, "FAST", fast, ONE_INFUSION)
    event = {"aespid": "AE-1", "aeterm": "Rash", "aestdtc": build.day(5), "aetoxgr": "2"}

    first = treated(service, study, CLEAR)
    assert "ESCALATE" == advice(levels(service, study)[0])
    for related in ("NOT RELATED", None, "RELATED"):
        told = event if related is None else event | {"aerel": related}
        build.enter(service, "adverse-events", told | {"aespid": f"AE-{related}"[:20]}, first, study)
    assert "ESCALATE" == advice(levels(service, study)[0])
    second = treated(service, study, CLEAR)
    late = {"aestdtc": build.day(90), "aetoxgr": "3", "aerel": "RELATED"}
    build.enter(service, "adverse-events", event | late, second, study)
    assert "ESCALATE" == advice(levels(service, study)[0])
    build.enter(service, "adverse-events", event | {"aespid": "AE-2", "aerel": "POSSIBLY RELATED"}, second, study)

    (lowest, *_) = levels(service, study)
    assert ("accelerated_titration", "CONTINUE_ENROLMENT") == (lowest["recommendation"]["rule"], advice(lowest))
    assert lowest["recommendation"]["because"].endswith("0 DLT and 2 with a moderate toxicity at all levels")


def test_no_window_is_closed_by_the_clock(service: Service) -> None:
    """What is open at the date of the latest data is open however long ago that was, and whatever day it is."""
    study = variant(service, "CLOCK", THREE, ONE_INFUSION)
    treated(service, study)
    now = service.get(f"/studies/{study}/escalation")

    with time_machine.travel(datetime(2025, 6, 1, tzinfo=UTC), tick=False):
        then = service.get(f"/studies/{study}/escalation")

    assert now == then
    assert (build.day(0), 1) == (now["at"], now["levels"][0]["pending"])


def test_six_infusions_have_a_window_to_four_weeks_after_the_last(service: Service) -> None:
    """The demonstration: the window hangs on the last infusion, and its design is not public."""
    study = variant(service, "SIX")
    subject = treated(service, study)
    before = levels(service, study)[0]
    for number, offset in enumerate((3, 6, 9, 12, 15), 2):
        build.infuse(service, offset, subject, study, infusno=number, **DOSE)
        build.enter(service, "toxicity-observations", build.fever(24 * offset + 12, temp="36.8"), subject, study)
    after = levels(service, study)[0]

    assert (None, build.day(15 + 28)) == (before["subjects"][0]["window_closes"], after["subjects"][0]["window_closes"])
    assert [None, None] == [advice(before), advice(after)]
    assert ["pending", "pending"] == [level["subjects"][0]["standing"] for level in (before, after)]


PER_KG = (('basis = "flat"', 'basis = "per_kg"'), ('level = "1*10^9", dose = 1 ', 'level = "1*10^9", dose = 0.025 '))


@pytest.mark.parametrize(("kg", "evaluable"), [("50", 1), ("50.1", 0), (None, 0)], ids=["four fifths", "less", "no weight"])
def test_a_dose_per_kilogram_is_measured_by_the_weight_that_was_used(service: Service, kg: str | None, evaluable: int) -> None:
    """1 of 1.25 is the least part of a planned dose that counts; without a weight nobody knows which part it was."""
    study = variant(service, f"KG-{kg}".upper(), THREE, ONE_INFUSION, *PER_KG)
    treated(service, study, CLEAR, ecwt=kg)

    assert evaluable == levels(service, study)[0]["evaluable"]


def test_another_site_is_counted_and_not_named(service: Service, three: str) -> None:
    """D1: the counts are the study's, the subjects those of the caller's sites."""
    treated(service, three)
    with database.writing(service.engine) as connection:
        token = access.issue(connection, "elsewhere", Role.MONITOR, study_id=None, sites=["902"], days=1)

    answer = service.http.get(f"{API}/studies/{three}/escalation", headers={"Authorization": f"Bearer {token}"})

    first = answer.json()["levels"][0]
    assert first["treated"] > 0
    assert [] == first["subjects"]


@pytest.mark.parametrize(
    ("differs", "pointer", "code"),
    [
        ({"cutname": "NO-SUCH"}, "/cutname", "no_such_cut"),
        ({"doselvl": "9*10^9"}, "/doselvl", "unknown_level"),
        ({"decrec": "ESCALATE"}, "/decrec", "unknown_key"),
        ({"effdtc": build.day(0)}, "/effdtc", "not_allowed"),
    ],
)
def test_a_decision_names_a_level_a_cut_and_its_minute(service: Service, differs: Body, pointer: str, code: str) -> None:
    """What the design recommends is the service's to say."""
    with site.nothing_stored(service):
        answer = decide(service, DEMO, **differs)

    assert {pointer: code} == site.faults(answer)


def test_a_decision_says_what_the_design_said_even_where_that_is_nothing(service: Service) -> None:
    record = decide(service, DEMO, cutname=OPENING).json()["records"][0]

    assert ("none", "none: nobody was treated at dose level 1*10^9") == (record["decrule"], record["decrec"])


@pytest.mark.parametrize(
    ("differs", "faults"),
    [
        ({"dltitem": None}, {"/dltitem": "missing"}),
        ({"aespid": None}, {"/aespid": "missing"}),
        ({"dltitem": "NOSUCH"}, {"/dltitem": "unknown_item"}),
        ({"dltyn": "N", "dltitem": None}, {"/aespid": "unknown_record"}),
        ({"dltyn": "N", "dltitem": None, "aespid": None}, {}),
    ],
)
def test_a_dose_limiting_toxicity_is_an_event_that_meets_an_item(
    service: Service, enrolled: str, differs: Body, faults: dict[str, str]
) -> None:
    body = {name: value for name, value in (LIMITING | differs).items() if value is not None}

    answer = site.post(service, "dlt-assessments", enrolled, body)

    assert faults == site.faults(answer)
    assert answer.status_code == (422 if faults else 201)


def test_a_medical_monitor_records_decisions(service: Service) -> None:
    """B3: and enters no data of a site."""
    token = build.token(service.engine, Role.MEDICAL_MONITOR)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": build.key()}

    answer = service.http.post(f"{API}/studies/{DEMO}/decisions", json=build.decision("2*10^9"), headers=headers)

    assert answer.status_code == 201, answer.text
    history = service.get(f"/studies/{DEMO}/decisions/{answer.json()['records'][0]['record_id']}/history")["history"]
    assert "medical_monitor" == history[0]["entry"]["role"]


STAGGER = ('design = "none"\nleast', 'design = "three_plus_three"\nstagger_days = 14\nleast')
BACKFILL = ('design = "none"\nleast', 'design = "three_plus_three"\ncount_backfill = true\nleast')


def test_a_toxicity_that_began_outside_the_window_is_told_of_and_not_counted(service: Service) -> None:
    """Unless the study document says that it counts; never silently."""
    late = {"dltdtc": build.day(60)}
    counted = {}
    for name, more in (("OUTSIDE", ()), ("LATE", (("window_days = 28", "window_days = 28\noutside_counts = true"),))):
        study = variant(service, name, THREE, ONE_INFUSION, *more)
        treated(service, study, CLEAR, LIMITING | late, onset=29)
        (level, *_) = levels(service, study)
        counted[name] = (counts(level), level["dlt_outside_window"], level["subjects"][0]["outside_window"])

    told = [f"AE-1 began on {build.day(29)}, outside the window"]
    assert {"OUTSIDE": ((1, 1, 0, 0, 0), 1, told), "LATE": ((1, 1, 0, 0, 1), 1, told)} == counted


def test_the_first_subject_of_a_level_is_alone_for_the_days_of_the_stagger(service: Service) -> None:
    study = variant(service, "STAGGER", STAGGER, ONE_INFUSION)
    first, early, due = (treated(service, study, offset=offset) for offset in (0, 13, 14))

    level, empty, *_ = levels(service, study)

    assert {"first": first, "until": build.day(14), "early": [early], "unknown": []} == level["stagger"]
    assert None is empty["stagger"]
    assert [first, early, due] == [one["subject_id"] for one in level["subjects"]]


def test_a_subject_who_was_replaced_is_not_waited_for(service: Service) -> None:
    study = variant(service, "REPLACED", THREE, ONE_INFUSION)
    gone = treated(service, study)
    instead = build.eligible(service, f"SYN-{next(NUMBERS)}", study, arm=False)
    build.enter_arm(service, "DOSE1", instead, study, dsreplid=gone)
    build.infuse(service, 1, instead, study)

    level = levels(service, study)[0]

    links = {one["subject_id"]: (one["replaces"], one["replaced_by"], one["standing"]) for one in level["subjects"]}
    assert {gone: (None, instead, "not_evaluable"), instead: (gone, None, "pending")} == links
    assert (2, 0, 1, 0, 0) == counts(level)


@pytest.mark.parametrize(
    ("differs", "faults"),
    [
        ({"dsreplid": "not a code"}, {"/dsreplid": "unknown_code"}),
        ({"dsreplid": "own"}, {"/dsreplid": "unknown_code"}),
        ({"dsdecod": "INFORMED ASSENT OBTAINED", "armcd": None, "dsbkfill": "Y"}, {"/dsbkfill": "arm_out_of_place"}),
    ],
)
def test_a_subject_replaces_another_when_it_enters_an_arm(
    service: Service, enrolled: str, differs: Body, faults: dict[str, str]
) -> None:
    sent = build.entry_into("DOSE1") | differs | ({"dsreplid": enrolled} if differs.get("dsreplid") == "own" else {})

    assert faults == site.faults(site.post(service, "dispositions", enrolled, sent))


def test_a_level_that_is_filled_from_behind_counts_those_subjects_where_the_document_says_so(service: Service) -> None:
    told = {}
    for name, lines in (("BEHIND", THREE), ("COUNTED", BACKFILL)):
        study = variant(service, name, lines, ONE_INFUSION)
        treated(service, study, CLEAR)
        filling = build.eligible(service, f"SYN-{next(NUMBERS)}", study, arm=False)
        build.enter_arm(service, "DOSE1", filling, study, dsbkfill="Y")
        build.infuse(service, 0, filling, study, **DOSE)
        began(service, filling, study, build.day(9))
        build.enter(service, "dlt-assessments", LIMITING, filling, study)
        level = levels(service, study)[0]
        told[name] = (counts(level), level["backfill"], [one["backfill"] for one in level["subjects"]])

    assert {
        "BEHIND": ((1, 1, 0, 0, 0), 1, [False, True]),
        "COUNTED": ((2, 2, 0, 0, 1), 1, [False, True]),
    } == told
