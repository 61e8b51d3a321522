"""A study document begun from forms that are defined in ODM: what a file says, no more, and what it does not say told."""

from __future__ import annotations

import io
import json
import tomllib
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.casebook.odm import archive_forms, draft
from app.casebook.odm.draft import FORMS, Draft
from app.casebook.studies import library
from app.casebook.studies.agreement import disagreements
from app.casebook.studies.documents import StudyDocument, checksum, read_study
from app.casebook.studies.instruments import read_instrument
from app.casebook.studies.library import Study
from app.errors import Invalid
from cdisc.odm import writing
from cdisc.odm.metadata import Event, Form, Item, ItemGroup, Metadata
from cdisc.odm.metadata import Study as Defined
from cdisc.odm.writing import Admin, Archive, Location
from seed.load import DEMO, instrument_documents, study_document

Json = dict[str, Any]
TOLD = ("study: study.origin is required", "study: visits.0.epoch is required", "study: product is required")
IN_THE_LOG = {form.__form__.path for form in FORMS.values() if form.__form__.visit == "never"}
"""Forms whose records belong to no visit, so that a file of ours defines them beside the visits."""
NOON = datetime(2025, 1, 1, 12, tzinfo=UTC)


def written(version: Metadata, title: str = "A study of forms") -> bytes:
    """A file of definitions alone, with one site."""
    about = Defined("ST.OTHER", "Other study/1", title, "P-1", (version,))
    admin = Admin((), (Location("L.SITE.07", "Hospital", "Site"),), ())
    writing.write(Archive("F", NOON, "b", about, admin, ()), file := io.BytesIO())
    return file.getvalue()


def ours() -> bytes:
    """The definitions of the demonstration, without the documents that an archive carries."""
    source = study_document(DEMO)
    document = read_study(source)
    study = Study(DEMO, 1, checksum(source), document, library.settings(document))
    planned = [visit.visit for visit in document.visits]
    instruments = library.read_instruments(instrument_documents())
    return written(archive_forms.metadata(study, "2025-01-01", planned, instruments, ()), document.study.title)


@pytest.fixture(scope="module")
def begun() -> Draft:
    return draft.draft(ours())


def test_a_draft_has_the_visits_and_forms_that_the_file_defines(begun: Draft) -> None:
    document, made = read_study(study_document(DEMO)), tomllib.loads(begun.study)

    assert [(visit.visit, set(visit.forms) - IN_THE_LOG) for visit in document.visits] == [
        (visit["visit"], set(visit["forms"])) for visit in made["visits"]
    ]
    assert document.instruments.keys() <= made["instruments"].keys() == begun.instruments.keys()
    assert ("OTHER-STUDY-1", document.study.title) == (made["study"]["id"], made["study"]["title"])
    assert [{"siteid": "07", "name": "Hospital"}] == made["sites"]
    assert () == begun.left


def test_its_instruments_ask_what_those_of_the_file_ask(begun: Draft) -> None:
    for source in instrument_documents():
        theirs = read_instrument(source)
        drawn = read_instrument(begun.instruments[theirs.id])
        assert (theirs.domain, theirs.title, theirs.source) == (drawn.domain, drawn.title, drawn.source)
        for one, other in zip(theirs.items, drawn.items, strict=True):
            assert (one.key, one.testcd, one.type, one.label) == (other.key, other.testcd, other.type, other.label)
            assert (one.least, one.most, one.unit) == (other.least, other.most, other.unit)
            assert [(a.value, a.original) for a in one.answers] == [(a.value, a.original) for a in other.answers]


def test_what_the_file_does_not_say_is_told_and_once_it_is_written_the_draft_is_a_document(begun: Draft) -> None:
    """Nothing is guessed: neither where the data come from, nor the product, nor a visit's epoch."""
    whole, made = (tomllib.loads(text, parse_float=Decimal) for text in (study_document(DEMO), begun.study))
    made["study"]["origin"] = "collected"
    for visit, known in zip(made["visits"], whole["visits"], strict=True):
        visit["epoch"] = known["epoch"]
    made["sites"][0]["country"] = "CHN"
    lacking = {words.split(": ", 1)[1].split()[0].split(".")[0] for words in begun.lacks}
    made |= {name: whole[name] for name in lacking - {"study", "visits", "sites"}}

    document = StudyDocument.model_validate_json(json.dumps(made, default=str))

    assert [] == disagreements(document)
    assert set(TOLD) <= set(begun.lacks)


def other(*items: Item, domain: str = "") -> bytes:
    """A file of another system's with one form at one visit."""
    groups = (ItemGroup("IG_1", "Group", domain, items),)
    forms = (Form("F_QOL", 'Life & "health"', "Words", ("IG_1",)),)
    events = (Event("E1", "WEEK 1", "Scheduled", (("F_QOL", False),)),)
    return written(Metadata("MDV.1", "1", "", "2025-01-01", events, forms, groups, ()))


def test_a_form_of_fields_is_asked_for_by_its_path_and_says_which_item_no_field_holds() -> None:
    items = [Item(f"I.{name}", name, name, "text") for name in ("AETERM", "AESTDTC", "AESER", "COLOUR")]

    made = draft.draft(other(*items, domain="AE"))

    assert ["adverse-events"] == tomllib.loads(made.study)["visits"][0]["forms"]
    assert ('Life & "health": COLOUR (COLOUR): no field holds it',) == made.left
    assert {} == made.instruments


def test_any_other_form_becomes_an_instrument_of_the_items_that_one_can_ask_for() -> None:
    items = (
        Item("I.1", "1 Sleep", 'How do you "sleep"?', "text", choices=(("0", "Well"), ("1", "Badly"))),
        Item("I.2", "WALK", "Steps", "integer", unit="steps"),
        Item("I.3", "WHY", "Why", "text"),
    )

    made = draft.draft(other(*items))

    drawn = read_instrument(made.instruments["F_QOL"])
    assert [("item_1", "ITEM1", "choice"), ("walk", "WALK", "integer")] == [(i.key, i.testcd, i.type) for i in drawn.items]
    assert ["assessments/F_QOL"] == tomllib.loads(made.study)["visits"][0]["forms"]
    assert ('Life & "health": Why (WHY): an instrument asks for no free text and no date',) == made.left


def test_a_form_of_findings_in_columns_and_of_cdash_dates_is_one_of_ours() -> None:
    """CDASH: SYSBP_VSORRES beside VSDAT; a form says what it is by its domain, whatever else it asks."""
    findings = [Item(f"I.{name}", name, name, "float") for name in ("SYSBP_VSORRES", "WEIGHT", "VSDAT")]
    events = [Item(f"I.{name}", name, name, "integer") for name in ("TERM1", "ONSET", "AESTDAT")]

    assert ["vital-signs"] == tomllib.loads(draft.draft(other(*findings)).study)["visits"][0]["forms"]
    assert ["adverse-events"] == tomllib.loads(draft.draft(other(*events, domain="AE")).study)["visits"][0]["forms"]
    assert ["assessments/F_QOL"] == tomllib.loads(draft.draft(other(*events)).study)["visits"][0]["forms"]


VENDOR = (Path(__file__).parent / "vendor.xml").read_bytes()
"""Definitions as another system exports them: a namespace of its own, two languages, orders, soft checks, two units."""


@pytest.fixture(scope="module")
def foreign() -> Draft:
    return draft.draft(VENDOR)


def test_what_a_vendor_adds_is_left_out_and_the_standard_says_the_rest(foreign: Draft) -> None:
    """In the order that the file states, in English where it says it so."""
    made, quality = tomllib.loads(foreign.study), tomllib.loads(foreign.instruments["QUALITY"])

    assert ["Screening", "Baseline and first day of dosing, for all wh"[:40]] == [visit["visit"] for visit in made["visits"]]
    assert ["assessments/QUALITY"] == made["visits"][0]["forms"]
    assert ["How do you feel?", "Pain", "Weight", "Pulse"] == [item["label"] for item in quality["items"]]
    assert ["good", "bad"] == [answer["original"] for answer in quality["items"][0]["answers"]]
    assert (60, "beats/min") == (quality["items"][3]["least"], quality["items"][3]["unit"])


def test_what_has_no_place_in_a_draft_is_told_item_by_item(foreign: Draft) -> None:
    assert (
        "Baseline and first day of dosing, for all who have none yet: a visit's name has at most 40 characters",
        "Quality of life: Why (WHY): an instrument asks for no free text and no date",
        "Quality of life: Weight (KILOS): which of its units (kg, lb) an answer has is not asked",
        "Quality of life: Pulse (BEATS): its check (hard LT 300) is none that an item makes",
        "Quality of life: Pulse (BEATS): its check (soft LE 200) is none that an item makes",
    ) == foreign.left


def test_forms_of_one_name_are_told() -> None:
    alike = VENDOR.replace(b'OID="TWO"', b'OID="quality"').replace(b'FormOID="TWO"', b'FormOID="quality"')

    assert "QUALITY: 2 forms have this name, one is drafted" in draft.draft(alike).lacks


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"no XML", "not XML"),
        (b"<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/hostname'>]><x>&y;</x>", "document type"),
        (other().replace(b'"E1" Name', b'"E2" Name'), "E1"),
        (VENDOR.replace(b'<CodeList OID="LIST"', b'<CodeList OID="L"'), "LIST"),
        (VENDOR.replace(b'<ItemGroupDef OID="GROUP"', b'<ItemGroupDef OID="G"'), "GROUP"),
        (VENDOR.replace(b"odm/v1.3", b"odm/v1.2"), "v1.2"),
    ],
    ids=["no XML", "an entity from outside", "no visit", "no list of answers", "no group", "an older standard"],
)
def test_a_file_that_defines_no_study_is_refused_in_words(raw: bytes, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        draft.draft(raw)

    assert "not_odm" == refused.value.code
    assert says in refused.value.detail
