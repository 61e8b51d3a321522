"""The service itself: serve it, bring its database up to date, let people in and out."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
import uvicorn
from sqlalchemy import Engine

from app import logs
from app.casebook import access, database
from app.casebook.access import Role
from app.cli.service import application, opened
from app.cli.terminal import console
from app.settings import Settings

app = typer.Typer()
SERVED_ROLES = tuple(role for role in Role if role is not Role.ADMINISTRATOR)


@app.command()
def serve(
    tokens: Annotated[bool, typer.Option(help="Issue and print a token for each role before serving")] = False,
) -> None:
    """Serve the API."""
    settings = Settings()
    logs.configure(settings.log_format)
    engine = opened(settings)
    if tokens:
        _print_tokens(engine)
    console.print(f"Casebook {settings.build} on http://{settings.host}:{settings.port}/docs")
    sys.stdout.flush()
    uvicorn.run(application(settings, engine), host=settings.host, port=settings.port, log_config=None, access_log=False)


def _print_tokens(engine: Engine) -> None:
    console.print("Tokens of this demonstration, one a role (valid for a day):")
    with database.writing(engine) as connection:
        for role in SERVED_ROLES:
            token = access.issue(connection, f"demo {role}", role, study_id=None, sites=None, days=1)
            console.print(f"  {role:<15} {token}", highlight=False, soft_wrap=True)


@app.command()
def migrate() -> None:
    """Bring the database to the newest migration, as the owner of its tables."""
    database.upgrade(Settings().owner_database_url, progress=lambda words: console.print(words, highlight=False))
    console.print("The database is at the newest migration.")


@app.command()
def token(
    person: Annotated[str, typer.Argument(help="Whose token it is; accounts are personal")],
    role: Annotated[Role, typer.Argument(help="The role it stands for")],
    study: Annotated[str | None, typer.Option(help="The one study it opens; without it, every study")] = None,
    site: Annotated[list[str] | None, typer.Option(help="A site it opens (repeat for more); without it, every site")] = None,
    days: Annotated[int | None, typer.Option(help="How long it lasts", min=1)] = None,
) -> None:
    """Issue a personal token; it is shown this once."""
    settings = Settings()
    lasting = days or settings.token_days
    with database.writing(opened(settings)) as connection:
        made = access.issue(connection, person, role, study_id=study, sites=site, days=lasting)
    typer.echo(made)


@app.command()
def revoke(person: Annotated[str, typer.Argument(help="Whose tokens end")]) -> None:
    """End every token of a person at once."""
    with database.writing(opened(Settings())) as connection:
        ended = access.revoke_all(connection, person, "command line")
    console.print(f"{ended} tokens of {person} ended.", highlight=False)
