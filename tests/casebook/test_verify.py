"""
What the owner of the tables could still do to a ledger behind the triggers' back, and how `casebook verify` names it (A5).

Each attack takes the guards away as the superuser of the server can, changes something, and puts nothing back.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, delete, event, insert, select, text, update

from app.casebook import history, ledger, verify
from app.casebook.database import reading, writing
from app.casebook.ledger import CUT_HEAD, ENTRY, RECORD
from app.tables import Base
from tests.casebook import build
from tests.casebook.build import DEMO, MISREAD, OTHER, SUBJECT, Service
from tests.servers import ROOT, Database, Fill

TABLES = Base.metadata.tables
DEMOGRAPHICS, ELIGIBILITY, VERDICT = (TABLES[name] for name in ("demographics", "eligibility", "verdict"))
ENTERED_SEX = 2
"""The entry of the demographics in the chain that `build.eligible` makes; registration is the first, consent the third."""
SETTLED = 4
"""What the rules say for the first time, of the consent: the first entry on which a verdict hangs."""
LAST = 10
"""The last entry of the first subject's chain when the cut is taken."""
CUT = 18
"""The entry of that cut in the chain of the study, after the documents, the lot and the decisions."""


@contextmanager
def unguarded(superuser: Engine) -> Iterator[Connection]:
    """A transaction that no trigger and no foreign key holds back."""
    if superuser.dialect.name == "postgresql":
        with writing(superuser) as connection:
            for name in TABLES:
                connection.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER ALL"))
            yield connection
        return
    event.listen(superuser, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys = OFF"))
    with writing(superuser) as connection:
        for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            connection.execute(text(f"DROP TRIGGER {name}"))
        yield connection


def mine(table: Any, chain_no: int = ENTERED_SEX) -> tuple[Any, ...]:
    """The rows of a table that hang on one entry of the first subject."""
    return (table.c.study_id == DEMO, table.c.subject_id == SUBJECT, table.c.chain_no == chain_no)


def one(connection: Connection, table: Any, chain_no: int) -> dict[str, Any]:
    return dict(connection.execute(select(table).where(*mine(table, chain_no))).mappings().first() or {})


def alter_a_value(connection: Connection) -> None:
    connection.execute(update(DEMOGRAPHICS).where(*mine(DEMOGRAPHICS)).values(sex="M"))


def alter_a_verdict(connection: Connection) -> None:
    connection.execute(update(VERDICT).where(VERDICT.c.subject_id == SUBJECT).values(value="met"))


def alter_where_a_record_came_from(connection: Connection) -> None:
    connection.execute(update(RECORD).where(*mine(RECORD)).values(origin="collected"))


def add_a_row(connection: Connection) -> None:
    row = one(connection, DEMOGRAPHICS, ENTERED_SEX)
    connection.execute(insert(DEMOGRAPHICS), row | {"version": 2, "sex": "M"})


def remove_a_row(connection: Connection) -> None:
    connection.execute(delete(DEMOGRAPHICS).where(*mine(DEMOGRAPHICS)))


def add_a_row_to_no_entry(connection: Connection) -> None:
    row = one(connection, DEMOGRAPHICS, ENTERED_SEX)
    connection.execute(insert(DEMOGRAPHICS), row | {"version": 2, "chain_no": 99, "entry_id": row["record_id"]})


def alter_an_entry(connection: Connection) -> None:
    connection.execute(update(ENTRY).where(*mine(ENTRY)).values(actor="somebody else"))


def alter_a_row_with_its_digest(connection: Connection) -> None:
    """A forger who knows how the content digest is made, and forgets the hash."""
    alter_a_value(connection)
    rows = [(table.name, one(connection, table, ENTERED_SEX)) for table in (RECORD, DEMOGRAPHICS)]
    connection.execute(update(ENTRY).where(*mine(ENTRY)).values(content_digest=ledger.content_digest(rows)))


def alter_a_row_with_its_digest_and_hash(connection: Connection) -> None:
    """A forger who makes the entry whole again: the entry after it still names the hash that it had."""
    alter_a_row_with_its_digest(connection)
    forged = ledger.entry_hash(one(connection, ENTRY, ENTERED_SEX))
    connection.execute(update(ENTRY).where(*mine(ENTRY)).values(hash=forged))


def forge_the_whole_chain(connection: Connection) -> None:
    """A forger who makes every later entry whole again too: the last data cut still names the hash that the chain had."""
    alter_a_row_with_its_digest(connection)
    entries = select(ENTRY).where(ENTRY.c.study_id == DEMO, ENTRY.c.subject_id == SUBJECT).order_by(ENTRY.c.chain_no)
    before: str | None = None
    for entry in connection.execute(entries).mappings().all():
        linked = dict(entry) | {"prev_hash": before}
        before = ledger.entry_hash(linked)
        connection.execute(
            update(ENTRY).where(*mine(ENTRY, entry["chain_no"])).values(prev_hash=linked["prev_hash"], hash=before)
        )


def remove_an_entry(connection: Connection) -> None:
    for table in (DEMOGRAPHICS, RECORD, ENTRY):
        connection.execute(delete(table).where(*mine(table)))


def forge_a_link(connection: Connection) -> None:
    connection.execute(update(ENTRY).where(*mine(ENTRY, 3)).values(prev_hash="0" * 64))


def cut_off_the_tail(connection: Connection) -> None:
    """Every row of the last entry of the chain, and the entry: what is left is a whole chain, shorter than the cut saw it."""
    number = connection.scalar(select(ENTRY.c.chain_no).where(*mine(ENTRY)[:2]).order_by(ENTRY.c.chain_no.desc()).limit(1))
    for table in history.HANGING:
        connection.execute(delete(table).where(*mine(table, number or 0)))
    connection.execute(delete(ENTRY).where(*mine(ENTRY, number or 0)))


def remove_a_subject(connection: Connection) -> None:
    for table in (*history.HANGING, ENTRY):
        connection.execute(delete(table).where(*mine(table)[:2]))


def alter_a_cut(connection: Connection) -> None:
    connection.execute(update(CUT_HEAD).where(CUT_HEAD.c.head_subject_id == SUBJECT).values(head_no=1))


ALTERED = "a row that hangs on it was altered, added or removed"
ATTACKS: list[tuple[Callable[[Connection], None], str, int, str]] = [
    (alter_a_value, SUBJECT, ENTERED_SEX, f"{ALTERED} (demographics, record)"),
    (alter_a_verdict, SUBJECT, SETTLED, f"{ALTERED} (verdict)"),
    (alter_where_a_record_came_from, SUBJECT, ENTERED_SEX, f"{ALTERED} (demographics, record)"),
    (add_a_row, SUBJECT, ENTERED_SEX, f"{ALTERED} (demographics, record)"),
    (remove_a_row, SUBJECT, ENTERED_SEX, f"{ALTERED} (record)"),
    (add_a_row_to_no_entry, SUBJECT, 99, "a row of demographics hangs on an entry that is not there"),
    (alter_an_entry, SUBJECT, ENTERED_SEX, "the entry itself was altered"),
    (alter_a_row_with_its_digest, SUBJECT, ENTERED_SEX, "the entry itself was altered"),
    (alter_a_row_with_its_digest_and_hash, SUBJECT, 3, "it is not linked to the entry before it"),
    (forge_the_whole_chain, SUBJECT, LAST, "a data cut saw this entry, and the chain no longer reaches it"),
    (remove_an_entry, SUBJECT, 3, "entry 2 is missing from the chain"),
    (forge_a_link, SUBJECT, 3, "it is not linked to the entry before it"),
    (cut_off_the_tail, SUBJECT, LAST, "a data cut saw this entry, and the chain no longer reaches it"),
    (remove_a_subject, SUBJECT, LAST, "a data cut saw this entry, and the chain no longer reaches it"),
    (alter_a_cut, "", CUT, f"{ALTERED} (cut, cut_head)"),
]
"""What is done, and the flaw that is found first: its subject, its entry, its words."""


def kept(engine: Engine) -> None:
    """Two subjects with verdicts, and a cut of them."""
    with build.opened(engine) as service:
        for subject in (SUBJECT, OTHER):
            build.eligible(service, subject)
            build.visit(service, "SCREENING", -14, subject)
        service.sponsor.cut(DEMO, "C1")


@pytest.fixture
def stands() -> Fill:
    """What is attacked."""
    return kept


def check(engine: Engine) -> verify.Checked | verify.Flaw:
    with reading(engine) as connection:
        return verify.verify(connection, DEMO)


def test_a_ledger_that_nobody_touched_fits(service: Service) -> None:
    record = service.get(f"{build.below()}/demographics")["records"][0]
    service.site.correct(DEMO, SUBJECT, "demographics", record, {"brthdtc": "2011"}, MISREAD)
    with reading(service.engine) as connection:
        entries = len(connection.execute(select(ENTRY.c.entry_id)).all())
        rows = sum(len(connection.execute(select(table.c.entry_id)).all()) for table in history.HANGING)

    assert verify.Checked(chains=3, entries=entries, rows=rows) == check(service.engine)


@pytest.mark.parametrize(("attack", "subject", "chain_no", "words"), ATTACKS, ids=[attack[0].__name__ for attack in ATTACKS])
def test_the_first_thing_that_does_not_fit_is_named(
    service: Service, superuser: Engine, attack: Callable[[Connection], None], subject: str, chain_no: int, words: str
) -> None:
    """A5."""
    assert isinstance(check(service.engine), verify.Checked)
    with unguarded(superuser) as connection:
        attack(connection)

    assert verify.Flaw(DEMO, subject, chain_no, words) == check(service.engine)


def test_of_two_flaws_the_first_of_the_chain_is_named(service: Service, superuser: Engine) -> None:
    with unguarded(superuser) as connection:
        cut_off_the_tail(connection)
        forge_a_link(connection)
        alter_a_value(connection)

    found = check(service.engine)

    assert isinstance(found, verify.Flaw)
    assert (SUBJECT, ENTERED_SEX) == (found.subject_id, found.chain_no)


def command(database: Database, *names: str) -> subprocess.CompletedProcess[str]:
    """`casebook verify`, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", "from app.cli import main; main()", "verify", *names],
        env=os.environ | {"CASEBOOK_DATABASE_URL": database.url, "COLUMNS": "200"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_tells_what_fits_and_ends_with_1_where_something_does_not(
    service: Service, database: Database, superuser: Engine
) -> None:
    """A5."""
    whole = command(database)
    with unguarded(superuser) as connection:
        alter_a_value(connection)
    broken = command(database, DEMO)

    assert (0, 1) == (whole.returncode, broken.returncode)
    assert whole.stdout.startswith(f"{DEMO}: 3 chains, ")
    assert "" == broken.stdout
    assert f"{DEMO}, subject {SUBJECT}, entry {ENTERED_SEX}: {ALTERED} (demographics, record)" in broken.stderr
