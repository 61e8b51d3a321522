"""What happened around the treatment: procedures, stays in hospital, departures from the protocol, details of a death."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.capture import capture
from app.tables import care

router = APIRouter(tags=["care"])

for form in (care.Procedure, care.HealthcareEncounter, care.ProtocolDeviation, care.DeathDetail):
    capture(router, form)
