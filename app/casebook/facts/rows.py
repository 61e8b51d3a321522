"""What a row says of itself: a yes or no as a truth, where it stands, a weight in kilograms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from app.casebook.ledger import Row
from app.rules.verdict import Source, Truth

Rows = Mapping[str, Sequence[Row]]
"""Live rows by the name of their table."""


def truth(answer: str | None) -> Truth:
    """A yes/no of codelist NY as a truth: U and null are unknown."""
    return {"Y": True, "N": False}.get(answer or "")


def source(row: Row, form: str) -> Source:
    """Where a row stands."""
    return Source(form, str(row["record_id"]), row["version"])


def kilograms(row: Row) -> Decimal | None:
    """A weight as measured, in kilograms; None where its unit is another or its result no number."""
    try:
        number = Decimal(row["vsorres"] or "")
    except ArithmeticError:
        return None
    return {"kg": number, "g": number / 1000}.get(row["vsorresu"] or "")
