"""
The annotated CRF: the blank form of every question with the SDTM variable that each answer goes to.

Bookmarked by visit and by form; annotations are FreeText annotations, coloured by domain in the order in which a page has them.
Stamps and identifier come from the cut. Source: CDISC SDTM Metadata Submission Guidelines 2.0, annotated CRF.
"""

from __future__ import annotations

import hashlib
from io import BytesIO
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    TextStringObject,
)
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]

from cdisc import specs
from cdisc.acrf import pages
from cdisc.acrf.pages import ANSWERED, ASKED, BOLD, BOX, HEIGHT, LINE, MARGIN, NOTE, TEXT, WIDTH, Page, Row, wrapped
from cdisc.columns import ascii_text
from cdisc.crf import Crf, CrfForm
from cdisc.trial import Trial

COLOURS = ("BFFFFF", "FFFF96", "96FF96", "FFBE9B", "E1C8FF", "FFC8E6")
"""Of the first domain on a page, the second, and so on, as the guidelines have them."""
PLAIN = "EDEDED"
"""Of what is not submitted."""
INK, FAINT, RULE = (0.1, 0.1, 0.12), (0.45, 0.45, 0.5), (0.82, 0.82, 0.86)
LAST_ROW = 788.0
"""How far down the schedule may go: a line about it still fits above the footer."""
CONVENTIONS = (
    "Each box beside a question is an annotation: the SDTM variable that the answer is sent in.",
    "VARIABLE when --TESTCD = CODE: the answer is one record of a findings dataset.",
    "NAME in SUPP--: the answer is a supplemental qualifier, NAME its QNAM.",
    "[NOT SUBMITTED]: the answer is kept in the casebook and is not part of the datasets; the box says why.",
    "The boxes of one domain share a colour on a page; the domains stand at its head.",
    "An asterisk marks a question that a record cannot be without. Names in small grey type are those of the API.",
)


def encode(trial: Trial) -> bytes:
    """The annotated CRF of a trial's forms as the bytes of a PDF; the same trial gives the same bytes."""
    drawn = _drawn(trial)
    writer = PdfWriter(clone_from=PdfReader(BytesIO(drawn)))
    for page in pages.pages(trial.crf):
        _annotate(writer, page)
    _bookmarks(writer, trial.crf)
    writer.page_mode = "/UseOutlines"
    stamp = f"D:{trial.cut_at:%Y%m%d%H%M%S}Z"
    title = f"Annotated CRF of {trial.study_id}, study document version {trial.study_version}"
    writer.metadata = {
        "/Title": ascii_text(title),
        "/Author": "Casebook",
        "/Producer": f"Casebook {trial.build}",
        "/CreationDate": stamp,
        "/ModDate": stamp,
    }
    identity = hashlib.md5(drawn + stamp.encode(), usedforsecurity=False).digest()
    writer._ID = ArrayObject([ByteStringObject(identity), ByteStringObject(identity)])
    writer._root_object[NameObject("/Lang")] = TextStringObject("en")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _drawn(trial: Trial) -> bytes:
    out = BytesIO()
    canvas = Canvas(out, pagesize=(WIDTH, HEIGHT), invariant=1, pageCompression=1, initialFontName=NOTE)
    all_pages = pages.pages(trial.crf)
    count = pages.front_pages(trial.crf) + len(all_pages)
    _cover(canvas, trial, count)
    _schedules(canvas, trial, count)
    for page in all_pages:
        _form_page(canvas, trial, page, count)
    canvas.save()
    return out.getvalue()


def _write(canvas: Any, left: float, top: float, text: str, font: str = TEXT, size: float = 8.5, colour: Any = INK) -> None:
    canvas.setFillColorRGB(*colour)
    canvas.setFont(font, size)
    canvas.drawString(left, HEIGHT - top, ascii_text(text))


def _line(canvas: Any, left: float, right: float, top: float, colour: Any = RULE, width: float = 0.6) -> None:
    canvas.setStrokeColorRGB(*colour)
    canvas.setLineWidth(width)
    canvas.line(left, HEIGHT - top, right, HEIGHT - top)


def _footer(canvas: Any, trial: Trial, number: int, count: int) -> None:
    _line(canvas, MARGIN, WIDTH - MARGIN, 812)
    words = f"{trial.study_id}, study document version {trial.study_version}. Annotated CRF."
    _write(canvas, MARGIN, 824, words, size=7, colour=FAINT)
    canvas.drawRightString(WIDTH - MARGIN, HEIGHT - 824, f"Page {number} of {count}")


def _cover(canvas: Any, trial: Trial, count: int) -> None:
    top = 150.0
    _write(canvas, MARGIN, top, "Annotated Case Report Form", BOLD, 20)
    _line(canvas, MARGIN, WIDTH - MARGIN, top + 12, INK, 1.2)
    top += 44
    for line in wrapped(trial.title, TEXT, 12, WIDTH - 2 * MARGIN):
        _write(canvas, MARGIN, top, line, size=12)
        top += 17
    top += 16
    for name, value in (
        ("Study", trial.study_id),
        ("Protocol", trial.protocol),
        ("Study document", f"version {trial.study_version}"),
        ("Data cut", f"{trial.cut_name}, {trial.cut_at:%Y-%m-%d %H:%M:%S} UTC"),
        ("Origin of the data", trial.origin),
        ("Standard", f"{specs.SDTM.name} {specs.SDTM.version}"),
    ):
        _write(canvas, MARGIN, top, name, size=9, colour=FAINT)
        _write(canvas, MARGIN + 110, top, value, size=9)
        top += 15
    top += 22
    _write(canvas, MARGIN, top, "How to read it", BOLD, 10)
    for text in CONVENTIONS:
        for line in wrapped(text, TEXT, 8.5, WIDTH - 2 * MARGIN):
            top += 14
            _write(canvas, MARGIN, top, line)
    _footer(canvas, trial, 1, count)
    canvas.showPage()


def _schedules(canvas: Any, trial: Trial, count: int) -> None:
    visits = trial.crf.visits
    for number, first in enumerate(range(0, len(visits), pages.VISITS_A_PAGE), 2):
        _schedule(canvas, trial, visits[first : first + pages.VISITS_A_PAGE])
        _footer(canvas, trial, number, count)
        canvas.showPage()


def _schedule(canvas: Any, trial: Trial, visits: Any) -> None:
    _write(canvas, MARGIN, 60, "Which visit asks for which form", BOLD, 13)
    first = {page.form.path: page.number for page in pages.pages(trial.crf) if page.part == 1}
    left, top = 262.0, 190.0
    step = min(20.0, (WIDTH - MARGIN - left) / max(len(visits), 1))
    high = min(15.0, (LAST_ROW - top) / max(len(trial.crf.forms), 1))
    for place, visit in enumerate(visits):
        canvas.saveState()
        canvas.translate(left + place * step + step / 2 + 3, HEIGHT - top + 6)
        canvas.rotate(60)
        _write(canvas, 0, HEIGHT, visit.visit, size=7)
        canvas.restoreState()
    asked = {path for visit in trial.crf.visits for path in visit.forms}
    for form in sorted(trial.crf.forms, key=lambda form: form.path not in asked):
        _line(canvas, MARGIN, left + step * len(visits), top)
        top += high
        _write(canvas, MARGIN, top - 4, _short(form.title, left - MARGIN - 48), size=7.5)
        _write(canvas, left - 42, top - 4, f"page {first[form.path]}", size=6.5, colour=FAINT)
        canvas.linkRect("", f"form {form.path}", (MARGIN, HEIGHT - top, left, HEIGHT - top + high), Border="[0 0 0]")
        for place, visit in enumerate(visits):
            if form.path in visit.forms:
                canvas.setFillColorRGB(*INK)
                canvas.circle(left + place * step + step / 2, HEIGHT - top + 6.5, 2.4, stroke=0, fill=1)
    _line(canvas, MARGIN, left + step * len(visits), top)
    _write(
        canvas,
        MARGIN,
        top + 16,
        "A form without a mark is kept as things happen, or at visits that were not planned.",
        size=7.5,
    )


def _short(title: str, wide: float) -> str:
    """A title on one line: of an instrument whose full name is too long, the name by which it goes."""
    fits = pages.width_of(ascii_text(title), TEXT, 7.5) <= wide
    return title if fits else wrapped(title.partition(": ")[0], TEXT, 7.5, wide)[0]


def _form_page(canvas: Any, trial: Trial, page: Page, count: int) -> None:
    if page.part == 1:
        canvas.bookmarkPage(f"form {page.form.path}")
    more = f" ({page.part} of {page.parts})" if page.parts > 1 else ""
    title = ascii_text(page.form.title) + more
    _write(canvas, MARGIN, 44, title, BOLD, min(12, 12 * (WIDTH - 2 * MARGIN) / pages.width_of(title, BOLD, 12)))
    _write(canvas, MARGIN, 58, page.form.path, size=7, colour=FAINT)
    _line(canvas, MARGIN, WIDTH - MARGIN, 98, INK, 0.9)
    for place, line in enumerate(page.about):
        _write(canvas, MARGIN, pages.TOP + LINE * place, line, size=7.5, colour=FAINT)
    for row in page.rows:
        _row(canvas, row)
    _footer(canvas, trial, page.number, count)
    canvas.showPage()


def _row(canvas: Any, row: Row) -> None:
    top = row.top + pages.GAP / 2
    if row.heading:
        _write(canvas, ASKED[0], top + 9, row.heading, BOLD, 8)
        top += LINE + 4
    for place, line in enumerate(row.label):
        mark = "*" if row.question.required and place == len(row.label) - 1 else ""
        _write(canvas, ASKED[0], top + 8.5 + LINE * place, line + mark)
    small = f"{row.question.column}{', filled in by the service' if row.question.given else ''}"
    _write(canvas, ASKED[0], top + 7 + LINE * len(row.label), small, size=6.5, colour=FAINT)
    _answer(canvas, row, top)
    _line(canvas, MARGIN, WIDTH - MARGIN, row.top + row.height, width=0.35)


def _answer(canvas: Any, row: Row, top: float) -> None:
    canvas.setStrokeColorRGB(*FAINT)
    canvas.setLineWidth(0.6)
    if not row.choices:
        _line_to_write(canvas, row, top)
    for place, line in enumerate(row.choices):
        left = float(ANSWERED[0])
        for choice in line:
            canvas.rect(left, HEIGHT - (top + 8.5 + LINE * place), 6.5, 6.5)
            _write(canvas, left + 10, top + 8.5 + LINE * place, choice, size=7.5)
            left += pages.width_of(choice, TEXT, 7.5) + 18


def _line_to_write(canvas: Any, row: Row, top: float) -> None:
    unit = ascii_text(row.question.unit)
    wide = ANSWERED[1] - (pages.width_of(unit, TEXT, 7.5) + 4 if unit else 0)
    _line(canvas, ANSWERED[0], ANSWERED[0] + wide, top + 9.5, FAINT)
    _write(canvas, ANSWERED[0] + wide + 4, top + 8.5, unit, size=7.5)
    for place, hint in enumerate(row.hint):
        _write(canvas, ANSWERED[0], top + 17.5 + 8.5 * place, hint, size=6.5, colour=FAINT)


def _bookmarks(writer: PdfWriter, crf: Crf) -> None:
    """By visit and by form, as the guidelines ask; a form that several visits ask for stands once, bookmarked for each."""
    first = {page.form.path: page.number for page in pages.pages(crf) if page.part == 1}
    forms = {form.path: form for form in crf.forms}
    writer.add_outline_item(title="About this document", page_number=0)
    by_visit = writer.add_outline_item(title="By visit", page_number=min(1, len(crf.visits)), is_open=False)
    asked = {visit.visit: [forms[path] for path in visit.forms if path in forms] for visit in crf.visits}
    planned = {path for visit in crf.visits for path in visit.forms}
    running = [form for form in crf.forms if form.path not in planned]
    for title, bookmarked in [*asked.items(), ("Outside the planned visits", running)]:
        if bookmarked:
            _bookmarked(writer, title, bookmarked, first, by_visit)
    if crf.forms:
        _bookmarked(writer, "By form", sorted(crf.forms, key=lambda form: form.title), first, None)


def _bookmarked(writer: PdfWriter, title: str, forms: list[CrfForm], first: dict[str, int], parent: Any) -> None:
    at = first[forms[0].path] - 1
    above = writer.add_outline_item(title=ascii_text(title), page_number=at, parent=parent, is_open=parent is None)
    for form in forms:
        writer.add_outline_item(title=ascii_text(form.title), page_number=first[form.path] - 1, parent=above)


def _annotate(writer: PdfWriter, page: Page) -> None:
    colours = dict(zip(page.domains, COLOURS * len(page.domains), strict=False))
    left = float(MARGIN)
    for domain in page.domains:
        text = f"{domain} = {specs.dataset(domain).label}"
        wide = pages.width_of(text, NOTE, 8.5) + 8
        _note(writer, page.number, (left, 70, wide, BOX + 2), (text,), colours[domain], 8.5)
        left += wide + 6
    for box in (box for row in page.rows for box in row.boxes):
        place = (box.left, box.top, box.width, box.height)
        _note(writer, page.number, place, box.lines, colours.get(box.annotation.domain, PLAIN), 7.5)


def _note(
    writer: PdfWriter, number: int, place: tuple[float, float, float, float], lines: tuple[str, ...], colour: str, size: float
) -> None:
    """One FreeText annotation with an appearance of its own, so that every viewer shows it alike."""
    left, top, wide, high = place
    rectangle = (left, HEIGHT - top - high, left + wide, HEIGHT - top)
    note = FreeText(
        text=" ".join(lines), rect=rectangle, font=NOTE, font_size=f"{size}pt", background_color=colour, title_bar="Casebook"
    )
    note[NameObject("/AP")] = DictionaryObject({NameObject("/N"): _appearance(writer, wide, high, lines, colour, size)})
    writer.add_annotation(number - 1, note)


def _appearance(writer: PdfWriter, wide: float, high: float, lines: tuple[str, ...], colour: str, size: float) -> Any:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4))
    said = [f"{red:.3f} {green:.3f} {blue:.3f} rg 0.35 w 0.4 G 0.2 0.2 {wide - 0.4:.2f} {high - 0.4:.2f} re B"]
    for place, line in enumerate(lines):
        escaped = line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        said.append(f"BT /Helv {size} Tf 0 g 3 {high - BOX * place - size - 1:.2f} Td ({escaped}) Tj ET")
    stream = DecodedStreamObject()
    stream.set_data("\n".join(said).encode("ascii"))
    font = {"/Type": NameObject("/Font"), "/Subtype": NameObject("/Type1"), "/BaseFont": NameObject(f"/{NOTE}")}
    fonts = DictionaryObject({NameObject("/Helv"): DictionaryObject({NameObject(k): v for k, v in font.items()})})
    stream.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Form"),
            NameObject("/BBox"): ArrayObject([FloatObject(edge) for edge in (0, 0, wide, high)]),
            NameObject("/Resources"): DictionaryObject({NameObject("/Font"): fonts}),
        }
    )
    return writer._add_object(stream)
