"""The API described: OpenAPI in which every body, answer and refusal is a component, so that a client can be made from it."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.api import models
from app.api.answers import PROBLEM
from app.casebook.gates import MOST_RECORDS

COMPONENT = "#/components/schemas/{model}"
Described = dict[str, Any]
SENT: list[type[BaseModel]] = []
"""What the routes take, each a component: filled as the routes are made."""
REFUSALS = {
    401: "No token, or one that is unknown, expired or revoked",
    403: "The role may not do this",
    404: "It does not exist, or lies outside the caller's study and sites",
    409: "It contradicts what stands in the casebook",
    412: "Somebody changed it since",
    413: "The body is longer than a megabyte, a study whole than 256",
    422: "The form or the document does not allow it",
    428: "If-Match is missing",
    503: "The service cannot vouch for its database",
}


def _refused(*statuses: int) -> dict[int | str, Described]:
    content = {PROBLEM: {"schema": {"$ref": COMPONENT.format(model=models.Problem.__name__)}}}
    return {status: {"description": REFUSALS[status], "content": content} for status in statuses}


SIGNED_IN = _refused(401)
READING = _refused(401, 403, 404, 422)
CREATING = READING | _refused(409, 413)
CHANGING = CREATING | _refused(412, 428)
EVALUATING = _refused(401, 403, 413, 422)
ASKING_HEALTH = _refused(503)


def body(model: type[BaseModel], *, panel: bool = False) -> Described:
    """The description of a body that is validated from its raw bytes; a panel is an array of them."""
    SENT.append(model)
    schema: Described = {"$ref": COMPONENT.format(model=model.__name__)}
    if panel:
        schema = {"oneOf": [schema, {"type": "array", "items": schema, "minItems": 1, "maxItems": MOST_RECORDS}]}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def toml(title: str) -> Described:
    """The description of a body that is a document."""
    return {"requestBody": {"required": True, "content": {"application/toml": {"schema": {"type": "string", "title": title}}}}}


def xml(title: str) -> Described:
    """The description of a body that is a study whole."""
    return {"requestBody": {"required": True, "content": {"application/xml": {"schema": {"type": "string", "title": title}}}}}


class Service(FastAPI):
    """An application that describes itself whole."""

    def openapi(self) -> Described:
        """The OpenAPI document: the framework's, with the bodies and the problem as components."""
        if self.openapi_schema is None:
            made = get_openapi(title=self.title, version=self.version, description=self.description, routes=self.routes)
            made["components"]["schemas"] |= _components()
            self.openapi_schema = made
        return self.openapi_schema


def _components() -> Described:
    sent = [(model, "validation") for model in (*SENT, models.Problem)]
    _, described = models_json_schema(sent, ref_template=COMPONENT)  # type: ignore[arg-type]
    found: Described = described["$defs"]
    return found
