"""
A file of cases in the format `casebook-evaluate/1`: read, answered one by one in order, and held beside what was expected.

A file that is no such file is refused as a whole. A case that cannot be evaluated is an error of that case alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from app.errors import Fault, Invalid
from app.evaluate.inputs import MOST_DIGITS, BadCase, Inputs
from app.evaluate.systems import SYSTEMS

FORMAT = "casebook-evaluate/1"
TOLERANCE: Mapping[str, Decimal] = {
    "prednisone_equivalent_mg_per_day": Decimal("0.01"),
    "value": Decimal("0.01"),
    "egfr": Decimal("0.1"),
}
"""How far a computed number may differ from the one expected; `tolerance` beside a `value` says it for that one."""
MOST_WHOLE = 2**53
"""The largest whole number that every reader of JSON takes as one."""
DIRECTIVES = ("check_bounds", "tolerance")
"""What stands among the expectations and is none: it says how to compare the others."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a case differs from what was expected."""

    case: str
    key: str
    expected: Any
    found: Any


def _number(written: str) -> Decimal:
    """A number with its digits; one beyond all arithmetic is not a number, which the case that holds it will say."""
    try:
        return Decimal(written)
    except InvalidOperation:
        return Decimal("NaN")


def _whole(written: str) -> int | Decimal:
    return int(written) if len(written) <= MOST_DIGITS else _number(written)


def _refused(code: str, detail: str, pointer: str = "") -> Invalid:
    return Invalid(code, detail, faults=[Fault(pointer, code, detail)])


def read(raw: str | bytes) -> list[Any]:
    """
    The cases of a file, numbers as decimals with the digits written.

    Raises:
        Invalid: It is not JSON, not of this format, or has no list of cases.
    """
    try:
        file = json.loads(raw, parse_float=_number, parse_int=_whole, parse_constant=_number)
    except (ValueError, RecursionError) as fault:
        raise _refused("invalid_json", f"the cases are not JSON: {fault}") from fault
    if not isinstance(file, dict) or file.get("format") != FORMAT:
        raise _refused("unknown_format", f"a file of cases says {FORMAT!r} as its format", "/format")
    if not isinstance(file.get("cases"), list):
        raise _refused("no_cases", "a file of cases has a list of cases", "/cases")
    cases: list[Any] = file["cases"]
    return cases


def evaluate(case: Any) -> dict[str, Any]:
    """The answer to one case: its result with the rule and version that gave it, or what is wrong with the case."""
    id_ = None
    try:
        whole = Inputs(case, "")
        id_ = whole.needed("id", _label(whole, "id"))
        name = whole.needed("system", whole.text("system"))
        if name not in SYSTEMS:
            raise whole.refuse("system", f"{name!r} is no system of this bench", "unknown_system")
        version = _label(whole, "version")
        answer = SYSTEMS[name](whole.needed("inputs", whole.part("inputs")), "" if version is None else str(version))
    except BadCase as fault:
        return {"id": id_, "error": {"code": fault.code, "detail": fault.detail, "pointer": fault.pointer}}
    said = {"rule": answer.rule.id, "rule_version": answer.rule.version, "result": answer.result}
    return {"id": id_, "system": name, **said}


def _label(case: Inputs, key: str) -> str | Decimal | None:
    """What a case or a version is called: a text, or a number."""
    numbered = isinstance(case.values.get(key), int | Decimal)
    return case.number(key, least=None) if numbered else case.text(key)


def results(answers: list[dict[str, Any]]) -> dict[str, Any]:
    """The file of results, in the order of the cases, in plain JSON values."""
    plain: dict[str, Any] = _plain({"format": FORMAT, "results": answers})
    return plain


def _plain(value: Any) -> Any:
    """Decimals as JSON numbers: the format compares numbers, so they leave as such. A lone surrogate is no text: a `?`."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and abs(value) <= MOST_WHOLE else float(value)
    return value


def differences(case: Any, answer: Mapping[str, Any]) -> Iterator[Difference]:
    """Where an answer differs from what its case expected; a case that could not be evaluated has its error, not these."""
    expected = case.get("expected") if isinstance(case, dict) else None
    if isinstance(expected, dict) and "error" not in answer:
        for key, wanted, found in _beside(expected, answer["result"], ""):
            yield Difference(str(answer["id"]), key, wanted, found)


def _beside(expected: Mapping[str, Any], found: Any, within: str) -> Iterator[tuple[str, Any, Any]]:
    told: Mapping[str, Any] = found if isinstance(found, dict) else {}
    compared = ("status", "grade") if expected.get("check_bounds") is False else expected.keys() - set(DIRECTIVES)
    for key in (key for key in expected if key in compared):
        wanted, given = expected[key], told.get(key)
        if isinstance(wanted, dict) and isinstance(found, dict):
            yield from _beside(wanted, given, f"{within}{key}.")
        elif key not in told or not _same(wanted, given, _tolerance(key, expected)):
            yield f"{within}{key}", wanted, given


def _tolerance(key: str, expected: Mapping[str, Any]) -> Decimal:
    stated = expected.get("tolerance")
    if key == "value" and isinstance(stated, int | Decimal):
        return Decimal(stated)
    return TOLERANCE.get(key, Decimal(0))


def _same(wanted: Any, given: Any, tolerance: Decimal) -> bool:
    if isinstance(wanted, bool) or isinstance(given, bool):
        return wanted is given
    if isinstance(wanted, int | Decimal) and isinstance(given, int | Decimal):
        return _near(Decimal(wanted), Decimal(given), tolerance)
    return bool(wanted == given)


def _near(wanted: Decimal, given: Decimal, tolerance: Decimal) -> bool:
    try:
        return abs(wanted - given) <= tolerance
    except ArithmeticError:
        return False  # one of them is no number, or one that cannot be reckoned with
