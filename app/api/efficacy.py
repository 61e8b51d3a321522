"""How active the disease is: instruments, lupus reviews, intercurrent events, results as reported."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.capture import capture
from app.tables import efficacy

router = APIRouter(tags=["efficacy"])

for form in (
    efficacy.Assessment,
    efficacy.DescriptorExclusion,
    efficacy.LupusReview,
    efficacy.IntercurrentEvent,
    efficacy.ReportedResult,
):
    capture(router, form)
