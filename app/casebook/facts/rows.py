"""What a row says of itself: a yes or no as a truth, where it stands, its instrument's document, a weight in kilograms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from app.casebook.ledger import Row
from app.rules.instrument import Instrument
from app.rules.verdict import Source, Truth

Rows = Mapping[str, Sequence[Row]]
"""Live rows by the name of their table."""
Instruments = Mapping[tuple[str, int], Instrument]
"""The documents of instruments by name and version."""

TIMES_A_DAY = {"QD": 1, "BID": 2, "TID": 3, "QID": 4, "Q12H": 2, "Q8H": 3, "Q6H": 4, "QAM": 1, "QPM": 1, "QHS": 1}
"""How many times a day a drug is given, by its frequency."""
EVERY_DAYS = {"QOD": 2, "Q2D": 2, "EVERY WEEK": 7, "Q3D": 3, "EVERY 2 WEEKS": 14, "EVERY 4 WEEKS": 28, "ONCE": 1}
"""Every how many days a drug is given, by its frequency."""


def truth(answer: str | None) -> Truth:
    """A yes/no of codelist NY as a truth: U and null are unknown."""
    return {"Y": True, "N": False}.get(answer or "")


def document(assessment: Row, instruments: Instruments) -> Instrument:
    """The document by which an assessment was answered: that of its own version."""
    return instruments[assessment["instrument"], assessment["instrver"]]


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
