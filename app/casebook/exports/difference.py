"""
What changed between two data cuts, for the statistician who had the first and gets the second.

Net, value by value: a value that was changed and changed back is not told. Who, when and why are those of the entry that
gave the value its state at the second cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from sqlalchemy import Connection, select

from app.casebook import cut, history, read
from app.casebook.history import Change, Record
from app.casebook.ledger import CUT_HEAD, Actor, Position
from app.casebook.listing import FORMS, Listing
from app.errors import Invalid
from app.tables.base import Captured
from cdisc import specs

COLUMNS = (
    *("subject", "domain", "variable", "form", "event", "instance", "change", "old", "new"),
    *("actor", "role", "at", "reason_code", "reason", "record_id", "entry_id"),
)
AS_COLLECTED = ("copy", "number", "term")
"""The algorithms that send a captured value as it is."""


def between(connection: Connection, who: Actor, study_id: str, first: str, second: str) -> Listing:
    """
    The difference of two cuts of a study, by subject, form, record and field: one row a value.

    `change`: added or withdrawn for a value of a record that came or went, changed for one of a record in both. Refused: a
    cut that does not stand (404), a second cut taken before the first (422).
    """
    earlier, later = (cut.named(connection, study_id, name) for name in (first, second))
    if later["chain_no"] < earlier["chain_no"]:
        raise Invalid("cuts_out_of_order", f"Cut {first} of {study_id} was taken after {second}; name the earlier one first")
    heads = select(CUT_HEAD.c.head_subject_id, CUT_HEAD.c.head_no).where(
        CUT_HEAD.c.study_id == study_id, CUT_HEAD.c.cut_id == earlier["cut_id"]
    )
    limits = {row.head_subject_id: row.head_no for row in connection.execute(heads)}
    names = sorted(row["subject_id"] for row in read.subjects(connection, who, study_id))
    at = Position(later["cut_id"])

    def rows() -> Iterator[tuple[Any, ...]]:
        for block in history.blocks(names):
            for record in history.records(connection, study_id, block, at, FORMS):
                yield from _differences(record, limits)

    return Listing(COLUMNS, rows())


def _differences(record: Record, limits: Mapping[str, int]) -> Iterator[tuple[Any, ...]]:
    limit = limits.get(record.identity["subject_id"], 0)
    net: dict[str, list[Change]] = {}
    for change in history.changes(record, after=limit):
        net.setdefault(change.field, []).append(change)
    stood = any(version.row["chain_no"] <= limit for version in record.versions)
    word = "withdrawn" if record.versions[-1].row["withdrawn"] else "changed" if stood else "added"
    for name, each in net.items():
        old, last = each[0].old, each[-1]
        if history.text(old) != history.text(last.new):
            yield _told(record, name, word, old, last)


def _told(record: Record, name: str, word: str, old: Any, last: Change) -> tuple[Any, ...]:
    entry = last.by.entry
    form, domain = record.form.__tablename__, record.form.__form__.domain
    place = (record.identity["subject_id"], domain, variable(record.form, name), form, record.visit, record.instance)
    why = (entry[key] for key in ("actor", "role", "at", "reason_code", "reason"))
    return (*place, word, old, last.new, *why, record.identity["record_id"], entry["entry_id"])


@cache
def variable(form: type[Captured], name: str) -> str:
    """The one SDTM variable that a field is sent as, as it was collected; the field's own name where there is none, or two."""
    steps = specs.steps(form.__form__.domain) if form.__form__.domain else ()
    sent = {step.variable for step in steps if step.source == name and step.algorithm in AS_COLLECTED}
    return sent.pop() if len(sent) == 1 else name
