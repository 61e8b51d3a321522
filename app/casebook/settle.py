"""
What follows from a write, in the same transaction: derive, compare with what was concluded before, ask.

Only the rules that read the changed form run, on only the tables that they read. A verdict that moved is a new version, in
an entry of the system's own that names the entry it follows from. A check that is newly flagged opens a query, one that is
clear again closes it; the value that a person entered is never touched. Of the rules that speak of laboratory results one by
one only what they say of new results is derived, unless one of them may be a baseline. `resettle` derives everything anew by
the same `news`, where it is a rule that changed and not a value.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, Select, Table, bindparam, select
from uuid_utils.compat import uuid7

from app.casebook import facts, ledger
from app.casebook.database import lock_chain
from app.casebook.ledger import ENTRY, STUDY, SUBJECT, Act, Appended, Row
from app.casebook.studies.library import Study
from app.rules import derive, explain
from app.rules.laboratory.series import stand_alone
from app.rules.verdict import Rule, Value, Verdict, from_json, rests_on, to_json
from app.tables.base import Captured, table
from app.tables.dosing import Infusion, ProductLot
from app.tables.review import Query
from app.tables.review import Verdict as VerdictRow
from app.tables.safety import Laboratory
from app.tables.subjects import Disposition

VERDICT = table(VerdictRow)
QUERY = table(Query)
INFUSION, DISPOSITION = table(Infusion), table(Disposition)
WITHDRAWN = "withdrawn"
COMPARED = ("rule_version", "value", "amount", "lowest", "highest", "criteria", "missing", "rests_on")
RANKS = {rule: rank for rank, rule in enumerate(derive.RULES)}
NAMESPACE = UUID("6c8f9f0e-6f0b-5d6e-9a55-0a3c5b1a7f10")


@dataclass(frozen=True, slots=True)
class Moved:
    """
    One verdict that changed: from what, to what, by which version of its rule (`version_before`, `version_after`).

    `criteria` names those whose own answer changed, with both answers.
    """

    verdict_id: UUID
    rule: str
    about: str
    before: str | None
    after: str
    amount_before: Any
    amount_after: Any
    version_before: str | None
    version_after: str
    criteria: Mapping[str, tuple[Any, Any]]

    @property
    def says_more(self) -> bool:
        """Whether the answer itself changed, and not only the versions that it rests on."""
        return self.before != self.after or self.amount_before != self.amount_after or bool(self.criteria)


@dataclass(frozen=True, slots=True)
class Asked:
    """A query that a write opened or closed, as it now stands."""

    query_id: UUID
    state: str
    rule: str
    text: str
    record_id: UUID | None
    field: str | None


@dataclass(frozen=True, slots=True)
class News:
    """What the rules say now that is not kept yet: new versions of verdicts and of queries, and how each verdict moved."""

    verdicts: tuple[dict[str, Any], ...]
    queries: tuple[dict[str, Any], ...]
    moved: tuple[Moved, ...]

    @property
    def rows(self) -> list[tuple[Table, dict[str, Any]]]:
        """The rows as an entry takes them."""
        return [(VERDICT, row) for row in self.verdicts] + [(QUERY, row) for row in self.queries]


@dataclass(frozen=True, slots=True)
class Settled:
    """What followed from one write."""

    moved: tuple[Moved, ...] = ()
    queries: tuple[Asked, ...] = ()
    head: ledger.Head | None = None


@lru_cache
def _stored_statement(kind: str, some: bool = False, alone: bool = False) -> Select[Any]:
    """The verdicts of a subject: of some `rules`, and of the rules of results only on some `results`."""
    mine = [VERDICT.c.study_id == STUDY, VERDICT.c.subject_id == SUBJECT]
    if some:
        mine.append(VERDICT.c.rule.in_(bindparam("rules", expanding=True)))
    if alone:
        about = VERDICT.c.about.in_(bindparam("results", expanding=True))
        mine.append(VERDICT.c.rule.not_in(sorted(derive.OF_RESULTS)) | about)
    return select(VERDICT).where(*mine, ledger.latest(VERDICT, kind, "verdict_id")).order_by(VERDICT.c.rule, VERDICT.c.about)


def stored(connection: Connection, study_id: str, subject_id: str, at: ledger.Position = ledger.NOW) -> list[Row]:
    """The verdicts of one subject as they stand at a position, those withdrawn left out."""
    parameters = {"study": study_id, "subject": subject_id, **at.parameters}
    found = connection.execute(_stored_statement(at.kind), parameters).mappings()
    return [row for row in found if row["value"] != WITHDRAWN]


def settle(
    connection: Connection, act: Act, study: Study, entry: Appended, form: type[Captured], written: Mapping[UUID, Row]
) -> Settled:
    """
    Derive what a write of `form` may have changed, and append what moved as the system's own entry. Of what belongs to the
    study as a whole each subject concerned is derived anew in the same transaction, on the subject's own chain.

    `written`: the records written, each as it stood before; without a value where it is new.
    Two statements and one for each table that the rules read; three more where something moved.
    """
    rules = derive.affected(form.__tablename__, study.settings)
    if form.__form__.scope == "study":
        for subject_id in concerned(connection, study.id, form, written):
            lock_chain(connection, study.id, subject_id)
            anew(connection, ledger.consequence(act, entry), study, subject_id, rules)
        return Settled(head=entry.head)
    if not rules:
        return Settled(head=entry.head)
    results = {str(record): row.get("lbdtc") for record, row in written.items()} if form is Laboratory else None
    found = news(connection, study, entry.head.subject_id, rules, results)
    if not found.verdicts:
        return Settled(head=entry.head)
    done = ledger.append(connection, entry.head, ledger.consequence(act, entry), "settle", found.rows)
    moved = tuple(one for one in found.moved if one.says_more)
    return Settled(moved, tuple(_asked(row) for row in found.queries), done.head)


def concerned(connection: Connection, study_id: str, form: type[Captured], written: Collection[UUID]) -> list[str]:
    """
    The subjects, by code, of whom something may be said otherwise since records of the study were written: of a lot those who
    were ever given it, of a decision on a dose level those who were ever given a dose or entered into an arm.
    """
    dosed = select(INFUSION.c.subject_id).where(INFUSION.c.study_id == study_id)
    if form is ProductLot:
        own = table(form)
        lots = select(own.c.eclot).where(own.c.study_id == study_id, own.c.record_id.in_(written))
        return sorted(set(connection.scalars(dosed.where(INFUSION.c.eclot.in_(lots)))))
    entered = select(DISPOSITION.c.subject_id).where(DISPOSITION.c.study_id == study_id, DISPOSITION.c.armcd.is_not(None))
    return sorted(set(connection.scalars(dosed.union(entered))))


def anew(connection: Connection, act: Act, study: Study, subject_id: str, rules: Collection[str] | None = None) -> News:
    """Derive some rules (None: all) of one subject anew, the turn in whose chain is the caller's, and append what moved."""
    found = news(connection, study, subject_id, rules)
    if found.verdicts:
        head = ledger.head(connection, study.id, subject_id, study.version)
        ledger.append(connection, head, act, "resettle", found.rows)
    return found


def news(
    connection: Connection,
    study: Study,
    subject_id: str,
    rules: Collection[str] | None = None,
    results: Mapping[str, str | None] | None = None,
) -> News:
    """
    What some of the rules (None: all in force, and those no longer in force) say of a subject beside what is kept.

    `results`: the only records that changed, where they are laboratory results, each with the date that it had before.
    """
    here = (study.id, subject_id)
    known = facts.gather(connection, study, subject_id, derive.tables(derive.RULES if rules is None else rules))
    alone = results if results and stand_alone(known, results, results.values()) else None
    of = {"study": study.id, "subject": subject_id, "rules": sorted(rules or ()), "results": sorted(alone or ())}
    stands = connection.execute(_stored_statement("now", rules is not None, alone is not None), of).mappings()
    before = {(row["rule"], row["about"]): row for row in stands}
    changed = _in_order(_changed(here, before, derive.verdicts(known, rules, alone)))
    moved = tuple(_moved(before.get((row["rule"], row["about"])), row) for row in changed)
    asked = _queries(connection, here, before, changed)
    return News(tuple(changed), tuple(asked), moved)


def row_of(here: tuple[str, str], verdict: Verdict) -> dict[str, Any]:
    """A verdict as it is kept; its identity follows from study, subject, rule and what it is about."""
    plain = to_json(verdict)
    return {
        "verdict_id": uuid5(NAMESPACE, "\x00".join((*here, verdict.rule.id, verdict.about))),
        "rule": verdict.rule.id,
        "rule_version": verdict.rule.version,
        "about": verdict.about,
        "value": verdict.value.value,
        "amount": verdict.amount,
        "lowest": verdict.lowest,
        "highest": verdict.highest,
        "criteria": plain["criteria"],
        "missing": plain["missing"],
        "rests_on": plain["evidence"],
    }


def verdict_of(row: Row) -> Verdict:
    """A kept verdict as the rule gave it, under the version that gave it; a rule no longer in force has its id for a title."""
    gone = Rule(row["rule"], "", row["rule"], "no longer in force")
    rule = replace(derive.RULES.get(row["rule"], gone), version=row["rule_version"])
    return from_json({**row, "rule": to_json(rule), "evidence": row["rests_on"]})


def _changed(here: tuple[str, str], before: Mapping[tuple[str, str], Row], now: Iterable[Verdict]) -> Iterable[dict[str, Any]]:
    """The new versions: a verdict that differs in anything but its time, and an end for each whose thing is gone."""
    seen = set()
    for verdict in now:
        row, stands = row_of(here, verdict), before.get((verdict.rule.id, verdict.about))
        seen.add((verdict.rule.id, verdict.about))
        if stands is None or any(_differs(row[name], stands[name]) for name in COMPARED):
            yield row | {"version": 1 if stands is None else stands["version"] + 1}
    for key, stands in before.items():
        if key not in seen and stands["value"] != WITHDRAWN:
            gone = dict(stands) | {"value": WITHDRAWN, "amount": None, "lowest": None, "highest": None}
            yield gone | {"version": stands["version"] + 1, "criteria": [], "missing": [], "rests_on": []}


def _in_order(verdicts: Iterable[Row]) -> list[Any]:
    """Verdicts as an answer tells them, the first time and when it is told again: by rule, then by what they are about."""
    return sorted(verdicts, key=lambda row: (RANKS.get(row["rule"], len(RANKS)), row["rule"], row["about"]))


def _differs(one: Any, other: Any) -> bool:
    """Whether two kept values differ, be it in their digits alone: 5 and 5.0 are equal numbers and different answers."""
    return bool(one != other) or (isinstance(one, Decimal) and format(one, "f") != format(other, "f"))


def criteria_moved(before: Row | None, after: Row) -> dict[str, tuple[Any, Any]]:
    """The criteria whose own answer differs between two versions of a verdict, each with both; None is open, or not there."""
    held = {c["key"]: c["holds"] for c in before["criteria"]} if before else {}
    holds = {c["key"]: c["holds"] for c in after["criteria"]}
    return {key: (held.get(key), holds.get(key)) for key in held | holds if held.get(key) != holds.get(key) or key not in held}


def _moved(before: Row | None, after: Row) -> Moved:
    prior: Row = {} if before is None or before["value"] == WITHDRAWN else before
    return Moved(
        verdict_id=after["verdict_id"],
        rule=after["rule"],
        about=after["about"],
        before=prior.get("value"),
        after=after["value"],
        amount_before=prior.get("amount"),
        amount_after=after["amount"],
        version_before=prior.get("rule_version"),
        version_after=after["rule_version"],
        criteria=criteria_moved(before, after),
    )


def _queries(
    connection: Connection, here: tuple[str, str], before: Mapping[tuple[str, str], Row], changed: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Open a query for each check newly flagged; close those whose check is no longer flagged. By age; others read nothing."""
    rows, to_close = [], []
    for row in changed:
        stands = before.get((row["rule"], row["about"]))
        was, is_ = stands is not None and stands["value"] == Value.FLAGGED, row["value"] == Value.FLAGGED
        if is_ and not was:
            rows.append(_opened(row))
        elif was and not is_:
            to_close.append(row["verdict_id"])
    if to_close:
        rows += [_closed(row) for row in open_queries(connection, *here) if row["verdict_id"] in to_close]
    return sorted(rows, key=lambda row: row["query_id"])


def _opened(row: Row) -> dict[str, Any]:
    """A query on the record that the check is about, else on the first that it rests on, in the check's own words."""
    verdict = verdict_of(row)
    found = [fact.source for fact in verdict.evidence if fact.source is not None] or list(rests_on(verdict))
    own = (source for source in found if source.record == row["about"])
    source = next(own, next(iter(found), None))
    return {
        "query_id": uuid7(),
        "version": 1,
        "state": "open",
        "record_id": UUID(source.record) if source else None,
        "record_version": source.version if source else None,
        "field": None,
        "rule": row["rule"],
        "verdict_id": row["verdict_id"],
        "text": " ".join(explain.sentences(verdict)),
    }


def _closed(query: Row) -> dict[str, Any]:
    return dict(query) | {"version": query["version"] + 1, "state": "closed", "text": "The data no longer raise this question."}


def _asked(row: Row) -> Asked:
    return Asked(row["query_id"], row["state"], row["rule"], row["text"], row["record_id"], row["field"])


def told(connection: Connection, head: ledger.Head) -> Settled:
    """What followed from an entry, read back: the versions that the system's next entry made, beside those before them."""
    here = {"study_id": head.study_id, "subject_id": head.subject_id}
    follows = select(ENTRY.c.act).filter_by(**here, chain_no=head.chain_no + 1)
    if connection.scalar(follows) != "settle":
        return Settled(head=head)
    made = _in_order(connection.execute(select(VERDICT).filter_by(**here, chain_no=head.chain_no + 1)).mappings())
    earlier = select(VERDICT).where(
        VERDICT.c.study_id == head.study_id, VERDICT.c.verdict_id.in_([r["verdict_id"] for r in made])
    )
    before = {(r["verdict_id"], r["version"]): r for r in connection.execute(earlier).mappings()}
    moved = [_moved(before.get((row["verdict_id"], row["version"] - 1)), row) for row in made]
    asked = connection.execute(
        select(QUERY).filter_by(**here, chain_no=head.chain_no + 1).order_by(QUERY.c.query_id)
    ).mappings()
    return Settled(tuple(m for m in moved if m.says_more), tuple(_asked(row) for row in asked), head)


def open_queries(connection: Connection, study_id: str, subject_id: str) -> list[Row]:
    """The queries of one subject that wait for an answer or a close, in the order in which they were opened."""
    mine = (QUERY.c.study_id == study_id, QUERY.c.subject_id == subject_id, QUERY.c.state.in_(("open", "answered")))
    found = connection.execute(select(QUERY).where(*mine, ledger.latest(QUERY, "now", "query_id")).order_by(QUERY.c.query_id))
    return list(found.mappings())
