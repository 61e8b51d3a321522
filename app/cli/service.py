"""The service as a command reaches it: its database, the application in process, and clients whose tokens end with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from sqlalchemy import Engine
from starlette.types import ASGIApp

from app import logs
from app.casebook import access, database
from app.casebook.access import Role
from app.errors import NotReady
from app.settings import Settings
from seed.client import Client

StudyName = Annotated[str, typer.Argument(metavar="STUDY", help="The study's identifier, such as KN5601-DEMO")]


@contextmanager
def acting(*roles: Role) -> Iterator[list[Client]]:
    """Clients of the application in process, one a role, whose tokens end with the command; its log is kept quiet."""
    settings = Settings()
    logs.configure(settings.log_format, quiet=True)
    engine = opened(settings)
    with database.writing(engine) as connection:
        tokens = [access.issue(connection, "command line", role, study_id=None, sites=None, days=1) for role in roles]
    from fastapi.testclient import TestClient

    try:
        with TestClient(application(settings, engine), raise_server_exceptions=False) as http:
            yield [Client(http, token) for token in tokens]
    finally:
        with database.writing(engine) as connection:
            for token in tokens:
                access.revoke(connection, token, "command line")
        engine.dispose()


def application(settings: Settings, engine: Engine) -> ASGIApp:
    """The API, assembled: it takes seconds, for which only the commands that speak to it wait."""
    from app.main import create_app

    return create_app(settings, engine)


def opened(settings: Settings) -> Engine:
    """The service's database, refused where it is not at the newest migration."""
    engine = database.connect(settings.database_url)
    with database.reading(engine) as connection:
        if not database.at_head(connection):
            raise NotReady("migrations_behind", "the database is not at the newest migration; run `casebook migrate` first")
    return engine
