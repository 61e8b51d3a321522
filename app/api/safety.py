"""What happened to the subject and what was measured: events, toxicity observations, vital signs, laboratory, biopsy."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.capture import capture
from app.tables import safety

router = APIRouter(tags=["safety"])

for form in (
    safety.AdverseEvent,
    safety.EventGrade,
    safety.ToxicityObservation,
    safety.DltAssessment,
    safety.PrespecifiedEvent,
    safety.VitalSign,
    safety.Ecg,
    safety.PhysicalExamination,
    safety.Laboratory,
    safety.Immunogenicity,
    safety.FlowCytometry,
    safety.Biopsy,
    safety.Microbiology,
    safety.CellularKinetics,
):
    capture(router, form)
