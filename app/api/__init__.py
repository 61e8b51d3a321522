"""What comes in: routes with the forms they take and give, nothing else."""

from fastapi import APIRouter

from app.api import care, dosing, efficacy, evaluate, exports, health, odm, people, records, review, safety, studies, subjects

__all__ = ["health", "router"]

router = APIRouter(prefix="/api/v1")
for room in (people, studies, subjects, dosing, safety, care, efficacy, review, exports, odm, records, evaluate):
    router.include_router(room.router)
