"""What the subject was given: infusions, lymphodepletion, other medication; and what decides on the dose levels."""

from __future__ import annotations

from fastapi import APIRouter, Response

from app.api import answers, described, dose_levels
from app.api.capture import capture
from app.api.deps import At, Caller, Database, StudyId, may
from app.api.signing import signing
from app.casebook import database, escalation
from app.casebook.access import Action
from app.casebook.studies import library
from app.tables import dosing

router = APIRouter(tags=["dosing"])


@router.get(
    "/studies/{study}/escalation",
    summary="The dose levels",
    response_model=dose_levels.Escalation,
    dependencies=[may(Action.READ)],
    responses=described.READING,
)
def get_escalation(engine: Database, study: StudyId, who: Caller, at: At) -> Response:
    """Each dose level: treated, evaluable, waited for, dose-limiting toxicities, and what the design recommends; of the whole
    study, with the subjects at the caller's sites beside the counts."""
    with database.reading(engine) as connection:
        return answers.json(escalation.shown(connection, who, library.study(connection, study), at))


for form in (dosing.CustodyEvent, dosing.Infusion, dosing.Lymphodepletion, dosing.Medication):
    capture(router, form)
capture(router, dosing.CommitteeDecision, Action.RECORD_DECISION)
signing(router, dosing.CommitteeDecision, Action.SIGN_DECISION)
