"""Who may do what: the permission matrix, as it is enforced."""

from __future__ import annotations

from fastapi import APIRouter, Response

from app.api import answers, described, models
from app.api.deps import Caller
from app.casebook import access

router = APIRouter(tags=["people"])


@router.get("/permissions", summary="Who may do what", response_model=models.Permissions, responses=described.SIGNED_IN)
def get_permissions(who: Caller) -> Response:
    """What each role may do. A role never reaches beyond the study and the sites of the token that carries it."""
    return answers.json({"permissions": {role.value: sorted(actions) for role, actions in access.PERMITTED.items()}})
