"""Whether the process lives, and whether it can vouch for its database."""

from __future__ import annotations

from fastapi import APIRouter, Response
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from app.api import answers, described, models
from app.api.deps import Database
from app.casebook import database
from app.casebook.ledger import ENTRY
from app.errors import NotReady

router = APIRouter(tags=["health"])


@router.get("/livez", summary="The process lives", response_model=models.Live)
def livez() -> Response:
    """Answers as long as the process serves requests."""
    return answers.json({"status": "live"})


@router.get("/readyz", summary="The service is ready", response_model=models.Ready, responses=described.ASKING_HEALTH)
def readyz(engine: Database) -> Response:
    """
    The database answers, its migrations are at head, every table is guarded and the service's role may only add and read.

    Shows the ledger's last instant. Refused (503) with the reason otherwise: a service that could change a kept row is not
    ready.
    """
    try:
        with database.reading(engine) as connection:
            if not database.at_head(connection):
                raise NotReady("migrations_behind", "The database is not at the newest migration; run `casebook migrate`")
            if missing := database.guards_missing(connection):
                raise NotReady("unguarded", "; ".join(missing[:5]))
            last = connection.scalar(select(func.max(ENTRY.c.at)))
    except SQLAlchemyError as error:
        raise NotReady("database_unreachable", f"The database does not answer: {type(error).__name__}") from error
    return answers.json({"status": "ready", "ledger": {"last_entry_at": last}})
