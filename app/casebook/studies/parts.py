"""What every part of a document is made of: exactly its keys, exactly their types, read by way of JSON."""

from __future__ import annotations

import json
import tomllib
from decimal import Decimal
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from app.casebook import values

Code = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9_.-]*$", max_length=40)]
Line = Annotated[str, values.line(200)]
Text = Annotated[str, values.line(2000)]
Exact = Annotated[Decimal, BeforeValidator(values.exact)]
Version = Annotated[int, Field(ge=1, le=1000)]

Document = TypeVar("Document", bound="Part")


class Part(BaseModel):
    """A part of a document: exactly the keys it names, exactly their types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def read(model: type[Document], source: str) -> Document:
    """By way of JSON, where a list is a tuple and a decimal is text, and nothing else is taken for another."""
    return model.model_validate_json(json.dumps(tomllib.loads(source, parse_float=Decimal), default=str))
