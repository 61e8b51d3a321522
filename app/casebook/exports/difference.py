"""
What changed between two data cuts, for the statistician who had the first and gets the second.

Net, value by value: a value that was changed and changed back is not told. Who, when and why are those of the entry that
gave the value its state at the second cut. What the rules conclude is told beside: that an endpoint moved, and by which entry.
Lots and decisions belong to no subject and come first; a subject that was registered in between is told by its site.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, select

from app.casebook import cut, history, read
from app.casebook.history import Change, Hanging, Record, text
from app.casebook.ledger import CUT_HEAD, Actor, Position, Row
from app.casebook.listing import FORMS, Listing
from app.casebook.settle import VERDICT, WITHDRAWN
from app.casebook.studies import library
from app.errors import Invalid
from app.rules.instrument import Instrument
from app.tables import CAPTURED
from app.tables.base import STUDY_CHAIN, fields, table
from app.tables.efficacy import Assessment
from app.tables.subjects import Subject
from cdisc import specs

REGISTERED = table(Subject)
OF_THE_STUDY = tuple(form for form in CAPTURED.values() if form.__form__.scope == "study")

COLUMNS = (
    *("subject", "domain", "variable", "topic", "form", "event", "instance", "change", "old", "new"),
    *("actor", "role", "at", "reason_code", "reason", "record_id", "chain_no", "entry_id"),
)
MADE = ("actor", "role", "at", "reason_code", "reason")
AS_COLLECTED = ("copy", "number", "term")
"""The algorithms that send a captured value as it is."""
TOPICS = ("testcd", "trt", "term")
"""How the topic of a domain ends: what is measured, given or had."""
NAMES = ("eclot", "doselvl")
"""What a record without such a topic is of: a lot, a decision on a dose level."""
Place = tuple[str | None, str | None, int | None]
"""What a verdict is about: a topic of its own, else the visit and which of its records."""
CHECK = "check_"
"""The rules that hold one fact beside another: what they say is asked as a query, and concludes nothing."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Two cuts of a study: where each chain stood at the first, the position of the second, the instruments by then."""

    study_id: str
    limits: Mapping[str, int]
    at: Position
    instruments: Mapping[tuple[str, int], Instrument]


def between(connection: Connection, who: Actor, study_id: str, first: str, second: str) -> Listing:
    """
    The difference of two cuts of a study, by subject, form, record and field: one row a value.

    `change`: added or withdrawn for a value of a record that came or went, changed for one of a record in both. `topic`: the
    test, treatment, event, lot or dose level that a record is of, or what a verdict is about. `subject`: None for a lot or a
    decision. `chain_no`: the number of the entry in the chain of the subject, or of the study. A verdict has the rule as its
    variable, and its answer with the amount as its value. Refused: a study or a cut that does not stand (404), a second cut
    taken before the first (422).
    """
    study = library.study(connection, study_id)
    earlier, later = (cut.named(connection, study_id, name) for name in (first, second))
    if later["chain_no"] < earlier["chain_no"]:
        raise Invalid("cuts_out_of_order", f"Cut {first} of {study_id} was taken after {second}; name the earlier one first")
    heads = select(CUT_HEAD.c.head_subject_id, CUT_HEAD.c.head_no).where(
        CUT_HEAD.c.study_id == study_id, CUT_HEAD.c.cut_id == earlier["cut_id"]
    )
    limits = {row.head_subject_id: row.head_no for row in connection.execute(heads)}
    names = sorted(row["subject_id"] for row in read.subjects(connection, who, study_id))
    at = Position(later["cut_id"])
    published = library.instruments(connection, study, at)
    compared = Compared(study_id, limits, at, {(each.id, each.version): each for each in published})

    def rows() -> Iterator[tuple[Any, ...]]:
        for record in history.records(connection, study_id, (STUDY_CHAIN,), at, OF_THE_STUDY):
            yield from _differences(compared, record)
        for block in history.blocks(names):
            captured = history.records(connection, study_id, block, at, FORMS)
            made = history.entries(connection, study_id, block, at)
            hung = history.hanging(connection, study_id, block, at, (REGISTERED, VERDICT))
            told = (row for record in captured for row in _differences(compared, record))
            concluded = _concluded(compared, made, hung, captured)
            yield from heapq.merge(_registered(compared, made, hung), told, concluded, key=itemgetter(0))

    return Listing(COLUMNS, rows())


def _registered(compared: Compared, made: Iterable[Row], hung: Hanging) -> Iterator[tuple[Any, ...]]:
    """The subjects that were registered after the first cut, each with its site."""
    for entry in made:
        for source, row in hung.get(entry["entry_id"], ()):
            if source is REGISTERED and row["chain_no"] > compared.limits.get(row["subject_id"], 0):
                of = (row["subject_id"], "DM", variable("DM", "siteid"), None, source.name, None, None)
                by = (*(entry[key] for key in MADE), None, entry["chain_no"], entry["entry_id"])
                yield (*of, "added", None, row["siteid"], *by)


def _differences(compared: Compared, record: Record) -> Iterator[tuple[Any, ...]]:
    limit = compared.limits.get(record.identity["subject_id"], 0)
    net: dict[str, list[Change]] = {}
    for change in history.changes(record, after=limit):
        net.setdefault(change.field, []).append(change)
    stood = any(version.row["chain_no"] <= limit for version in record.versions)
    word = "withdrawn" if record.versions[-1].row["withdrawn"] else "changed" if stood else "added"
    for name, each in net.items():
        old, last = each[0].old, each[-1]
        if text(old) != text(last.new):
            yield _told(compared, record, name, word, old, last)


def _told(compared: Compared, record: Record, name: str, word: str, old: Any, last: Change) -> tuple[Any, ...]:
    entry, form = last.by.entry, record.form.__tablename__
    place = (record.identity["subject_id"] or None, *_sent(compared, record, name), form, record.visit, record.instance)
    made = (*(entry[key] for key in MADE), record.identity["record_id"], entry["chain_no"], entry["entry_id"])
    return (*place, word, old, last.new, *made)


def _sent(compared: Compared, record: Record, name: str) -> tuple[str | None, str, str | None]:
    """Domain, variable and topic of a field; those of an item of an instrument are what the instrument says of it."""
    row = next(version.row for version in reversed(record.versions) if not version.row["withdrawn"])
    domain = record.form.__form__.domain
    if record.form is Assessment:
        instrument = compared.instruments[row["instrument"], row["instrver"]]
        item = instrument.items.get(name.partition(".")[2])
        sent = variable(instrument.domain, name) if item is None else f"{instrument.domain}ORRES"
        return instrument.domain, sent, item.testcd if item else instrument.id
    own = (*(f"{domain.lower()}{end}" for end in TOPICS), *NAMES)
    return domain or None, variable(domain, name), next((row[each] for each in own if each in fields(record.form)), None)


@cache
def variable(domain: str, name: str) -> str:
    """The one SDTM variable that a field is sent as, as it was collected; the field's own name where there is none, or two."""
    steps = specs.steps(domain) if domain else ()
    sent = {step.variable for step in steps if step.source == name and step.algorithm in AS_COLLECTED}
    return sent.pop() if len(sent) == 1 else name


def _concluded(compared: Compared, made: Iterable[Row], hung: Hanging, captured: Iterable[Record]) -> Iterator[tuple[Any, ...]]:
    """What the rules conclude otherwise, subject by subject; their checks ask and do not conclude."""
    places: dict[str, Place] = {record.visit: (None, record.visit, None) for record in captured if record.visit}
    places |= {str(record.identity["record_id"]): (None, record.visit, record.instance) for record in captured}
    versions: dict[tuple[str, ...], list[tuple[Row, Row]]] = {}
    for entry in made:
        for source, row in hung.get(entry["entry_id"], ()):
            if source is VERDICT and not row["rule"].startswith(CHECK):
                key = row["subject_id"], row["rule"], row["about"], str(row["verdict_id"])
                versions.setdefault(key, []).append((entry, row))
    for (subject, _, about, _), each in sorted(versions.items(), key=itemgetter(0)):
        yield from _moved(each, compared.limits.get(subject, 0), places.get(about, (about, None, None)))


def _moved(versions: Sequence[tuple[Row, Row]], limit: int, place: Place) -> Iterator[tuple[Any, ...]]:
    """A verdict that says something else than it did, by the entry since which it does."""
    was = next((_said(row) for _, row in reversed(versions) if row["chain_no"] <= limit), None)
    is_ = _said(versions[-1][1])
    if was != is_:
        steps = [(None, versions[0]), *((_said(before[1]), after) for before, after in pairwise(versions))]
        entry, row = next(made for before, made in reversed(steps) if before != is_)
        word = "added" if was is None else "withdrawn" if is_ is None else "changed"
        topic, event, instance = place
        of = (row["subject_id"], None, row["rule"], topic, VERDICT.name, event, instance)
        yield (*of, word, was, is_, *(entry[key] for key in MADE), row["verdict_id"], entry["chain_no"], entry["entry_id"])


def _said(verdict: Row) -> str | None:
    """The answer of a verdict with its amount; None where it was withdrawn."""
    if verdict["value"] == WITHDRAWN:
        return None
    return " ".join(text(each) for each in (verdict["value"], verdict["amount"]) if each is not None)
