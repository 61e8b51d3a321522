"""
Body surface area by Mosteller: the square root of height in cm times weight in kg over 3600, in square metres.

Source: Mosteller RD. N Engl J Med 1987;317:1098 (recalled, to be verified before a regulatory claim).
"""

from __future__ import annotations

from decimal import Decimal

from app.rules.exact import DIGITS, plain, rounded
from app.rules.verdict import Evidence, Rule, Value, Verdict

RULE = Rule("bsa", "1", "Body surface area", "Mosteller RD. N Engl J Med 1987;317:1098 (unverified)")
PLACES = 4


def square_metres(height_cm: Decimal, weight_kg: Decimal) -> Decimal:
    """The surface in m2, rounded at the fourth place."""
    return rounded(DIGITS.divide(DIGITS.multiply(height_cm, weight_kg), Decimal(3600)).sqrt(DIGITS), PLACES)


def bsa(height_cm: Decimal | None, weight_kg: Decimal | None, about: str = "subject") -> Verdict:
    """The surface in m2; not evaluable without both height and weight."""
    measures = {"height": (height_cm, "cm"), "weight": (weight_kg, "kg")}
    amount = None if height_cm is None or weight_kg is None else square_metres(height_cm, weight_kg)
    value = Value.NOT_EVALUABLE if amount is None else Value.COMPUTED
    missing = tuple(what for what, (number, _) in measures.items() if number is None)
    evidence = tuple(Evidence(what, plain(number), unit) for what, (number, unit) in measures.items())
    return Verdict(RULE, about, value, amount=amount, missing=missing, evidence=evidence)
