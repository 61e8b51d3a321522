"""
What a form may say: the body of a captured table, made from its columns, and what is wrong with one in words.

A body is read from its raw bytes, so that a number keeps the digits it was sent with, and is checked strictly: no
coercion, no unknown key, no key twice, every value as `values` says. What a document decides (criteria, visits,
instruments) is checked by `conform`, which knows the document.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic_core import ErrorDetails

from app.casebook import values
from app.errors import Fault, Invalid, Problem
from app.tables.base import Captured, fields
from app.tables.base import Field as CapturedField

Sent = TypeVar("Sent", bound="Body")
MOST_FAULTS = 100
CODE = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$"
"""How the codes and names look that are not a document's: of a study, a site, a subject, a cut."""


class Body(BaseModel):
    """A form's body: exactly its keys, exactly their types."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class Reason(Body):
    """Why a value that was saved is changed: a code of the study's list, and words where the code is OTHER."""

    code: Annotated[str, values.line(40), Field(title="Code of the Study's List")]
    text: Annotated[str, values.line(1000)] | None = Field(None, title="In Words")


class Reasoned(Body):
    """A body that changes what stands, and so says why."""

    reason: Annotated[Reason, Field(title="Reason for Change")]


class WithdrawForm(Reasoned):
    """The body of a withdrawal: an entry made in error stays in the trail, with the reason why it no longer counts."""


class SignForm(Body):
    """The body of a signature: what it means that the person behind the token signs this version (21 CFR 11.50)."""

    meaning: Annotated[Literal["AUTHORSHIP", "REVIEW", "APPROVAL", "RESPONSIBILITY"], Field(title="Meaning of the Signature")]


def _type(field: CapturedField) -> Any:
    """The Pydantic type of one captured field."""
    match field.kind:
        case "text":
            return values.text(field.length or 0)
        case "result":
            return values.result(field.length or 0)
        case "flag":
            return values.FLAG
        case "date":
            return values.date(field.precision)
        case "code":
            return values.term(str(field.codelist))
        case "codes":
            return values.terms(str(field.codelist))
        case "whole":
            return values.whole(field.least, field.most, field.unit)
        case "number":
            return values.number(field.least, field.most, field.unit)
        case "answers":
            return dict[str, Any]


def entered(form: type[Captured]) -> Mapping[str, CapturedField]:
    """The fields that a client sends; the others of a form are given by the service."""
    return {name: field for name, field in fields(form).items() if name not in form.__form__.given}


def _about_record(form: type[Captured]) -> dict[str, Any]:
    """The keys beside the captured fields: the visit it belongs to, and where a published value was published."""
    keys: dict[str, Any] = {
        "origin": (Literal["published", "published_text_inferred"] | None, Field(None, title="Origin of a Published Value")),
        "source": (values.text(500) | None, Field(None, title="Where It Was Published")),
    }
    if form.__form__.visit != "never":
        required = form.__form__.visit == "required"
        visit = values.text(40)
        keys["visit"] = (visit, Field(title="Visit Name")) if required else (visit | None, Field(None, title="Visit Name"))
    return keys


@cache
def entry_form(form: type[Captured]) -> type[Body]:
    """The body of a new record of a form."""
    keys: dict[str, Any] = {
        name: (_type(field), Field(title=field.label))
        if field.required
        else (_type(field) | None, Field(None, title=field.label))
        for name, field in entered(form).items()
    }
    return create_model(form.__name__, __base__=Body, __doc__=form.__doc__, **(keys | _about_record(form)))


@cache
def archived_form(form: type[Captured]) -> type[Body]:
    """The body of a record as an archive tells it: what was entered, and what the service gave when it was made."""
    given = {name: field for name, field in fields(form).items() if name in form.__form__.given}
    keys: dict[str, Any] = {name: (_type(field) | None, Field(None, title=field.label)) for name, field in given.items()}
    return create_model(f"{form.__name__}Archived", __base__=entry_form(form), **keys)


@cache
def change_form(form: type[Captured]) -> type[Reasoned]:
    """The body of a correction: the fields that change (null clears one), and the reason."""
    keys: dict[str, Any] = {
        name: (_type(field) | None, Field(None, title=field.label)) for name, field in entered(form).items()
    }
    words = f"The fields of {form.__form__.title} that change, and why; null clears a field."
    return create_model(f"{form.__name__}Change", __base__=Reasoned, __doc__=words, **keys)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(made := dict(pairs)) < len(pairs):
        key = next(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        raise ValueError(f"the key {key[:40]!r} stands twice")
    return made


def _constant(name: str) -> None:
    raise ValueError(f"{name} is not a number in JSON")


def parse(raw: bytes) -> Any:
    """
    JSON from raw bytes, numbers with a point as decimals with their digits.

    Refused where it is not JSON, is ambiguous, or holds half a character (a lone surrogate), which no answer could repeat.
    """
    try:
        body = json.loads(raw.decode(), parse_float=Decimal, parse_constant=_constant, object_pairs_hook=_pairs)
        json.dumps(body, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        raise Invalid("not_json", "The body is not acceptable JSON: it has half a character (a lone surrogate) in it") from None
    except RecursionError:
        raise Invalid("not_json", "The body is not acceptable JSON: it is nested too deeply") from None
    except (ValueError, ArithmeticError) as error:
        raise Invalid("not_json", f"The body is not acceptable JSON: {error}") from None
    return body


def read(model: type[Sent], value: Any) -> Sent:
    """A checked body from parsed JSON; raises Invalid with one fault for each field that is wrong."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise refusal("form_refused", faults_of(error, model)) from None


def refusal(code: str, faults: list[Fault]) -> Invalid:
    """A refusal for several faults at once, which names the first of them in its words, and at most a hundred one by one."""
    more = "; and more, each in `errors`" if len(faults) > 5 else ""
    return Invalid(code, "; ".join(fault.detail for fault in faults[:5]) + more, faults=faults[:MOST_FAULTS])


@contextmanager
def within(pointer: str) -> Iterator[None]:
    """Lets the faults of one part of a body point into the whole of it: `/lborres` of the second of a panel is `/1/lborres`."""
    try:
        yield
    except Problem as problem:
        problem.faults = tuple(replace(fault, pointer=pointer + fault.pointer) for fault in problem.faults)
        raise


def pointer(*parts: str | int) -> str:
    """An RFC 6901 pointer."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def faults_of(error: ValidationError, model: type[BaseModel] | None = None) -> list[Fault]:
    """A validation error in words: the field by its label and name, the value that was sent, and what is allowed."""
    labels = {name: field.title for name, field in model.model_fields.items() if field.title} if model else {}
    return [_fault(one, labels) for one in error.errors(include_url=False)[:MOST_FAULTS]]


CODES = {
    "missing": "missing",
    "extra_forbidden": "unknown_key",
    "out_of_range": "out_of_range",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
    "value_error": "not_allowed",
    "literal_error": "not_allowed",
}
"""What is wrong, as the checks name it and as this service does; any other is a wrong type."""
WORDS = {
    "missing": "is required",
    "extra_forbidden": "is not a field of this form",
    "model_type": "is not a JSON object",
    "dict_type": "is not a JSON object",
}
PATTERNS = {CODE: "is not 1 to 40 letters, digits, hyphens, dots and underscores, a letter or digit first"}
"""What does not fit a pattern, in words."""


def _fault(error: ErrorDetails, labels: Mapping[str, str]) -> Fault:
    place = ".".join(map(str, error["loc"]))[:100]
    label = labels.get(str(error["loc"][0])) if error["loc"] else None
    called = f"{label} ({place}) " if label else f"{place} " if place else ""
    if not place and error["type"] == "model_type":
        called = "the body "
    return Fault(pointer(*error["loc"]), CODES.get(error["type"], "wrong_type"), called + in_words(error))


def in_words(error: Mapping[str, Any]) -> str:
    """What is wrong with a value, with what was sent; the name of the value goes before it."""
    pattern = error.get("ctx", {}).get("pattern")
    said = PATTERNS.get(pattern) or error["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return WORDS.get(error["type"], said + sent(error["input"]))


def sent(value: Any) -> str:
    """What was sent, at the end of a refusal; a list or an object is not repeated."""
    if isinstance(value, (dict, list)):
        return ""
    return f" (sent: {json.dumps(value[:60] if isinstance(value, str) else value, ensure_ascii=False, default=str)})"


def nothing_said(form: type[Captured], said: Mapping[str, Any]) -> Iterable[Fault]:
    """A finding has a result, or says that it was not done, and perhaps why (SDTMIG 3.4 section 4.5.1.2, --STAT)."""
    domain, names = form.__form__.domain.lower(), fields(form)
    stat, reason = f"{domain}stat", f"{domain}reasnd"
    if stat not in names:
        return
    result = next(name for name, field in names.items() if field.kind in ("result", "answers"))
    done, given = said.get(stat) is None, said.get(result) is not None
    if done and not given:
        yield Fault(f"/{result}", "no_result", f"{result} is empty: give the result, or {stat} NOT DONE with {reason}")
    if done and said.get(reason) is not None:
        yield Fault(f"/{reason}", "reason_out_of_place", f"{reason} says why it was not done, but {stat} does not say NOT DONE")
    if not done and given:
        yield Fault(f"/{stat}", "not_done_with_result", f"{stat} says NOT DONE although {result} has a result")
