"""
What the study document decides about a body: the visit it names, the arm, the criterion, the instrument and its answers.

Each check takes the values as the form read them and returns them complete, or refuses with the field and what is allowed.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from app.casebook import forms, library
from app.casebook.library import Study
from app.errors import Conflict, Fault, Invalid
from app.rules.instrument import total as instrument_total
from app.tables.base import Captured, table
from app.tables.dosing import Infusion
from app.tables.efficacy import Assessment
from app.tables.subjects import Disposition, Eligibility, Visit

Values = dict[str, Any]
VISIT = table(Visit)
CONSENT = "INFORMED CONSENT OBTAINED"
ENTERED = "ENTERED INTO TRIAL"


def refuse(field: str, code: str, words: str) -> Invalid:
    """A refusal of one field."""
    return Invalid(code, words, faults=[Fault(f"/{field}", code, words)])


def conform(connection: Connection, study: Study, subject_id: str, form: type[Captured], values: Values) -> Values:
    """A record's values, held against the study document; raises Invalid or Conflict with the field that does not fit."""
    if faults := list(forms.nothing_said(form, values)):
        raise Invalid("form_refused", "; ".join(fault.detail for fault in faults), faults=faults)
    check = CHECKS.get(form)
    return values if check is None else check(connection, study, subject_id, values)


def _visit(connection: Connection, study: Study, subject_id: str, values: Values) -> Values:
    """A planned visit takes its number from the document; an unplanned one takes the next number after the visit before it."""
    if values["svoccur"] == "N" and not values.get("svreasoc"):
        raise refuse("svreasoc", "missing", "svreasoc is required where a visit did not occur")
    if values["svoccur"] == "Y" and not values.get("svstdtc") and study.document.study.origin != "published":
        raise refuse("svstdtc", "missing", "svstdtc is required where a visit occurred")
    taken = connection.execute(
        select(VISIT.c.visitnum, VISIT.c.visit, VISIT.c.svstdtc, VISIT.c.withdrawn).where(
            VISIT.c.study_id == study.id, VISIT.c.subject_id == subject_id, VISIT.c.version == 1
        )
    ).all()
    if values.get("visit") is None:
        return values | _unplanned(values, [(row.visitnum, row.svstdtc or "") for row in taken])
    planned = {visit.visit: visit for visit in study.document.visits}
    if values["visit"] not in planned:
        raise refuse(
            "visit", "unknown_visit", f"{values['visit']} is not a visit of study {study.id}; planned: {', '.join(planned)}"
        )
    return values | {"visitnum": planned[values["visit"]].visitnum, "svpresp": "Y"}


def _unplanned(values: Values, taken: list[tuple[Decimal, str]]) -> Values:
    if values["svoccur"] != "Y":
        raise refuse("svoccur", "unplanned_not_made", "an unplanned visit is recorded only where it took place")
    before = [number for number, date in taken if date[:10] <= values["svstdtc"][:10]]
    base = max(before, default=Decimal(0)).to_integral_value(rounding="ROUND_FLOOR")
    numbers = {number for number, _ in taken}
    number = next(base + Decimal(n) / 100 for n in range(1, 100) if base + Decimal(n) / 100 not in numbers)
    return {"visitnum": number.quantize(Decimal("0.01")), "visit": f"UNSCHEDULED {number:.2f}", "svpresp": None}


def _disposition(_: Connection, study: Study, __: str, values: Values) -> Values:
    """Entry into the trial names one of the planned arms; nothing else does."""
    arms = {arm.armcd for arm in study.document.arms}
    if values["dsdecod"] == ENTERED and values.get("armcd") not in arms:
        raise refuse(
            "armcd",
            "unknown_arm",
            f"armcd {values.get('armcd')} is not an arm of study {study.id}; planned: {', '.join(sorted(arms))}",
        )
    if values["dsdecod"] != ENTERED and values.get("armcd") is not None:
        raise refuse("armcd", "arm_out_of_place", f"armcd belongs to {ENTERED} alone")
    return values


def _eligibility(_: Connection, study: Study, __: str, values: Values) -> Values:
    known = {criterion.ietestcd for criterion in study.document.criteria}
    if values["ietestcd"] not in known:
        raise refuse(
            "ietestcd",
            "unknown_criterion",
            f"{values['ietestcd']} is not a criterion of study {study.id}; it has {', '.join(sorted(known))}",
        )
    return values


def _infusion(_: Connection, study: Study, __: str, values: Values) -> Values:
    """The dose level must be one of the document's, the infusion number one of those planned; a tier is not a level."""
    dosing = study.document.dosing
    levels = [level.level for level in dosing.levels]
    if values.get("doselvl") is not None and values["doselvl"] not in levels:
        raise refuse(
            "doselvl",
            "unknown_level",
            f"{values['doselvl']} is not a dose level of study {study.id}; it has {', '.join(levels)}",
        )
    if (values.get("infusno") or 0) > dosing.infusions:
        raise refuse(
            "infusno",
            "too_many_infusions",
            f"infusion {values['infusno']} is not planned; study {study.id} plans {dosing.infusions}",
        )
    return values


def _assessment(connection: Connection, study: Study, _: str, values: Values) -> Values:
    """The answers fit the instrument in force, whose version and look-back are stored; a total must agree with its items."""
    instrument = library.instrument(connection, study, values["instrument"], values.get("instrver"))
    look_back = instrument.look_back_days and study.settings.look_back_days
    values = values | {"instrver": instrument.version, "lookback": look_back}
    if values.get("answers") is None:
        return values
    answers = library.check_answers(instrument, values["answers"])
    if values.get("rstotal") is not None and values["rstotal"] != (total := instrument_total(instrument, answers)):
        stands = "cannot be added up: items were not assessed" if total is None else f"is {total} by its items"
        raise refuse(
            "rstotal", "total_disagrees", f"rstotal {values['rstotal']} disagrees: the total of {instrument.title} {stands}"
        )
    return values | {"answers": answers}


CHECKS: dict[type[Captured], Callable[[Connection, Study, str, Values], Values]] = {
    Visit: _visit,
    Disposition: _disposition,
    Eligibility: _eligibility,
    Infusion: _infusion,
    Assessment: _assessment,
}


def unmet_criteria(study: Study, answers: list[Any]) -> list[str]:
    """The criteria that stand between a subject and treatment: unanswered, an inclusion not Y, an exclusion not N."""
    wanted = {criterion.ietestcd: "Y" if criterion.iecat == "INCLUSION" else "N" for criterion in study.document.criteria}
    given: dict[str, set[str]] = {}
    for row in answers:
        given.setdefault(row["ietestcd"], set()).add(row["ieorres"])
    return [name for name, answer in wanted.items() if given.get(name) != {answer}]


def not_eligible(study: Study, subject_id: str, unmet: list[str]) -> Conflict:
    """The refusal to dose a subject whose eligibility is not confirmed (B12)."""
    return Conflict(
        "eligibility_not_confirmed",
        f"Subject {subject_id} of {study.id} may not be treated yet: {', '.join(unmet)} unanswered or not met",
        criteria=unmet,
    )


def is_identity(form: type[Captured], name: str) -> bool:
    """Whether a field is part of what a record is, so that a correction cannot change it: withdraw and enter anew."""
    return name == form.__form__.named or (form, name) in {(Visit, "visitnum"), (Assessment, "instrument")}
