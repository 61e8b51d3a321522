"""
The inputs of a case in one cell: `hypotension=yes; oxygen_percent=39.9; vasopressors=?`.

`yes` and `no`; `?` was asked and not recorded; numbers as decimals with their digits; anything else is a word.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from app.rules.efficacy.bilag_items import grade_of
from app.rules.verdict import Verdict

WORDS: dict[str, Any] = {"yes": True, "no": False, "?": None}


def given(cell: str) -> dict[str, Any]:
    """The inputs by name."""
    pairs = (part.split("=", 1) for part in cell.split("; ") if part)
    return {name: value(text) for name, text in pairs}


def value(text: str) -> Any:
    """One input."""
    if text in WORDS:
        return WORDS[text]
    return Decimal(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else text


def number(cell: str) -> Decimal | None:
    """A number; an empty cell is not recorded."""
    return Decimal(cell) if cell else None


def graded(case: dict[str, str], verdict: Verdict) -> None:
    """A BILAG grade is that of its row, and what leaves it open is named."""
    assert (case["grade"] or None) == grade_of(verdict)
    assert (case["grade"] == "") == bool(verdict.missing)
