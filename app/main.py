"""The application, assembled: settings, engine, routes, refusals."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import Engine

from app import api
from app.api import requests
from app.api.described import Service
from app.casebook import database
from app.casebook.exports.exporter import Exporter
from app.settings import Settings

DESCRIPTION = """
Site staff enter visit data; every value is in the ledger; endpoints derive themselves in the same transaction; a data cut
leaves as SDTM. A creation carries an `Idempotency-Key`, a change carries `If-Match` and a reason.
"""


def create_app(settings: Settings | None = None, engine: Engine | None = None) -> FastAPI:
    """An application over a database; by default the one that the environment names."""
    settings = settings or Settings()
    engine = engine or database.connect(settings.database_url)
    exporter = Exporter(engine, settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        exporter.start()
        yield
        exporter.stop()
        engine.dispose()

    app = Service(
        title="Casebook",
        version=settings.build,
        description=DESCRIPTION,
        lifespan=lifespan,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
    )
    app.state.settings, app.state.engine, app.state.exporter = settings, engine, exporter
    app.include_router(api.health.router)
    app.include_router(api.router)
    requests.trace(app)
    return app


def _operation_id(route: APIRoute) -> str:
    """A route is called what its function is called; the routes of forms say their own."""
    return route.name
