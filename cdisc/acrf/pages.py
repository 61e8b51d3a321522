"""
The pages of the annotated CRF before they are drawn: which question stands where, and on which pages a variable is annotated.

Laid out first, because define.xml refers to the pages. Positions are points from the top of an A4 page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import reportlab  # type: ignore[import-untyped]
from reportlab.lib.utils import simpleSplit  # type: ignore[import-untyped]
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]
from reportlab.pdfbase.ttfonts import TTFont  # type: ignore[import-untyped]

from cdisc.acrf.annotation import Annotation, annotated
from cdisc.columns import ascii_text
from cdisc.crf import Crf, CrfForm, Question

WIDTH, HEIGHT = 595, 842
MARGIN, TOP, BOTTOM = 36, 112, 800
ASKED, ANSWERED, ANNOTATED = (36, 178), (222, 148), (380, 179)
"""Where a column begins and how wide it is: the question, its answer, its annotations."""
LINE, BOX, GAP = 10.5, 11.5, 7.0
TEXT, BOLD, NOTE = "Vera", "VeraBd", "Helvetica"
VISITS_A_PAGE = 20


@cache
def _register() -> None:
    """The fonts that are embedded; annotations use the one that every viewer has."""
    for name in (TEXT, BOLD):
        pdfmetrics.registerFont(TTFont(name, str(Path(reportlab.__file__).parent / "fonts" / f"{name}.ttf")))


def wrapped(text: str, font: str, size: float, width: float) -> tuple[str, ...]:
    """A text in lines of at most `width` points, in plain ASCII."""
    _register()
    return tuple(simpleSplit(ascii_text(text), font, size, width))


def width_of(text: str, font: str, size: float) -> float:
    """The width of a line in points."""
    _register()
    return float(pdfmetrics.stringWidth(text, font, size))


@dataclass(frozen=True, slots=True)
class Box:
    """One annotation in its place: from the left, from the top, width and height."""

    annotation: Annotation
    left: float
    top: float
    width: float
    lines: tuple[str, ...]

    @property
    def height(self) -> float:
        """As high as its lines."""
        return BOX * len(self.lines)


@dataclass(frozen=True, slots=True)
class Row:
    """One question in its place, with the lines of its label, the choices line by line, and its annotations."""

    question: Question
    heading: str
    top: float
    height: float
    label: tuple[str, ...]
    choices: tuple[tuple[str, ...], ...]
    hint: tuple[str, ...]
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a form: the `part`-th of `parts`, with its number in the document."""

    form: CrfForm
    number: int
    part: int
    parts: int
    about: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def domains(self) -> tuple[str, ...]:
        """The domains that are annotated on the page, in the order in which they come."""
        said = (box.annotation.domain for row in self.rows for box in row.boxes)
        return tuple(dict.fromkeys(domain for domain in said if domain))


def front_pages(crf: Crf) -> int:
    """The pages before the first form: what the document is, and which visit asks for which form."""
    return 1 + -(-len(crf.visits) // VISITS_A_PAGE)


@cache
def pages(crf: Crf) -> tuple[Page, ...]:
    """Every page of every form; a form begins on a page of its own."""
    found: list[Page] = []
    for form in crf.forms:
        parts = list(_parts(form))
        for part, (about, rows) in enumerate(parts, 1):
            number = front_pages(crf) + len(found) + 1
            found.append(Page(form, number, part, len(parts), about, rows))
    return tuple(found)


def _parts(form: CrfForm) -> Iterator[tuple[tuple[str, ...], tuple[Row, ...]]]:
    about = wrapped(form.about, TEXT, 7.5, WIDTH - 2 * MARGIN)
    rows: list[Row] = []
    top, group = TOP + LINE * len(about) + GAP, ""
    for question in form.questions:
        heading = question.group if question.group != group else ""
        row = _row(form, question, heading, top)
        if top + row.height > BOTTOM and rows:
            yield about, tuple(rows)
            about, top, rows = (), TOP, []
            row = _row(form, question, question.group, top)
        rows.append(row)
        top, group = top + row.height, question.group
    yield about, tuple(rows)


def _row(form: CrfForm, question: Question, heading: str, top: float) -> Row:
    label = wrapped(question.label, TEXT, 8.5, ASKED[1])
    choices = tuple(_choices(question.choices))
    hint = () if question.choices else wrapped(question.hint, TEXT, 6.5, ANSWERED[1])
    inner = top + GAP / 2 + (LINE + 4 if heading else 0)
    boxes = tuple(_boxes(annotated(form, question), inner))
    noted = max((box.top + box.height - inner + 2 for box in boxes), default=0)
    answered = LINE * (len(choices) or 1) + 8.5 * len(hint)
    high = max(LINE * len(label) + 8.5, answered, noted)
    return Row(question, heading, top, inner - top + high + GAP / 2, label, choices, hint, boxes)


def _choices(choices: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Choices in lines, each with its box to tick; one that is longer than the column has lines of its own."""
    line: list[str] = []
    used = 0.0
    for choice in choices:
        needed = width_of(ascii_text(choice), TEXT, 7.5) + 18
        if line and used + needed > ANSWERED[1]:
            yield tuple(line)
            line, used = [], 0.0
        line.append(ascii_text(choice))
        used += needed
    if line:
        yield tuple(line)


def _boxes(noted: tuple[Annotation, ...], top: float) -> Iterator[Box]:
    left = float(ANNOTATED[0])
    for annotation in noted:
        lines = wrapped(annotation.text, NOTE, 7.5, ANNOTATED[1] - 6)
        wide = max(width_of(line, NOTE, 7.5) for line in lines) + 6
        if left > ANNOTATED[0] and left + wide > sum(ANNOTATED):
            left, top = float(ANNOTATED[0]), top + BOX + 2
        box = Box(annotation, left, top, wide, lines)
        yield box
        left += wide + 4
        if len(lines) > 1:
            left, top = float(ANNOTATED[0]), top + box.height + 2


@cache
def references(crf: Crf) -> dict[tuple[str, str, str], tuple[int, ...]]:
    """
    The pages on which a variable is annotated, by (dataset, variable, value).

    With an empty value every page of the variable, with a test code or qualifier those of its records.
    """
    found: dict[tuple[str, str, str], set[int]] = {}
    for page in pages(crf):
        for said in (box.annotation for row in page.rows for box in row.boxes if box.annotation.dataset):
            for value in {"", said.value}:
                found.setdefault((said.dataset, said.variable, value), set()).add(page.number)
    return {key: tuple(sorted(numbers)) for key, numbers in found.items()}
