"""What the subject was given: infusions, lymphodepletion, other medication."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.capture import capture
from app.tables import dosing

router = APIRouter(tags=["dosing"])

for form in (dosing.Infusion, dosing.Lymphodepletion, dosing.Medication):
    capture(router, form)
