"""What happened around the treatment: procedures, stays in hospital, deviations, details of a death; and comments."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.capture import capture
from app.tables import care

router = APIRouter(tags=["care"])

for form in (care.Procedure, care.HealthcareEncounter, care.ProtocolDeviation, care.DeathDetail, care.Comment):
    capture(router, form)
