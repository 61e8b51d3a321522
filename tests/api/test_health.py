"""Whether the service lives and can vouch for its database: ready, or 503 with the reason in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, create_engine, text

from app.casebook.database import connect, writing
from app.main import create_app
from app.settings import Settings
from seed.load import DEMO
from tests.api import site
from tests.casebook import build
from tests.servers import Database, Server


@contextmanager
def served(engine: Engine) -> Iterator[TestClient]:
    """The application over an engine."""
    with TestClient(create_app(Settings(), engine), raise_server_exceptions=False) as http:
        yield http


def test_a_service_over_a_migrated_database_is_ready(database: Database) -> None:
    """As the service's own role; it tells since when nothing was added."""
    with build.opened(database.engine) as service:
        service.site.register(DEMO, "SYN-001", "901")
        told = service.http.get("/readyz").json()

        assert "ready" == told["status"]
        assert datetime.fromisoformat(told["ledger"]["last_entry_at"]).tzinfo is not None
        assert {"status": "live"} == service.http.get("/livez").json()


def test_an_empty_ledger_has_no_last_instant(database: Database) -> None:
    with served(database.engine) as http:
        assert {"last_entry_at": None} == http.get("/readyz").json()["ledger"]


def test_a_database_without_tables_is_not_ready(empty_database: Database) -> None:
    """The process lives all the same: it is not killed for what a migration will mend."""
    with served(empty_database.engine) as http:
        told = site.problem(http.get("/readyz"), 503, "migrations_behind")

        assert "casebook migrate" in told["detail"]
        assert 200 == http.get("/livez").status_code


def test_a_database_at_another_revision_is_not_ready(database: Database, owner: Engine) -> None:
    """Behind what this build knows, or ahead of it."""
    with writing(owner) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'of another build'"))
    with served(database.engine) as http:
        site.problem(http.get("/readyz"), 503, "migrations_behind")


def test_a_table_without_its_guard_is_not_ready(database: Database, owner: Engine) -> None:
    """A4: a trigger that somebody dropped is named by its table."""
    on = " ON visit" if owner.dialect.name == "postgresql" else ""
    names = {"postgresql": "SELECT tgname FROM pg_trigger WHERE tgrelid = 'visit'::regclass AND NOT tgisinternal"}
    listed = names.get(owner.dialect.name, "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'visit'")
    with writing(owner) as connection:
        for (name,) in connection.execute(text(listed)).all():
            connection.execute(text(f"DROP TRIGGER {name}{on}"))
    with served(database.engine) as http:
        told = site.problem(http.get("/readyz"), 503, "unguarded")

    assert "visit" in told["detail"]


def test_a_service_that_owns_its_tables_is_not_ready(postgres_server: Server) -> None:
    """A4, A6: on PostgreSQL the owner may do what the service may not; SQLite has no roles."""
    given = postgres_server.migrated()
    engine = connect(given.owner_url)
    with served(engine) as http:
        told = site.problem(http.get("/readyz"), 503, "unguarded")

    assert "owns it" in told["detail"]
    postgres_server.drop(given)


def test_a_role_that_may_update_is_not_ready(postgres_server: Server) -> None:
    """A4: a right that somebody granted since."""
    given = postgres_server.migrated()
    owner = connect(given.owner_url)
    with owner.begin() as connection:
        connection.execute(text(f'GRANT UPDATE ON entry TO "{given.engine.url.username}"'))
    owner.dispose()
    with served(given.engine) as http:
        told = site.problem(http.get("/readyz"), 503, "unguarded")

    assert "entry" in told["detail"]
    postgres_server.drop(given)


@pytest.mark.parametrize("url", ["postgresql+psycopg://nobody@127.0.0.1:1/nowhere", "sqlite:////nowhere/at/all.db"])
def test_a_database_that_does_not_answer_is_not_ready(url: str) -> None:
    """In words; and a request for data is told that the service cannot serve it, not that others are writing."""
    with served(create_engine(url)) as http:
        site.problem(http.get("/readyz"), 503, "database_unreachable")
        answer = http.get("/api/v1/studies", headers={"Authorization": "Bearer x"})
        site.problem(answer, 503, "database_unreachable")
        assert 200 == http.get("/livez").status_code


def test_a_fault_of_ours_is_told_by_its_id_alone(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed is in the log beside the id; the client learns nothing of the house, and nothing is stored."""

    def fail(*_: object) -> None:
        raise RuntimeError("the password is swordfish")

    with build.opened(database.engine) as service:
        monkeypatch.setattr("app.casebook.read.subjects", fail)
        answer = service.send("GET", f"/studies/{DEMO}/subjects")

    told = site.problem(answer, 500, "internal_error")
    assert "swordfish" not in answer.text
    assert told["request_id"] in answer.headers["x-request-id"]


def test_every_answer_names_its_request_and_the_build(database: Database) -> None:
    """E6: a refusal and a page that does not exist too."""
    with served(database.engine) as http:
        for path in ("/livez", "/readyz", "/nowhere", "/api/v1/studies"):
            answer = http.get(path, headers={"X-Request-Id": "a-request-of-mine"})
            assert ("a-request-of-mine", Settings().build) == (answer.headers["x-request-id"], answer.headers["api-build"])
