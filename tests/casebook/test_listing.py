"""Records as plain rows: flat, long, the trail, and two cuts compared; whole, exact and within the caller's sites."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from app.casebook import access, database
from app.casebook.access import Role
from app.casebook.exports.difference import between, variable
from app.casebook.ledger import Actor
from app.casebook.listing import FORMS
from app.cli import app
from app.errors import NotFound
from app.tables.base import fields
from seed.client import API
from tests.casebook import build
from tests.casebook.build import DEMO, MISREAD, MISTAKE, OTHER, SUBJECT, Service, day
from tests.servers import Database

EVENT = {"aespid": "1", "aeterm": '=1+1; Rash, "itching"\nat night', "aestdtc": "2025-03", "aeser": "N"}
LAB = {"lbtestcd": "HGB", "lborres": "11.90", "lborresu": "g/dL", "lbdtc": day(-6), "visit": "BASELINE"}


def twice_cut(engine: Engine) -> None:
    """
    Two subjects. Between the cuts FIRST and SECOND of the first: an event corrected, one withdrawn, one that came and went,
    a haemoglobin that was changed and changed back, a new one.
    """
    with build.opened(engine) as service:
        build.eligible(service, OTHER)
        build.eligible(service)
        build.visit(service, "BASELINE", -6)
        build.assess(service, "BASELINE", build.sledai("rash", fever=None))
        kept = build.enter(service, "adverse-events", EVENT)["records"][0]
        gone = build.enter(service, "adverse-events", EVENT | {"aespid": "2"})["records"][0]
        result = build.enter(service, "laboratory", LAB)["records"][0]
        service.sponsor.cut(DEMO, "FIRST")
        change = service.site.correct
        change(DEMO, SUBJECT, "adverse-events", kept, {"aeser": "Y", "aestdtc": "2025-03-04"}, MISREAD)
        service.site.withdraw(DEMO, SUBJECT, "adverse-events", gone, MISTAKE)
        passing = build.enter(service, "adverse-events", EVENT | {"aespid": "3"})["records"][0]
        service.site.withdraw(DEMO, SUBJECT, "adverse-events", passing, MISTAKE)
        wrong = change(DEMO, SUBJECT, "laboratory", result, {"lborres": "9.1"}, MISREAD)["records"][0]
        change(DEMO, SUBJECT, "laboratory", wrong, {"lborres": "11.90"}, MISREAD)
        build.enter(service, "laboratory", LAB | {"lborres": "12.0", "lbdtc": day(-5)})
        service.sponsor.cut(DEMO, "SECOND")


@pytest.fixture
def told(fresh: Callable[..., Database]) -> Iterator[Service]:
    """A service over both cuts."""
    with build.service(fresh(twice_cut).engine) as service:
        yield service


def ask(service: Service, path: str, token: str = "", **asked: Any) -> httpx2.Response:
    """A listing of the study, as the data manager gets it unless another token is given."""
    headers = {"Authorization": f"Bearer {token or service.sponsor.token}"}
    return service.http.get(f"{API}/studies/{DEMO}/{path}", params=asked, headers=headers)


def rows(service: Service, path: str, **asked: Any) -> list[dict[str, str]]:
    """The rows of a listing in CSV, which says the same as its JSON."""
    answer = ask(service, path, format="csv", **asked)
    assert answer.status_code == 200, answer.text
    found = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    as_json = [{key: value or "" for key, value in row.items()} for row in ask(service, path, format="json", **asked).json()]
    assert as_json == found
    return found


def test_flat_records_are_one_row_a_record_with_every_field_of_every_form(told: Service) -> None:
    flat = rows(told, "records/flat")
    asked = {name for form in FORMS for name, field in fields(form).items() if field.kind != "answers"}

    assert asked | {"SLEDAI-2K.rash", "BILAG-2004.renal"} <= set(flat[0])
    assert len(flat) == len(rows(told, "records/flat", subject=SUBJECT)) + len(rows(told, "records/flat", subject=OTHER))
    (event,) = (row for row in flat if row["form"] == "adverse_event")
    assert (event["aeterm"], event["aestdtc"], event["version"]) == (EVENT["aeterm"], "2025-03-04", "2")
    (sledai,) = (row for row in flat if row["form"] == "assessment")
    assert (sledai["event"], sledai["SLEDAI-2K.rash"], sledai["SLEDAI-2K.fever"]) == ("BASELINE", "true", "")
    assert sledai["SLEDAI-2K.arthritis"] == "false"


def test_long_records_are_one_row_a_value_with_its_digits_and_instance(told: Service) -> None:
    long = rows(told, "records/long", form="laboratory", subject=SUBJECT)

    assert [(row["instance"], row["value"]) for row in long if row["field"] == "lborres"] == [("1", "11.90"), ("2", "12.0")]
    ages = rows(told, "records/long", form="medical-history")
    assert ages == []


def test_a_listing_stands_where_it_is_asked_to_stand(told: Service) -> None:
    """F4: at a cut, from an instant on, of one visit."""
    (event, other) = rows(told, "records/flat", form="adverse-events", cut="FIRST")
    assert (event["aeser"], event["version"], other["aespid"], other["instance"]) == ("N", "1", "2", "2")
    assert rows(told, "records/flat", since="2100-01-01T00:00:00Z") == []
    assert {row["event"] for row in rows(told, "records/flat", visit="BASELINE")} == {"BASELINE"}
    assert ask(told, "records/flat", form="nothing").json()["code"] == "no_such_form"
    assert ask(told, "records/flat", subject="SYN-404").status_code == 404


def test_a_listing_ends_at_the_callers_sites(told: Service) -> None:
    """D1: another site's subject does not exist, in a list or by name."""
    with database.writing(told.engine) as connection:
        token = access.issue(connection, "elsewhere", Role.STATISTICIAN, study_id=DEMO, sites=["902"], days=1)

    for path in ("records/flat", "records/long", "trail", "cuts/FIRST/diff/SECOND"):
        assert ask(told, path, token, format="json").json() == []
    assert ask(told, "records/flat", token, subject=SUBJECT).status_code == 404


def test_the_trail_tells_every_change_and_lets_itself_be_narrowed(told: Service) -> None:
    """A12: by subject, item, person, time, reason and action, as CSV."""
    result = rows(told, "trail", subject=SUBJECT, field="lborres", form="laboratory")
    assert [(row["instance"], row["old"], row["new"]) for row in result] == [
        ("1", "", "11.90"),
        ("1", "11.90", "9.1"),
        ("1", "9.1", "11.90"),
        ("2", "", "12.0"),
    ]
    assert {row["actor"] for row in result} == {"a coordinator"}
    assert [row["reason"] for row in result][1:3] == ["Misread from the source"] * 2
    assert all(row["at"].endswith("Z") for row in result)

    withdrawn = rows(told, "trail", act="withdraw")
    assert {(row["new"], row["reason_code"]) for row in withdrawn} == {("", "ENTERED_IN_ERROR")}
    assert rows(told, "trail", reason="TRANSCRIPTION", field="aeser")[0]["new"] == "Y"
    assert rows(told, "trail", actor="nobody") == rows(told, "trail", since="2100-01-01T00:00:00Z") == []


def test_the_difference_of_two_cuts_is_net_and_says_who_and_why(told: Service) -> None:
    """F4: what was changed and changed back, or came and went, is not told; nothing later is either."""
    build.enter(told, "laboratory", LAB | {"lborres": "13.0"})
    found = rows(told, "cuts/FIRST/diff/SECOND")

    changed = {(row["change"], row["domain"], row["variable"], row["old"], row["new"]) for row in found}
    assert ("changed", "AE", "AESER", "N", "Y") in changed
    assert ("changed", "AE", "AESTDTC", "2025-03", "2025-03-04") in changed
    assert ("withdrawn", "AE", "AESPID", "2", "") in changed
    assert ("added", "LB", "LBORRES", "", "12.0") in changed
    assert {row[0] for row in changed if "3" in row[3:]} == set()
    assert not any("9.1" in row or "13.0" in row for row in changed)
    assert len([row for row in found if row["change"] == "changed"]) == 2
    assert {(row["actor"], row["reason_code"]) for row in found if row["change"] == "changed"} == {
        ("a coordinator", "TRANSCRIPTION")
    }
    assert ask(told, "cuts/FIRST/diff/SECOND").content == ask(told, "cuts/FIRST/diff/SECOND").content


def test_a_difference_tells_of_lots_and_decisions_and_of_a_subject_without_records(service: Service) -> None:
    """F4: a lot and a decision under no subject, each by its name; who was registered in between, by the site."""
    first = {"eclot": "LOT-1", "lotstat": "RELEASED", "expdtc": "2027-01"}
    lot = service.sponsor.add_lot(DEMO, first)["records"][0]
    service.sponsor.cut(DEMO, "FIRST")
    path = f"{API}/studies/{DEMO}/lots/{lot['record_id']}"
    headers = {"Authorization": f"Bearer {service.sponsor.token}", "If-Match": '"1"'}
    assert service.http.patch(path, json={"expdtc": "2027-03", "reason": MISREAD.said()}, headers=headers).is_success
    service.sponsor.add_lot(DEMO, {"eclot": "LOT-2", "lotstat": "QUARANTINED"})
    build.decide(service, DEMO, build.decision("2*10^9", decision="STAY"))
    service.site.register(DEMO, OTHER, "901")
    service.sponsor.cut(DEMO, "SECOND")
    service.site.register(DEMO, "SYN-003", "901")

    found = rows(service, "cuts/FIRST/diff/SECOND")

    said = [
        tuple(row[name] for name in ("subject", "form", "domain", "variable", "topic", "change", "old", "new")) for row in found
    ]
    assert ("", "product_lot", "DI", "expdtc", "LOT-1", "changed", "2027-01", "2027-03") == said[0]
    assert ("", "product_lot", "DI", "eclot", "LOT-2", "added", "", "LOT-2") in said
    assert ("", "committee_decision", "", "decision", "2*10^9", "added", "", "STAY") in said
    assert [(OTHER, "subject", "DM", "SITEID", "", "added", "", "901")] == [row for row in said if row[0]]
    assert ("a coordinator", "1") == (found[-1]["actor"], found[-1]["chain_no"])


def test_a_difference_says_what_a_record_is_of_and_what_follows_from_it(responder: Service) -> None:
    """F4, B6: an item under its code, a result under its test, and the endpoint that moved, by which entry."""
    service, sledai = responder, build.at_m3(responder)
    result = build.enter(service, "laboratory", LAB)["records"][0]
    service.sponsor.cut(DEMO, "FIRST")
    answer = service.site.correct(DEMO, SUBJECT, "assessments", sledai, {"answers": {"rash": True}}, MISREAD)
    service.site.correct(DEMO, SUBJECT, "laboratory", result, {"lborres": "9.1"}, MISREAD)
    service.sponsor.cut(DEMO, "SECOND")

    found = rows(service, "cuts/FIRST/diff/SECOND")

    told = {(row["domain"], row["variable"], row["topic"], row["event"], row["old"], row["new"]) for row in found}
    assert ("RS", "RSORRES", "S2KRASH", "M3", "false", "true") in told
    assert ("LB", "LBORRES", "HGB", "BASELINE", "11.90", "9.1") in told
    moved = {row["variable"]: row for row in found if row["form"] == "verdict"}
    otherwise = [one for one in answer["moved"] if one["before"] != one["after"] or one["amount_before"] != one["amount_after"]]
    assert {one["rule"] for one in otherwise if not one["rule"].startswith("check_")} == moved.keys()
    assert "sri4" in moved
    total = moved["sledai2k"]
    assert ("M3", "changed", "casebook") == (total["event"], total["change"], total["actor"])
    assert f"follows from entry {answer['entry']['chain_no']}" == total["reason"]
    assert str(answer["entry"]["chain_no"] + 1) == total["chain_no"]


def test_the_command_writes_the_bytes_that_the_route_answers(
    told: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whatever is asked for, as CSV and as JSON."""
    monkeypatch.setenv("CASEBOOK_DATABASE_URL", told.engine.url.render_as_string(hide_password=False))
    monkeypatch.setattr("app.logs.configure", lambda *_, **__: None)
    flat, long = tmp_path / "new" / "flat.json", tmp_path / "long.csv"

    def records(out: Path, shape: str, *options: str) -> Any:
        return CliRunner().invoke(app, ["records", DEMO, "--out", str(out), "--shape", shape, *options])

    instant = "2020-01-01T00:00:00+08:00"
    assert records(flat, "flat", "--since", instant).exit_code == 0
    assert flat.read_bytes() == ask(told, "records/flat", since=instant).content
    options = ("--cut", "FIRST", "--subject", SUBJECT, "--form", "laboratory", "--form", "visits", "--visit", "BASELINE")
    assert records(long, "long", *options).exit_code == 0
    same: Any = {"cut": "FIRST", "subject": SUBJECT, "form": ["laboratory", "visits"], "visit": "BASELINE", "format": "csv"}
    assert long.read_bytes() == ask(told, "records/long", **same).content


def test_recorded_as_none_is_not_the_same_as_not_recorded(service: Service) -> None:
    """A3, F4: a list of drugs that nobody had filled in, then: none was given."""
    build.infuse(service)
    unsaid = {name: value for name, value in build.fever().items() if name != "given"}
    record = build.enter(service, "toxicity-observations", unsaid)["records"][0]
    service.sponsor.cut(DEMO, "FIRST")
    service.site.correct(DEMO, SUBJECT, "toxicity-observations", record, {"given": []}, MISREAD)
    service.sponsor.cut(DEMO, "SECOND")

    for path in ("trail", "cuts/FIRST/diff/SECOND"):
        (told,) = (row for row in rows(service, path) if "given" in (row.get("field"), row.get("variable")))
        assert ("", "NONE") == (told["old"], told["new"])
    assert "NONE" == rows(service, "records/flat", form="toxicity-observations")[0]["given"]


def test_cuts_are_compared_in_their_order_and_must_stand(told: Service) -> None:
    assert ask(told, "cuts/SECOND/diff/FIRST").json()["code"] == "cuts_out_of_order"
    assert ask(told, "cuts/FIRST/diff/THIRD").json()["code"] == "no_such_cut"
    assert rows(told, "cuts/FIRST/diff/FIRST") == []
    with database.reading(told.engine) as connection, pytest.raises(NotFound, match="no study TAROT"):
        between(connection, Actor("a statistician", Role.STATISTICIAN), "TAROT", "FIRST", "SECOND")


@pytest.mark.parametrize(
    ("domain", "name", "sent"),
    [
        ("AE", "aeterm", "AETERM"),
        ("AE", "aedecod", "aedecod"),
        ("RS", "rsdtc", "RSDTC"),
        ("QS", "rsdtc", "QSDTC"),
        ("DM", "dmdtc", "DMDTC"),
        ("", "custom", "custom"),
    ],
)
def test_a_field_is_told_as_the_variable_that_it_becomes_alone(domain: str, name: str, sent: str) -> None:
    """What is not sent as it was collected, or in several places, keeps its own name."""
    assert variable(domain, name) == sent
