"""A service that a whole module of tests shares, on each of the two databases, with subjects as many as it asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from tests.api import site
from tests.casebook import build
from tests.casebook.build import Service
from tests.servers import Server


@pytest.fixture(scope="module", params=["sqlite_server", "postgres_server"])
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    """KN5601-DEMO stands open; no subject is registered."""
    server: Server = request.getfixturevalue(request.param)
    given = server.filled(build.demo)
    with build.service(given.engine) as running:
        yield running
    server.drop(given)


@pytest.fixture(scope="module")
def newcomer(service: Service) -> Callable[[], str]:
    """Registers a subject of whom nothing else is known, and gives its code."""
    numbers = count(1)

    def register() -> str:
        subject = f"SYN-{next(numbers):03}"
        service.site.register(build.DEMO, subject, "901")
        return subject

    return register


@pytest.fixture(scope="module")
def enrol(service: Service, newcomer: Callable[[], str]) -> Callable[[], str]:
    """Registers a subject who consented, is eligible, entered an arm and came to the baseline visit, and gives its code."""

    def enrolled() -> str:
        subject = newcomer()
        site.enter(service, "dispositions", subject, site.CONSENT)
        site.confirm(service, subject)
        build.enter_arm(service, "DOSE1", subject)
        build.visit(service, "BASELINE", -6, subject)
        return subject

    return enrolled


@pytest.fixture(scope="module")
def enrolled(enrol: Callable[[], str]) -> str:
    """One such subject, of the whole module."""
    return enrol()
