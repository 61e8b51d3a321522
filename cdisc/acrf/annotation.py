"""
Where each answer of a form goes: the SDTM annotations of its questions.

They follow from the mapping that makes the datasets. `specs/parts.csv` says which captured table (or which other dataset) a
part is made of, its own name where no row says otherwise, and when; `specs/annotations.csv` what code reads by name, and why
something is not submitted.
Source of the wording: CDISC SDTM Metadata Submission Guidelines 2.0, annotated CRF.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from cdisc import specs
from cdisc.crf import CrfForm, Question
from cdisc.sdtm.algorithms import ALGORITHMS
from cdisc.terminology import rows

ANY = "*"
VISIT = "visit"
"""The question of every form of a visit that is no captured field of it: which visit."""
ASKED = ("Collected", "Assigned")
"""The origins of what an algorithm makes of an answer itself; what it derives or takes from the protocol is not on the form."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """
    One annotation: the dataset and variable that an answer goes to, and the words for it.

    `value` is the test code or the qualifier that tells which records. Dataset and variable are empty where the answer is not
    submitted; `text` then says why.
    """

    dataset: str
    variable: str
    value: str
    text: str

    @property
    def domain(self) -> str:
        """The domain whose colour it has: a supplemental qualifier belongs to its parent."""
        return self.dataset.removeprefix("SUPP")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the mapping that is made of a captured table, and on what condition."""

    name: str
    condition: str


@cache
def _parts(table: str) -> tuple[Part, ...]:
    made = tuple(Part(row["part"], row["condition"]) for row in rows("parts") if row["table"] == table)
    return (Part(table, ""), *made)


@cache
def parent(part: str) -> str:
    """The dataset that a part repeats, for a part made of a dataset and not of a captured table; empty for every other."""
    return next((row["table"] for row in rows("parts") if row["part"] == part and row["table"] in specs.datasets()), "")


@cache
def annotated(form: CrfForm, question: Question) -> tuple[Annotation, ...]:
    """The annotations of one question of a form, each once; empty where the specification knows nothing of it."""
    if question.testcd:
        result, test = f"{form.domain}ORRES", f"{form.domain}TESTCD"
        return (Annotation(form.domain, result, question.testcd, f"{result} when {test} = {question.testcd}"),)
    found: dict[tuple[str, str, str], Annotation] = {}
    for each in _said(form.table, question.column):
        if form.domain in (each.domain, "") or not _is_instrument(form):
            found.setdefault((each.dataset, each.variable, each.value), each)
    return tuple(found.values())


def _is_instrument(form: CrfForm) -> bool:
    return any(question.testcd for question in form.questions)


def _said(table: str, column: str) -> Iterator[Annotation]:
    for part in _parts(table):
        yield from _mapped(part, column)
        yield from _supplemental(part.name, column)
    yield from _tested(table, column)
    yield from _named(table, column)


def _mapped(part: Part, column: str) -> Iterator[Annotation]:
    for step in (step for name in specs.datasets() for step in specs.steps(name) if step.part == part.name):
        is_visit = column == VISIT and step.algorithm == VISIT and step.argument != "visitdy"
        if is_visit or (step.source == column and ALGORITHMS[step.algorithm].origin in ASKED):
            constant = f" = {step.argument}" if step.algorithm == "where_yes" else ""
            when = f" when {part.condition}" if part.condition else ""
            yield Annotation(step.dataset, step.variable, "", step.variable + constant + when)


def _supplemental(part: str, column: str) -> Iterator[Annotation]:
    for supplement in specs.supplements():
        if (supplement.part, supplement.source) == (part, column):
            yield _qualifier(f"SUPP{supplement.dataset}", supplement.qnam)


def _qualifier(dataset: str, qnam: str, when: str = "") -> Annotation:
    return Annotation(dataset, "QVAL", qnam, f"{qnam} in {dataset}{when}")


def _tested(table: str, column: str) -> Iterator[Annotation]:
    for dataset in specs.datasets():
        for wide in specs.wide_findings(table, dataset):
            for asked, variable in ((wide.column, f"{dataset}ORRES"), (wide.unit_column, f"{dataset}ORRESU")):
                if asked == column:
                    words = f"{variable} when {dataset}TESTCD = {wide.testcd}"
                    yield Annotation(dataset, variable, wide.testcd, words)


def _named(table: str, column: str) -> Iterator[Annotation]:
    for row in rows("annotations"):
        if row["table"] != table or row["column"] not in (column, ANY):
            continue
        when = f" when {row['condition']}" if row["condition"] else ""
        if row["not_submitted"]:
            yield Annotation("", "", "", f"[NOT SUBMITTED] {row['not_submitted']}")
        elif row["dataset"].startswith("SUPP"):
            yield _qualifier(row["dataset"], row["variable"], when)
        else:
            yield Annotation(row["dataset"], row["variable"], "", row["variable"] + when)
