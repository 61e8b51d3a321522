"""
The algorithms that `specs/mapping.csv` names, each with the sentence that define.xml prints as its method.

On a part, the frame holds captured columns; on the whole (part `*`), the dataset as far as it stands, sorted by its keys.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from cdisc import columns, results, terminology, timing, units
from cdisc.coding import Column, column_of
from cdisc.columns import Kind, cell_text, each, of_rows, rows, text, typed
from cdisc.dates import day_number, relative_days
from cdisc.sdtm.elements import epoch_at
from cdisc.sdtm.export import Export, VisitOf
from cdisc.sdtm.people import Subject
from cdisc.specs import Step

Compute = Callable[[Export, pd.DataFrame, Step], Column]
Origin = Literal["Collected", "Derived", "Assigned", "Protocol"]
NOWHERE = VisitOf(float("nan"), "", float("nan"))
FINDING_KEYS = ("TESTCD", "CAT", "SPEC", "METHOD", "BDAGNT", "MRKSTR", "LOC")
"""What makes one test of a findings dataset, for its last observation before exposure (CORE-000915), as far as it has them."""

STANDARD: dict[str, tuple[Callable[[results.Result], Any], Kind]] = {
    "text": (lambda result: result.text, "str"),
    "number": (lambda result: columns.as_float(result.number), "float64"),
    "unit": (lambda result: result.unit if result.text else "", "str"),
}
"""What of a standard result a variable takes, and its type."""


@dataclass(frozen=True, slots=True)
class Algorithm:
    """One way of making a variable: where its values come from, and the function."""

    name: str
    origin: Origin
    compute: Compute

    @property
    def method(self) -> str:
        """The sentence for define.xml."""
        return " ".join((self.compute.__doc__ or "").split())


ALGORITHMS: dict[str, Algorithm] = {}


def algorithm(origin: Origin) -> Callable[[Compute], Compute]:
    """Enter a function among the algorithms under its own name."""

    def enter(compute: Compute) -> Compute:
        ALGORITHMS[compute.__name__] = Algorithm(compute.__name__, origin, compute)
        return compute

    return enter


def _if_asked(frame: pd.DataFrame, name: str) -> Column:
    """A column; empty where the form does not ask for it."""
    return frame[name] if name in frame else columns.blank("Char", frame.index)


def _of_texts(function: Callable[..., Any], kind: Kind, *asked: Column) -> Column:
    """`function` of the texts that stand side by side."""
    return of_rows(lambda *values: function(*map(cell_text, values)), kind, *asked)


@algorithm("Assigned")
def constant(export: Export, frame: pd.DataFrame, step: Step) -> Column:
    """The same value in every record of its source."""
    return typed(step.argument, frame.index, "str")


@algorithm("Collected")
def copy(export: Export, frame: pd.DataFrame, step: Step) -> Column:
    """As collected."""
    return text(frame[step.source])


@algorithm("Collected")
def number(export: Export, frame: pd.DataFrame, step: Step) -> Column:
    """The number as collected, null where the result is no number."""
    return columns.number(frame[step.source])


@algorithm("Collected")
def standard_form(export: Export, frame: pd.DataFrame, step: Step) -> Column:
    """As collected, a number without trailing zeros."""
    return each(text(frame[step.source]), results.standard_text, "str")


@algorithm("Collected")
def term(export: Export, frame: pd.DataFrame, step: Step) -> Column:
    """The submission value of the term collected; a unit written otherwise is sent as the same quantity in CDISC notation."""
    known = step.argument
    return each(
        text(frame[step.source]),
        lambda value: terminology.submission_value(known, value) if terminology.is_term(known, value) else value,
        "str",
    )


@algorithm("Assigned")
def test_name(export: Export, frame: pd.DataFrame, step: Step) -> Column:
    """The name that controlled terminology gives to the test code."""
    return each(text(frame[step.source]), lambda code: terminology.decode(step.argument, code), "str")


@algorithm("Collected")
def of_test(export: Export, frame: pd.DataFrame, step: Step) -> Column:
    """As collected; where it was not asked, what the test implies, null where the test does not decide it."""
    name = step.dataset.lower()
    asked = (_if_asked(frame, column) for column in (step.source, f"{name}testcd", f"{name}spec"))
    return _of_texts(lambda said, code, spec: said or _implied(step.dataset, code, spec, step.argument), "str", *asked)


def _implied(dataset: str, testcd: str, specimen: str, what: str) -> str:
    found = {cell_text(getattr(measure, what)) for measure in units.measures(dataset, testcd, specimen)}
    return found.pop() if len(found) == 1 else ""


@algorithm("Derived")
def standard(export: Export, frame: pd.DataFrame, step: Step) -> Column:
    """The original result converted exactly to the standard unit of the test; a text stays as reported."""
    name = step.dataset.lower()
    said = [_if_asked(frame, column) for column in (f"{name}testcd", f"{name}spec", step.source, f"{name}orresu")]
    chosen, kind = STANDARD[step.argument]
    return _of_texts(lambda *key: chosen(results.standard(step.dataset, *key)), kind, *said)


@algorithm("Derived")
def range_indicator(export: Export, frame: pd.DataFrame, step: Step) -> Column:
    """LOW, NORMAL or HIGH against the reference range reported with the result; null where it does not decide."""
    low, high = step.argument.split()
    return _of_texts(results.range_indicator, "str", *(_if_asked(frame, name) for name in (step.source, low, high)))


@algorithm("Derived")
def classes(export: Export, frame: pd.DataFrame, step: Step) -> Column:
    """The classes that the wording was coded to, joined by a plus sign; where it was not coded, the wording itself."""
    wording = text(frame[step.argument])
    coded = [" + ".join(found) if isinstance(found, list) else "" for found in frame[step.source]]
    return typed([code or words for code, words in zip(coded, wording.tolist(), strict=True)], frame.index, "str")


@algorithm("Collected")
def name_of_code(export: Export, frame: pd.DataFrame, step: Step) -> Column:
    """The name of the code collected."""
    return each(text(frame[step.source]), lambda code: terminology.decode(step.argument, code) if code else "", "str")


@algorithm("Assigned")
def sponsor_decode(export: Export, frame: pd.DataFrame, step: Step) -> Column:
    """The sponsor's decode of the reported term, else the reported term in upper case; not coded in MedDRA."""
    return _of_texts(lambda decode, reported: decode or reported.upper(), "str", frame[step.source], frame[step.argument])


@algorithm("Collected")
def where_yes(export: Export, frame: pd.DataFrame, step: Step) -> Column:
    """Where the form says yes (ongoing when last reported before the data cut), this value; else null."""
    return each(text(frame[step.source]), lambda answer: step.argument if answer == "Y" else "", "str")


@algorithm("Collected")
def years(export: Export, frame: pd.DataFrame, step: Step) -> Column:
    """The duration in years as collected, in ISO 8601."""
    return each(text(frame[step.source]), lambda value: f"P{value}Y" if value else "", "str")


@algorithm("Protocol")
def criterion(export: Export, frame: pd.DataFrame, step: Step) -> Column:
    """As the study document states the criterion."""
    which = ("IECAT", "IETEST").index(step.argument)
    return each(text(frame[step.source]), lambda code: columns.ascii_text(export.trial.criteria[code][which]), "str")


@algorithm("Assigned")
def visit(export: Export, frame: pd.DataFrame, step: Step) -> Column:
    """The visit to which the record belongs; an unplanned visit has a number of its own and no planned day."""
    chosen = ("visitnum", "visit", "visitdy").index(step.argument)
    kind: Kind = "str" if step.argument == "visit" else "float64"
    return each(frame[step.source], lambda record: export.visits.get(record, NOWHERE)[chosen], kind)


@algorithm("Assigned")
def observed(export: Export, frame: pd.DataFrame, step: Step) -> Column:
    """The number of the adverse event, by which findings about it (FA) are linked; not sent where no findings refer to any."""
    return text(frame[step.source])


@algorithm("Derived")
def sequence(export: Export, frame: pd.DataFrame, step: Step) -> Column:
    """The record's place within its subject in the order of the dataset's keys."""
    return typed(frame.groupby("USUBJID").cumcount() + 1, frame.index, "float64")


@algorithm("Derived")
def link_number(export: Export, frame: pd.DataFrame, step: Step) -> Column:
    """The number within the subject of the doses given, by which EC and EX are linked."""
    given = (frame[step.source] == "Y") & (frame["ECMOOD"] == "PERFORMED")
    place = given.groupby(frame["USUBJID"]).cumsum()
    names = [f"{step.argument}-{n:02d}" if is_given else "" for n, is_given in rows(place, given)]
    return typed(names, frame.index, "str")


@algorithm("Derived")
def study_day(export: Export, frame: pd.DataFrame, step: Step) -> Column:
    """Days from RFSTDTC, which is day 1; the day before it is day -1. Null unless both dates are complete."""
    first = each(frame["USUBJID"], lambda subject: day_number(export.by_usubjid[subject].reference), "float64")
    return relative_days(each(frame[step.source], day_number, "float64"), first)


@algorithm("Derived")
def epoch(export: Export, frame: pd.DataFrame, step: Step) -> Column:
    """
    The epoch of the element (SE) in which the date lies, a date without a time on the day of the last infusion being of the
    treatment; where the date does not decide, the epoch of the planned visit. Null before consent, or where neither is known.
    """
    dates = frame[step.source.split()[0]]
    for other in step.source.split()[1:]:
        dates = of_rows(lambda first, then: first or then, "str", dates, frame[other])

    def epoch_of(subject: str, at: str, visit: str) -> str:
        return epoch_at(export.elements[subject], at) or export.planned_epoch(visit)

    return of_rows(epoch_of, "str", frame["USUBJID"], dates, _if_asked(frame, step.argument))


@algorithm("Derived")
def last_before(export: Export, frame: pd.DataFrame, step: Step) -> Column:
    """
    Y on the last result of a test that is certainly before the reference: for --LOBXFL the first protocol treatment
    (RFXSTDTC), for --BLFL the start that the study's baseline rule names. Null elsewhere.
    """
    keys = ["USUBJID", *(f"{step.dataset}{name}" for name in FINDING_KEYS if f"{step.dataset}{name}" in frame)]
    rule = export.trial.baseline

    def precedes(subject: str, at: str, point: str) -> str:
        return "Y" if _precedes(export.by_usubjid[subject], at, point, step.argument, rule) else ""

    earlier = of_rows(precedes, "str", frame["USUBJID"], frame[step.source], _if_asked(frame, f"{step.dataset}TPT"))
    known = frame.loc[(earlier == "Y") & (frame[f"{step.dataset}STRESC"] != ""), [*keys, step.source]]
    last = known.sort_values(step.source, kind="stable").drop_duplicates(keys, keep="last").index
    return column_of(frame.index.isin(last).astype(np.int8), ["", "Y"], frame.index)


def _precedes(person: Subject, at: str, point: str, what: str, rule: str) -> bool:
    """Certainly before the reference, or on the day of the first infusion and said to be before it."""
    before_lymphodepletion = what == "exposure" or rule == "before_lymphodepletion"
    reference = person.exposed if before_lymphodepletion else person.reference
    said = point == "PRE-DOSE" and reference == person.reference and at[:10] == reference[:10] != ""
    return said or timing.before(at, reference) is True
