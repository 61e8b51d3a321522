"""A record that names another one of its subject by number: the other one stands, stays, and is related to it in the export."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from app.casebook import cut, links
from app.casebook.database import reading
from app.casebook.exports.frames import whole as frames_of
from app.casebook.studies import library
from app.tables import CAPTURED
from cdisc.sdtm import relations
from cdisc.sdtm.datasets import datasets
from seed.client import Body
from tests.api import site
from tests.api.site import BODIES, DEMO, FORMS
from tests.casebook import build
from tests.casebook.archived import archive, ask, clinical
from tests.casebook.build import Service
from tests.servers import Server

LINKS = [(path, name) for path, form in FORMS.items() for name in links.of(form)]
NUMBERED: dict[str, tuple[str, Body]] = {
    "adverse-events": ("aespid", {"aeterm": "Rash"}),
    "procedures": ("prspid", {"prtrt": "Renal biopsy"}),
}
"""The forms that are named, by which field, and what else a record of one must say."""
CHANGES: dict[str, Body] = {
    "dispositions": {"dsterm": "In other words"},
    "medications": {"cmdose": "4"},
    "procedures": {"prindc": "Nephritis"},
    "healthcare-encounters": {"hoterm": "Ward"},
    "biopsies": {"miloc": None},
    "microbiology": {"mbloc": None},
    "adverse-event-grades": {"toxgr": "3"},
    "dlt-assessments": {"dltreas": "In other words"},
    "prespecified-events": {"cestdtc": None},
}
"""A correction of each form that says nothing of its link."""


def named(path: str, name: str) -> str:
    """The path of the form that a field names a record of."""
    return links.of(FORMS[path])[name].__form__.path


def number(service: Service, subject: str, path: str, value: str) -> Body:
    """A record that stands under a number."""
    field, body = NUMBERED[path]
    (record,) = site.enter(service, path, subject, body | {field: value})["records"]
    return dict(record)


def linked(path: str, name: str, value: str) -> Body:
    """A body that names a record."""
    if path == "dispositions":
        return BODIES[path][2] | {name: value}
    return next(body for body in BODIES[path] if name in body) | {name: value}


def withdraw(service: Service, path: str, subject: str, record: Body) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {service.site.token}", "If-Match": f'"{record["version"]}"'}
    place = f"{site.where(path, subject)}/{record['record_id']}/withdraw"
    return service.http.post(place, json={"reason": {"code": "ENTERED_IN_ERROR"}}, headers=headers)


def test_every_number_of_another_record_is_a_link_and_related_in_the_export() -> None:
    """Record by record, or as findings about the event (AEFA); an observation may name an event before that is entered."""
    declared = {
        (named_.__form__.domain, form.__form__.domain, table, name)
        for table, form in CAPTURED.items()
        for name, named_ in links.of(form).items()
    }
    assert {link for link in declared if link[1] != "FA"} == set(relations.NAMED)
    assert {("AE", "FA", "event_grade", "aespid"), ("AE", "FA", "dlt_assessment", "aespid")} == declared - set(relations.NAMED)
    assert "AEFA" in {name for name, _ in relations.LINKED}
    assert CHANGES.keys() == {path for path, _ in LINKS}


@pytest.mark.parametrize(("path", "name"), LINKS)
def test_a_link_to_nothing_that_stands_is_refused_with_what_does(
    service: Service, enrol: Callable[[], str], path: str, name: str
) -> None:
    """In a record of its own and in a panel: of nobody, of another subject, withdrawn; then at its correction."""
    subject, other, target = enrol(), enrol(), named(path, name)
    number(service, other, target, "X-9")
    gone = number(service, subject, target, "X-8")
    service.site.withdraw(DEMO, subject, target, gone, build.MISTAKE)
    with site.nothing_stored(service):
        none = site.post(service, path, subject, linked(path, name, "X-9"))
    assert "X-9" in none.json()["detail"]
    assert re.search(rf"subject {subject} that stands \(by \w+\); those that stand: none", none.json()["detail"])
    for value in ("X-1", "X-2"):
        number(service, subject, target, value)
    with site.nothing_stored(service):
        panel = site.post(service, path, subject, [linked(path, name, value) for value in ("X-1", "X-8", "X-9")])
    (record,) = site.enter(service, path, subject, linked(path, name, "X-1"))["records"]
    with site.nothing_stored(service):
        corrected = site.patch(service, path, subject, record, {name: "X-8"})

    assert {f"/{name}": "unknown_record"} == site.faults(none) == site.faults(corrected)
    assert {f"/1/{name}": "unknown_record", f"/2/{name}": "unknown_record"} == site.faults(panel)
    assert all("those that stand: X-1, X-2" in answer.json()["detail"] for answer in (panel, corrected))
    moved = site.patch(service, path, subject, record, {name: "X-2"}).json()["records"][0]
    (again,) = site.patch(service, path, subject, moved, CHANGES[path]).json()["records"]
    assert ["X-1", "X-2", "X-2"] == [each[name] for each in (record, moved, again)]


@pytest.mark.parametrize(("path", "name"), LINKS)
def test_what_is_named_is_not_withdrawn_before_who_names_it(
    service: Service, enrol: Callable[[], str], path: str, name: str
) -> None:
    """The refusal says of which form; a link that was corrected, or whose record was withdrawn, holds nothing."""
    subject, target = enrol(), named(path, name)
    first, second = (number(service, subject, target, value) for value in ("X-1", "X-2"))
    one, two = site.enter(service, path, subject, [linked(path, name, value) for value in ("X-1", "X-2")])["records"]
    with site.nothing_stored(service):
        refused = withdraw(service, target, subject, first)

    title = FORMS[path].__form__.title
    words = site.problem(refused, 409, "record_is_named")["detail"]
    assert f"X-1 is named by {title} ({name}); correct or withdraw those first" in words
    (moved,) = site.patch(service, path, subject, one, {name: "X-2"}).json()["records"]
    assert 200 == withdraw(service, target, subject, first).status_code
    service.site.withdraw(DEMO, subject, path, two, build.MISTAKE)
    assert 409 == withdraw(service, target, subject, second).status_code
    service.site.withdraw(DEMO, subject, path, moved, build.MISTAKE)
    assert 200 == withdraw(service, target, subject, second).status_code


def test_a_procedure_gets_its_number_once(service: Service, enrol: Callable[[], str]) -> None:
    """When it is entered or by a correction, as long as no other one has it; then it is what the procedure is called."""
    subject, path = enrol(), "procedures"
    number(service, subject, path, "P-1")
    (unnamed,) = site.enter(service, path, subject, {"prtrt": "Lumbar puncture"})["records"]
    with site.nothing_stored(service):
        twice = site.post(service, path, subject, {"prtrt": "Apheresis", "prspid": "P-1"})
        taken = site.patch(service, path, subject, unnamed, {"prspid": "P-1"})
    (called,) = site.patch(service, path, subject, unnamed, {"prspid": "P-2"}).json()["records"]
    with site.nothing_stored(service):
        changed = [site.patch(service, path, subject, called, {"prspid": value}) for value in ("P-3", None)]

    assert all(site.problem(answer, 409, "stands_already") for answer in (twice, taken))
    assert [{"/prspid": "identity"}] * 2 == [site.faults(answer) for answer in changed]
    (unnumbered,) = site.enter(service, path, subject, {"prtrt": "Dialysis"})["records"]
    assert 200 == withdraw(service, path, subject, unnumbered).status_code


def enter_all(service: Service, subject: str) -> dict[tuple[str, str], Body]:
    """One record of every link, each naming the first event or procedure, the first of them after a correction."""
    for target in NUMBERED:
        for value in ("X-1", "X-2"):
            number(service, subject, target, value)
    made = {link: site.enter(service, link[0], subject, linked(*link, "X-1"))["records"][0] for link in LINKS}
    (_, first), *_ = made.items()
    return made | {LINKS[0]: site.patch(service, LINKS[0][0], subject, first, {LINKS[0][1]: "X-2"}).json()["records"][0]}


def relrec(service: Service, name: str) -> list[dict[str, Any]]:
    """RELREC of a cut, as far as it relates records."""
    with reading(service.engine) as connection:
        taken = cut.named(connection, DEMO, name)
        trial = cut.trial(connection, library.study(connection, DEMO), taken, "1")
        made = datasets(frames_of(connection, DEMO, taken["cut_id"]), trial)
    return [dict(row) for _, row in made["RELREC"].iterrows() if row["USUBJID"]]


def test_links_leave_as_relations_and_come_back_from_an_archive(
    service: Service, enrol: Callable[[], str], request: pytest.FixtureRequest
) -> None:
    """F6: an archive does everything again in its order, so that each link finds what it names."""
    subject = enrol()
    enter_all(service, subject)
    gone = number(service, subject, "adverse-events", "X-3")
    service.site.withdraw(DEMO, subject, "adverse-events", gone, build.MISTAKE)
    service.sponsor.cut(DEMO, "LINKED")
    server: Server = request.getfixturevalue(f"{'sqlite' if service.engine.dialect.name == 'sqlite' else 'postgres'}_server")
    given = server.migrated()
    with build.service(given.engine) as elsewhere:
        elsewhere.sponsor.import_odm(DEMO, ask(service).content)
        assert clinical(archive(service)) == clinical(archive(elsewhere))
        rows = [[row for row in relrec(of, "LINKED") if row["USUBJID"].endswith(subject)] for of in (service, elsewhere)]
    server.drop(given)

    found = {row["RDOMAIN"] for row in rows[0]}
    assert rows[0] == rows[1]
    assert {each for parent, child, _, _ in relations.NAMED for each in (parent, child)} == found
    assert 2 * len(relations.NAMED) == len(rows[0])
