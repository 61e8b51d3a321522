"""
CTCAE grades that a laboratory result alone can give, version 5.0 or 6.0: the grade is 0 to 4, and never a clinical clause.

`ctcae_v5.csv` and `ctcae_v6.csv` hold the limits: one row a term, a unit and a condition, in each grade the limit beyond which
it begins. LLN and ULN are the laboratory's limits for this subject and day, BASE the subject's baseline. The highest grade
whose limit is passed is the grade; a limit belongs to the milder side, as the table prints it. What transfusion, an
intervention or a threat to life would make of it is never inferred.

Rulings. Limits are taken in the unit reported: a table that prints two units is followed in each, and only powers of ten (and
of 60 for katals) are converted, exactly. A unit that is not one of the quantity's leaves the result not gradable. A censored
result is graded as the span that it means. Baseline is abnormal for a term of high values where it is above ULN, for one of low
values where it is below LLN; its status as recorded wins over the numbers. A fall of fibrinogen in percent counts only from an
abnormal baseline. Unknown symptoms, anticoagulation or baseline leave a range, never the worst case. Bands that version 5.0
prints in whole numbers (sodium 125 to 129) are read as continuous, as version 6.0 prints them. Version 6.0 grades creatinine
clearance below 10 under another term: from 3 to 4 here. Its bound of 5 x ULN on an abnormal baseline is not applied: it would
leave results between grades 2 and 4 without one. In a casebook the baseline is the last exact result in the same unit that is
certainly before the treatment; it is compared with itself and with what is certainly later. A quantity that is graded both ways
(a count too low, too high) has the worse of the two grades.

Source: NCI Common Terminology Criteria for Adverse Events v5.0 (2017) and v6.0, limits as in pharmaverse admiral's tables.
Version 6.0 of lymphocytes and CPK is not in those tables and is not graded here.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import product
from pathlib import Path

from app.rules.exact import plain
from app.rules.grades import Domain, Grade, graded
from app.rules.laboratory.units import ratio
from app.rules.spans import POSITIVE, Span, above, at_least, exact, observed
from app.rules.verdict import Evidence, Rule, Truth, Verdict, all_of

RULES = {
    "5.0": Rule("ctcae_lab_5", "1", "CTCAE v5.0 laboratory grade", "NCI CTCAE v5.0, 2017; limits as in pharmaverse admiral"),
    "6.0": Rule("ctcae_lab_6", "1", "CTCAE v6.0 laboratory grade", "NCI CTCAE v6.0; limits as in pharmaverse admiral"),
}
_TABLES = {"5.0": "ctcae_v5", "6.0": "ctcae_v6"}
_LIMIT = re.compile(r"(?P<sign>>=|<=|>|<)(?:(?P<times>[\d.]+) x )?(?P<of>LLN|ULN|BASE|[\d.]+)(?: \+ (?P<plus>[\d.]+))?")
REFERENCES = ("LLN", "ULN", "BASE")
_STATUS = {"HIGH": "high", "LOW": "low"}
_ASKS = {
    "high": "whether the baseline was above normal",
    "low": "whether the baseline was below normal",
    "symptomatic": "whether there were symptoms",
    "severely symptomatic": "whether the symptoms were moderate or severe",
    "anticoagulated": "whether the subject was anticoagulated",
    "reported elsewhere": "the grade of the kidney injury, which is reported under its own term",
}

Terms = Mapping[str, tuple["Row", ...]]
Completion = frozenset[str]
"""The conditions that hold: high, low (the baseline); symptomatic, severely symptomatic; anticoagulated; reported elsewhere."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Where a grade begins: a number, or a multiple of a reference, in the unit of its row."""

    sign: str
    reference: str | None
    factor: Fraction
    plus: Fraction

    def passed(self, value: Span, references: Mapping[str, Span], scale: Fraction) -> Truth:
        """Whether a value lies beyond the limit; `scale`: how many of the value's units make one of the row's."""
        base = exact(scale) if self.reference is None else references[self.reference]
        mark = base.times(self.factor).plus(self.plus * scale)
        return {
            ">": above(value, mark),
            ">=": at_least(value, mark),
            "<": above(mark, value),
            "<=": at_least(mark, value),
        }[self.sign]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: in which unit, under which condition, each grade begins where."""

    units: tuple[str, ...]
    condition: str
    negated: bool
    grades: Mapping[int, tuple[Limit, ...]]


@dataclass(frozen=True, slots=True)
class LabResult:
    """
    One result to be graded. `value`, `lln`, `uln` and `baseline` are in `unit`; `qualifier`: `<` or `>` of a censored result;
    `baseline_status`: NORMAL, HIGH or LOW as recorded, else as the numbers say; None is not recorded.
    """

    term: str
    value: Decimal | None
    unit: str | None
    qualifier: str | None = None
    lln: Decimal | None = None
    uln: Decimal | None = None
    baseline: Decimal | None = None
    baseline_status: str | None = None
    symptomatic: Truth = None
    anticoagulated: Truth = None


def _rows(name: str) -> list[dict[str, str]]:
    with (Path(__file__).parent / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _limits(cell: str) -> tuple[Limit, ...]:
    found = []
    for part in filter(None, cell.split(" and ")):
        match = _LIMIT.fullmatch(part)
        assert match is not None, f"{part!r} in a table of limits"
        reference = match["of"] if match["of"] in REFERENCES else None
        factor = Fraction(match["times"] or 1) if reference else Fraction(match["of"])
        found.append(Limit(match["sign"], reference, factor, Fraction(match["plus"] or 0)))
    return tuple(found)


@cache
def terms(version: str) -> Terms:
    """The terms of a version with their rows."""
    found: dict[str, tuple[Row, ...]] = {}
    for row in _rows(_TABLES[version]):
        grades = {grade: limits for grade in (1, 2, 3, 4) if (limits := _limits(row[f"grade{grade}"]))}
        condition = row["when"].removeprefix("not ")
        one = Row(tuple(row["unit"].split()), condition, row["when"] != condition, grades)
        found[row["term"]] = (*found.get(row["term"], ()), one)
    return found


def _scale(row: Row, unit: str | None) -> Fraction | None:
    """How many of a unit make one of the row's; None where they do not measure the same."""
    each = (ratio(one, unit or "1") for one in row.units)
    return next((scale for scale in each if scale is not None), None)


def _references(result: LabResult) -> dict[str, Span]:
    """LLN, ULN and BASE as far as they are recorded: LLN is never above ULN, and the baseline lies where its status says."""
    numbers = {"LLN": result.lln, "ULN": result.uln, "BASE": result.baseline}
    spans = {name: POSITIVE if number is None else exact(number) for name, number in numbers.items()}
    spans |= _ordered(spans, "ULN", "LLN", apart=False)
    for word in ("high", "low") if result.baseline_status else ():
        spans = _tightened(spans, word, _STATUS.get(result.baseline_status or "") == word)
    return spans


def _ordered(references: Mapping[str, Span], upper: str, lower: str, *, apart: bool) -> dict[str, Span]:
    """What it says of two numbers, where either is not recorded, that the upper is not below the lower, or `apart` above it."""
    top, bottom = references[upper], references[lower]
    return {
        upper: top if top.known else top.meet(Span(bottom.low, None, low_open=apart)),
        lower: bottom if bottom.known else bottom.meet(replace(POSITIVE, high=top.high, high_open=apart)),
    }


def _tightened(references: Mapping[str, Span], word: str, holds: bool) -> dict[str, Span]:
    """What a baseline above ULN (or below LLN), or one that is not, says of the numbers that are not recorded."""
    limit = "ULN" if word == "high" else "LLN"
    upper, lower = ("BASE", limit) if (word == "high") == holds else (limit, "BASE")
    return {**references, **_ordered(references, upper, lower, apart=holds)}


def _possible(word: str, result: LabResult, references: Mapping[str, Span]) -> Truth:
    """Whether a condition holds; None where what is recorded does not say."""
    if word in ("high", "low"):
        if result.baseline_status is not None:
            return _STATUS.get(result.baseline_status) == word
        high = word == "high"
        return above(references["BASE"], references["ULN"]) if high else above(references["LLN"], references["BASE"])
    severe = None if result.symptomatic is not False else False
    known: dict[str, Truth] = {"symptomatic": result.symptomatic, "severely symptomatic": severe}
    return known.get(word, result.anticoagulated if word == "anticoagulated" else None)


def _completions(rows: tuple[Row, ...], result: LabResult) -> Iterator[tuple[Completion, Mapping[str, Span]]]:
    """Every way in which the conditions that a term asks may stand, with what it says of the references."""
    references = _references(result)
    words = sorted({row.condition for row in rows} - {""})
    each = [_possible(word, result, references) for word in words]
    for answers in product(*((True, False) if answer is None else (answer,) for answer in each)):
        holding, seen = dict(zip(words, answers, strict=True)), references
        for word in (word for word in ("high", "low") if word in holding):
            seen = _tightened(seen, word, holding[word])
        yield frozenset(word for word in words if holding[word]), seen


def _grade(rows: list[tuple[Row, Fraction]], result: LabResult, holding: Completion, references: Mapping[str, Span]) -> Grade:
    value = observed(result.value, result.qualifier)
    reached = [
        (grade, all_of(limit.passed(value, references, scale) for limit in limits))
        for row, scale in rows
        if not row.condition or (row.condition in holding) != row.negated
        for grade, limits in row.grades.items()
    ]
    lowest = max((grade for grade, passed in reached if passed), default=0)
    return Grade(lowest, max((grade for grade, passed in reached if passed is not False), default=0))


def _bounds(rows: tuple[Row, ...], result: LabResult) -> Grade | None:
    """The lowest and highest grade; None where the unit is not one of the quantity's."""
    scaled = [(row, scale) for row in rows if (scale := _scale(row, result.unit)) is not None]
    if not scaled:
        return None
    each = [_grade(scaled, result, *completion) for completion in _completions(rows, result)]
    return Grade(min(grade.lowest for grade in each), max(grade.highest for grade in each))


def _wanting(rows: tuple[Row, ...], result: LabResult) -> Iterator[str]:
    """What was not recorded that the term asks for."""
    asked = {limit.reference for row in rows for limits in row.grades.values() for limit in limits}
    recorded = {"LLN": ("lower limit of normal", result.lln), "ULN": ("upper limit of normal", result.uln)}
    recorded["BASE"] = ("baseline", result.baseline)
    yield from (words for name, (words, number) in recorded.items() if name in asked and number is None)
    conditions = sorted({row.condition for row in rows} - {""})
    references = _references(result)
    yield from (_ASKS[word] for word in conditions if _possible(word, result, references) is None)
    if result.value is None or result.qualifier is not None:
        yield "exact value"


def ctcae_lab(version: str, result: LabResult, about: str = "result") -> Verdict:
    """
    The grade of a result by the tables of a version (`5.0`, `6.0`), over every completion of what is missing.

    A term that the version has no laboratory table for, or a unit that cannot be converted, is not gradable, and `missing`
    says why.
    """
    rows = terms(version).get(result.term, ())
    bounds = _bounds(rows, result)
    shown = plain(result.value)
    value = Evidence(result.term, None if shown is None else f"{result.qualifier or ''}{shown}", result.unit)
    limits = {"lower limit": result.lln, "upper limit": result.uln, "baseline": result.baseline}
    because = (value, *(Evidence(what, plain(number), result.unit) for what, number in limits.items()))
    reasons = tuple(_wanting(rows, result))
    if bounds is None:
        most = max((grade for row in rows for grade in row.grades), default=4)
        bounds, reasons = Grade(0, most), (_refusal(version, rows, result),)
    return graded(RULES[version], about, bounds, (Domain("limits", bounds, because, reasons).criterion(),))


def _refusal(version: str, rows: tuple[Row, ...], result: LabResult) -> str:
    if not rows:
        return f"a laboratory table for {result.term} in CTCAE {version}"
    expected = ", ".join(dict.fromkeys(unit for row in rows for unit in row.units))
    return f"a unit of {result.term} that can be converted to {expected}; reported in {result.unit or 'no unit'}"
