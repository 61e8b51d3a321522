"""
What the study document decides about a body: the visit it names, the arm, the criterion, the instrument and its answers.

Each check takes the values as the form read them, or as a correction would leave them, and returns them complete, or refuses
with the field and what is allowed. What the service itself gave when a record was made (`Form.given`) stays as it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from app.casebook import cut, escalation, forms
from app.casebook.ledger import RECORD, Position
from app.casebook.studies import library
from app.casebook.studies.instruments import look_back
from app.casebook.studies.library import Study
from app.errors import Conflict, Fault, Invalid, NotFound
from app.rules.instrument import Instrument
from app.rules.instrument import total as instrument_total
from app.tables.base import Captured, table
from app.tables.care import Comment
from app.tables.dosing import CommitteeDecision, Infusion
from app.tables.efficacy import Assessment
from app.tables.safety import AdverseEvent, DltAssessment, PrespecifiedEvent
from app.tables.subjects import Disposition, Eligibility, Visit

Values = dict[str, Any]
VISIT = table(Visit)
GVHD = "GRAFT VERSUS HOST DISEASE"
ENTERED, MILESTONE = "ENTERED INTO TRIAL", "PROTOCOL MILESTONE"


def refuse(field: str, code: str, words: str) -> Invalid:
    """A refusal of one field."""
    return Invalid(code, words, faults=[Fault(f"/{field}", code, words)])


def conform(connection: Connection, study: Study, subject_id: str, form: type[Captured], values: Values) -> Values:
    """A record's values, held against the study document; raises Invalid or Conflict with the field that does not fit."""
    if faults := list(forms.nothing_said(form, values)):
        raise forms.refusal("form_refused", faults)
    check = CHECKS.get(form)
    return values if check is None else check(connection, study, subject_id, values)


def _visit(connection: Connection, study: Study, subject_id: str, values: Values) -> Values:
    """A visit that was missed says why; a new one takes its number from the document, or the next after the visit before it."""
    if values["svoccur"] == "N" and values["svreasoc"] is None:
        raise refuse("svreasoc", "missing", "svreasoc is required where a visit did not occur")
    if values["svoccur"] == "Y" and values["svstdtc"] is None and study.document.study.origin != "published":
        raise refuse("svstdtc", "missing", "svstdtc is required where a visit occurred")
    if values["visitnum"] is not None:
        return values
    planned = {visit.visit: visit.visitnum for visit in study.document.visits}
    if values["visit"] is None:
        return values | _unplanned(connection, study, subject_id, values)
    if values["visit"] not in planned:
        words = f"{values['visit']} is not a visit of study {study.id}; planned: {', '.join(planned)}"
        raise refuse("visit", "unknown_visit", words)
    return values | {"visitnum": planned[values["visit"]], "svpresp": "Y"}


def _unplanned(connection: Connection, study: Study, subject_id: str, values: Values) -> Values:
    """The number and name of an unplanned visit: a hundredth above the visit before it, and no number is given twice."""
    if values["svoccur"] != "Y":
        raise refuse("svoccur", "unplanned_not_made", "an unplanned visit is recorded only where it took place")
    first = (VISIT.c.study_id == study.id, VISIT.c.subject_id == subject_id, VISIT.c.version == 1)
    made = connection.execute(select(VISIT.c.visitnum, VISIT.c.svstdtc).where(*first)).all()
    before = [row.visitnum for row in made if (row.svstdtc or "")[:10] <= (values["svstdtc"] or LATEST)[:10]]
    base = max(before, default=Decimal(0)).to_integral_value(rounding="ROUND_FLOOR")
    taken = {row.visitnum for row in made} | {visit.visitnum for visit in study.document.visits}
    free = (number for n in range(1, 100) if (number := base + Decimal(n) / 100) not in taken)
    number = next(free, None)
    if number is None:
        raise Conflict("no_number_left", f"Subject {subject_id} has 99 unplanned visits after visit {base}; no number is left")
    return {"visitnum": number.quantize(Decimal("0.01")), "visit": f"UNSCHEDULED {number:.2f}", "svpresp": None}


LATEST = "~"
"""Sorts after every date: a visit without one follows all that stand."""


def _disposition(_: Connection, study: Study, subject_id: str, values: Values) -> Values:
    """
    Entry into the trial names one of the planned arms, and perhaps whom the subject replaces; nothing else does. An end or a
    death may name the adverse event that led to it.
    """
    arms = [arm.armcd for arm in study.document.arms]
    if values["dsdecod"] == ENTERED and values["armcd"] not in arms:
        raise refuse("armcd", "unknown_arm", _not_of(study, values["armcd"] or "no arm", "arm", arms))
    for name in ("armcd", "dsreplid", "dsbkfill"):
        if values["dsdecod"] != ENTERED and values[name] is not None:
            raise refuse(name, "arm_out_of_place", f"{name} belongs to {ENTERED} alone")
    if (replaced := values["dsreplid"]) is not None:
        _replaced(study, subject_id, replaced)
    if values["dsaeno"] is not None and values["dscat"] == MILESTONE:
        raise refuse("dsaeno", "event_out_of_place", f"dsaeno belongs to an end or a death; no event leads to a {MILESTONE}")
    return values


def _replaced(study: Study, subject_id: str, replaced: str) -> None:
    """The code of another subject of the study; that it stands is not asked, since it may be another site's to know."""
    if replaced == subject_id or not re.fullmatch(study.document.study.subject_pattern, replaced):
        words = f"dsreplid is the code of another subject of {study.id}, which look like {study.document.study.subject_pattern}"
        raise refuse("dsreplid", "unknown_code", words)


def _eligibility(_: Connection, study: Study, __: str, values: Values) -> Values:
    known = [criterion.ietestcd for criterion in study.document.criteria]
    if values["ietestcd"] not in known:
        raise refuse("ietestcd", "unknown_criterion", _not_of(study, values["ietestcd"], "criterion", known))
    return values


def _infusion(_: Connection, study: Study, __: str, values: Values) -> Values:
    """The dose level must be one of the document's, the infusion number one of those planned; a tier is not a level."""
    dosing = study.document.dosing
    levels = [level.level for level in dosing.levels]
    if values["doselvl"] is not None and values["doselvl"] not in levels:
        raise refuse("doselvl", "unknown_level", _not_of(study, values["doselvl"], "dose level", levels))
    if (values["infusno"] or 0) > dosing.infusions:
        words = f"infusion {values['infusno']} is not planned; study {study.id} plans {dosing.infusions}"
        raise refuse("infusno", "too_many_infusions", words)
    return values


def _decision(connection: Connection, study: Study, _: str, values: Values) -> Values:
    """A decision is on a level of the document and saw a cut that stands; what the design recommends there is kept with it."""
    levels = [level.level for level in study.document.dosing.levels]
    if values["doselvl"] not in levels:
        raise refuse("doselvl", "unknown_level", _not_of(study, values["doselvl"], "dose level", levels))
    try:
        seen = cut.named(connection, study.id, values["cutname"])
    except NotFound as error:
        raise refuse("cutname", "no_such_cut", error.detail) from None
    then = library.study(connection, study.id, seen["study_version"])
    rule, words = escalation.recommendation(connection, then, values["doselvl"], Position(seen["cut_id"]))
    return values | {"decrule": rule, "decrec": words}


def _dlt(_: Connection, study: Study, __: str, values: Values) -> Values:
    """A dose-limiting toxicity is an event that meets an item of the document's checklist, where it has one."""
    items = [item.code for item in study.document.dlt.items]
    if values["dltitem"] is not None and values["dltitem"] not in items:
        raise refuse("dltitem", "unknown_item", _not_of(study, values["dltitem"], "checklist item", items))
    if values["dltyn"] == "Y" and values["aespid"] is None:
        raise refuse("aespid", "missing", "aespid is required: a dose-limiting toxicity is an adverse event")
    if values["dltyn"] == "Y" and values["dltitem"] is None and items:
        raise refuse("dltitem", "missing", f"dltitem is required: the item that was met, of {', '.join(items)}")
    return values


def _adverse_event(_: Connection, study: Study, __: str, values: Values) -> Values:
    return _of_a_donor(study, "aecat", values)


def _prespecified(_: Connection, study: Study, __: str, values: Values) -> Values:
    return _of_a_donor(study, "ceterm", values)


def _of_a_donor(study: Study, name: str, values: Values) -> Values:
    """A graft against its host is asked about only where the product comes from a donor."""
    if values[name] == GVHD and study.document.product.source == "autologous":
        words = f"{GVHD} is asked of an allogeneic product; the product of study {study.id} is autologous"
        raise refuse(name, "autologous_product", words)
    return values


def _not_of(study: Study, sent: str, what: str, listed: list[str]) -> str:
    return f"{sent} is not {'an' if what[0] in 'aeiou' else 'a'} {what} of study {study.id}; it has {', '.join(listed)}"


def _assessment(connection: Connection, study: Study, _: str, values: Values) -> Values:
    """The answers fit the instrument, whose version and look-back are stored at entry; a total must agree with its items."""
    instrument = library.instrument(connection, study, values["instrument"], values["instrver"])
    _training(instrument, values)
    if values["instrver"] is None:
        values = values | {"instrver": instrument.version, "lookback": look_back(study.document, instrument)}
    if values["answers"] is None:
        return values
    answers = library.check_answers(instrument, values["answers"])
    if values["rstotal"] is not None and values["rstotal"] != (total := instrument_total(instrument, answers)):
        stands = "cannot be added up: items were not assessed" if total is None else f"is {total} by its items"
        words = f"rstotal {values['rstotal']} disagrees: the total of {instrument.title} {stands}"
        raise refuse("rstotal", "total_disagrees", words)
    return values | {"answers": answers}


def _training(instrument: Instrument, values: Values) -> None:
    """The training of an assessor is told of instruments that ask for it, and of an assessor who is named."""
    if values["rstrndtc"] is None:
        return
    if not instrument.trained_assessor:
        words = f"{instrument.title} asks for no trained assessor; rstrndtc belongs to instruments that do"
        raise refuse("rstrndtc", "training_out_of_place", words)
    if values["rsevalid"] is None:
        raise refuse("rsevalid", "missing", "rsevalid is required: the assessor whose training rstrndtc dates")


def _comment(connection: Connection, study: Study, subject_id: str, values: Values) -> Values:
    """The record that a comment is about is one of the subject's own, whatever became of it since, and has its own date."""
    if values["corecord"] is None:
        return values
    if values["codtc"] is not None:
        raise refuse(
            "codtc", "date_out_of_place", "codtc dates a comment on the subject; one on a record has the record's date"
        )
    mine = (RECORD.c.study_id == study.id, RECORD.c.subject_id == subject_id)
    try:
        named = UUID(values["corecord"])
    except ValueError:
        named = None
    if named is None or connection.scalar(select(RECORD.c.form).where(*mine, RECORD.c.record_id == named)) is None:
        raise refuse("corecord", "unknown_record", f"{values['corecord']} is not a record of subject {subject_id}")
    return values | {"corecord": str(named)}


CHECKS: dict[type[Captured], Callable[[Connection, Study, str, Values], Values]] = {
    Visit: _visit,
    Disposition: _disposition,
    Eligibility: _eligibility,
    Infusion: _infusion,
    CommitteeDecision: _decision,
    DltAssessment: _dlt,
    AdverseEvent: _adverse_event,
    PrespecifiedEvent: _prespecified,
    Assessment: _assessment,
    Comment: _comment,
}


def is_fixed(form: type[Captured], name: str, before: Values) -> bool:
    """Whether a field says what a record is, so that no correction changes it once it is given: withdraw and enter anew."""
    return name in (form.__form__.named, "instrument" if form is Assessment else None) and before[name] is not None
