"""The annotated CRF: bookmarks, annotations, the pages that define.xml refers to, and that it is always the same bytes."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from io import BytesIO
from typing import Any

from lxml import etree  # type: ignore[import-untyped]
from pypdf import PdfReader

from cdisc.acrf import drawing, pages
from cdisc.crf import Crf
from cdisc.define import define_xml
from cdisc.sdtm import datasets as sdtm
from tests.cdisc import build, forms

DEF = "{http://www.cdisc.org/ns/def/v2.1}"


@cache
def document() -> PdfReader:
    """The annotated CRF of the small study."""
    return PdfReader(BytesIO(drawing.encode(build.trial())))


def noted(number: int) -> dict[str, str]:
    """The FreeText annotations of a page (from 1) with their colour in the appearance stream."""
    found = {}
    for reference in document().pages[number - 1].get("/Annots", []):
        annotation = reference.get_object()
        if annotation["/Subtype"] == "/FreeText":
            found[annotation["/Contents"]] = annotation["/AP"]["/N"].get_object().get_data().decode().split(" rg")[0]
    return found


def bookmarks(outline: Any) -> list[Any]:
    """The outline as nested lists of (title, page from 1)."""
    reader = document()
    return [
        bookmarks(each) if isinstance(each, list) else (each.title, (reader.get_destination_page_number(each) or 0) + 1)
        for each in outline
    ]


def test_it_is_bookmarked_by_visit_and_by_form() -> None:
    tree = bookmarks(document().outline)
    by_visit, by_form = tree[tree.index(("By visit", 2)) + 1], tree[-1]

    assert by_visit[:2] == [("SCREENING", 5), [("SLEDAI-2K", 5)]]
    assert by_visit[4:] == [
        ("M1", 4),
        [("Toxicity Observation", 4), ("SLEDAI-2K", 5)],
        ("Outside the planned visits", 3),
        [("Adverse Event", 3), ("Product Lot", 6)],
    ]
    assert by_form == [("Adverse Event", 3), ("Product Lot", 6), ("SLEDAI-2K", 5), ("Toxicity Observation", 4)]


def test_each_answer_is_annotated_and_what_is_not_submitted_says_why() -> None:
    assert set(noted(3)) == {
        "AE = Adverse Events",
        "AETERM",
        "AEENRTPT = ONGOING",
        "AEENTPT = LAST CONTACT",
        "AETOXSCL in SUPPAE",
    }
    assert "RSORRES when RSTESTCD = S2KRASH" in noted(5)
    assert set(noted(6)) == {
        "EC = Exposure as Collected",
        "ECLOT",
        "[NOT SUBMITTED] quality data of a lot belong to no subject",
    }


def test_the_annotations_of_one_domain_share_a_colour_and_two_domains_do_not() -> None:
    page = noted(4)

    assert page["VSORRES when VSTESTCD = TEMP"] == page["VS = Vital Signs"]
    assert page["FAORRES when FATESTCD = HYPOTENS"] == page["FA = Findings About Events or Interventions"]
    assert page["VS = Vital Signs"] != page["FA = Findings About Events or Interventions"]


def test_the_pages_that_define_xml_refers_to_carry_the_annotation() -> None:
    trial = build.trial()
    defined = etree.fromstring(define_xml.encode(sdtm.datasets(build.frames(), trial), trial))
    leaf = {leaf.get("ID"): leaf.get("{http://www.w3.org/1999/xlink}href") for leaf in defined.iter(f"{DEF}leaf")}
    referred = 0

    for item in (place.getparent().getparent().getparent() for place in defined.iter(f"{DEF}PDFPageRef")):
        pages = item.find(f".//{DEF}PDFPageRef").get("PageRefs").split()
        dataset, variable, *value = item.get("OID").removeprefix("IT.").split(".")
        words = [text for number in pages for text in noted(int(number))]
        assert any(variable in text or (value and value[0] in text) or dataset in text for text in words), item.get("OID")
        referred += 1
    assert referred >= 10
    assert leaf["LF.ACRF"] == "../acrf.pdf"


def test_the_schedule_ends_above_the_footer_however_many_forms_there_are() -> None:
    many = tuple(replace(forms.CRF.forms[0], path=f"form-{n}", title=f"F{n}: {'a long name ' * 9}") for n in range(45))
    reader = PdfReader(BytesIO(drawing.encode(build.trial(crf=replace(forms.CRF, forms=many)))))
    heights: dict[str, float] = {}

    def seen(text: str, _: Any, at: list[float], *more: Any) -> None:
        heights[text.strip()] = at[5]

    reader.pages[1].extract_text(visitor_text=seen)

    footer = next(high for text, high in heights.items() if text.startswith("Page 2 of"))
    note = next(high for text, high in heights.items() if text.startswith("A form without a mark"))
    assert heights["F44"] > note > footer + 15


def test_references_are_by_variable_and_by_test() -> None:
    found = pages.references(forms.CRF)

    assert found["VS", "VSORRES", "TEMP"] == found["VS", "VSORRES", ""] == (4,)
    assert found["SUPPAE", "QVAL", "AETOXSCL"] == (3,)
    assert ("", "", "") not in found


def test_two_of_one_cut_are_byte_for_byte_equal_and_stamped_by_it() -> None:
    """F4: no wall clock and no random identifier."""
    metadata = document().metadata

    assert drawing.encode(build.trial()) == drawing.encode(build.trial())
    assert metadata is not None
    assert [str(metadata[name]) for name in ("/CreationDate", "/ModDate")] == ["D:20250630120005Z"] * 2


def test_a_study_without_forms_has_a_cover_all_the_same() -> None:
    empty = PdfReader(BytesIO(drawing.encode(build.trial(crf=Crf((), ())))))

    assert len(empty.pages) == 1
