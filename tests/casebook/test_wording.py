"""A text that would refuse a package at its export is asked about when it is entered."""

from __future__ import annotations

import pytest

from seed.client import Body
from tests.casebook import build
from tests.casebook.build import DEMO, MISREAD, SUBJECT, Service

TEXTS: dict[str, tuple[Body, str]] = {
    "adverse-events": ({"aespid": "1", "aestdtc": "2025-03-04"}, "aeterm"),
    "medications": ({"cmcat": "OTHER"}, "cmtrt"),
    "medical-history": ({}, "mhterm"),
    "comments": ({}, "coval"),
}


@pytest.mark.parametrize("path", TEXTS)
def test_a_text_that_cannot_be_sent_is_asked_about_until_it_is_written_anew(service: Service, path: str) -> None:
    body, field = TEXTS[path]
    rule = f"check_wording_{path.replace('-', '_').removesuffix('s')}"
    entered = build.enter(service, path, body | {field: "Rash 皮疹 ≥ 2 cm\u200d"})
    (record,) = entered["records"]
    corrected = service.site.correct(DEMO, SUBJECT, path, record, {field: "Éruption ≥ 2 cm"}, MISREAD)

    (asked,) = entered["queries"]
    assert (rule, record["record_id"], "open") == (asked["rule"], asked["record_id"], asked["state"])
    assert "that cannot be sent: 皮 疹 U+200D." in asked["text"]
    assert [(rule, "closed")] == [(one["rule"], one["state"]) for one in corrected["queries"]]
