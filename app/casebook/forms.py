"""
What a form may say: the body of a captured table, made from its columns, and what is wrong with one in words.

A body is read from its raw bytes, so that a number keeps the digits it was sent with, and is checked strictly: no
coercion, no unknown key, no key twice, controlled terms from the standard's codelists, ISO 8601 dates as precise as they
are known. What a document decides (criteria, visits, instruments) is checked by `write`, which knows the document.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
    create_model,
)
from pydantic_core import ErrorDetails

from app.errors import Fault, Invalid
from app.rules import dates
from app.tables.base import Captured, fields
from app.tables.base import Field as CapturedField
from cdisc import terminology

Sent = TypeVar("Sent", bound="Body")

NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
SHORT_LIST = 60


class Body(BaseModel):
    """A form's body: exactly its keys, exactly their types."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class Reason(Body):
    """Why a value that was saved is changed: a code of the study's list, and words where the code is OTHER."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    text: Annotated[str, StringConstraints(min_length=3, max_length=1000)] | None = None


class Reasoned(Body):
    """A body that changes what stands, and so says why."""

    reason: Annotated[Reason, Field(title="Reason for Change")]


class WithdrawForm(Reasoned):
    """The body of a withdrawal: an entry made in error stays in the trail, with the reason why it no longer counts."""


def clean(value: str) -> str:
    """Text in normal form (NFC); control characters and lone surrogates are refused: one database would keep them, one not."""
    if CONTROL.search(value):
        raise ValueError("has a control character in it")
    if not value.strip():
        raise ValueError("is blank; leave it out where nothing was recorded")
    return unicodedata.normalize("NFC", value)


def exact(value: Any) -> Any:
    """A decimal from a JSON string or number, with the digits sent; no exponent, at most 15 digits on either side."""
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise ValueError("is not a number")
    text = value if isinstance(value, str) else format(Decimal(value), "f")
    if not NUMBER.fullmatch(text):
        raise ValueError("is not a plain decimal number of at most 15 digits before and after the point")
    return Decimal(text) + 0 if Decimal(text).is_zero() and text.startswith("-") else Decimal(text)


def in_codelist(codelist: str) -> Callable[[str], str]:
    """A check that a value is a submission value of a codelist; the refusal names what is allowed, or the closest of it."""

    def check(value: str) -> str:
        if not terminology.is_term(codelist, value):
            allowed = terminology.terms(codelist)
            near = get_close_matches(value.upper(), allowed, n=5, cutoff=0.5)
            hint = ", ".join(allowed if len(allowed) <= SHORT_LIST else near) or "none like it"
            raise ValueError(f"{value!r} is not one of the {len(allowed)} terms of codelist {codelist}: {hint}")
        return value

    return check


def iso8601(precision: str) -> Callable[[str], str]:
    """A check of an ISO 8601 date or date and time, possibly partial, as precise as the field asks or as coarse as it may."""

    def check(value: str) -> str:
        if problem := dates.why_not(value):
            raise ValueError(problem)
        if precision == "month" and len(value) > len("2012-05"):
            raise ValueError("may hold the year and month only; a full date of birth is not kept")
        if precision == "time" and "T" not in value:
            raise ValueError("needs a date and a time to the minute, such as 2025-03-04T08:30")
        return value

    return check


def _type(field: CapturedField) -> Any:
    """The Pydantic type of one captured field."""
    if field.kind in ("text", "result"):
        return Annotated[str, StringConstraints(max_length=field.length), AfterValidator(clean)]
    if field.kind == "flag":
        return Literal["Y", "N", "U"]
    if field.kind == "date":
        return Annotated[str, StringConstraints(max_length=field.length), AfterValidator(iso8601(field.precision))]
    if field.kind in ("code", "codes"):
        return _coded(field)
    bounds = Field(ge=field.least, le=field.most)
    if field.kind == "whole":
        return Annotated[int, bounds]
    if field.kind == "number":
        schema = WithJsonSchema({"type": ["string", "number"], "pattern": f"^{NUMBER.pattern}$", "x-unit": field.unit})
        return Annotated[Decimal, BeforeValidator(exact), bounds, schema]
    return dict[str, Any]


def _coded(field: CapturedField) -> Any:
    codelist = str(field.codelist)
    terms = terminology.terms(codelist)
    listed = {"enum": list(terms)} if len(terms) <= SHORT_LIST else {"description": f"A term of codelist {codelist}"}
    schema = WithJsonSchema({"type": "string", "x-codelist": codelist, **listed})
    one = Annotated[str, AfterValidator(in_codelist(codelist)), schema]
    return list[one] if field.kind == "codes" else one


def _about_record(form: type[Captured]) -> dict[str, Any]:
    """The keys beside the captured fields: the visit it belongs to, and where a published value was published."""
    keys: dict[str, Any] = {
        "origin": (Literal["published", "published_text_inferred"] | None, Field(None, title="Origin of a published value")),
        "source": (Annotated[str, StringConstraints(max_length=500)] | None, Field(None, title="Where it was published")),
    }
    if form.__form__.visit != "never":
        visit = Annotated[str, StringConstraints(max_length=40)]
        required = form.__form__.visit == "required"
        keys["visit"] = (visit, Field(title="Visit Name")) if required else (visit | None, Field(None, title="Visit Name"))
    return keys


@cache
def entry_form(form: type[Captured]) -> type[Body]:
    """The body of a new record of a form."""
    keys = {
        name: (_type(field), Field(title=field.label))
        if field.required and name != "instrver"
        else (_type(field) | None, Field(None, title=field.label))
        for name, field in fields(form).items()
    }
    return create_model(form.__name__, __base__=Body, __doc__=form.__doc__, **(keys | _about_record(form)))


@cache
def change_form(form: type[Captured]) -> type[Reasoned]:
    """The body of a correction: the fields that change (null clears one), and the reason."""
    keys: dict[str, Any] = {name: (_type(field) | None, Field(None, title=field.label)) for name, field in fields(form).items()}
    return create_model(f"{form.__name__}Change", __base__=Reasoned, **keys)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise ValueError(f"the key {twice[0]!r} stands twice")
    return dict(pairs)


def _constant(name: str) -> None:
    raise ValueError(f"{name} is not a number in JSON")


def parse(raw: bytes) -> Any:
    """JSON from raw bytes, numbers with a point as decimals with their digits; refused where it is not JSON or ambiguous."""
    try:
        return json.loads(raw.decode(), parse_float=Decimal, parse_constant=_constant, object_pairs_hook=_pairs)
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise Invalid("not_json", f"The body is not acceptable JSON: {error or 'it is nested too deeply'}") from None


def read(model: type[Sent], value: Any, at: str = "") -> Sent:
    """A checked body from parsed JSON; raises Invalid with one fault for each field that is wrong, `at` leading its pointer."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        faults = faults_of(error, at, model)
        raise Invalid("form_refused", "; ".join(f.detail for f in faults[:5]), faults=faults) from None


def faults_of(error: ValidationError, at: str = "", model: type[BaseModel] | None = None) -> list[Fault]:
    """A validation error in words: the field by its label and name, the value that was sent, and what is allowed."""
    labels = {} if model is None else {name: field.title for name, field in model.model_fields.items() if field.title}
    return [_fault(one, at, labels) for one in error.errors(include_url=False)]


def _fault(error: ErrorDetails, at: str, labels: Mapping[str, str]) -> Fault:
    path = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in error["loc"])
    name = str(error["loc"][0]) if error["loc"] else "the body"
    called = f"{labels[name]} ({name})" if name in labels else ".".join(map(str, error["loc"])) or name
    if error["type"] == "missing":
        return Fault(at + path, "missing", f"{called} is required")
    if error["type"] == "extra_forbidden":
        return Fault(at + path, "unknown_key", f"{called} is not a field of this form")
    words, sent = error["msg"].removeprefix("Value error, "), str(error["input"])[:60]
    code = "not_allowed" if error["type"] == "value_error" else error["type"]
    return Fault(at + path, code, f"{called}: {words}" if sent in words else f"{called}: {words} (sent: {sent})")


def nothing_said(form: type[Captured], values: dict[str, Any]) -> Iterable[Fault]:
    """A finding must have a result or say that it was not done; a result that was not done has none (SDTMIG 6.3, --STAT)."""
    names = fields(form)
    for result in (name for name, field in names.items() if field.kind in ("result", "answers")):
        stat = form.__form__.domain.lower() + "stat"
        if stat not in names:
            continue
        done, said = values.get(stat) is None, values.get(result) is not None
        if done and not said:
            yield Fault(f"/{result}", "no_result", f"{result} is empty: give the result, or {stat} NOT DONE with the reason")
        if not done and said:
            yield Fault(f"/{stat}", "not_done_with_result", f"{stat} says NOT DONE although {result} has a result")
