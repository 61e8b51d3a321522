"""
The whole way: both studies loaded through the API on both databases, and what the service then says (B5, B7, B12, A2, A3).

The expected numbers are the published ones; the assignment of responders to SYN-001, SYN-006 and SYN-007 is the generator's.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from fastapi.testclient import TestClient
from rich.console import Console

from app.casebook import access, database
from app.casebook.access import Role
from app.main import create_app
from app.settings import Settings
from seed import demo
from seed.client import Client, Reason, Refused
from seed.kn5601.people import rows
from seed.load import DEMO, SECOND_DEMO, load
from tests.servers import Server

PUBLISHED = {row["subject"]: row for row in rows("published")}


@pytest.fixture(scope="module", params=["sqlite_server", "postgres_server"])
def clients(request: pytest.FixtureRequest) -> Iterator[tuple[Client, Client, Client]]:
    """A data manager, a medical monitor and a coordinator of all sites, on a service that holds what ships."""
    server: Server = request.getfixturevalue(request.param)
    given = server.migrated()
    with database.writing(given.engine) as connection:
        tokens = [
            access.issue(connection, "a test", role, study_id=None, sites=None, days=1)
            for role in (Role.DATA_MANAGER, Role.MEDICAL_MONITOR, Role.COORDINATOR)
        ]
    with TestClient(create_app(Settings(database_url=given.url), given.engine)) as http:
        data_manager, medical_monitor, coordinator = (Client(http, token) for token in tokens)
        load(data_manager, medical_monitor, coordinator)
        yield data_manager, medical_monitor, coordinator
    server.drop(given)


@pytest.fixture(scope="module")
def coordinator(clients: tuple[Client, Client, Client]) -> Client:
    return clients[2]


@pytest.fixture(scope="module")
def cohort(coordinator: Client) -> tuple[demo.Row, ...]:
    return demo.cohort(coordinator)


def test_the_summary_repeats_the_published_numbers(cohort: tuple[demo.Row, ...]) -> None:
    told = demo.summary(cohort)
    totals = told.pop("sledai2k")

    assert told == {
        "study": "KN5601-DEMO",
        "subjects": 11,
        "completed_treatment": 11,
        "sri4_3m": {"met": 3, "evaluable": 6},
        "lldas_4m": {"met": 1},
        "doris_6m": {"met": 1},
        "crs": {"1": 3, "2": 1, "3": 0, "4": 0},
        "icans": {"any": 0},
    }
    assert totals == {
        number: {"baseline": int(row["sledai2k_baseline"]), "latest": int(row["sledai2k_at_present"])}
        for number, row in PUBLISHED.items()
    }


def test_one_subject_alone_ever_reaches_low_disease_activity_or_remission(coordinator: Client) -> None:
    reached = {
        (subject["subject_id"], verdict["rule"])
        for subject in coordinator.subjects(DEMO)
        for verdict in coordinator.verdicts(DEMO, subject["subject_id"])
        if verdict["rule"] in ("lldas", "doris") and verdict["value"] == "met"
    }

    assert reached == {("SYN-001", "lldas"), ("SYN-001", "doris")}


def test_every_observation_of_the_cohort_is_graded_for_both_toxicities(coordinator: Client) -> None:
    for subject in coordinator.subjects(DEMO):
        graded = [v for v in coordinator.verdicts(DEMO, subject["subject_id"]) if v["rule"] in ("crs", "icans")]

        assert len(graded) >= 50
        assert {verdict["value"] for verdict in graded} == {"graded"}


def test_no_derived_endpoint_appears_on_a_published_row(coordinator: Client) -> None:
    for number in PUBLISHED:
        derived = [verdict for verdict in coordinator.verdicts("KN5601", number) if verdict["value"] != "not_applicable"]

        assert derived == []


def test_a_published_total_is_a_result_as_reported_and_no_assessment(coordinator: Client) -> None:
    reported = coordinator.records("KN5601", "001", "reported-results")

    assert {(one["rptestcd"], one["rptiming"], one["rporres"]) for one in reported} == {
        ("SLEDAI2K", "BASELINE", "14"),
        ("SLEDAI2K", "AT PRESENT", "0"),
        ("FOLLOWUP", "AT PRESENT", "6"),
    }
    assert {one["origin"] for one in reported} == {"published"}
    assert coordinator.records("KN5601", "001", "assessments") == []


def test_the_cohort_is_marked_synthetic_on_every_record(coordinator: Client) -> None:
    found = [one for path in ("infusions", "laboratory", "assessments") for one in coordinator.records(DEMO, "SYN-001", path)]

    assert {one["origin"] for one in found} == {"synthetic"}


def test_every_dose_of_the_cohort_passed_its_gates_at_a_level_that_was_open(coordinator: Client) -> None:
    """B12: no gate is even unknown, of the entry into the arm, or by nine gates of each of the six doses."""
    for subject in coordinator.subjects(DEMO):
        gated = [v for v in coordinator.verdicts(DEMO, subject["subject_id"]) if v["rule"].startswith("gate_")]

        assert ["clear"] * (1 + 6 * 9) == [verdict["value"] for verdict in gated]


def test_the_levels_hold_the_published_doses_and_no_dose_limiting_toxicity(coordinator: Client) -> None:
    """Windows that the follow-up does not reach are open; what is not public is listed as assumed."""
    told = coordinator.escalation(DEMO)
    counts = {
        level["level"]: tuple(level[name] for name in ("treated", "evaluable", "pending", "unassessed", "dlt"))
        for level in told["levels"]
    }

    assert {
        "1*10^9": (1, 1, 0, 0, 0),
        "2*10^9": (1, 1, 0, 0, 0),
        "3*10^9": (5, 3, 2, 0, 0),
        "4.5*10^9": (4, 2, 2, 0, 0),
    } == counts
    assert ("none", "2025-08-26") == (told["design"], told["at"])
    assert [(None, True)] * 4 == [(level["recommendation"], level["open"]) for level in told["levels"]]
    assert 5 == len(told["assumed"])


def test_loading_again_adds_nothing(clients: tuple[Client, Client, Client]) -> None:
    before = [clients[2].records(DEMO, "SYN-007", path) for path in ("adverse-events", "assessments", "visits")]
    load(*clients)
    after = [clients[2].records(DEMO, "SYN-007", path) for path in ("adverse-events", "assessments", "visits")]

    assert before == after


def test_the_slips_of_the_site_are_put_right_in_a_second_version(coordinator: Client) -> None:
    (reaction,) = (one for one in coordinator.records(DEMO, "SYN-007", "adverse-events") if one["aespid"] == "AE-CRS")
    strays = [one for one in coordinator.records(DEMO, "SYN-010", "medications") if one["cmtrt"] == "Omeprazole"]

    assert (reaction["version"], reaction["aetoxgr"]) == (2, "2")
    assert strays == []


def test_the_service_names_the_unscheduled_visit_after_the_visit_before_it(coordinator: Client) -> None:
    names = [one["visit"] for one in coordinator.records(DEMO, "SYN-005", "assessments") if one["visit"].startswith("UNS")]

    assert names == ["UNSCHEDULED 11.01"] * 3


def test_a_refusal_speaks_with_the_words_of_the_service(coordinator: Client) -> None:
    record = coordinator.records(DEMO, "SYN-001", "demographics")[0] | {"version": 7}

    with pytest.raises(Refused, match="you saw 7") as refused:
        coordinator.correct(DEMO, "SYN-001", "demographics", record, {"sex": "M"}, Reason("TRANSCRIPTION"))

    assert (refused.value.status, refused.value.code) == (412, "stale_version")


def test_the_printed_tables_say_synthetic_and_give_rates_with_denominators(cohort: tuple[demo.Row, ...]) -> None:
    paper = StringIO()
    Console(file=paper, width=160).print(demo.cohort_table(cohort), demo.totals_table(cohort))
    printed = paper.getvalue()

    assert "SYNTHETIC" in printed
    assert "3 of 6 (50 %, 95 % CI 12 to 88)" in printed
    assert printed.count("reported in one subject") == 4


def test_the_analysis_datasets_say_what_the_verdicts_say(clients: tuple[Client, Client, Client]) -> None:
    """The whole way to ADaM: each endpoint of the cohort with the answer of its verdict, and the published rows as reported."""
    data_manager, _, coordinator = clients
    answers = {"met": "Y", "not_met": "N", "not_evaluable": "", "not_applicable": ""}
    rules = ("sri4", "lldas", "doris")
    said = {
        (f"{DEMO}-{subject['subject_id']}", verdict["rule"], verdict["about"]): answers[verdict["value"]]
        for subject in coordinator.subjects(DEMO)
        for verdict in coordinator.verdicts(DEMO, subject["subject_id"])
        if verdict["rule"] in rules
    }

    package = packaged(data_manager, DEMO)
    efficacy = table(package, "adam/adeff")
    published = table(packaged(data_manager, "KN5601"), "adam/adsl")
    found = [row for row in efficacy if row["RULEID"] in rules]

    assert {(row["USUBJID"], row["RULEID"], row["AVISIT"]): row["AVALC"] for row in found if not row["DTYPE"]} == said
    assert sum(row["ANL01FL"] == "Y" for row in found) == len(said) > 50
    assert {row["USUBJID"][-3:]: row["BSLEDAI"] for row in published} == {
        number: row["sledai2k_baseline"] for number, row in PUBLISHED.items()
    }
    assert {row["TRTSDT"] for row in published} == {""}
    assert reactions(package) == REACTIONS
    assert not list(outside_their_visit(package))


def test_the_second_study_leaves_as_a_package_with_its_synthetic_subjects(clients: tuple[Client, Client, Client]) -> None:
    """
    Law 5: enrolled, dosed once without lymphodepletion, a response at three months, and past the gate like the first; beside it
    a screen failure, visits that were missed with and without a word, a death, a subject who withdrew before any arm.
    """
    data_manager, _, coordinator = clients
    said = {(one["rule"], one["about"]): one["value"] for one in coordinator.verdicts(SECOND_DEMO, "SYN-601")}
    package = packaged(data_manager, SECOND_DEMO)
    rows = {name: table(package, f"sdtm/{name}") for name in ("ex", "se", "suppdm", "dm", "sv", "dv", "ae")}

    assert (said["sri4", "M3"], said["doris", "M6"], said["crs_max", "subject"]) == ("met", "met", "graded")
    assert [(row["EXTRT"], row["EXDOSE"], row["EXDOSU"]) for row in rows["ex"]] == [
        ("SYS6020", "100", "10^6 CAR-Positive Cells")
    ] * 2
    assert [row["ETCD"] for row in rows["se"]] == [*["SCRN", "CELL", "FU"], "SCRN", *["SCRN", "CELL", "FU"], "SCRN"]
    assert {row["QVAL"] for row in rows["suppdm"]} == {"SYNTHETIC"}
    assert [(row["ARMNRS"], row["DTHDTC"]) for row in rows["dm"]] == [
        ("", ""),
        ("SCREEN FAILURE", ""),
        ("", "2025-07-21"),
        ("NOT ASSIGNED", ""),
    ]
    assert [(row["VISIT"], row["SVREASOC"]) for row in rows["sv"] if row["SVOCCUR"] == "N"] == [
        ("M3", "In intensive care elsewhere")
    ]
    assert [(row["DVDECOD"], row["DVTERM"][:2]) for row in rows["dv"]] == [("VISIT NOT DONE", "M1"), ("VISIT NOT DONE", "M3")]
    assert [(row["EOSSTT"], row["EOSDT"], row["DCSREAS"]) for row in table(package, "adam/adsl")] == [
        ("ONGOING", "", ""),
        ("", "", ""),
        ("DISCONTINUED", "2025-07-21", "DEATH"),
        ("", "", ""),
    ]
    assert "Ankle sprain" not in {row["AETERM"] for row in rows["ae"]}


NO_MORE = ("0", "", "0", "0", "0")
REACTIONS = {"005": NO_MORE, "007": ("1", "tocilizumab 400 mg", "0", "0", "0"), "008": NO_MORE, "009": NO_MORE}
"""What each reaction was treated with: no intensive care and no vasopressor is an answer, not a blank."""


def reactions(package: ZipFile) -> dict[str, tuple[str, ...]]:
    """Doses of tocilizumab and what they come to, of glucocorticoid, days in intensive care, hours on vasopressors."""
    names = ("CRSTOCN", "CRSTOCT", "CRSGCN", "CRSICUD", "CRSVASH")
    events = table(package, "adam/adae")
    return {row["USUBJID"][-3:]: tuple(row[name] for name in names) for row in events if row["CQ01NAM"]}


def outside_their_visit(package: ZipFile) -> Iterator[tuple[str, dict[str, str]]]:
    """The findings and procedures that are not of a day of the visit that they name."""
    made = table(package, "sdtm/sv")
    visits = {(row["USUBJID"], row["VISIT"]): (row["SVSTDTC"], row["SVENDTC"] or row["SVSTDTC"]) for row in made}
    findings = ("LB", "VS", "RS", "FA", "CP", "MB", "PC", "MI", "EG", "PE", "QS")
    for name, date in [*((name, f"{name}DTC") for name in findings), ("PR", "PRSTDTC")]:
        for row in table(package, f"sdtm/{name.lower()}"):
            first, last = visits.get((row["USUBJID"], row["VISIT"]), ("", "9999"))
            if not first <= row[date][:10] <= last:
                yield name, row


def packaged(client: Client, study: str) -> ZipFile:
    """The package of a new cut of a study."""
    client.cut(study, "ANALYSIS")
    return ZipFile(BytesIO(client.package(client.follow(client.ask_export(study, "ANALYSIS")))))


def table(package: ZipFile, name: str) -> list[dict[str, str]]:
    """The rows of one dataset of a package, such as `adam/adsl`."""
    return list(csv.DictReader(StringIO(package.read(f"csv/{name}.csv").decode())))
