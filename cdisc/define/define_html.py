"""
A define.xml as a page that opens in any browser, offline.

By the stylesheet that reviewers know (define2-1.xsl, MIT licence, Lex Jansen), as defineutils ships it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import defineutils  # type: ignore[import-untyped]
from lxml import etree  # type: ignore[import-untyped]

STYLESHEET = Path(defineutils.__file__).parent / "definehtml" / "define2-1.xsl"
SHOWN = {"nCodeListItemDisplay": "8", "displayCommentsTable": "1", "displayLengthDFormatSD": "1"}
"""What the page shows beyond the stylesheet's own choice: all comments, and the decimals of a number."""


@cache
def _transform() -> etree.XSLT:
    return etree.XSLT(etree.parse(STYLESHEET))


def encode(define_xml: bytes) -> bytes:
    """The HTML of a define.xml, with its styles and scripts within; the same document gives the same bytes."""
    page = _transform()(etree.fromstring(define_xml), **SHOWN)
    written: bytes = etree.tostring(page, method="html", encoding="UTF-8")
    return written + b"\n"
