"""
Exports as jobs: asked for, taken by one worker at a time, followed, cancelled, ended.

That one was asked for and what came of it are entries of the study's chain, with the digest of every file (A10, F4, F5). Where
a job stands meanwhile is a row that is rewritten. A worker holds a job by a lease which it renews; where the service was
killed, the lease runs out and the next worker begins the job anew: the same cut, so the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update
from uuid_utils.compat import uuid7

from app.casebook import cut, gates, ledger
from app.casebook.database import lock_chain
from app.casebook.ledger import ENTRY, Act, Actor, Appended, Head, Row
from app.casebook.studies import library
from app.errors import Conflict, NotFound
from app.tables.base import STUDY_CHAIN, table
from app.tables.exports import Export, ExportJob

EXPORT, JOB = table(Export), table(ExportJob)
ENDED = ("done", "failed", "cancelled")
MOST_ATTEMPTS = 5
"""How often a job is begun before it counts as one that ends its service each time."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A job in the hands of one worker."""

    study_id: str
    job_id: UUID
    cut_name: str
    ndjson: bool
    attempts: int
    worker: UUID


def ask(connection: Connection, act: Act, study_id: str, cut_name: str, ndjson: bool) -> tuple[Row, bool]:
    """Ask for the package of a cut: the job, and whether this very request had asked before. Refused: an unknown cut (404)."""
    lock_chain(connection, study_id, STUDY_CHAIN)
    study = library.study(connection, study_id)
    if before := ledger.by_key(connection, study_id, act):
        return _asked_by(connection, study_id, before), True
    cut_id, job_id = cut.named(connection, study_id, cut_name)["cut_id"], uuid7()
    job = {"job_id": job_id, "cut_id": cut_id, "ndjson": ndjson}
    head = ledger.head(connection, study_id, STUDY_CHAIN, study.version)
    ledger.append(connection, head, act, "export", [(EXPORT, job | {"version": 1, "state": "asked"})])
    begins = {"study_id": study_id, "state": "queued", "words": "", "done": 0, "attempts": 0}
    connection.execute(JOB.insert(), job | begins)
    return shown(connection, study_id, job_id), False


def _asked_by(connection: Connection, study_id: str, entry: Appended) -> Row:
    mine = (EXPORT.c.study_id == study_id, EXPORT.c.entry_id == entry.entry_id)
    return shown(connection, study_id, connection.execute(select(EXPORT.c.job_id).where(*mine)).scalar_one())


def take(connection: Connection, lease: timedelta) -> Taken | None:
    """
    The job that has waited longest, now in the hands of one worker; None where none waits.

    Two who ask at once get two jobs: the second UPDATE of a row finds that it no longer waits.
    """
    now, worker = datetime.now(UTC), uuid7()
    waiting = select(JOB, cut.CUT.c.name).join(cut.CUT, _of_cut()).where(_waits(now)).order_by(JOB.c.job_id)
    for job in connection.execute(waiting).all():
        begins = {"state": "running", "words": "", "done": 0, "total": None, "attempts": job.attempts + 1}
        begins |= {"worker": worker, "lease_until": now + lease}
        mine = (JOB.c.study_id == job.study_id, JOB.c.job_id == job.job_id, _waits(now))
        if connection.execute(update(JOB).where(*mine).values(begins)).rowcount:
            return Taken(job.study_id, job.job_id, job.name, job.ndjson, job.attempts + 1, worker)
    return None


def waits(connection: Connection) -> bool:
    """Whether any job waits for a worker."""
    return connection.execute(select(JOB.c.job_id).where(_waits(datetime.now(UTC))).limit(1)).first() is not None


def _waits(now: datetime) -> ColumnElement[bool]:
    return or_(JOB.c.state == "queued", and_(JOB.c.state == "running", JOB.c.lease_until < now))


def _of_cut() -> ColumnElement[bool]:
    return and_(cut.CUT.c.study_id == JOB.c.study_id, cut.CUT.c.cut_id == JOB.c.cut_id)


def _held(taken: Taken) -> ColumnElement[bool]:
    """Whether a job is still in the hands that took it: not cancelled, and nobody else's."""
    mine = and_(JOB.c.study_id == taken.study_id, JOB.c.job_id == taken.job_id)
    return and_(mine, JOB.c.worker == taken.worker, JOB.c.state == "running")


def keep(connection: Connection, taken: Taken, lease: timedelta, told: tuple[str, int, int | None]) -> bool:
    """Renew the lease and tell how far the job has come; False where it is no longer in these hands."""
    words, done, total = told
    values = {"lease_until": datetime.now(UTC) + lease, "words": words[:200], "done": done, "total": total}
    return connection.execute(update(JOB).where(_held(taken)).values(values)).rowcount == 1


def put_back(connection: Connection, taken: Taken) -> None:
    """Let another take it: the service ends, and no attempt was lost. Of a job that was cancelled nothing is changed."""
    values = {"state": "queued", "worker": None, "lease_until": None, "attempts": taken.attempts - 1}
    connection.execute(update(JOB).where(_held(taken)).values(values))


def end(connection: Connection, taken: Taken, build: str, state: str, **outcome: Any) -> bool:
    """
    What came of a job, as an entry of the system's own that names who asked; False where it is no longer in these hands.

    `outcome`: sha256, size and manifest of what was done, or the fault of what failed.
    """
    lock_chain(connection, taken.study_id, STUDY_CHAIN)
    values = {"state": state, "worker": None, "lease_until": None}
    if not connection.execute(update(JOB).where(_held(taken)).values(values)).rowcount:
        return False
    asked = _versions(connection, EXPORT.c.study_id == taken.study_id, EXPORT.c.job_id == taken.job_id)[0]
    by = Act(Actor(asked["actor"], asked["role"], taken.study_id), asked["request_id"], build)
    of = Appended(asked["entry_id"], asked["at"], Head(taken.study_id, STUDY_CHAIN, asked["chain_no"]))
    _note(connection, ledger.consequence(by, of), asked, state, outcome)
    return True


def cancel(connection: Connection, act: Act, study_id: str, job_id: UUID) -> Row:
    """Cancel a job that waits or runs, with a reason; its worker stops at the next file. Refused (409): one that has ended."""
    lock_chain(connection, study_id, STUDY_CHAIN)
    stands = shown(connection, study_id, job_id)
    gates.reason(library.study(connection, study_id), act)
    mine = (JOB.c.study_id == study_id, JOB.c.job_id == job_id, JOB.c.state.not_in(ENDED))
    values = {"state": "cancelled", "worker": None, "lease_until": None}
    if not connection.execute(update(JOB).where(*mine).values(values)).rowcount:
        raise Conflict("export_ended", f"Export {job_id} of {study_id} has ended: {stands['state']}")
    asked = _versions(connection, EXPORT.c.study_id == study_id, EXPORT.c.job_id == job_id)[0]
    _note(connection, act, asked, "cancelled", {})
    return shown(connection, study_id, job_id)


def _note(connection: Connection, act: Act, asked: Row, state: str, outcome: dict[str, Any]) -> None:
    head = ledger.head(connection, asked["study_id"], STUDY_CHAIN, library.study(connection, asked["study_id"]).version)
    row = {name: asked[name] for name in ("job_id", "cut_id", "ndjson")} | {"version": 2, "state": state} | outcome
    ledger.append(connection, head, act, f"export_{state}", [(EXPORT, row)])


def _versions(connection: Connection, *where: ColumnElement[bool]) -> Sequence[Row]:
    """Versions of exports with the entries that made them, each export's oldest first."""
    keys = ("study_id", "subject_id", "chain_no")
    made = (ENTRY.c[name] for name in ("actor", "role", "at", "reason_code", "reason", "request_id", "build"))
    joined = EXPORT.join(ENTRY, and_(*(ENTRY.c[key] == EXPORT.c[key] for key in keys)))
    rows = select(EXPORT, *made).select_from(joined).where(*where).order_by(EXPORT.c.job_id, EXPORT.c.version)
    return list(connection.execute(rows).mappings())


def listed(connection: Connection, study_id: str) -> list[Row]:
    """Every export of a study, oldest first."""
    library.study(connection, study_id)
    return _shown(connection, study_id)


def shown(connection: Connection, study_id: str, job_id: UUID) -> Row:
    """One export: of which cut, where it stands, who asked, and what came of it; NotFound where the study has none of it."""
    found = _shown(connection, study_id, JOB.c.job_id == job_id)
    if not found:
        raise NotFound("no_such_export", f"Study {study_id} has no export {job_id}")
    return found[0]


def _shown(connection: Connection, study_id: str, *where: ColumnElement[bool]) -> list[Row]:
    jobs = select(JOB, cut.CUT.c.name.label("cut")).join(cut.CUT, _of_cut()).where(JOB.c.study_id == study_id, *where)
    found = connection.execute(jobs.order_by(JOB.c.job_id)).mappings().all()
    ids = [job["job_id"] for job in found]
    versions = {
        (row["job_id"], row["version"]): row
        for row in _versions(connection, EXPORT.c.study_id == study_id, EXPORT.c.job_id.in_(ids))
    }
    return [_told(job, versions[job["job_id"], 1], versions.get((job["job_id"], 2))) for job in found]


def _told(job: Row, asked: Row, ended: Row | None) -> Row:
    last, names = ended or asked, ("actor", "role", "at")
    came_of_it = {name: last[name] for name in ("sha256", "size", "manifest", "fault")}
    return {
        **{name: job[name] for name in ("study_id", "job_id", "cut", "ndjson", "state")},
        "progress": {name: job[name] for name in ("words", "done", "total")},
        "asked": {name: asked[name] for name in names},
        "ended": ended and {name: ended[name] for name in (*names, "reason_code", "reason")},
        "build": last["build"],
        **came_of_it,
    }
