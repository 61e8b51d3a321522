"""What must stand in the casebook before a record is accepted (B12), what the study document decides, and who is exempt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from seed.load import DEMO, open_study
from tests.api import site
from tests.api.site import BODIES, FORMS
from tests.casebook import build
from tests.casebook.build import Service

Register = Callable[[], str]
GATED = {path: form.__form__.after for path, form in FORMS.items() if form.__form__.scope == "subject"}
PUBLISHED = "KN5601"


def conflict(service: Service, path: str, subject: str, body: Any, code: str, study: str = DEMO) -> str:
    """The words of a refusal that leaves the ledger as it was."""
    with site.nothing_stored(service):
        answer = site.post(service, path, subject, body, study)
    return str(site.problem(answer, 409, code)["detail"])


def unvisited(path: str) -> dict[str, Any]:
    """A plausible body at no visit."""
    return {name: value for name, value in BODIES[path][0].items() if name != "visit" or FORMS[path].__form__.named == "visit"}


@pytest.mark.parametrize("path", sorted(path for path, after in GATED.items() if after != "nothing"))
def test_nothing_is_entered_before_consent(service: Service, newcomer: Register, path: str) -> None:
    """B12: of any form but those by which a subject comes in."""
    subject = newcomer()
    build.visit(service, "BASELINE", -6, subject)

    words = conflict(service, path, subject, BODIES[path][0], "no_consent")

    assert subject in words
    assert FORMS[path].__form__.title in words


def test_what_a_subject_comes_in_by_needs_no_consent() -> None:
    assert {"demographics", "dispositions", "visits"} == {path for path, after in GATED.items() if after == "nothing"}
    assert {"infusions", "lymphodepletion"} == {path for path, after in GATED.items() if after == "eligibility"}


def test_a_withdrawn_consent_is_none(service: Service, newcomer: Register) -> None:
    """B12: consent that was entered in error opens nothing."""
    subject = newcomer()
    (consent,) = site.enter(service, "dispositions", subject, site.CONSENT)["records"]
    site.enter(service, "medical-history", subject, BODIES["medical-history"][0])
    service.site.withdraw(DEMO, subject, "dispositions", consent, build.MISTAKE)

    conflict(service, "medical-history", subject, BODIES["medical-history"][0], "no_consent")


def test_another_milestone_is_no_consent(service: Service, newcomer: Register) -> None:
    subject = newcomer()
    site.enter(service, "dispositions", subject, BODIES["dispositions"][0])

    conflict(service, "medical-history", subject, BODIES["medical-history"][0], "no_consent")


@pytest.mark.parametrize("path", ["infusions", "lymphodepletion"])
def test_nothing_is_given_before_eligibility_is_confirmed(service: Service, newcomer: Register, path: str) -> None:
    """B12: unanswered, one criterion short, and one answered the wrong way round; the refusal names each."""
    subject = newcomer()
    site.enter(service, "dispositions", subject, site.CONSENT)
    body = unvisited(path)

    assert "INCL01" in conflict(service, path, subject, body, "eligibility_not_confirmed")
    site.confirm(service, subject)
    build.enter_arm(service, "DOSE1", subject)
    site.enter(service, path, subject, body)
    (wrong,) = (
        record
        for record in service.get(f"/studies/{DEMO}/subjects/{subject}/eligibility")["records"]
        if record["ietestcd"] == "EXCL01"
    )
    assert site.patch(service, "eligibility", subject, wrong, {"ieorres": "Y"}).status_code == 200
    words = conflict(service, path, subject, body, "eligibility_not_confirmed")
    assert "EXCL01" in words
    assert "INCL01" not in words


@pytest.mark.parametrize("answer", ["N", "U"])
def test_a_criterion_answered_both_ways_is_not_met(service: Service, enrol: Register, answer: str) -> None:
    """B12: the answer that permits does not outweigh the one that does not."""
    subject = enrol()
    site.enter(service, "eligibility", subject, {"ietestcd": "INCL03", "ieorres": answer})

    assert "INCL03" in conflict(service, "infusions", subject, unvisited("infusions"), "eligibility_not_confirmed")


def test_a_subject_has_one_demographics(service: Service, newcomer: Register) -> None:
    """Two in one panel neither; after a withdrawal, one again."""
    subject, body = newcomer(), BODIES["demographics"][0]
    conflict(service, "demographics", subject, [body, body], "stands_already")
    (record,) = site.enter(service, "demographics", subject, body)["records"]

    assert "correct that record" in conflict(service, "demographics", subject, body, "stands_already")
    service.site.withdraw(DEMO, subject, "demographics", record, build.MISTAKE)
    site.enter(service, "demographics", subject, body)


@pytest.mark.parametrize("path", sorted(path for path in GATED if FORMS[path].__form__.visit != "never"))
def test_a_record_belongs_to_a_visit_that_stands(service: Service, enrol: Register, path: str) -> None:
    """A visit that was never recorded is refused by its name, and so is one that was withdrawn."""
    subject = enrol()
    visit = build.visit(service, "M4", 120, subject)
    service.site.withdraw(DEMO, subject, "visits", visit, build.MISTAKE)
    for name in ("M4", "M6", "TEA TIME"):
        with site.nothing_stored(service):
            answer = site.post(service, path, subject, BODIES[path][0] | {"visit": name})
        assert {"/visit": "no_such_visit"} == site.faults(answer)
        assert name in answer.json()["detail"]


def test_a_panel_belongs_to_one_visit(service: Service, enrolled: str) -> None:
    body = BODIES["vital-signs"][0]
    with site.nothing_stored(service):
        answer = site.post(service, "vital-signs", enrolled, [body, body, body | {"visit": None}])

    assert {"/2": "another_visit"} == site.faults(answer)


def test_a_visit_with_records_is_not_withdrawn(service: Service, enrol: Register) -> None:
    """They would hang on nothing, and no rule would see them: first the records, then the visit."""
    subject = enrol()
    visit = build.visit(service, "M4", 120, subject)
    (sign,) = site.enter(service, "vital-signs", subject, BODIES["vital-signs"][0] | {"visit": "M4"})["records"]
    place = f"{site.where('visits', subject)}/{visit['record_id']}/withdraw"
    headers = {"Authorization": f"Bearer {service.site.token}", "If-Match": '"1"'}
    with site.nothing_stored(service):
        refused = service.http.post(place, json={"reason": {"code": "ENTERED_IN_ERROR"}}, headers=headers)

    assert "Vital Signs" in site.problem(refused, 409, "visit_has_records")["detail"]
    service.site.withdraw(DEMO, subject, "vital-signs", sign, build.MISTAKE)
    service.site.withdraw(DEMO, subject, "visits", visit, build.MISTAKE)
    build.visit(service, "M4", 121, subject)


def unplanned(service: Service, subject: str, day: int) -> dict[str, Any]:
    """An unscheduled visit; its record."""
    body = {"svoccur": "Y", "svstdtc": build.day(day)}
    return dict(site.enter(service, "visits", subject, body)["records"][0])


def test_an_unplanned_visit_is_numbered_once_and_for_all(service: Service, enrol: Register) -> None:
    """After the visit before it by date; a number that was withdrawn is never given again."""
    subject = enrol()
    build.visit(service, "M1", 30, subject)
    early, late, later = (unplanned(service, subject, day) for day in (-5, 35, 33))
    service.site.withdraw(DEMO, subject, "visits", later, build.MISTAKE)
    again = unplanned(service, subject, 33)
    moved = site.patch(service, "visits", subject, early, {"svstdtc": build.day(34)}).json()["records"][0]

    numbers = [visit["visitnum"] for visit in (early, late, later, again, moved)]
    assert ["2.01", "10.01", "10.02", "10.03", "2.01"] == numbers
    assert "UNSCHEDULED 2.01" == early["visit"] == moved["visit"]
    assert [None, "Y"] == [early["svpresp"], build.visit(service, "M2", 60, subject)["svpresp"]]


def test_two_unplanned_visits_of_one_panel_are_refused(service: Service, enrol: Register) -> None:
    """Each number is given by what stood before; sent together they would have one name."""
    body = {"svoccur": "Y", "svstdtc": build.day(3)}

    assert "send them apart" in conflict(service, "visits", enrol(), [body, body], "stands_already")


def test_a_hundredth_unplanned_visit_after_one_visit_finds_no_number(service: Service, enrol: Register) -> None:
    subject = enrol()
    for _ in range(99):
        unplanned(service, subject, 3)

    words = conflict(service, "visits", subject, {"svoccur": "Y", "svstdtc": build.day(3)}, "no_number_left")
    assert "99 unplanned visits" in words


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"visit": "M1", "svoccur": "N"}, {"/svreasoc": "missing"}),
        ({"visit": "M1", "svoccur": "Y"}, {"/svstdtc": "missing"}),
        ({"visit": "TEA TIME", "svoccur": "Y", "svstdtc": "2025-03-03"}, {"/visit": "unknown_visit"}),
        ({"svoccur": "N", "svreasoc": "Nobody came"}, {"/svoccur": "unplanned_not_made"}),
        ({"svoccur": "U"}, {"/svoccur": "unplanned_not_made"}),
    ],
    ids=["missed without a reason", "made without a date", "not planned", "unplanned and missed", "unplanned and unknown"],
)
def test_a_visit_says_what_a_visit_must(
    service: Service, newcomer: Register, body: dict[str, Any], fault: dict[str, str]
) -> None:
    subject = newcomer()
    with site.nothing_stored(service):
        answer = site.post(service, "visits", subject, body)

    assert fault == site.faults(answer)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"svoccur": "N"}, {"/svreasoc": "missing"}),
        ({"svstdtc": None}, {"/svstdtc": "missing"}),
        ({"visit": "M2"}, {"/visit": "identity"}),
        ({"svoccur": None}, {"/svoccur": "missing"}),
        ({"visitnum": "7"}, {"/visitnum": "unknown_key"}),
    ],
    ids=["missed without a reason", "made without a date", "another visit", "neither made nor missed", "another number"],
)
def test_a_correction_of_a_visit_says_what_a_visit_must(
    service: Service, newcomer: Register, changes: dict[str, Any], fault: dict[str, str]
) -> None:
    """A door that is shut for an entry is no wider for a correction."""
    subject = newcomer()
    visit = build.visit(service, "M1", 30, subject)
    with site.nothing_stored(service):
        answer = site.patch(service, "visits", subject, visit, changes)

    assert fault == site.faults(answer)


DECIDED: dict[str, tuple[str, int, dict[str, Any], str, str, str]] = {
    "an arm that is none": ("dispositions", 1, {"armcd": "DOSE9"}, "/armcd", "unknown_arm", "DOSE4"),
    "no arm": ("dispositions", 1, {"armcd": None}, "/armcd", "unknown_arm", "DOSE1"),
    "an arm out of place": ("dispositions", 0, {"armcd": "DOSE1"}, "/armcd", "arm_out_of_place", "ENTERED INTO TRIAL"),
    "a dose level that is none": ("infusions", 0, {"doselvl": "9*10^9"}, "/doselvl", "unknown_level", "4.5*10^9"),
    "a tier for a level": ("infusions", 0, {"doselvl": "30 to 40 kg"}, "/doselvl", "unknown_level", "1*10^9"),
    "an infusion too many": ("infusions", 0, {"infusno": 7}, "/infusno", "too_many_infusions", "plans 6"),
    "a criterion that is none": ("eligibility", 0, {"ietestcd": "INCL99"}, "/ietestcd", "unknown_criterion", "EXCL01"),
    "an instrument that is none": ("assessments", 0, {"instrument": "TAROT"}, "/instrument", "unknown_instrument", "PGA"),
    "an item that is none": ("assessments", 0, {"answers": {"a/b~c": 1}}, "/answers/a~1b~0c", "unknown_item", "a/b~c"),
    "a training that nobody asks for": (
        "assessments",
        0,
        {"rstrndtc": "2024-11"},
        "/rstrndtc",
        "training_out_of_place",
        "Physician's Global Assessment",
    ),
    "a training of nobody": ("assessments", 1, {"rsevalid": None}, "/rsevalid", "missing", "rstrndtc"),
    "an event before a milestone": (
        "dispositions",
        0,
        {"dsaeno": "AE-1"},
        "/dsaeno",
        "event_out_of_place",
        "PROTOCOL MILESTONE",
    ),
    "an event that nobody had": ("dispositions", 2, {"dsaeno": "AE-99"}, "/dsaeno", "unknown_record", "AE-99"),
    "an answer out of bounds": (
        "assessments",
        0,
        {"answers": {"score": "101"}},
        "/answers/score",
        "answer_refused",
        "0 to 100",
    ),
    "an answer not on the list": (
        "assessments",
        0,
        {"answers": {"scale": "0-7"}},
        "/answers/scale",
        "answer_refused",
        "0-100mm",
    ),
    "an answer of another kind": ("assessments", 0, {"answers": {"score": True}}, "/answers/score", "answer_refused", "number"),
}


@pytest.mark.parametrize("name", DECIDED)
def test_what_the_study_document_does_not_list_is_refused_with_what_it_does(service: Service, enrolled: str, name: str) -> None:
    """In a record of its own and in a panel, where the fault points into the panel."""
    path, n, changes, pointer, code, allowed = DECIDED[name]
    body = BODIES[path][n] | changes
    with site.nothing_stored(service):
        alone, panel = (site.post(service, path, enrolled, sent) for sent in (body, [BODIES[path][n], body]))

    assert {pointer: code} == site.faults(alone)
    assert {f"/1{pointer}": code} == site.faults(panel)
    assert allowed in alone.json()["detail"]
    site.at(body, pointer)


def test_a_total_that_disagrees_with_its_items_is_refused(service: Service, enrolled: str) -> None:
    """B5: a total is a check on the items, never a value of its own; where it agrees it is kept as entered."""
    body = {"instrument": "SLEDAI-2K", "rsdtc": "2025-02-25", "answers": build.sledai("rash", "arthritis")}
    with site.nothing_stored(service):
        refused = [
            site.post(service, "assessments", enrolled, body | {"rstotal": "8"}),
            site.post(service, "assessments", enrolled, body | {"rstotal": "6", "answers": build.sledai("rash", fever=None)}),
        ]
    (record,) = site.enter(service, "assessments", enrolled, body | {"rstotal": "6"})["records"]

    assert [{"/rstotal": "total_disagrees"}] * 2 == [site.faults(answer) for answer in refused]
    assert "6" == record["rstotal"]


def test_an_end_names_an_adverse_event_of_the_subject_that_stands(service: Service, newcomer: Register) -> None:
    """Of another subject it is none; once it is named it is not withdrawn, see `test_links`."""
    subject, other = newcomer(), newcomer()
    for who in (subject, other):
        site.enter(service, "dispositions", who, site.CONSENT)
    site.enter(service, "adverse-events", subject, {"aespid": "AE-7", "aeterm": "Sepsis"})
    end = BODIES["dispositions"][2] | {"dsdecod": "ADVERSE EVENT", "dsterm": "Sepsis", "dsaeno": "AE-7"}
    elsewhere = site.post(service, "dispositions", other, end)
    (record,) = site.enter(service, "dispositions", subject, end)["records"]
    another = site.patch(service, "dispositions", subject, record, {"dsaeno": "AE-8"})

    assert "AE-7" == record["dsaeno"]
    assert [{"/dsaeno": "unknown_record"}] * 2 == [site.faults(answer) for answer in (elsewhere, another)]
    corrected = site.patch(service, "dispositions", subject, record, {"dsaeno": None})
    assert (200, None) == (corrected.status_code, corrected.json()["records"][0]["dsaeno"])


@pytest.mark.parametrize(("key", "value"), [("origin", "published"), ("source", "Table 1")])
@pytest.mark.parametrize("path", ["adverse-events", "vital-signs", "lots"])
def test_only_published_data_say_where_they_were_published(
    service: Service, enrolled: str, path: str, key: str, value: str
) -> None:
    """A collected value cannot be passed off as a published one; the refusal points to the key that was sent."""
    body = BODIES[path][-1] | {key: value}
    with site.nothing_stored(service):
        answer = site.post(service, path, enrolled, body)

    assert {f"/{key}": "origin_out_of_place"} == site.faults(answer)


def test_the_reason_for_a_change_is_one_of_the_studys(service: Service, enrolled: str) -> None:
    """A2: a code of the list, with words where the list says OTHER."""
    (record,) = site.enter(service, "vital-signs", enrolled, BODIES["vital-signs"][0])["records"]
    for reason, fault in (
        ({"code": "BECAUSE"}, {"/reason/code": "unknown_reason"}),
        ({"code": "OTHER"}, {"/reason/text": "reason_without_words"}),
        ({"code": "OTHER", "text": " "}, {"/reason/text": "not_allowed"}),
        ({"code": "OTHER", "text": "a\x00b"}, {"/reason/text": "not_allowed"}),
        ({"text": "Misread"}, {"/reason/code": "missing"}),
        ({}, {"/reason/code": "missing"}),
        (None, {"/reason": "wrong_type"}),
        ("TRANSCRIPTION", {"/reason": "wrong_type"}),
    ):
        with site.nothing_stored(service):
            answer = site.patch(service, "vital-signs", enrolled, record, {"vsorres": "35", "reason": reason})
        assert (422, fault) == (answer.status_code, site.faults(answer))


@pytest.fixture(scope="module")
def published(service: Service) -> str:
    """A subject of a published study, of whom the table tells no consent, no visit and no criterion."""
    open_study(service.sponsor, PUBLISHED)
    service.site.register(PUBLISHED, "005", service.get(f"/studies/{PUBLISHED}")["document"]["sites"][0]["siteid"])
    return "005"


def test_a_published_table_is_exempt_from_the_order_of_a_trial(service: Service, published: str) -> None:
    """Consent, eligibility and dates of visits are what such a table leaves out."""
    given = {"origin": "published", "source": "Table, row 5"}
    taken = {
        "medical-history": {"mhterm": "SLE", "mhdur": "2.5"},
        "infusions": {"ectrt": "KN5601", "ecoccur": "Y", "ecdostxt": "3*10^9"},
        "adverse-events": {"aespid": "1", "aeterm": "CRS", "aetoxgr": "1"},
        "visits": {"svoccur": "Y"},
    }
    for path, body in taken.items():
        (record,) = site.enter(service, path, published, body | given, PUBLISHED)["records"]
        assert given == {name: record[name] for name in given}
    again = [site.enter(service, "visits", published, {"svoccur": "Y"}, PUBLISHED)["records"][0] for _ in range(2)]
    assert ["0.02", "0.03"] == [visit["visitnum"] for visit in again]


def test_a_published_table_is_exempt_from_nothing_else(service: Service, published: str) -> None:
    """Codelists, bounds, birth dates, the document, the reason for change: all as for any other."""
    for path, body, fault in (
        ("demographics", {"sex": "F", "brthdtc": "2012-05-04"}, {"/brthdtc": "not_allowed"}),
        ("demographics", {"sex": "girl"}, {"/sex": "not_allowed"}),
        ("demographics", {"sex": "F", "age": 130}, {"/age": "out_of_range"}),
        ("biopsies", {"mitestcd": "ISNRPSCL"}, {"/miorres": "no_result"}),
        ("infusions", {"ectrt": "KN5601", "ecoccur": "Y", "doselvl": "7"}, {"/doselvl": "unknown_level"}),
        ("vital-signs", {"vstestcd": "TEMP", "vsorres": "37", "visit": "M9"}, {"/visit": "no_such_visit"}),
        ("visits", {"svoccur": "N", "visit": "M9"}, {"/svreasoc": "missing"}),
        ("adverse-events", {"aespid": "9", "aeterm": "CRS", "origin": "invented"}, {"/origin": "not_allowed"}),
    ):
        with site.nothing_stored(service):
            answer = site.post(service, path, published, body, PUBLISHED)
        assert (422, fault) == (answer.status_code, site.faults(answer)), path
