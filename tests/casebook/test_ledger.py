"""The trail of a record: reasons, versions, who saw which version, retried requests, and what happens when the trail fails."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import Engine, func, select, text

from app.casebook import database
from app.tables import Base
from tests.casebook import build
from tests.casebook.build import DEMO, MISREAD, MISTAKE, OTHER, SUBJECT, Service

WEIGHT = {"vstestcd": "WEIGHT", "vsorres": "43.5", "vsorresu": "kg", "vsdtc": "2025-02-10"}
REASON = {"code": "TRANSCRIPTION", "text": "Digits transposed"}
PATH = f"{build.below()}/vital-signs"


def rows(engine: Engine) -> dict[str, int]:
    """How many rows every table holds."""
    with database.reading(engine) as connection:
        counts = {
            name: connection.scalar(select(func.count()).select_from(table)) for name, table in Base.metadata.tables.items()
        }
    return {name: int(count or 0) for name, count in counts.items()}


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ({}, "form_refused"),
        ({"reason": None}, "form_refused"),
        ({"reason": {"code": "BECAUSE"}}, "unknown_reason"),
        ({"reason": {"code": "OTHER"}}, "reason_without_words"),
    ],
    ids=["no reason", "null", "not of the study's list", "OTHER without words"],
)
def test_a_saved_value_is_not_changed_without_a_reason(service: Service, reason: dict[str, object], code: str) -> None:
    """A2."""
    record = build.enter(service, "vital-signs", WEIGHT)["records"][0]
    path = f"{PATH}/{record['record_id']}"
    before = rows(service.engine)

    for method, where, body in (("PATCH", path, {"vsorres": "34.5"}), ("POST", f"{path}/withdraw", {})):
        answer = service.send(method, where, body | reason, If_Match='"1"')

        assert (422, code) == (answer.status_code, answer.json()["code"])
    assert before == rows(service.engine)


def test_the_history_says_who_in_which_role_when_from_what_to_what_and_why(service: Service) -> None:
    """A3, A7, A8: a withdrawal is a version too, and hides nothing."""
    began = datetime.now(UTC)
    first = build.enter(service, "vital-signs", WEIGHT)["records"][0]
    second = service.site.correct(DEMO, SUBJECT, "vital-signs", first, {"vsorres": "34.5"}, MISREAD)["records"][0]
    service.site.withdraw(DEMO, SUBJECT, "vital-signs", second, MISTAKE)

    history = service.get(f"{PATH}/{first['record_id']}/history")["history"]
    entries = [each["entry"] for each in history]
    times = [datetime.fromisoformat(entry["at"]) for entry in entries]

    assert [(1, False), (2, False), (3, True)] == [(each["version"], each["withdrawn"]) for each in history]
    assert ["record", "correct", "withdraw"] == [entry["act"] for entry in entries]
    assert {("a coordinator", "coordinator")} == {(entry["actor"], entry["role"]) for entry in entries}
    assert [None, "TRANSCRIPTION", "ENTERED_IN_ERROR"] == [entry["reason_code"] for entry in entries]
    assert [None, "Misread from the source", None] == [entry["reason"] for entry in entries]
    assert {"from": None, "to": "43.5"} == history[0]["changed"]["vsorres"]
    assert {"vsorres": {"from": "43.5", "to": "34.5"}} == history[1]["changed"]
    assert began <= times[0] < times[1] < times[2]
    assert {timedelta(0)} == {moment.utcoffset() for moment in times}


def test_a_withdrawn_record_no_longer_counts_and_is_not_changed_again(service: Service) -> None:
    """A8."""
    record = build.enter(service, "vital-signs", WEIGHT)["records"][0]
    withdrawn = service.site.withdraw(DEMO, SUBJECT, "vital-signs", record, MISTAKE)["records"][0]
    answer = service.send("PATCH", f"{PATH}/{record['record_id']}", {"vsorres": "1", "reason": REASON}, If_Match='"2"')

    assert (2, True, "43.5") == (withdrawn["version"], withdrawn["withdrawn"], withdrawn["vsorres"])
    assert [] == service.get(PATH)["records"]
    assert service.get(f"{PATH}/{record['record_id']}")["withdrawn"]
    assert (409, "withdrawn") == (answer.status_code, answer.json()["code"])


def test_a_change_says_which_version_it_saw(service: Service) -> None:
    made = build.enter(service, "vital-signs", WEIGHT)["records"][0]
    path, body = f"{PATH}/{made['record_id']}", {"vsorres": "44.5", "reason": REASON}

    nothing = service.send("PATCH", path, body)
    unreadable = service.send("PATCH", path, body, If_Match="*")
    corrected = service.send("PATCH", path, body, If_Match='"1"')
    stale = service.send("PATCH", path, body | {"vsorres": "45.5"}, If_Match='"1"')

    assert [428, 422, 200, 412] == [answer.status_code for answer in (nothing, unreadable, corrected, stale)]
    assert '"2"' == corrected.headers["etag"] == stale.json()["current_etag"]


def test_of_two_correctors_of_one_record_the_second_is_told_to_look_again(service: Service) -> None:
    """Both saw version 1; whoever comes second would overwrite what the other has just written."""
    record = build.enter(service, "vital-signs", WEIGHT)["records"][0]

    def correct(value: str, seen: int) -> int:
        body = {"vsorres": value, "reason": REASON}
        return service.send("PATCH", f"{PATH}/{record['record_id']}", body, If_Match=f'"{seen}"').status_code

    for seen in range(1, 6):
        with ThreadPoolExecutor(2) as pool:
            answers = sorted(pool.map(correct, (f"4{seen}.1", f"4{seen}.2"), (seen, seen)))

        assert [200, 412] == answers
    assert 6 == service.get(f"{PATH}/{record['record_id']}")["version"]


def test_many_writers_of_one_subject_all_get_through(service: Service) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: build.enter(service, "vital-signs", WEIGHT), range(24)))

    trail = service.get(f"{build.below()}/trail")["entries"]
    numbers = {answer["entry"]["chain_no"] for answer in answers}

    assert 24 == len(numbers)
    assert list(range(1, len(trail) + 1)) == [entry["chain_no"] for entry in trail]
    assert all(later["prev_hash"] == earlier["hash"] for earlier, later in pairwise(trail))


def test_a_retried_request_is_answered_as_the_first_was_and_stores_nothing_twice(service: Service) -> None:
    build.visit(service, "BASELINE", -6)
    body = {"visit": "BASELINE", "instrument": "SLEDAI-2K", "answers": build.sledai("rash")}
    path = f"{build.below()}/assessments"

    first = service.send("POST", path, body, Idempotency_Key="one-key")
    stored = rows(service.engine)
    again = service.send("POST", path, body, Idempotency_Key="one-key")

    assert [201, 200] == [first.status_code, again.status_code]
    assert first.json()["moved"]
    assert first.json() == again.json()
    assert [None, "true"] == [answer.headers.get("idempotent-replay") for answer in (first, again)]
    assert stored == rows(service.engine)


def test_a_retry_is_answered_as_the_first_was_even_after_a_correction(service: Service) -> None:
    first = service.send("POST", PATH, WEIGHT, Idempotency_Key="one-key")
    service.site.correct(DEMO, SUBJECT, "vital-signs", first.json()["records"][0], {"vsorres": "34.5"}, MISREAD)

    assert first.json() == service.send("POST", PATH, WEIGHT, Idempotency_Key="one-key").json()


def test_two_retries_at_one_time_store_one_record(service: Service) -> None:
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: service.send("POST", PATH, WEIGHT, Idempotency_Key="one-key"), range(2)))

    assert [200, 201] == sorted(answer.status_code for answer in answers)
    assert 1 == len(service.get(PATH)["records"])


def test_a_key_belongs_to_one_request_for_ever(service: Service) -> None:
    build.eligible(service, OTHER)
    service.send("POST", PATH, WEIGHT, Idempotency_Key="one-key")
    stored = rows(service.engine)

    other_body = service.send("POST", PATH, WEIGHT | {"vsorres": "43.50"}, Idempotency_Key="one-key")
    other_path = service.send("POST", f"{build.below(OTHER)}/vital-signs", WEIGHT, Idempotency_Key="one-key")
    without = service.send("POST", PATH, WEIGHT)

    assert [422, 422, 422] == [answer.status_code for answer in (other_body, other_path, without)]
    assert ["idempotency_key_reused"] * 2 == [answer.json()["code"] for answer in (other_body, other_path)]
    assert stored == rows(service.engine)


BROKEN = {
    "sqlite": ["CREATE TRIGGER broken BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"],
    "postgresql": [
        "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'the disk is full'; END $$",
        "CREATE TRIGGER broken BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION broken()",
    ],
}


@pytest.mark.parametrize("table", ["entry", "verdict"])
def test_where_the_trail_or_a_consequence_cannot_be_written_nothing_is(service: Service, owner: Engine, table: str) -> None:
    """A1, B6."""
    build.visit(service, "BASELINE", -6)
    record = build.assess(service, "BASELINE", build.sledai("rash"))["records"][0]
    before = rows(service.engine)
    with database.writing(owner) as connection:
        for statement in BROKEN[owner.dialect.name]:
            connection.execute(text(statement.format(table=table)))

    path = f"{build.below()}/assessments/{record['record_id']}"
    body = {"answers": build.sledai("rash", "arthritis"), "reason": REASON}
    answers = [
        service.send("PATCH", path, body, If_Match='"1"'),
        service.send("POST", f"{path}/withdraw", {"reason": REASON}, If_Match='"1"'),
        service.send(
            "POST", f"{build.below()}/visits", {"visit": "M1", "svoccur": "Y", "svstdtc": build.day(30)}, Idempotency_Key="k"
        ),
    ]

    assert [500, 500, 500] == [answer.status_code for answer in answers]
    assert before == rows(service.engine)
    assert 1 == service.get(path)["version"]


@pytest.mark.parametrize("server", ["postgresql"], indirect=True)
def test_writers_of_different_subjects_do_not_wait_for_each_other(service: Service) -> None:
    build.eligible(service, OTHER)

    with database.writing(service.engine) as connection:
        database.lock_chain(connection, DEMO, SUBJECT)
        with ThreadPoolExecutor(2) as pool:
            waits = pool.submit(build.enter, service, "vital-signs", WEIGHT, SUBJECT)
            passes = pool.submit(build.enter, service, "vital-signs", WEIGHT, OTHER)
            assert passes.result(timeout=10)["records"]
            assert not waits.done()
            connection.rollback()
            assert waits.result(timeout=10)["records"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("visits", {"visit": "M1", "svoccur": "Y", "svstdtc": "2025-04-02"}),
        ("adverse-events", {"aespid": "AE-1", "aeterm": "Headache"}),
    ],
    ids=["visit", "event"],
)
def test_a_visit_and_an_event_are_entered_once_under_their_name(service: Service, path: str, body: dict[str, str]) -> None:
    """Verdicts speak of them by name; withdrawn, the name is free again."""
    first = build.enter(service, path, body)["records"][0]
    key = build.key()

    twice = service.send("POST", f"{build.below()}/{path}", body, Idempotency_Key=key)
    service.site.withdraw(DEMO, SUBJECT, path, first, MISTAKE)
    panel = service.send("POST", f"{build.below()}/{path}", [body, body], Idempotency_Key=build.key())
    anew = service.send("POST", f"{build.below()}/{path}", body, Idempotency_Key=key)

    assert [409, 409, 201] == [answer.status_code for answer in (twice, panel, anew)]
    assert {"stands_already"} == {answer.json()["code"] for answer in (twice, panel)}


def test_what_a_record_is_called_is_never_changed(service: Service) -> None:
    record = build.enter(service, "adverse-events", {"aespid": "AE-1", "aeterm": "Headache"})["records"][0]
    path = f"{build.below()}/adverse-events/{record['record_id']}"

    answer = service.send("PATCH", path, {"aespid": "AE-2", "reason": REASON}, If_Match='"1"')

    assert (422, "identity") == (answer.status_code, answer.json()["code"])


def test_a_code_that_is_not_of_the_studys_pattern_is_no_subject(service: Service) -> None:
    """G2: the code that a study uses is the only name a participant has."""
    body = {"subject_id": "LI-MING-2011", "siteid": "901"}
    answer = service.send("POST", f"/studies/{DEMO}/subjects", body, Idempotency_Key="k")

    assert (422, "unknown_code") == (answer.status_code, answer.json()["code"])
    assert [SUBJECT] == [one["subject_id"] for one in service.get(f"/studies/{DEMO}/subjects")["subjects"]]
