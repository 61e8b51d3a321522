"""A service over each of the two databases, with one subject of KN5601-DEMO in it, or with one who responds."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.casebook import build
from tests.casebook.build import Service
from tests.servers import Database, Fill


@pytest.fixture
def stands() -> Fill:
    """The study stands open with one subject, who may be treated."""
    return build.treatable


@pytest.fixture
def service(database: Database) -> Iterator[Service]:
    """A service over the test's own database."""
    with build.service(database.engine) as running:
        yield running


@pytest.fixture
def responder(fresh: Callable[..., Database]) -> Iterator[Service]:
    """A service that holds the casebook of `build.responder`."""
    with build.service(fresh(build.responds).engine) as running:
        yield running
