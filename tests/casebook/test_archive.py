"""A study as ODM 1.3.2: valid, whole, in the order in which it happened, and the same bytes for the same position."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from lxml import etree  # type: ignore[import-untyped]

from app.casebook import access, database, verify
from app.casebook.access import Role
from app.casebook.studies import documents
from seed.client import API, Client
from seed.kn5601 import published
from seed.kn5601.people import rows
from seed.load import instruments_of, study_document
from tests.api import site
from tests.casebook import build
from tests.casebook.archived import NS, acts, archive, ask, captured, clinical, concluded, every, key, standing, valid
from tests.casebook.build import DEMO, MISREAD, MISTAKE, OTHER, SUBJECT, Service, day
from tests.servers import Server

EVENT = {"aespid": "1", "aeterm": '皮疹 "瘙痒"\n<夜间>\t&', "aestdtc": "2025---04", "aeser": "N"}
LAB = {"lbtestcd": "HGB", "lborres": "11.90", "lborresu": "g/dL", "lbdtc": day(-6), "visit": "BASELINE"}
NOT_DONE = {"visit": "BASELINE", "instrument": "PGA", "rsstat": "NOT DONE", "rsreasnd": "Absent"}
DONE_AFTER_ALL = {"rsstat": None, "rsreasnd": None, "answers": build.pga("1.50")}
REFUSED_BY_SUBJECT = {"rsstat": "NOT DONE", "rsreasnd": "Refused"}
AMENDED = study_document(DEMO).replace("\nversion = 1\n", '\nversion = 2\namendment = "Two"\n', 1)
NURSE = "nurse of 901"
REFUSED = list(csv.DictReader((Path(__file__).parent / "refused_archives.csv").read_text(encoding="utf-8").splitlines()))
"""A file with one thing changed: what is found and what is put in its place, and how it is refused."""
PUBLISHED, SECOND = "KN5601", "SYS6020-SLE"
NAMED = {
    "StudyEventOID": "StudyEventDef",
    "FormOID": "FormDef",
    "ItemGroupOID": "ItemGroupDef",
    "ItemOID": "ItemDef",
    "CodeListOID": "CodeList",
    "MeasurementUnitOID": "MeasurementUnit",
    "UserOID": "User",
    "LocationOID": "Location",
    "SignatureOID": "SignatureDef",
    "MetaDataVersionOID": "MetaDataVersion",
    "StudyOID": "Study",
}


@pytest.fixture(scope="module", params=["sqlite_server", "postgres_server"])
def taken(request: pytest.FixtureRequest) -> Iterator[Service]:
    """
    Two subjects at two sites. Of the first: a Chinese term corrected and withdrawn, a haemoglobin corrected, a SLEDAI-2K with
    an item not assessed and one not done, an observation with no pressors, an unscheduled visit. Then the cut C1.
    """
    server: Server = request.getfixturevalue(request.param)
    given = server.migrated()
    with build.opened(given.engine) as service:
        build.eligible(service)
        service.site.register(DEMO, OTHER, "902")
        build.visit(service, "BASELINE", -6)
        build.assess(service, "BASELINE", build.sledai("rash", fever=None))
        mark = build.enter(service, "assessments", NOT_DONE)["records"][0]
        for changes in (DONE_AFTER_ALL, {"answers": None} | REFUSED_BY_SUBJECT):
            mark = service.site.correct(DEMO, SUBJECT, "assessments", mark, changes, MISREAD)["records"][0]
        build.enter(service, "visits", {"svoccur": "Y", "svstdtc": day(-3), "svupdes": "Rash"})
        build.infuse(service)
        build.enter(service, "toxicity-observations", build.fever())
        result = build.enter(service, "laboratory", [LAB, LAB | {"lbtestcd": "WBC", "lborres": "4.0", "lborresu": "10^9/L"}])
        changes = {"lborres": "9.10", "lbdtc": None}
        service.site.correct(DEMO, SUBJECT, "laboratory", result["records"][0], changes, MISREAD)
        event = build.enter(service, "adverse-events", EVENT)["records"][0]
        event = service.site.correct(DEMO, SUBJECT, "adverse-events", event, {"aeser": "Y"}, MISREAD)["records"][0]
        service.site.withdraw(DEMO, SUBJECT, "adverse-events", event, MISTAKE)
        service.sponsor.cut(DEMO, "C1")
        yield service
    server.drop(given)


@pytest.fixture(scope="module")
def first(taken: Service) -> bytes:
    """The archive of C1, as it is when the cut is taken."""
    return ask(taken, cut="C1").content


@pytest.fixture(scope="module")
def told(taken: Service, first: bytes) -> Service:
    """The same study once C1 has left: an amendment, and an event that a nurse of one site enters under it."""
    assert first
    taken.sponsor.publish_study(AMENDED)
    with database.writing(taken.engine) as connection:
        token = access.issue(connection, NURSE, Role.COORDINATOR, study_id=DEMO, sites=["901"], days=1)
    nurse = replace(taken, site=Client(taken.http, token))
    build.enter(nurse, "adverse-events", EVENT | {"aespid": "2"})
    return taken


@pytest.fixture(scope="module")
def whole(told: Service) -> bytes:
    """The archive of now."""
    return ask(told).content


@pytest.fixture(scope="module")
def root(whole: bytes) -> Any:
    """The same, read; checked against the schema of the standard."""
    return valid(whole)


def test_what_the_file_says_that_stands_is_what_stands(told: Service, root: Any) -> None:
    """F6, F8: digit for digit, in Chinese, not assessed and not done, none recorded and nothing recorded."""
    assert captured(told) == standing(root)
    assert captured(told, OTHER) == standing(root, OTHER) == []
    (haemoglobin,) = [v for t, v in standing(root) if t == "laboratory" and v["I.LABORATORY.LBTESTCD"] == "HGB"]
    (observed,) = [v for t, v in standing(root) if t == "toxicity_observation"]
    assert ("9.10", None) == (haemoglobin["I.LABORATORY.LBORRES"], haemoglobin.get("I.LABORATORY.LBDTC"))
    assert "NONE" == observed["I.TOXICITY_OBSERVATION.PRESSORS"]


def test_every_version_is_told_with_who_where_when_and_why(told: Service, root: Any) -> None:
    """A12: as the history has it, withdrawn records too."""
    trail = {entry["entry_id"]: entry for entry in told.get(f"{build.below()}/trail")["entries"]}
    made = [form for form in acts(root) if form.get("TransactionType") != "Context"]
    event = [form for form in made if (form.get("FormOID"), form.get("FormRepeatKey")) == ("F.ADVERSE_EVENT", "1")]

    for form in made:
        audit = form.find("o:AuditRecord", NS)
        entry = trail[audit.findtext("o:SourceID", namespaces=NS)]
        why = ": ".join(words for words in (entry["reason_code"], entry["reason"]) if words)
        assert f"U.{entry['role']}.{entry['actor']}" == audit.find("o:UserRef", NS).get("UserOID")
        assert (why or None) == audit.findtext("o:ReasonForChange", namespaces=NS)
        assert entry["at"].replace("+00:00", "") == audit.findtext("o:DateTimeStamp", namespaces=NS).rstrip("Z")
        assert audit.find("o:LocationRef", NS).get("LocationOID") == "L.SITE.901"
    assert ["Insert", "Update", "Remove"] == [form.get("TransactionType") for form in event]
    assert [EVENT["aeterm"]] == every(event[0], ".//o:ItemData[@ItemOID='I.ADVERSE_EVENT.AETERM']/@Value")
    assert [("I.ADVERSE_EVENT.AESER", "Y")] == [(i.get("ItemOID"), i.get("Value")) for i in every(event[1], ".//o:ItemData")]
    assert {e["entry_id"] for e in trail.values() if e["act"] in ("record", "correct", "withdraw")} == {
        source.text for form in made for source in every(form, "o:AuditRecord/o:SourceID")
    }


def test_everything_that_the_file_names_it_defines(root: Any) -> None:
    """F8: readable without the service: no identifier leads out of the file, and no record stands where it may not."""
    defined = {(etree.QName(each).localname, each.get("OID")) for each in every(root, "//*[@OID]")}
    used = {(NAMED[name], value) for each in root.iter() for name, value in each.items() if name in NAMED}
    forms = {event.get("OID"): set(every(event, "o:FormRef/@FormOID")) for event in every(root, "//o:StudyEventDef")}
    items = {group.get("OID"): set(every(group, "o:ItemRef/@ItemOID")) for group in every(root, "//o:ItemGroupDef")}

    assert used <= defined
    assert [] == [key(form) for form in acts(root) if form.get("FormOID") not in forms[str(key(form)[0])]]
    for group in every(root, "//o:ItemGroupData"):
        assert set(every(group, "o:ItemData/@ItemOID")) <= items[group.get("ItemGroupOID")]


def test_the_documents_are_carried_whole(root: Any) -> None:
    """F8: whoever has the file can open the study elsewhere."""
    carried = {
        method.get("OID"): method.findtext("o:FormalExpression", namespaces=NS) for method in every(root, "//o:MethodDef")
    }
    checksums = set(every(root, "//o:ItemData[contains(@ItemOID, 'CHECKSUM')]/@Value"))

    assert (study_document(DEMO), AMENDED) == (carried.pop("DOC.STUDY.1"), carried.pop("DOC.STUDY.2"))
    assert sorted(instruments_of(DEMO)) == sorted(carried.values())
    assert checksums == {documents.checksum(source) for source in (study_document(DEMO), AMENDED, *instruments_of(DEMO))}


def test_a_cut_gives_the_same_bytes_after_an_amendment_and_later_entries(told: Service, first: bytes, whole: bytes) -> None:
    """F4: and the file of now is another."""
    assert first == told.sponsor.odm(DEMO, "C1")
    assert first != whole == ask(told).content
    assert captured(told, cut="C1") == standing(etree.fromstring(first))
    assert ["KN5601-DEMO.C1.ODM"] == every(etree.fromstring(first), "/o:ODM/@FileOID")


def test_a_file_of_an_instant_holds_what_stood_then(told: Service) -> None:
    taken = next(cut["at"] for cut in told.get(f"/studies/{DEMO}/cuts")["cuts"] if cut["name"] == build.OPENING)

    assert [] == every(archive(told, at=taken), "//o:SubjectData")
    site.problem(ask(told, at="2000-01-01T00:00:00Z"), 409, "not_published_then")


def test_an_unscheduled_visit_repeats_under_its_name(root: Any) -> None:
    (visit,) = every(root, "//o:StudyEventData[@StudyEventOID='SE.UNSCHEDULED']")
    (name,) = every(visit, ".//o:ItemData[@ItemOID='I.VISIT.VISIT']/@Value")

    assert name.startswith("UNSCHEDULED")
    assert visit.get("StudyEventRepeatKey") == name


def test_a_signature_tells_who_when_what_it_means_and_what_it_is_bound_to(told: Service, root: Any) -> None:
    """C1, C4: it stands beside the version that was signed."""
    decision = told.get(f"/studies/{DEMO}/decisions")["records"][0]
    (said,) = told.get(f"/studies/{DEMO}/decisions/{decision['record_id']}/signatures")["signatures"]
    signed = every(root, "//o:ReferenceData/o:ItemGroupData[@ItemGroupOID='IG.COMMITTEE_DECISION']/o:Signature")[0]

    assert f"U.{said['role']}.{said['name']}" == signed.find("o:UserRef", NS).get("UserOID")
    assert f"SD.{said['meaning']}" == signed.find("o:SignatureRef", NS).get("SignatureOID")
    assert said["content"] == signed.findtext("o:CryptoBindingManifest", namespaces=NS)
    assert ["1"] == every(signed.getparent(), "o:Annotation/o:Flag[o:FlagType='RECORD VERSION']/o:FlagValue/text()")


def test_a_query_is_an_annotation_of_its_record_from_open_to_closed(told: Service, root: Any) -> None:
    asked = {query["rule"]: query for query in told.get(f"{build.below()}/queries")["queries"]}["check_ae_serious"]
    about = "o:Flag/o:FlagType='QUERY' and o:Flag/o:FlagValue='check_ae_serious'"
    notes = every(root, f"//o:FormData[@FormOID='F.ADVERSE_EVENT']/o:Annotation[{about}]")
    flags = [dict(zip(every(n, ".//o:FlagType/text()"), every(n, ".//o:FlagValue/text()"), strict=True)) for n in notes]

    assert ["open", "closed"] == [flag["QUERY"] for flag in flags]
    assert {("check_ae_serious", "2")} == {(flag["RULE"], flag["RECORD VERSION"]) for flag in flags}
    assert asked["text"] == notes[1].findtext("o:Comment", namespaces=NS)
    assert ["Insert", "Update"] == [note.get("TransactionType") for note in notes]
    assert 1 == len({note.get("SeqNum") for note in notes})


def test_what_an_amendment_brought_stands_under_its_version(root: Any) -> None:
    """E1: each version is defined, and each act stands under the one in force when it was done."""
    parts = {part.get("MetaDataVersionOID"): part for part in every(root, "/o:ODM/o:ClinicalData")}
    events = {
        version: set(every(part, ".//o:FormData[@FormOID='F.ADVERSE_EVENT']/@FormRepeatKey")) for version, part in parts.items()
    }
    assert {"MDV.1": {"1"}, "MDV.2": {"2"}} == events


def test_a_site_is_told_of_its_own_subjects_alone(told: Service, root: Any) -> None:
    """D1: neither another site's subject nor who acted there."""
    with database.writing(told.engine) as connection:
        token = access.issue(connection, "a manager", Role.DATA_MANAGER, study_id=DEMO, sites=["902"], days=1)
    own = archive(told, token)

    assert [OTHER] == every(own, "//o:SubjectData/@SubjectKey")
    assert NURSE not in every(own, "//o:LoginName/text()")
    assert NURSE in every(root, "//o:LoginName/text()")


def test_what_xml_cannot_carry_is_refused_where_it_is_entered(told: Service) -> None:
    body = EVENT | {"aeterm": "Rash \ufffe"}
    site.problem(told.send("POST", f"{build.below()}/adverse-events", body, Idempotency_Key=build.key()), 422)


def test_a_document_that_says_what_xml_cannot_carry_is_refused_in_words_when_the_study_is_to_leave(told: Service) -> None:
    told.sponsor.publish_study(study_document(SECOND).replace("version = 1\n", "version = 1 # \uffff\n", 1))

    assert "U+FFFF" in site.problem(ask(told, study=SECOND), 409, "not_xml")["detail"]


@pytest.fixture(scope="module")
def elsewhere(told: Service, request: pytest.FixtureRequest) -> Iterator[Service]:
    """Another service, in which no study stands."""
    server: Server = request.getfixturevalue(f"{'sqlite' if told.engine.dialect.name == 'sqlite' else 'postgres'}_server")
    given = server.migrated()
    with build.service(given.engine) as service:
        yield service
    server.drop(given)


@pytest.fixture(scope="module")
def moved(whole: bytes, elsewhere: Service) -> Service:
    """The same service once the study was imported there, as it stands where it comes from."""
    elsewhere.sponsor.import_odm(DEMO, whole)
    return elsewhere


@pytest.fixture(scope="module")
def again(moved: Service) -> Any:
    """The archive that is given there."""
    return archive(moved)


def test_a_study_that_moves_keeps_its_values_its_history_and_its_status(
    told: Service, moved: Service, root: Any, again: Any
) -> None:
    """F6: exported, imported where nothing was, exported again: the same versions, reasons, signatures, queries."""
    assert clinical(root) == clinical(again)
    assert captured(told) == captured(moved) == standing(again)
    assert concluded(told) == concluded(moved)


def test_an_imported_entry_keeps_whose_act_it_was_beside_who_imported_it(told: Service, moved: Service) -> None:
    """F6, A1: in a chain that fits; what the system concludes there is its own."""
    ours = [entry for entry in moved.get(f"{build.below()}/trail")["entries"] if entry["role"] != "system"]
    theirs = [entry for entry in told.get(f"{build.below()}/trail")["entries"] if entry["role"] != "system"]
    told_of = ("source_actor", "source_role", "source_at", "source_entry")

    assert [tuple(e[name] for name in ("actor", "role", "at", "entry_id")) for e in theirs] == [
        tuple(entry[name] for name in told_of) for entry in ours
    ]
    assert {("a data_manager", "data_manager")} == {(entry["actor"], entry["role"]) for entry in ours}
    assert all(entry["at"] > entry["source_at"] for entry in ours)
    with database.reading(moved.engine) as connection:
        assert not isinstance(verify.verify(connection, DEMO), verify.Flaw)


def test_a_signature_that_moved_is_still_its_signers(told: Service, moved: Service) -> None:
    """C1: and the level that it opened is open: a dose was given there."""
    said = [
        to.get(f"/studies/{DEMO}/decisions/{to.get(f'/studies/{DEMO}/decisions')['records'][0]['record_id']}/signatures")
        for to in (told, moved)
    ]
    (one,), (other,) = (each["signatures"] for each in said)

    assert all(one[name] == other[name] for name in ("name", "role", "at", "meaning"))
    assert ("valid", "a medical_monitor") == (other["state"], other["name"])


def test_the_file_of_a_study_that_moved_says_who_imported_it(again: Any) -> None:
    flags = "//o:Annotation[o:Flag/o:FlagType='IMPORTED BY']/o:Flag[1]/o:FlagValue/text()"
    assert {"a data_manager"} == set(every(again, flags))


def test_a_study_in_which_something_was_done_takes_no_archive(told: Service, whole: bytes) -> None:
    before = len(told.get(f"{build.below()}/trail")["entries"])
    site.problem(bring(told, DEMO, whole), 409, "study_not_empty")
    assert before == len(told.get(f"{build.below()}/trail")["entries"])


def bring(to: Service, study: str, archive: bytes) -> httpx2.Response:
    """What a service answers the data manager who brings an archive."""
    headers = {"Authorization": f"Bearer {to.sponsor.token}", "Content-Type": "application/xml"}
    return to.http.post(f"{API}/studies/{study}/odm", content=archive, headers=headers)


@pytest.fixture(scope="module")
def row(told: Service) -> bytes:
    """The archive of the published study with the first row of its table, a correction in it."""
    told.sponsor.publish_study(study_document(PUBLISHED))
    first = next(iter(rows("published")))
    told.site.register(PUBLISHED, first["subject"], published.SITE)
    for entry in published.entries(first):
        answer = told.site.enter(PUBLISHED, first["subject"], entry.path, entry.body)
        if entry.path == "demographics":
            told.site.correct(PUBLISHED, first["subject"], entry.path, answer["records"][0], {"ethnic": "UNKNOWN"}, MISREAD)
    return ask(told, study=PUBLISHED).content


@pytest.fixture(scope="module")
def refused(elsewhere: Service, row: bytes) -> dict[str, httpx2.Response]:
    """What is answered to that file with one thing changed, case by case."""
    assert [] == [case["case"] for case in REFUSED if case["find"].encode() not in row]
    changed = {case["case"]: row.replace(case["find"].encode(), case["put"].encode()) for case in REFUSED}
    return {name: bring(elsewhere, PUBLISHED, archive) for name, archive in changed.items()}


@pytest.mark.parametrize("case", REFUSED, ids=[case["case"] for case in REFUSED])
def test_a_file_that_does_not_fit_is_refused_in_words(refused: dict[str, httpx2.Response], case: dict[str, str]) -> None:
    told = site.problem(refused[case["case"]], int(case["status"]), case["code"])

    assert case["says"] in told["detail"]


def test_several_acts_that_are_told_as_one_are_refused(elsewhere: Service, row: bytes) -> None:
    merged = re.sub(rb"(?<=<SourceID>)[^<]+", b"one", row)

    told = site.problem(bring(elsewhere, PUBLISHED, merged), 422, "unknown_act")

    assert "several acts as one entry" in told["detail"]


def test_what_an_act_rests_on_and_the_file_does_not_tell_is_a_fault_of_the_file(elsewhere: Service, row: bytes) -> None:
    unpublished = re.sub(rb"<ReferenceData.*</ReferenceData>", b"", row, flags=re.DOTALL)

    told = site.problem(bring(elsewhere, PUBLISHED, unpublished), 422, "no_such_study")

    assert "subject 001" in told["detail"]


def test_a_record_that_says_nothing_is_refused(elsewhere: Service, row: bytes) -> None:
    empty = re.sub(rb"<ItemGroupData ItemGroupOID=.IG.DEMOGRAPHICS.*?</ItemGroupData>", b"", row, flags=re.DOTALL)

    assert "F.DEMOGRAPHICS" in site.problem(bring(elsewhere, PUBLISHED, empty), 422, "unknown_form")["detail"]


def test_two_studies_in_one_file_are_refused(elsewhere: Service, row: bytes) -> None:
    study = re.search(rb"<Study\b.*</Study>", row, flags=re.DOTALL)
    assert study
    both = row.replace(b"</Study>", b"</Study>" + study[0].replace(b'"ST.KN5601"', b'"ST.TWO"'), 1)

    assert "more studies than one" in site.problem(bring(elsewhere, PUBLISHED, both), 422, "not_odm")["detail"]


def test_nothing_of_a_refused_file_is_stored_and_the_right_one_comes_in_whole(
    told: Service, elsewhere: Service, row: bytes, refused: dict[str, httpx2.Response]
) -> None:
    """F6: a published study with the origin of every record and the words of its source."""
    place = f"{API}/studies/{PUBLISHED}"
    site.problem(elsewhere.http.get(place, headers={"Authorization": f"Bearer {elsewhere.sponsor.token}"}), 404)

    done = elsewhere.sponsor.import_odm(PUBLISHED, row)

    assert (1, 1, len(REFUSED)) == (done["subjects"], done["corrections"], len(refused))
    again = archive(elsewhere, study=PUBLISHED)
    assert clinical(etree.fromstring(row)) == clinical(again)
    assert {"published", "published_text_inferred"} == set(every(again, "//o:Flag[o:FlagType='ORIGIN']/o:FlagValue/text()"))
    assert captured(told, "001", study=PUBLISHED) == captured(elsewhere, "001", study=PUBLISHED)
