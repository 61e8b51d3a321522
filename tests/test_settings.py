"""What the environment may say, and what it may not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.casebook.access import Role, actor, issue
from app.casebook.database import reading, writing
from app.errors import NotSignedIn
from app.settings import Settings
from tests.servers import Database


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine that the tests run on."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"CASEBOOK_{name.upper()}", raising=False)


def test_the_owner_is_the_service_where_nothing_else_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEBOOK_DATABASE_URL", "sqlite:///elsewhere.db")

    assert Settings().owner_database_url == "sqlite:///elsewhere.db"


def test_owner_and_service_come_to_one_database_as_two_roles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEBOOK_DATABASE_URL", "postgresql://service:1@host/casebook")
    monkeypatch.setenv("CASEBOOK_OWNER_DATABASE_URL", "postgresql://owner:2@host/casebook")
    settings = Settings()

    assert settings.database_url == "postgresql://service:1@host/casebook"
    assert settings.owner_database_url == "postgresql://owner:2@host/casebook"


def test_a_password_is_not_shown_with_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEBOOK_DATABASE_URL", "postgresql://service:secret@host/casebook")

    assert "secret" not in repr(Settings())


def test_a_build_is_named_by_version_and_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    """E6: the entry of every act carries it."""
    monkeypatch.setenv("CASEBOOK_COMMIT", "0123456789abcdef0123456789abcdef01234567")

    assert Settings().build.split("+")[1] == "0123456789ab"
    assert Settings().build == Settings().build


@pytest.mark.parametrize(("name", "value"), [("PORT", "0"), ("SERVICE_ROLE", "x; DROP TABLE entry"), ("LOG_FORMAT", "none")])
def test_a_setting_that_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"CASEBOOK_{name}", value)

    with pytest.raises(ValueError, match=name.lower()):
        Settings()


def test_no_setting_switches_the_ledger_off() -> None:
    """A6: this list is all that the environment can say; a new setting is asked here whether it could."""
    harmless = {"database_url", "owner_database_url", "service_role", "token_days", "log_format", "host", "port", "commit"}
    harmless |= {"packages", "lease_seconds", "core"}

    assert harmless == set(Settings.model_fields)


def test_a_token_of_one_environment_is_refused_by_another(fresh: Callable[[], Database]) -> None:
    """E7: test and production are two databases, and a token is known to the one that issued it."""
    production, trial_run = fresh(), fresh()
    with writing(production.engine) as connection:
        token = issue(connection, "A. Coordinator", Role.COORDINATOR, study_id=None, sites=None, days=1)

    with reading(production.engine) as connection:
        assert actor(connection, token).role == Role.COORDINATOR
    with reading(trial_run.engine) as connection, pytest.raises(NotSignedIn):
        actor(connection, token)
