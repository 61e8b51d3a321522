"""Data cuts: exact while others write, the same for ever, and the casebook as it stood at one or at an instant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Lock
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, select

from app.casebook import cut, database
from app.casebook.exports.frames import whole as frames_of
from app.casebook.ledger import CUT_HEAD, ENTRY
from app.tables.base import STUDY_CHAIN
from seed.client import Refused
from tests.casebook import build
from tests.casebook.build import ACTIVE, DEMO, MISREAD, MISTAKE, OTHER, SUBJECT, Service

LAB = {"lbtestcd": "HGB", "lborres": "11.9", "lborresu": "g/dL", "lbdtc": "2025-03-03"}


@pytest.fixture
def two(service: Service) -> Service:
    """A service with two subjects who may be treated."""
    build.eligible(service, OTHER)
    return service


def heads(engine: Engine, name: str) -> dict[str, int]:
    """The last number of each chain in a cut."""
    with database.reading(engine) as connection:
        cut_id = cut.named(connection, DEMO, name)["cut_id"]
        rows = connection.execute(select(CUT_HEAD.c.head_subject_id, CUT_HEAD.c.head_no).where(CUT_HEAD.c.cut_id == cut_id))
        return {row.head_subject_id: row.head_no for row in rows}


def ends(engine: Engine) -> dict[str, int]:
    """The last number of each chain now."""
    with database.reading(engine) as connection:
        rows = connection.execute(select(ENTRY.c.subject_id, ENTRY.c.chain_no).order_by(ENTRY.c.chain_no))
        return {row.subject_id: row.chain_no for row in rows}


def frames(engine: Engine, name: str) -> dict[str, list[Any]]:
    """Every frame of a cut as plain rows."""
    with database.reading(engine) as connection:
        made = frames_of(connection, DEMO, cut.named(connection, DEMO, name)["cut_id"])
    return {table: frame.to_dict("records") for table, frame in made.items()}


def values(service: Service, name: str) -> set[str]:
    """The haemoglobins of the first subject in a cut."""
    return {one["lborres"] for one in service.get(f"{build.below()}/laboratory", cut=name)["records"]}


@contextmanager
def held(engine: Engine, table: str) -> Iterator[tuple[Event, Event]]:
    """Hold the first transaction that inserts into a table, after it did: one event tells that it stands, one lets it go."""
    standing, let_go, first = Event(), Event(), Lock()

    def hold(_: Connection, __: Any, statement: str, *___: Any) -> None:
        if statement.startswith(f"INSERT INTO {table} ") and first.acquire(blocking=False):
            standing.set()
            assert let_go.wait(timeout=20)

    event.listen(engine, "after_cursor_execute", hold)
    yield standing, let_go
    let_go.set()
    event.remove(engine, "after_cursor_execute", hold)


def lab(service: Service, value: str, subject: str = SUBJECT) -> int:
    """A haemoglobin entered; the number of its entry."""
    number: int = build.enter(service, "laboratory", LAB | {"lborres": value}, subject)["entry"]["chain_no"]
    return number


@pytest.mark.parametrize("server", ["postgresql"], indirect=True)
def test_what_commits_after_the_cut_began_is_not_in_it_and_nobody_waits(two: Service) -> None:
    """F4: the cut has read its heads and not committed; writers commit now, before it, in a chain it saw and in a new one."""
    lab(two, "1.0")
    before = ends(two.engine)

    with held(two.engine, "cut_head") as (standing, let_go), ThreadPoolExecutor(1) as pool:
        taking = pool.submit(two.sponsor.cut, DEMO, "C1")
        assert standing.wait(timeout=10)
        lab(two, "2.0")
        build.eligible(two, "SYN-012")
        let_go.set()
        taking.result(timeout=10)

    assert before == heads(two.engine, "C1")
    assert {"1.0"} == values(two, "C1")
    assert ["SYN-001", "SYN-002"] == [row["subject_id"] for row in frames(two.engine, "C1")["subject"]]


@pytest.mark.parametrize("server", ["postgresql"], indirect=True)
def test_what_was_written_before_the_cut_and_commits_after_it_is_not_in_it(two: Service) -> None:
    """F4: a writer who began first and is slow neither holds up the cut nor slips into it later."""
    lab(two, "1.0")

    with held(two.engine, "laboratory") as (standing, let_go), ThreadPoolExecutor(1) as pool:
        writing: Future[int] = pool.submit(lab, two, "2.0")
        assert standing.wait(timeout=10)
        two.sponsor.cut(DEMO, "C1")
        taken = frames(two.engine, "C1")
        let_go.set()
        late = writing.result(timeout=10)

    assert taken == frames(two.engine, "C1")
    assert heads(two.engine, "C1")[SUBJECT] == late - 1
    assert {"1.0"} == values(two, "C1")


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
@pytest.mark.parametrize("order", ["cut first", "writer first"])
def test_on_sqlite_cut_and_writer_take_turns(two: Service, order: str) -> None:
    """F4: SQLite has one writer; whoever began first is wholly before the other."""
    acts: dict[str, Callable[[], Any]] = {
        "cut_head": lambda: two.sponsor.cut(DEMO, "C1"),
        "laboratory": lambda: lab(two, "2.0"),
    }
    first, second = acts if order == "cut first" else reversed(acts)

    with held(two.engine, first) as (standing, let_go), ThreadPoolExecutor(2) as pool:
        began = pool.submit(acts[first])
        assert standing.wait(timeout=10)
        waits = pool.submit(acts[second])
        assert not waits.done()
        let_go.set()
        began.result(timeout=10)
        waits.result(timeout=10)

    assert ({"2.0"} if order == "writer first" else set()) == values(two, "C1")


def test_cuts_among_many_writers_hold_what_was_answered_before_and_never_grow(two: Service) -> None:
    """F4: every save answered before a cut was asked for is in it, and none begun after it was answered."""
    answered: dict[str, int] = {SUBJECT: 0, OTHER: 0}
    bounds: dict[str, tuple[dict[str, int], dict[str, int]]] = {}
    taken: dict[str, Any] = {}

    def write(subject: str) -> None:
        for number in range(12):
            answered[subject] = lab(two, f"{number}.0", subject)

    def take() -> None:
        for number in range(6):
            least = dict(answered)
            two.sponsor.cut(DEMO, f"C{number}")
            bounds[f"C{number}"] = (least, ends(two.engine))
            taken[f"C{number}"] = frames(two.engine, f"C{number}")

    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(write, SUBJECT), pool.submit(write, OTHER), pool.submit(take)]:
            done.result(timeout=60)

    for name, (least, most) in bounds.items():
        seen = heads(two.engine, name)

        assert all(least[subject] <= seen[subject] <= most[subject] for subject in (SUBJECT, OTHER))
        assert taken[name] == frames(two.engine, name)


def test_three_cuts_at_one_time_are_three_cuts(two: Service) -> None:
    with ThreadPoolExecutor(3) as pool:
        names = {taken["name"] for taken in pool.map(lambda name: two.sponsor.cut(DEMO, name), ("C1", "C2", "C3"))}

    assert (
        {"C1", "C2", "C3"} == names == {taken["name"] for taken in two.get(f"/studies/{DEMO}/cuts")["cuts"]} - {build.OPENING}
    )
    assert 3 == len({heads(two.engine, name)[STUDY_CHAIN] for name in names})


def test_a_cut_is_the_same_for_ever_whatever_is_corrected_later(responder: Service) -> None:
    """F4: a hundred corrections, a withdrawal, new records, a new subject."""
    m3 = build.at_m3(responder)
    record = build.enter(responder, "laboratory", LAB)["records"][0]
    responder.sponsor.cut(DEMO, "C1")
    at_first = frames(responder.engine, "C1")
    book, said = responder.get(build.below(), cut="C1"), build.verdicts(responder, cut="C1")

    for number in range(50):
        record = responder.site.correct(DEMO, SUBJECT, "laboratory", record, {"lborres": f"{number}.5"}, MISREAD)["records"][0]
        answers = build.sledai(*ACTIVE[: 1 + number % 5])
        if number % 5:
            m3 = responder.site.correct(DEMO, SUBJECT, "assessments", m3, {"answers": answers}, MISREAD)["records"][0]
    responder.site.withdraw(DEMO, SUBJECT, "laboratory", record, MISTAKE)
    build.visit(responder, "M4", 120)
    build.eligible(responder, OTHER)

    assert at_first == frames(responder.engine, "C1")
    assert (book, said) == (responder.get(build.below(), cut="C1"), build.verdicts(responder, cut="C1"))
    assert book != responder.get(build.below())
    assert said != build.verdicts(responder)


def test_an_export_reads_of_a_cut_what_the_casebook_shows_at_it(two: Service) -> None:
    """F4: corrected, withdrawn and entered on either side of the cut, in two subjects; the same records and values."""
    kept: dict[str, list[Any]] = {}
    for subject in (SUBJECT, OTHER):
        results = [LAB | {"lborres": f"1{n}.50"} for n in range(5)]
        kept[subject] = build.enter(two, "laboratory", results, subject)["records"]
        _, corrected, withdrawn, *_ = kept[subject]
        two.site.correct(DEMO, subject, "laboratory", corrected, {"lborres": "9.0"}, MISREAD)
        two.site.withdraw(DEMO, subject, "laboratory", withdrawn, MISTAKE)
    two.sponsor.cut(DEMO, "C1")
    for subject in (SUBJECT, OTHER):
        first, _, _, later, gone = kept[subject]
        two.site.correct(DEMO, subject, "laboratory", later, {"lborres": "8.0"}, MISREAD)
        two.site.correct(DEMO, subject, "laboratory", first, {"lborresu": "g/L"}, MISREAD)
        two.site.withdraw(DEMO, subject, "laboratory", gone, MISTAKE)
        build.enter(two, "laboratory", LAB, subject)
    read = [
        (row["subject_id"], row["record_id"], row["lborres"], row["lborresu"]) for row in frames(two.engine, "C1")["laboratory"]
    ]
    shown = [
        (subject, row["record_id"], row["lborres"], row["lborresu"])
        for subject in (SUBJECT, OTHER)
        for row in two.get(f"{build.below(subject)}/laboratory", cut="C1")["records"]
    ]

    assert shown == read
    assert ["10.50", "9.0", "13.50", "14.50"] * 2 == [value for _, _, value, _ in read]


def test_the_casebook_as_at_a_cut_and_as_at_an_instant(responder: Service) -> None:
    """The same moment by both: the value then, the verdict then, what was withdrawn since is there, what came since is not."""
    m3 = build.at_m3(responder)
    record = build.enter(responder, "laboratory", LAB)["records"][0]
    instant = responder.sponsor.cut(DEMO, "C1")["at"]
    responder.site.correct(DEMO, SUBJECT, "assessments", m3, {"answers": build.sledai(*ACTIVE)}, MISREAD)
    responder.site.withdraw(DEMO, SUBJECT, "laboratory", record, MISTAKE)
    build.enter(responder, "medical-history", {"mhterm": "Asthma"})

    for at in ({"cut": "C1"}, {"at": instant}):
        book = responder.get(build.below(), **at)["casebook"]
        sledai = {one["visit"]: one for one in book["assessment"] if one["instrument"] == "SLEDAI-2K"}

        assert {"11.9"} == {one["lborres"] for one in book["laboratory"]}
        assert (1, False) == (sledai["M3"]["version"], sledai["M3"]["answers"]["rash"])
        assert "medical_history" not in book
        assert "met" == build.verdicts(responder, **at)["sri4", "M3"]["value"]
    now = responder.get(build.below())["casebook"]

    assert "not_met" == build.verdicts(responder)["sri4", "M3"]["value"]
    assert ("laboratory" in now, "medical_history" in now) == (False, True)


def test_before_its_first_entry_a_casebook_is_empty(service: Service) -> None:

    assert {} == service.get(build.below(), at="2025-01-01T00:00:00Z")["casebook"]
    assert {} == build.verdicts(service, at="2025-01-01T00:00:00+08:00")


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"cut": "C9"}, 404, "no_such_cut"),
        ({"at": "2025-01-01T00:00:00"}, 422, "instant_without_offset"),
        ({"cut": "C1", "at": "2025-01-01T00:00:00Z"}, 422, "two_positions"),
        ({"at": "yesterday"}, 422, "parameters_refused"),
    ],
    ids=["no such cut", "no offset", "both", "no instant"],
)
def test_a_position_that_cannot_be_read_is_refused(service: Service, query: dict[str, str], status: int, code: str) -> None:
    service.sponsor.cut(DEMO, "C1")
    answer = service.send("GET", f"{build.below()}/visits?" + "&".join(f"{name}={said}" for name, said in query.items()))

    assert (status, code) == (answer.status_code, answer.json()["code"])


def test_a_name_that_cannot_be_one_is_refused_in_words_wherever_it_is_said(service: Service) -> None:
    with pytest.raises(Refused) as taken:
        service.sponsor.cut(DEMO, "Cut 1")
    read = service.send("GET", f"{build.below()}/visits?cut=Cut%201")
    words = 'is not 1 to 40 letters, digits, hyphens, dots and underscores, a letter or digit first (sent: "Cut 1")'

    assert f"Name of the Cut (name) {words}" == taken.value.problem["errors"][0]["detail"]
    assert (422, f"cut {words}") == (read.status_code, read.json()["detail"])


def test_a_name_is_used_once(service: Service) -> None:
    service.sponsor.cut(DEMO, "C1")
    at_first = heads(service.engine, "C1")
    lab(service, "1.0")

    with pytest.raises(Refused, match="C1 already") as refused:
        service.sponsor.cut(DEMO, "C1")

    assert (409, "cut_exists") == (refused.value.status, refused.value.code)
    assert at_first == heads(service.engine, "C1")
