"""
A study derived anew under the rules and the study version in force: a named act, with its reason.

A save settles what its form may have changed. Where it is a rule that changed, or the study document's settings, this act
derives everything of every subject anew by the same comparison (`settle.news`) and appends what moved as one entry a subject,
`resettle`, whose reason is the words given. Earlier versions stay: a cut or an instant before it still shows what the rules
said then. Nothing is written where nothing moved, so an act that was interrupted is simply started again.

It works on the database as `verify` does, and not through the API: no captured value is written, and it is one transaction a
subject, where a request is one transaction. So nobody who enters data waits for more than one subject's turn, and a study of
any size needs no request that lasts. The law of the one door is kept all the same: who (the system, set off by a named
person or command), when, why and all that follows stand in one entry of one transaction, on the subject's own chain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, select
from uuid_utils.compat import uuid7

from app.casebook.database import attempt, lock_chain, reading
from app.casebook.ledger import Act, Actor
from app.casebook.settle import Moved, anew
from app.casebook.studies import library
from app.errors import Invalid
from app.tables.base import table
from app.tables.subjects import Subject

SUBJECT = table(Subject)
MOST_WORDS, LONGEST_NAME = 800, 100
"""Characters of a reason and of a name: together they fit the reason of an entry."""


@dataclass(frozen=True, slots=True)
class Resettled:
    """What an act moved in one subject, and how many queries it opened or closed."""

    subject_id: str
    moved: tuple[Moved, ...] = ()
    queries: int = 0


def because(words: str, by: str, build: str) -> Act:
    """
    The circumstances of one act over many subjects: the system's own, set off by a person or command, under one request id.

    Refused: a reason without a word or of more than 800 characters, a name without a letter or of more than 100.
    """
    why, who = words.strip(), by.strip()
    if not 1 <= len(why) <= MOST_WORDS:
        raise Invalid("bad_reason", f"Say in 1 to {MOST_WORDS} characters why the study is settled anew")
    if not 1 <= len(who) <= LONGEST_NAME:
        raise Invalid("bad_name", f"Say in 1 to {LONGEST_NAME} characters who sets it off")
    return Act(Actor("casebook", "system"), f"resettle-{uuid7()}", build, "RULE_VERSION", f"{why} (set off by {who})")


def subjects(engine: Engine, study_id: str) -> list[str]:
    """The subjects of a study by code; refused (404) where there is no such study. Who registers later has the new rules."""
    with reading(engine) as connection:
        library.study(connection, study_id)
        mine = select(SUBJECT.c.subject_id).where(SUBJECT.c.study_id == study_id)
        return list(connection.scalars(mine.order_by(SUBJECT.c.subject_id)))


def resettle(
    engine: Engine, act: Act, study_id: str, progress: Callable[[int, int], None] = lambda done, of: None
) -> Iterator[Resettled]:
    """Settle every subject of a study anew, one transaction each; tells those in whom something moved, as each is done."""
    names = subjects(engine, study_id)
    for done, subject_id in enumerate(names, start=1):
        found = attempt(engine, partial(of_subject, act=act, study_id=study_id, subject_id=subject_id))
        progress(done, len(names))
        if found.moved:
            yield found


def of_subject(connection: Connection, act: Act, study_id: str, subject_id: str) -> Resettled:
    """Derive one subject anew, behind the lock of its chain, and append what moved."""
    lock_chain(connection, study_id, subject_id, reads_study=True)
    found = anew(connection, act, library.study(connection, study_id), subject_id)
    return Resettled(subject_id, found.moved, len(found.queries))


def report(found: Resettled) -> list[dict[str, Any]]:
    """One row a verdict that moved: rule, subject, what it is about, from, to, the rule's versions and the criteria moved."""
    return [
        {
            "rule": one.rule,
            "subject": found.subject_id,
            "about": one.about,
            "from": one.before,
            "to": one.after,
            "amount_from": None if one.amount_before is None else format(one.amount_before, "f"),
            "amount_to": None if one.amount_after is None else format(one.amount_after, "f"),
            "rule_version_from": one.version_before,
            "rule_version_to": one.version_after,
            "criteria": {key: {"from": before, "to": after} for key, (before, after) in one.criteria.items()},
        }
        for one in found.moved
    ]
