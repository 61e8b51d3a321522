"""
Re-read everything that is kept, recompute every chain, and name the first thing that does not fit.

What the triggers refuse, the owner of the tables could still do; here it shows: a row altered, added or removed, an entry
altered, a link forged, a tail cut off since the last data cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Table, select

from app.casebook import history, ledger, marks
from app.casebook.history import HANGING, Hanging
from app.casebook.ledger import CUT_HEAD, ENTRY, Row


@dataclass(frozen=True, slots=True)
class Flaw:
    """The first thing that does not fit: in which study and chain, at which entry, and what is wrong in words."""

    study_id: str
    subject_id: str
    chain_no: int
    words: str

    def __str__(self) -> str:
        chain = f"subject {self.subject_id}" if self.subject_id else "the study's own chain"
        return f"{self.study_id}, {chain}, entry {self.chain_no}: {self.words}"


@dataclass(frozen=True, slots=True)
class Checked:
    """How much was re-read and fits."""

    chains: int
    entries: int
    rows: int


def chains(connection: Connection, study_id: str) -> list[str]:
    """The chains of a study: by its entries, by the rows that claim one, and by the cuts that saw one."""
    known: set[str] = set()
    for table in (ENTRY, *HANGING):
        known |= set(connection.scalars(select(table.c.subject_id).where(table.c.study_id == study_id).distinct()))
    known |= set(connection.scalars(select(CUT_HEAD.c.head_subject_id).where(CUT_HEAD.c.study_id == study_id).distinct()))
    return sorted(known)


def studies(connection: Connection) -> list[str]:
    """Every study that has an entry."""
    return sorted(connection.scalars(select(ENTRY.c.study_id).distinct()))


def verify(connection: Connection, study_id: str, progress: Callable[[str], None] = lambda _: None) -> Checked | Flaw:
    """Check one study, chain by chain; `progress` is told each chain's name. Returns the first flaw, or what was checked."""
    entries = rows = 0
    names = chains(connection, study_id)
    for subject_id in names:
        chain = history.entries(connection, study_id, [subject_id])
        hanging = history.hanging(connection, study_id, [subject_id])
        if flaw := next(_flaws(connection, study_id, subject_id, chain, hanging), None):
            return flaw
        entries, rows = entries + len(chain), rows + sum(map(len, hanging.values()))
        progress(subject_id)
    return Checked(len(names), entries, rows)


def _flaws(
    connection: Connection,
    study_id: str,
    subject_id: str,
    chain: list[Row],
    hanging: Hanging,
) -> Iterator[Flaw]:
    """
    What is wrong with a chain, from its first entry on; then rows without an entry; then cuts that it no longer reaches; then
    signatures of something else.
    """
    previous: Row | None = None
    for number, entry in enumerate(chain, start=1):
        words = _wrong(number, entry, previous, hanging.get(entry["entry_id"], []))
        if words:
            yield Flaw(study_id, subject_id, entry["chain_no"], words)
        previous = entry
    known = {entry["entry_id"] for entry in chain}
    for entry_id, rows in hanging.items():
        if entry_id not in known:
            yield Flaw(
                study_id, subject_id, rows[0][1]["chain_no"], f"a row of {rows[0][0].name} hangs on an entry that is not there"
            )
    yield from _unreached(connection, study_id, subject_id, {entry["chain_no"]: entry["hash"] for entry in chain})
    for mark in marks.unfit(connection, study_id, subject_id):
        yield Flaw(study_id, subject_id, mark["chain_no"], "a signature that was not given to what it stands beside")


def _wrong(number: int, entry: Row, previous: Row | None, rows: Sequence[tuple[Table, Row]]) -> str | None:
    if entry["chain_no"] != number:
        return f"entry {number} is missing from the chain"
    if (entry["prev_no"], entry["prev_hash"]) != ((previous["chain_no"], previous["hash"]) if previous else (None, None)):
        return "it is not linked to the entry before it"
    if ledger.content_digest((table.name, row) for table, row in rows) != entry["content_digest"]:
        tables = ", ".join(sorted({table.name for table, _ in rows})) or "its rows"
        return f"a row that hangs on it was altered, added or removed ({tables})"
    if ledger.entry_hash(entry) != entry["hash"]:
        return "the entry itself was altered"
    return None


def _unreached(connection: Connection, study_id: str, subject_id: str, hashes: dict[int, str]) -> Iterator[Flaw]:
    of = CUT_HEAD.c
    heads = select(of.head_no, of.head_hash).where(of.study_id == study_id, of.head_subject_id == subject_id)
    for head in connection.execute(heads.order_by(of.head_no)):
        if hashes.get(head.head_no) != head.head_hash:
            yield Flaw(study_id, subject_id, head.head_no, "a data cut saw this entry, and the chain no longer reaches it")
