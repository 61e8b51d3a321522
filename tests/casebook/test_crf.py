"""The annotated CRF of the studies that ship: every question that can be asked says where its answer goes, or why nowhere."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from app.casebook.studies import crf
from app.casebook.studies.documents import read_study
from app.casebook.studies.library import read_instruments
from app.tables import CAPTURED
from app.tables.base import fields
from cdisc import specs
from cdisc.acrf.annotation import annotated
from cdisc.crf import Crf
from tests.servers import ROOT

STUDIES = sorted(path.stem for path in (ROOT / "seed" / "studies").glob("*.toml"))


@cache
def forms_of(study: str) -> Crf:
    """The forms of a study document with the instruments that ship."""
    sources = [path.read_text("utf-8") for path in sorted((ROOT / "seed" / "instruments").glob("*.toml"))]
    document = read_study((ROOT / "seed" / "studies" / f"{study}.toml").read_text("utf-8"))
    return crf.crf(document, read_instruments(sources))


@pytest.mark.parametrize("study", STUDIES)
def test_every_question_of_every_form_is_annotated_or_says_why_not(study: str) -> None:
    """F5: nothing collected is dropped without a reason."""
    silent = [(f.path, q.column) for f in forms_of(study).forms for q in f.questions if not annotated(f, q)]

    assert silent == []


@pytest.mark.parametrize("study", STUDIES)
def test_every_annotated_variable_is_one_of_the_specification(study: str) -> None:
    qualifiers = {(f"SUPP{s.dataset}", s.qnam) for s in specs.supplements()}
    for form in forms_of(study).forms:
        for note in (note for question in form.questions for note in annotated(form, question)):
            if note.dataset.startswith("SUPP"):
                assert (note.dataset, note.value) in qualifiers, note
            elif note.dataset:
                assert note.variable in {variable.name for variable in specs.variables(note.dataset)}, note
            else:
                assert note.text.startswith("[NOT SUBMITTED] ")


@pytest.mark.parametrize("study", STUDIES)
def test_every_captured_field_stands_on_a_form_under_its_label(study: str) -> None:
    drawn = {(form.table, question.column): question.label for form in forms_of(study).forms for question in form.questions}
    captured = {
        (name, column): field.label
        for name, form in CAPTURED.items()
        for column, field in fields(form).items()
        if (name, column) != ("assessment", "answers")
    }
    without = {key for key in captured if key[0] == "assessment" and not read_study_instruments(study)}

    assert {key: drawn.get(key) for key in captured if key not in without} == {
        key: label for key, label in captured.items() if key not in without
    }


def read_study_instruments(study: str) -> dict[str, int]:
    """The instruments that a study document has in force."""
    return read_study(Path(ROOT / "seed" / "studies" / f"{study}.toml").read_text("utf-8")).instruments


@pytest.mark.parametrize("study", STUDIES)
def test_every_visit_finds_the_forms_that_it_asks_for(study: str) -> None:
    paths = {form.path for form in forms_of(study).forms}

    assert [(visit.visit, path) for visit in forms_of(study).visits for path in visit.forms if path not in paths] == []


def test_an_instrument_has_a_question_an_item_under_its_label() -> None:
    sledai = next(form for form in forms_of("kn5601-demo").forms if form.path == "assessments/SLEDAI-2K")
    items = [question for question in sledai.questions if question.testcd]

    assert len(items) == 24
    assert {question.choices for question in items} == {("PRESENT", "ABSENT")}
    assert annotated(sledai, items[0])[0].text == "RSORRES when RSTESTCD = S2KSEIZ"
