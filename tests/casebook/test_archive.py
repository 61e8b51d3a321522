"""A study as ODM 1.3.2: valid, whole, in the order in which it happened, and the same bytes for the same position."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import odmlib
import pytest
from lxml import etree  # type: ignore[import-untyped]
from typer.testing import CliRunner

from app.casebook import access, database, documents
from app.casebook.access import Role
from app.cli import app
from cdisc.odm_metadata import NAMESPACE
from seed.client import API, Client
from seed.load import instrument_documents, study_document
from tests.api import site
from tests.casebook import build
from tests.casebook.build import DEMO, MISREAD, MISTAKE, OTHER, SUBJECT, Service, day
from tests.servers import Server

Json = dict[str, Any]
NS = {"o": NAMESPACE}
SCHEMA = Path(odmlib.__file__).parent / "schemas" / "odm" / "1.3.2" / "ODM1-3-2.xsd"
EVENT = {"aespid": "1", "aeterm": '皮疹 "瘙痒"\n<夜间>\t&', "aestdtc": "2025---04", "aeser": "N"}
LAB = {"lbtestcd": "HGB", "lborres": "11.90", "lborresu": "g/dL", "lbdtc": day(-6), "visit": "BASELINE"}
NOT_DONE = {"visit": "BASELINE", "instrument": "PGA", "rsstat": "NOT DONE", "rsreasnd": "Absent"}
AMENDED = study_document(DEMO).replace("\nversion = 1\n", '\nversion = 2\namendment = "Two"\n', 1)
NURSE = "nurse of 901"
PUBLISHED = "KN5601"
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
        build.enter(service, "assessments", NOT_DONE)
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
def root(told: Service) -> Any:
    """The archive of now."""
    return archive(told)


def ask(service: Service, token: str = "", study: str = DEMO, **at: str) -> httpx2.Response:
    """The archive, as the data manager gets it unless another token is given."""
    headers = {"Authorization": f"Bearer {token or service.sponsor.token}"}
    return service.http.get(f"{API}/studies/{study}/odm", params=at, headers=headers)


def archive(service: Service, token: str = "", study: str = DEMO, **at: str) -> Any:
    """The archive, read; checked against the schema of the standard."""
    answer = ask(service, token, study, **at)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/xml"
    root = etree.fromstring(answer.content)
    schema().assertValid(root)
    return root


@cache
def schema() -> Any:
    """The schema of ODM 1.3.2, as odmlib ships it."""
    return etree.XMLSchema(etree.parse(SCHEMA))


def every(root: Any, path: str) -> list[Any]:
    """The elements at a path, in the order of the file."""
    found: list[Any] = root.xpath(path, namespaces=NS)
    return found


def acts(root: Any, subject: str = SUBJECT) -> list[Any]:
    """The acts on a subject's forms."""
    return every(root, f"//o:SubjectData[@SubjectKey='{subject}']//o:FormData")


def key(form: Any) -> tuple[str | None, ...]:
    """Which record a form in the file is."""
    event = form.getparent()
    return event.get("StudyEventOID"), event.get("StudyEventRepeatKey"), form.get("FormOID"), form.get("FormRepeatKey")


def standing(root: Any, subject: str = SUBJECT) -> list[tuple[str, dict[str, str]]]:
    """What the file says that stands: every act done over again, as whoever reads the standard would; table and items."""
    records: dict[tuple[str | None, ...], dict[str, str]] = {}
    for form in acts(root, subject):
        match form.get("TransactionType"):
            case "Remove":
                del records[key(form)]
            case "Insert" | "Update":
                said = records.setdefault(key(form), {})
                for item in every(form, ".//o:ItemData"):
                    said.pop(item.get("ItemOID"), None)
                    if item.get("IsNull") is None:
                        said[item.get("ItemOID")] = item.get("Value")
    return in_order((str(form).split(".")[1].lower(), values) for (_, _, form, _), values in records.items())


def in_order(records: Iterable[tuple[str, dict[str, str]]]) -> list[tuple[str, dict[str, str]]]:
    """Records by table and what they say, whichever order they were told in."""
    return sorted(records, key=lambda record: (record[0], sorted(record[1].items())))


def captured(service: Service, subject: str = SUBJECT, **at: str) -> list[tuple[str, dict[str, str]]]:
    """What the API says that stands, under the same names."""
    told = service.get(build.below(subject), **at)["casebook"]
    return in_order((table, dict(named(table, record))) for table, records in told.items() for record in records)


def named(table: str, record: Json) -> Iterator[tuple[str, str]]:
    """The values of a record as the file names and writes them."""
    about = {"record_id", "version", "withdrawn", "origin", "source", "form"}
    about |= set() if table == "visit" else {"visit"}
    for name, value in record.items():
        if name == "answers":
            of = f"I.{record['instrument']}.{record['instrver']}"
            yield from ((f"{of}.{item}", written(answer)) for item, answer in (value or {}).items() if answer is not None)
        elif name not in about and value is not None:
            yield f"I.{table.upper()}.{name.upper()}", written(value)


def written(value: Any) -> str:
    """A value as text; a list that was recorded as empty is NONE."""
    if isinstance(value, bool):
        return str(value).lower()
    return ";".join(value) or "NONE" if isinstance(value, list) else str(value)


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
    assert sorted(instrument_documents()) == sorted(carried.values())
    assert checksums == {documents.checksum(source) for source in (study_document(DEMO), AMENDED, *instrument_documents())}


def test_a_cut_gives_the_same_bytes_after_an_amendment_and_later_entries(told: Service, first: bytes) -> None:
    """F4: and the file of now is another."""
    now = ask(told).content

    assert first == ask(told, cut="C1").content == told.sponsor.odm(DEMO, "C1")
    assert captured(told, cut="C1") == standing(archive(told, cut="C1"))
    assert first != now == ask(told).content
    assert ["KN5601-DEMO.C1.ODM"] == every(archive(told, cut="C1"), "/o:ODM/@FileOID")


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
    notes = every(root, "//o:FormData[@FormOID='F.ADVERSE_EVENT']/o:Annotation[o:Flag/o:FlagType='QUERY']")
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


def test_a_published_study_is_archived_until_a_document_says_what_xml_cannot_carry(told: Service) -> None:
    """Valid; where a document holds such a character in a comment, refused in words when the study is to leave."""
    build.open_study(told.sponsor, PUBLISHED)
    assert [f"ST.{PUBLISHED}"] == every(archive(told, study=PUBLISHED), "/o:ODM/o:Study/@OID")

    source = next(source for source in instrument_documents() if 'id = "PGA"' in source)
    told.sponsor.publish_instrument(PUBLISHED, source.replace("version = 1\n", "version = 2 # \uffff\n", 1))
    assert "U+FFFF" in site.problem(ask(told, study=PUBLISHED), 409, "not_xml")["detail"]


def test_the_command_writes_the_file_that_the_api_gives(
    told: Service, first: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "connect", lambda url: told.engine)
    file = tmp_path / "archives" / "demo.xml"

    done = CliRunner().invoke(app, ["odm", DEMO, "--out", str(file), "--cut", "C1"])

    assert (0, None) == (done.exit_code, done.exception)
    assert first == file.read_bytes()
