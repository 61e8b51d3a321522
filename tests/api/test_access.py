"""
Who may come in, and how far: every route before a token, every role before every action, every subject before another site.

`permissions.csv` says what each role may do, `routes.csv` what each route asks of a role (`{form}` stands for every form of a
subject); both are read by whoever answers for access, and neither is taken from the code.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import httpx2
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import select

from app.casebook import access, database
from app.casebook.access import Role
from app.errors import NotFound
from app.tables import CAPTURED
from app.tables.base import table
from app.tables.people import Token
from seed.client import API
from seed.load import DEMO, open_study, study_document
from tests.api import site
from tests.casebook import build
from tests.casebook.build import Service

HERE = Path(__file__).parent
OTHER_STUDY = "SYS6020-SLE"
NOBODY = "01890a5d-ac96-774b-bcce-b302099a8057"


def rows(name: str) -> list[dict[str, str]]:
    """A table beside the tests."""
    with (HERE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


MATRIX = {row.pop("role"): row for row in rows("permissions")}


def routes() -> Iterator[tuple[str, str, str]]:
    """Method, path and action of every route, each form of a subject in its place."""
    forms = [form.__form__.path for form in CAPTURED.values() if form.__form__.scope == "subject"]
    for row in rows("routes"):
        for form in forms if "{form}" in row["path"] else [""]:
            yield row["method"], row["path"].replace("{form}", form), row["action"]


ROUTES = list(routes())


def filled(path: str, study: str = DEMO, subject: str = "SYN-001") -> str:
    """A path about things that may or may not exist."""
    known = {"study": study, "subject": subject, "path": "visits", "instrument": "PGA", "record": NOBODY, "verdict": NOBODY}
    known |= {"job": NOBODY}
    return API + path.format(**known, first="C1", second="C2")


def ask(service: Service, method: str, path: str, token: str | None, **more: Any) -> httpx2.Response:
    """One request with a token, and everything else that any route wants."""
    headers = {"Idempotency-Key": build.key(), "If-Match": '"1"'} | ({"Authorization": f"Bearer {token}"} if token else {})
    return service.http.request(method, path, headers=headers, **({"content": b"{}"} if method != "GET" else {}) | more)


def issued(service: Service, role: Role, *, study: str | None = None, sites: list[str] | None = None, days: int = 1) -> str:
    """A token as the command line issues it."""
    with database.writing(service.engine) as connection:
        return access.issue(connection, f"a {role}", role, study_id=study, sites=sites, days=days)


@pytest.fixture(scope="module")
def tokens(service: Service) -> dict[str, str]:
    """A token for each role, in every study and at every site."""
    return {role.value: issued(service, role) for role in Role}


def test_the_table_of_routes_is_whole(service: Service) -> None:
    """D2: a new route is in the table, with what it asks, or this fails."""
    described = cast(FastAPI, service.http.app).openapi()["paths"]
    standing = {(act.upper(), path.removeprefix(API)) for path, acts in described.items() for act in acts}

    assert standing - {("GET", "/livez"), ("GET", "/readyz")} == {(method, path) for method, path, _ in ROUTES}
    assert len(ROUTES) > 100


def test_the_matrix_that_is_published_is_the_one_that_was_agreed(service: Service, tokens: dict[str, str]) -> None:
    """D2: what `/permissions` says of the actions that a route asks for."""
    told = ask(service, "GET", f"{API}/permissions", tokens["inspector"]).json()["permissions"]

    agreed = {role: {action for action, may in row.items() if may == "yes"} for role, row in MATRIX.items()}
    asked = {action for _, _, action in ROUTES if action}

    assert agreed == {role: asked & set(actions) for role, actions in told.items()}
    assert set(MATRIX) == {role.value for role in Role}


@pytest.mark.parametrize(("method", "path"), [route[:2] for route in ROUTES], ids=[f"{m} {p}" for m, p, _ in ROUTES])
def test_nobody_comes_in_without_a_token(service: Service, method: str, path: str) -> None:
    """With no token, with another scheme, and with a token that nobody was given."""
    for header in ({}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer"}, {"Authorization": "Bearer nobody's"}):
        answer = service.http.request(method, filled(path), headers=header)
        site.problem(answer, 401)
        assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("role", MATRIX)
def test_a_role_may_do_what_the_matrix_says(service: Service, tokens: dict[str, str], role: str) -> None:
    """
    B3, D2, D3: a role that may not is told so before anything else is looked at; one that may is never told that.

    The body is empty on purpose: who may act is refused for the body, who may not is not even asked for it.
    """
    for method, path, action in ROUTES:
        answer = ask(service, method, filled(path), tokens[role])

        if not action or MATRIX[role][action] == "yes":
            assert answer.status_code != 403, (method, path)
        else:
            told = site.problem(answer, 403, "not_allowed")
            assert f"A {role.replace('_', ' ')} may not {action.replace('_', ' ')}" == told["detail"], (method, path)


@pytest.fixture(scope="module")
def two_sites(service: Service) -> tuple[str, str]:
    """A subject of site 901 with a visit and demographics, and its visit's identifier."""
    service.site.register(DEMO, "SYN-900", "901")
    visit = build.visit(service, "SCREENING", -20, "SYN-900")
    return "SYN-900", visit["record_id"]


BELOW_SUBJECT = [route for route in ROUTES if "{subject}" in route[1]]


@pytest.mark.parametrize("route", BELOW_SUBJECT, ids=[f"{m} {p}" for m, p, _ in BELOW_SUBJECT])
def test_a_subject_of_another_site_does_not_exist(
    service: Service, two_sites: tuple[str, str], route: tuple[str, str, str]
) -> None:
    """D1: the answer is the one that a subject who does not exist gets, byte for byte, whatever is asked."""
    method, path, action = route
    subject, record = two_sites
    role = Role.COORDINATOR if action == "enter" else Role.INSPECTOR
    stranger = issued(service, role, sites=["902"])
    content = some_body(method, path)

    with site.nothing_stored(service):
        there, nowhere = (
            ask(service, method, filled(path, subject=code).replace(NOBODY, record), stranger, json=content, content=None)
            for code in (subject, "SYN-999")
        )

    assert there.status_code == nowhere.status_code == 404, there.text
    known = ("instance", "request_id", "subject")
    first, second = ({k: v for k, v in answer.json().items() if k not in known} for answer in (there, nowhere))
    assert str(first).replace(subject, "SYN-999") == str(second)


def some_body(method: str, path: str) -> Any:
    """A body that would be taken, were the subject there."""
    if method == "POST" and not path.endswith("/withdraw"):
        return site.BODIES[path.split("/")[5]][0]
    return None if method == "GET" else {"reason": {"code": "TRANSCRIPTION"}}


def test_a_list_of_subjects_is_that_of_ones_own_sites(service: Service, two_sites: tuple[str, str]) -> None:
    service.site.register(DEMO, "SYN-901", "902")
    there = issued(service, Role.MONITOR, sites=["902"])

    told = ask(service, "GET", f"{API}/studies/{DEMO}/subjects", there).json()["subjects"]

    assert ["SYN-901"] == [each["subject_id"] for each in told]


def test_nobody_registers_a_subject_at_another_site(service: Service) -> None:
    token = issued(service, Role.COORDINATOR, sites=["902"])
    with site.nothing_stored(service):
        body = {"subject_id": "SYN-902", "siteid": "901"}
        answer = ask(service, "POST", f"{API}/studies/{DEMO}/subjects", token, json=body, content=None)

    assert {"/siteid": "unknown_site"} == site.faults(answer)


WHOLE = [route for route in ROUTES if route[2] in ("export_package", "import")]


@pytest.mark.parametrize("route", WHOLE, ids=[f"{m} {p}" for m, p, _ in WHOLE])
def test_what_takes_every_site_is_refused_to_who_reaches_some(service: Service, route: tuple[str, str, str]) -> None:
    """D1: a package holds the subjects of every site, so a token of one site neither asks for it nor fetches it."""
    method, path, _ = route
    answer = ask(service, method, filled(path), issued(service, Role.DATA_MANAGER, sites=["902"]))

    assert "your token reaches 902" in site.problem(answer, 403, "not_every_site")["detail"]


IN_STUDY = [route for route in ROUTES if "{study}" in route[1]]


@pytest.mark.parametrize("route", IN_STUDY, ids=[f"{m} {p}" for m, p, _ in IN_STUDY])
def test_a_token_of_another_study_finds_no_study(service: Service, route: tuple[str, str, str]) -> None:
    """D1: not even whether it has a cut of some name."""
    method, path, action = route
    role = Role.COORDINATOR if action == "enter" else Role.DATA_MANAGER
    token = issued(service, role, study=OTHER_STUDY)

    answer = ask(service, method, f"{filled(path)}?cut=C1", token)

    site.problem(answer, 404, "no_such_study")


def test_a_data_manager_of_one_study_publishes_no_other(service: Service) -> None:
    """The document says which study it is; the token says which one it opens."""
    there = issued(service, Role.DATA_MANAGER, study=OTHER_STUDY)
    document = "\n".join(f'id = "{DEMO}"' if line.startswith("id = ") else line for line in study_lines())
    with site.nothing_stored(service):
        answer = ask(service, "POST", f"{API}/studies", there, content=document.encode())

    site.problem(answer, 404, "no_such_study")
    assert ask(service, "POST", f"{API}/studies", there, content="\n".join(study_lines()).encode()).status_code == 201
    assert [OTHER_STUDY] == [each["study_id"] for each in ask(service, "GET", f"{API}/studies", there).json()["studies"]]


def study_lines() -> list[str]:
    """The document of the other study."""

    return study_document(OTHER_STUDY).splitlines()


def test_a_revoked_token_ends_at_once(service: Service) -> None:
    """D6: in the next request, without a restart."""
    token, path = issued(service, Role.INSPECTOR), f"{API}/studies"
    assert ask(service, "GET", path, token).status_code == 200

    with database.writing(service.engine) as connection:
        access.revoke(connection, token, "a test")

    site.problem(ask(service, "GET", path, token), 401, "token_refused")


def test_every_token_of_a_person_ends_at_once(service: Service) -> None:
    """D6: of one who left, or who lost a token that nobody can name; once is enough, and nobody else's ends."""
    mine, other = [issued(service, Role.MEDICAL_MONITOR) for _ in range(2)], issued(service, Role.INSPECTOR)

    with database.writing(service.engine) as connection:
        ended = [access.revoke_all(connection, "a medical_monitor", "a test") for _ in range(2)]
        with pytest.raises(NotFound):
            access.revoke(connection, mine[0], "a test")

    assert ended[0] >= 2
    assert 0 == ended[1]
    assert [401, 401, 200] == [ask(service, "GET", f"{API}/studies", token).status_code for token in (*mine, other)]


def test_a_token_ends_by_itself(service: Service) -> None:
    """D4, D5: it lasts as long as it was issued for, to the second."""
    token, path = issued(service, Role.INSPECTOR, days=3), f"{API}/studies"
    end = datetime.now(UTC) + timedelta(days=3)

    with time_machine.travel(end - timedelta(minutes=1), tick=False):
        assert ask(service, "GET", path, token).status_code == 200
    with time_machine.travel(end + timedelta(minutes=1), tick=False):
        site.problem(ask(service, "GET", path, token), 401, "token_refused")


def test_a_token_is_kept_as_its_digest_alone(service: Service) -> None:
    """It is shown once: no column of its row holds it."""
    token = issued(service, Role.INSPECTOR)
    with database.reading(service.engine) as connection:
        kept = connection.execute(select(table(Token))).mappings().all()

    assert access.digest(token) in {row["digest"] for row in kept}
    assert not any(token in str(value) for row in kept for value in row.values())
    assert len(token) >= 43


def test_a_production_token_opens_no_other_database(service: Service, fresh: Callable[[], Any]) -> None:
    """E7: another database is another environment."""
    with build.service(fresh().engine) as other:
        site.problem(ask(other, "GET", f"{API}/studies", service.sponsor.token), 401, "token_refused")


def test_two_studies_in_one_database_do_not_see_each_other(service: Service) -> None:
    """A record of one study is not found below another, by whoever may see both."""
    open_study(service.sponsor, OTHER_STUDY)
    lot = service.sponsor.add_lot(DEMO, {"eclot": "L-1", "lotstat": "RELEASED"})["records"][0]

    here, there = (
        ask(service, "GET", f"{API}/studies/{study}/lots/{lot['record_id']}", service.sponsor.token)
        for study in (DEMO, OTHER_STUDY)
    )

    assert (200, 404) == (here.status_code, there.status_code)
    assert [] == ask(service, "GET", f"{API}/studies/{OTHER_STUDY}/lots", service.sponsor.token).json()["records"]
    site.problem(ask(service, "GET", f"{API}/studies/NOWHERE/lots", service.sponsor.token), 404, "no_such_study")
