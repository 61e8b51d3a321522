"""define.xml as a page: everything is there, nothing is fetched, and it is always the same bytes."""

from __future__ import annotations

import re
from functools import cache

from lxml import html  # type: ignore[import-untyped]

from cdisc.define import define_html, define_xml
from cdisc.sdtm import datasets as sdtm
from tests.cdisc import build


@cache
def rendered() -> bytes:
    """The page of the small study's define.xml."""
    return define_html.encode(define_xml.encode(sdtm.datasets(build.frames(), build.trial()), build.trial()))


def test_it_holds_every_dataset_and_every_variable() -> None:
    anchors = set(html.fromstring(rendered()).xpath("//a/@id | //*[@id]/@id | //a/@name"))
    text = rendered().decode()

    for name, frame in sdtm.datasets(build.frames(), build.trial()).items():
        assert f"IG.{name}" in anchors
        assert all(column in text for column in frame.columns)


def test_its_inner_links_lead_somewhere_and_its_outer_ones_lie_in_the_package() -> None:
    page = html.fromstring(rendered())
    anchors = set(page.xpath("//*[@id]/@id | //a/@name"))
    links = set(page.xpath("//a/@href"))

    assert {link for link in links if link.startswith("#")} - {f"#{anchor}" for anchor in anchors} <= {"#"}
    outer = {link.split("#")[0] for link in links if not link.startswith(("#", "javascript:"))}
    assert all(link.endswith(".xpt") or link in ("../acrf.pdf", "../csdrg.pdf") for link in outer), outer


def test_it_fetches_nothing() -> None:
    assert re.findall(rb'<(?:script|link|img|iframe)[^>]+(?:src|href)="', rendered()) == []


def test_two_of_one_cut_are_byte_for_byte_equal() -> None:
    """F4: exporting the same cut again gives identical files."""
    document = define_xml.encode(sdtm.datasets(build.frames(), build.trial()), build.trial())

    assert define_html.encode(document) == define_html.encode(document) == rendered()
