"""
The same bytes of the same cut (F4): after a thousand corrections, in another place of the world, on another database.

Every file of the package counts, the documents and the manifest too.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import Engine

from app.casebook import database, ledger, links, verify
from app.casebook.exports import export
from app.casebook.ledger import Act, Actor
from app.settings import Settings
from app.tables import CAPTURED
from app.tables.base import fields, table
from seed.client import Body
from tests.api import site
from tests.casebook import build
from tests.casebook.build import DEMO, MISREAD, MISTAKE, OTHER, SUBJECT, Service
from tests.servers import ROOT, Database, PostgresServer, Server, SqliteServer

CUT = "C1"
LATER = Act(Actor("a coordinator", "coordinator"), "request-of-a-test", "a build", "TRANSCRIPTION", "Misread from the source")
ENTERED = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def casebook(service: Service) -> Body:
    """A responder with a body of every form, a second subject, a slip put right and one withdrawn; the first as it stands."""
    build.responder(service)
    build.visit(service, "M1", 30)
    for path, form in sorted(site.FORMS.items(), key=lambda each: (not links.naming(each[1]), each[0])):
        if form.__form__.scope == "subject" and path not in ("demographics", "visits"):
            site.enter_what_it_names(service, path, SUBJECT, site.BODIES[path][0])
            site.enter(service, path, SUBJECT, site.BODIES[path][:1])
    build.eligible(service, OTHER)
    bodies = [{"lbtestcd": "HGB", "lborres": value, "lborresu": "g/dL", "lbdtc": "2025-03-03"} for value in ("11.90", "12")]
    one, two = build.enter(service, "laboratory", bodies)["records"]
    stands: Body = service.site.correct(DEMO, SUBJECT, "laboratory", one, {"lborres": "11.9"}, MISREAD)["records"][0]
    service.site.withdraw(DEMO, SUBJECT, "laboratory", two, MISTAKE)
    service.sponsor.cut(DEMO, CUT)
    return stands


def exported(engine: Engine, out: Path) -> dict[str, str]:
    """The SHA-256 of every file of the package of the cut."""
    with database.reading(engine) as connection:
        export.export(connection, DEMO, CUT, Settings().build, out, ndjson=True)
    return digests(out)


def digests(out: Path) -> dict[str, str]:
    """The SHA-256 of every file in a folder, by its path there."""
    files = (path for path in out.rglob("*") if path.is_file())
    return {path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def correct(engine: Engine, times: int) -> None:
    """So many corrections in the ledger, each an entry of its own: by turns, each record loses every value that it may."""
    with database.writing(engine) as connection:
        live = [(form, dict(row)) for form in CAPTURED.values() for row in ledger.live(connection, form, DEMO, SUBJECT) if row]
        head = ledger.head(connection, DEMO, SUBJECT, 1)
        for form, row in islice(cycle(live), times):
            own = table(form)
            row |= {"version": row["version"] + 1} | {name: None for name in fields(form) if own.c[name].nullable}
            values = {column.name: row[column.name] for column in own.columns}
            head = ledger.append(connection, head, LATER, "correct", [(own, values)]).head


@dataclass(frozen=True, slots=True)
class Cut:
    """A cut that was exported at once: over which database, the slip that was put right before, the SHA-256 of its files."""

    database: Database
    slip: Body
    files: dict[str, str]


@pytest.fixture(scope="module")
def cuts(
    sqlite_server: SqliteServer, postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Cut]]:
    """The same cut of the same entries, made at the same hour, on each of the two databases."""
    servers: dict[str, Server] = {"sqlite": sqlite_server, "postgresql": postgres_server}
    given = {name: server.migrated() for name, server in servers.items()}
    found = {}
    for name, each in given.items():
        with time_machine.travel(ENTERED, tick=False), build.opened(each.engine) as service:
            slip = casebook(service)
        found[name] = Cut(each, slip, exported(each.engine, tmp_path_factory.mktemp(name)))
    yield found
    for name, each in given.items():
        servers[name].drop(each)


@pytest.fixture(params=["sqlite", "postgresql"])
def cut(request: pytest.FixtureRequest, cuts: dict[str, Cut]) -> Cut:
    """Each of the two in turn."""
    return cuts[request.param]


def test_the_same_entries_on_sqlite_and_on_postgresql_give_the_same_bytes(cuts: dict[str, Cut]) -> None:
    """F4: identifiers differ, and none of them leaves."""
    assert cuts["sqlite"].files == cuts["postgresql"].files
    assert len(cuts["sqlite"].files) > 100
    assert "sdtm/lb.xpt" in cuts["sqlite"].files


def test_a_thousand_corrections_later_every_file_of_a_cut_is_the_same(cut: Cut, tmp_path: Path) -> None:
    """F4: through the door, and a thousand more; the cut of today is another package, and the ledger fits."""
    engine = cut.database.engine
    with build.service(engine) as service:
        service.site.correct(DEMO, SUBJECT, "laboratory", cut.slip, {"lborres": "3.1"}, MISREAD)
        build.eligible(service, "SYN-003")
    correct(engine, 1000)

    assert cut.files == exported(engine, tmp_path)
    with database.reading(engine) as connection:
        checked = verify.verify(connection, DEMO)
    assert isinstance(checked, verify.Checked), checked
    assert checked.entries > 1000


def test_another_time_zone_locale_and_process_give_the_same_bytes(cut: Cut, tmp_path: Path) -> None:
    """F4: the command, with its hashes in another order, in Shanghai, where the C library knows ASCII alone."""
    there = {"TZ": "Asia/Shanghai", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONHASHSEED": "7"}
    told = there | {"CASEBOOK_DATABASE_URL": cut.database.url, "CASEBOOK_PACKAGES": str(tmp_path / "packages")}
    command = [sys.executable, "-c", "from app.cli import main; main()", "export", DEMO, "--cut", CUT, "--ndjson"]

    (tmp_path / "there" / "sdtm").mkdir(parents=True)
    for left in ("manifest.json", "sdtm/xx.xpt"):  # of a package that lies there, and is replaced
        (tmp_path / "there" / left).touch()

    subprocess.run([*command, "--out", str(tmp_path / "there")], cwd=ROOT, env=os.environ | told, check=True)

    assert cut.files == digests(tmp_path / "there")


@pytest.mark.parametrize("place", ["mine", "mine/thesis.csv"])
def test_an_export_never_empties_a_place_that_holds_something_else_than_a_package(tmp_path: Path, place: str) -> None:
    """The command refuses before it does anything: the folder `csv` of somebody's own work stays as it is."""
    (tmp_path / "mine" / "csv").mkdir(parents=True)
    for own in ("mine/thesis.csv", "mine/csv/table.csv"):
        (tmp_path / own).touch()
    command = [sys.executable, "-c", "from app.cli import main; main()", "export", DEMO, "--out", str(tmp_path / place)]

    refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert (refused.returncode, "holds something that is no package" in " ".join(refused.stderr.split())) == (1, True)
    assert sorted(file.name for file in tmp_path.rglob("*.csv")) == ["table.csv", "thesis.csv"]
