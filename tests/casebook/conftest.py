"""A service over each of the two databases, with KN5601-DEMO open in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.casebook import build
from tests.servers import Database


@pytest.fixture
def service(database: Database) -> Iterator[build.Service]:
    """The study stands open; no subject is registered."""
    with build.opened(database.engine) as running:
        yield running
