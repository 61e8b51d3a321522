"""
What must stand in the casebook before a record is accepted, changed or withdrawn (B12): the order in which a trial happens.

A study of origin `published` is exempt from consent, eligibility and the gates of a dose, and from nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, Connection, Select, and_, bindparam, exists, literal, select, union_all

from app.casebook import facts, ledger
from app.casebook.conform import refuse
from app.casebook.facts.rows import Rows
from app.casebook.ledger import RECORD, STUDY, SUBJECT, Act, Row
from app.casebook.studies.library import Study
from app.errors import Conflict, Fault, Invalid
from app.rules import derive, explain
from app.rules.dosing.gates import GATES
from app.rules.verdict import Value, Verdict
from app.tables import CAPTURED
from app.tables.base import Captured, table
from app.tables.dosing import Infusion
from app.tables.subjects import Disposition, Eligibility, Visit

Values = dict[str, Any]
VISIT = table(Visit)
DISPOSITION = table(Disposition)
CONSENT = "INFORMED CONSENT OBTAINED"
MOST_RECORDS = 500


def known(form: type[Captured]) -> list[ColumnElement[Any]]:
    """What the gates of a form ask of the casebook, each a scalar of one SELECT: of `:visit` and `:names`."""
    own = table(form)
    visit = (VISIT.c.study_id == STUDY, VISIT.c.subject_id == SUBJECT, VISIT.c.visit == bindparam("visit"), *_live(VISIT))
    consent = (DISPOSITION.c.study_id == STUDY, DISPOSITION.c.subject_id == SUBJECT, DISPOSITION.c.dsdecod == CONSENT)
    stands = [own.c.study_id == STUDY, own.c.subject_id == SUBJECT, *_live(own)]
    if form.__form__.named:
        stands.append(own.c[form.__form__.named].in_(bindparam("names", expanding=True)))
    return [
        select(VISIT.c.record_id).where(*visit).limit(1).scalar_subquery().label("visit_id"),
        exists().where(*consent, *_live(DISPOSITION)).label("consented"),
        exists().where(*stands).label("stands"),
    ]


def _live(own: Any) -> tuple[ColumnElement[bool], ...]:
    return (~own.c.withdrawn, ledger.latest(own, "now", "record_id"))


def one_visit(form: type[Captured], bodies: Mapping[str, Values]) -> str | None:
    """The visit that all bodies of a panel belong to; None where the form has none, or it was left out."""
    if not 0 < len(bodies) <= MOST_RECORDS:
        raise Invalid("panel_size", f"A panel holds 1 to {MOST_RECORDS} records; {len(bodies)} were sent")
    if form.__form__.visit == "never":
        return None
    (_, first), *others = bodies.items()
    words = "The results of one panel belong to one visit; send the others apart"
    if apart := [Fault(at, "another_visit", words) for at, body in others if body["visit"] != first["visit"]]:
        raise Invalid("panel_of_several_visits", words, faults=apart)
    return None if first["visit"] is None else str(first["visit"])


def names(form: type[Captured], values: Mapping[str, Values]) -> list[str]:
    """What the bodies call their records, where the form has names; a record that the service is to name has none yet."""
    named = form.__form__.named
    return [body[named] for body in values.values() if named and body[named] is not None]


def enter(
    connection: Connection, study: Study, subject_id: str, form: type[Captured], known: Any, bodies: Mapping[str, Values]
) -> None:
    """Refuse records whose time has not come: no visit, no consent, no eligibility, or one that stands already."""
    visit = one_visit(form, bodies)
    if visit is not None and known.visit_id is None:
        words = f"Subject {subject_id} has no visit {visit} in the casebook; record the visit first"
        raise Invalid("no_such_visit", words, faults=[Fault(f"{at}/visit", "no_such_visit", words) for at in bodies])
    if form.__form__.once and (known.stands or len(bodies) > 1):
        raise Conflict("stands_already", f"Subject {subject_id} has its {form.__form__.title} already; correct that record")
    if form.__form__.named and known.stands:
        whose = f"of subject {subject_id}" if subject_id else f"of study {study.id}"
        words = f"{form.__form__.title} {', '.join(names(form, bodies))} {whose} stands already; correct that record"
        raise Conflict("stands_already", words)
    if study.document.study.origin != "published" and form.__form__.after != "nothing":
        _in_order(connection, study, subject_id, form, known.consented)


def _in_order(connection: Connection, study: Study, subject_id: str, form: type[Captured], consented: bool) -> None:
    title = form.__form__.title
    if not consented:
        words = f"No informed consent of subject {subject_id} is recorded; {title} may not be entered"
        raise Conflict("no_consent", words)
    if form.__form__.after == "eligibility":
        answers = ledger.live(connection, Eligibility, study.id, subject_id)
        if unmet := unmet_criteria(study, [(row["ietestcd"], row["ieorres"]) for row in answers]):
            words = f"Subject {subject_id} of {study.id} may not be treated yet: {', '.join(unmet)} unanswered or not met"
            raise Conflict("eligibility_not_confirmed", words, criteria=unmet)


def unmet_criteria(study: Study, answers: list[tuple[str, str]]) -> list[str]:
    """The criteria that stand between a subject and treatment: unanswered, an inclusion not Y, an exclusion not N."""
    wanted = {criterion.ietestcd: "Y" if criterion.iecat == "INCLUSION" else "N" for criterion in study.document.criteria}
    given: dict[str, set[str]] = {}
    for name, answer in answers:
        given.setdefault(name, set()).add(answer)
    return [name for name, answer in wanted.items() if given.get(name) != {answer}]


def one_name(form: type[Captured], values: Mapping[str, Values]) -> None:
    """Refuse a panel that gives two records one name, be it the client's or the service's."""
    given = names(form, values)
    if twice := sorted({name for name in given if given.count(name) > 1}):
        raise Conflict("stands_already", f"A panel cannot hold two {form.__form__.title} {', '.join(twice)}; send them apart")


@lru_cache
def _held() -> CompoundSelect[Any]:
    """The titles of the forms of which a live record belongs to the visit `:visit_id`."""
    forms = [form for form in CAPTURED.values() if form.__form__.visit != "never"]
    return union_all(*(_of_visit(form) for form in forms))


def _of_visit(form: type[Captured]) -> Select[Any]:
    own = table(form)
    mine = and_(RECORD.c.study_id == STUDY, RECORD.c.subject_id == SUBJECT, RECORD.c.visit_id == bindparam("visit_id"))
    belongs = exists().where(mine, own.c.study_id == STUDY, own.c.record_id == RECORD.c.record_id, *_live(own))
    return select(literal(form.__form__.title)).where(belongs)


def withdraw(connection: Connection, study: Study, subject_id: str, form: type[Captured], record_id: UUID) -> None:
    """Refuse to withdraw a visit that records belong to: they would hang on nothing, and no rule would see them."""
    if form is Visit:
        asked = {"study": study.id, "subject": subject_id, "visit_id": record_id}
        if held := sorted(connection.scalars(_held(), asked)):
            words = f"The visit has records of {', '.join(held)}; withdraw those first"
            raise Conflict("visit_has_records", words)


FIELDS = {
    "gate_enrolment": "armcd",
    "gate_decision": "ecstdtc",
    "gate_lot": "eclot",
    "gate_level": "doselvl",
    "gate_identity": "ecidchk",
    "gate_toxicity": "ecstdtc",
    "gate_weight_tier": "ecwt",
    "gate_cytopenia": "ecstdtc",
    "gate_infection": "ecstdtc",
    "gate_thaw": "ecthwdtc",
    "gate_dose": "ecdose",
    "gate_dlt": "ecstdtc",
}
"""The field of a record that each gate speaks about."""
ASKED: Mapping[str, Callable[[Row], bool]] = {
    "infusion": lambda row: row["ecoccur"] == "Y",
    "disposition": lambda row: row["armcd"] is not None,
}
"""The tables that have gates, and of which of their records one is asked: a dose that was given, an entry into an arm."""


def stop(
    connection: Connection,
    study: Study,
    subject_id: str,
    form: type[Captured],
    rows: Mapping[str, Row],
    stands: Row | None = None,
) -> None:
    """
    Refuse infusions that are recorded as given, and entries into an arm, past a gate that the study document sets to `refuse`,
    by where each was sent.

    A correction (of the record as it `stands`) is refused for what it brings about, not for what was learnt since the dose.
    One SELECT for each table that those gates read; none where nothing is recorded that they stand before.
    """
    name = form.__tablename__
    refusing = [g.rule.id for key, g in GATES.items() if g.table == name and study.settings.gates.get(key) == "refuse"]
    if not refusing or not any(ASKED[name](row) for row in rows.values()):
        return
    read = facts.read(connection, study, subject_id, derive.tables(refusing))
    before = {each.rule for each in _stopped(connection, study, subject_id, name, read, [stands] if stands else [], refusing)}
    stopped = _stopped(connection, study, subject_id, name, read, list(rows.values()), refusing)
    where = {str(row["record_id"]): at for at, row in rows.items()}
    if faults := [_fault(where[each.about], each) for each in stopped if each.rule not in before]:
        words = f"{_what(subject_id, form, rows)}. {' '.join(fault.detail for fault in faults)}"
        raise Conflict("dose_stopped" if form is Infusion else "enrolment_stopped", words, faults=faults)


def _what(subject_id: str, form: type[Captured], rows: Mapping[str, Row]) -> str:
    """What may not be recorded, in words."""
    column, is_asked = "doselvl" if form is Infusion else "armcd", ASKED[form.__tablename__]
    named = ", ".join(dict.fromkeys(row[column] or "not recorded" for row in rows.values() if is_asked(row)))
    if form is Infusion:
        return f"No dose of subject {subject_id} at dose level {named} may be recorded as given"
    return f"Subject {subject_id} may not enter arm {named}"


def _stopped(
    connection: Connection, study: Study, subject_id: str, name: str, read: Rows, rows: list[Row], rules: list[str]
) -> list[Verdict]:
    """The flagged gates of these records, each in the place of its record among those that stand."""
    own = {row["record_id"] for row in rows}
    standing = [*(row for row in read[name] if row["record_id"] not in own), *rows]
    known = facts.known(connection, study, subject_id, {**read, name: standing})
    about = {str(record) for record in own}
    return [each for each in derive.verdicts(known, rules) if each.value is Value.FLAGGED and each.about in about]


def _fault(at: str, verdict: Verdict) -> Fault:
    """A gate that stops a record, in the words of its verdict without the record's own."""
    _, _, *because = explain.sentences(verdict)
    return Fault(f"{at}/{FIELDS[verdict.rule.id]}", verdict.rule.id, f"{verdict.rule.title}: {' '.join(because)}")


def reason(study: Study, act: Act) -> None:
    """Refuse a reason for change that is not of the study's list, or that says OTHER without words (A2)."""
    listed = study.document.reasons
    if act.reason_code not in listed:
        words = f"{act.reason_code} is not a reason for change of study {study.id}; it has {', '.join(listed)}"
        raise refuse("reason/code", "unknown_reason", words)
    if act.reason_code == "OTHER" and not act.reason:
        raise refuse("reason/text", "reason_without_words", "the reason OTHER needs a text that says what it is")
