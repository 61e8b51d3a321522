"""
Who may do what, where: the permission matrix as data, and the tokens by which a person is known.

A token is random, shown once, and kept as its SHA-256. What it may reach is decided here and in SQL by site, never by what
a client says: another site's subject does not exist for its holder.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, select
from uuid_utils.compat import uuid7

from app.casebook.ledger import Actor
from app.errors import NotAllowed, NotFound, NotSignedIn
from app.tables.base import table
from app.tables.people import Token, TokenRevocation

TOKEN = table(Token)
REVOCATION = table(TokenRevocation)


class Role(StrEnum):
    """The roles of a trial (`peers-and-api`, ICH E6(R3)); `system` is never a person."""

    INVESTIGATOR = "investigator"
    COORDINATOR = "coordinator"
    MONITOR = "monitor"
    DATA_MANAGER = "data_manager"
    MEDICAL_MONITOR = "medical_monitor"
    STATISTICIAN = "statistician"
    INSPECTOR = "inspector"
    ADMINISTRATOR = "administrator"


class Action(StrEnum):
    """What can be asked of the service."""

    READ = "read"
    ENTER = "enter"
    ANSWER_QUERY = "answer_query"
    CLOSE_QUERY = "close_query"
    REGISTER_LOT = "register_lot"
    RECORD_DECISION = "record_decision"
    SIGN_DECISION = "sign_decision"
    PUBLISH = "publish"
    CUT = "cut"
    EXPORT = "export"
    EXPORT_PACKAGE = "export_package"
    IMPORT = "import"
    FOLLOW_EXPORTS = "follow_exports"


SITE = frozenset({Action.READ, Action.ENTER, Action.ANSWER_QUERY})
PERMITTED: dict[Role, frozenset[Action]] = {
    Role.INVESTIGATOR: SITE,
    Role.COORDINATOR: SITE,
    Role.MONITOR: frozenset({Action.READ, Action.CLOSE_QUERY}),
    Role.DATA_MANAGER: frozenset(
        {
            Action.READ,
            Action.CLOSE_QUERY,
            Action.REGISTER_LOT,
            Action.RECORD_DECISION,
            Action.PUBLISH,
            Action.CUT,
            Action.EXPORT,
            Action.EXPORT_PACKAGE,
            Action.IMPORT,
            Action.FOLLOW_EXPORTS,
        }
    ),
    Role.MEDICAL_MONITOR: frozenset(
        {
            Action.READ,
            Action.CLOSE_QUERY,
            Action.RECORD_DECISION,
            Action.SIGN_DECISION,
            Action.EXPORT,
            Action.EXPORT_PACKAGE,
            Action.FOLLOW_EXPORTS,
        }
    ),
    Role.STATISTICIAN: frozenset({Action.READ, Action.CUT, Action.EXPORT, Action.EXPORT_PACKAGE, Action.FOLLOW_EXPORTS}),
    Role.INSPECTOR: frozenset({Action.READ, Action.FOLLOW_EXPORTS}),
    Role.ADMINISTRATOR: frozenset(),
}
"""
Sponsor roles cannot write what a site enters, save that a data manager imports a study whole, each act as whose it was; an
administrator holds no right over data (B3, D2, D3).
"""

SITE_ROLES = frozenset({Role.INVESTIGATOR, Role.COORDINATOR})
WHOLE = frozenset({Action.EXPORT_PACKAGE, Action.IMPORT})
"""What is done to all subjects of a study at once: not with a token that ends at some sites."""


def allow(actor: Actor, action: Action, study_id: str | None = None) -> None:
    """
    Refuse an action that the actor's role does not hold, or one on the whole of a study to whoever reaches some sites alone
    (403), or a study outside the actor's grant (404).
    """
    if study_id is not None and actor.study_id not in (None, study_id):
        raise NotFound("no_such_study", f"There is no study {study_id}")
    if action not in PERMITTED[Role(actor.role)]:
        raise NotAllowed("not_allowed", f"A {actor.role.replace('_', ' ')} may not {action.replace('_', ' ')}", action=action)
    if action in WHOLE and actor.sites is not None:
        words = (
            f"To {action.replace('_', ' ')} takes every site of the study; your token reaches {', '.join(sorted(actor.sites))}"
        )
        raise NotAllowed("not_every_site", words, action=action)


def in_scope(actor: Actor, siteid: str | None) -> bool:
    """Whether a subject of this site exists for the actor; None is a subject that does not exist at all."""
    return siteid is not None and (actor.sites is None or siteid in actor.sites)


def digest(token: str) -> str:
    """The digest by which a token is known."""
    return hashlib.sha256(token.encode()).hexdigest()


def issue(
    connection: Connection, person: str, role: Role, *, study_id: str | None, sites: Iterable[str] | None, days: int
) -> str:
    """Issue a personal token and return it: the only time it is shown. It ends by itself after `days`."""
    token, now = secrets.token_urlsafe(32), datetime.now(UTC)
    row: dict[str, Any] = {
        "token_id": uuid7(),
        "digest": digest(token),
        "person": person,
        "role": role.value,
        "study_id": study_id,
        "sites": None if sites is None else sorted(sites),
        "issued_at": now,
        "expires_at": now + timedelta(days=days),
    }
    connection.execute(TOKEN.insert(), row)
    return token


_KNOWN = select(TOKEN, exists().where(REVOCATION.c.token_id == TOKEN.c.token_id).label("revoked"))


def actor(connection: Connection, token: str) -> Actor:
    """The person a token stands for; refused where it is unknown, revoked or past its end."""
    row = connection.execute(_KNOWN.where(TOKEN.c.digest == digest(token))).one_or_none()
    if row is None or row.revoked or row.expires_at <= datetime.now(UTC):
        raise NotSignedIn("token_refused", "The token is unknown, revoked or expired")
    return Actor(row.person, row.role, row.study_id, None if row.sites is None else frozenset(row.sites))


_IN_FORCE = select(TOKEN.c.token_id).where(~exists().where(REVOCATION.c.token_id == TOKEN.c.token_id))


def revoke(connection: Connection, token: str, by: str) -> None:
    """End a token at once; refused where it is unknown or has ended so before."""
    if not _revoke(connection, TOKEN.c.digest == digest(token), by):
        raise NotFound("no_such_token", "There is no such token, or it was revoked before")


def revoke_all(connection: Connection, person: str, by: str) -> int:
    """End every token of a person at once, such as of one who left or who lost a token; how many that were."""
    return _revoke(connection, TOKEN.c.person == person, by)


def _revoke(connection: Connection, whose: ColumnElement[bool], by: str) -> int:
    ended = [
        {"token_id": token_id, "at": datetime.now(UTC), "by": by} for token_id in connection.scalars(_IN_FORCE.where(whose))
    ]
    if ended:
        connection.execute(REVOCATION.insert(), ended)
    return len(ended)
