"""
IEC-HS, haemophagocytic syndrome after immune effector cells: a screening flag for the investigator, who alone grades it.

Raised by ferritin above twice the upper limit of normal or twice the baseline together with at least one of: transaminases
above five times their limit or baseline, fibrinogen below 150 mg/dL or the lower limit, cytopenia that is new, worse or resists
treatment, haemophagocytosis. In lupus, macrophage activation in a flare looks the same: whether there is a flare is to be
recorded.

Rulings. In a casebook each ferritin that was certainly taken after the first infusion is screened with the transaminases, the
fibrinogen and the counts of its day. A cytopenia is new or worse where the CTCAE grade of the neutrophils, the platelets or the
haemoglobin is certainly above that of its baseline; there is none where all three were counted and none has a grade. One that
stood before resists treatment (transfusion, growth factor) where the investigator says so of an event in the category CYTOPENIA
that lasts on that day, and does not where that was denied of each; else it is open. Transfusions alone do not tell: the source
gives no number of them. That lymphodepletion explains a cytopenia the screen does not assume.
Haemophagocytosis that a tissue taken after the first infusion showed stands from then on; a tissue of the day that showed none
answers for that day; else it is open. A result reported as above a number is read as that number where this decides it
already, and is open where it does not.

Source: Hines MR et al. Transplant Cell Ther 2023;29:438.e1-438.e16 (the paper is confirmed, its table is recalled: unverified).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from app.rules.exact import plain
from app.rules.verdict import Criterion, Evidence, Rule, Truth, Value, Verdict, all_of, answered, any_of

RULE = Rule("iechs_screen", "1", "IEC-HS screening flag", "Hines MR et al. Transplant Cell Ther 2023;29:438 (table unverified)")
LOW_FIBRINOGEN = Decimal("1.5")
FERRITIN_TIMES, TRANSAMINASE_TIMES = 2, 5
"""How many times a limit or a baseline each must exceed."""


@dataclass(frozen=True, slots=True)
class HyperinflammationLabs:
    """Laboratory of one day; each result and its limits in one unit, fibrinogen in g/L; None is not recorded."""

    ferritin: Decimal | None
    ferritin_uln: Decimal | None
    ferritin_baseline: Decimal | None
    transaminase: Decimal | None
    transaminase_uln: Decimal | None
    transaminase_baseline: Decimal | None
    fibrinogen: Decimal | None
    fibrinogen_lln: Decimal | None
    cytopenia: Truth
    haemophagocytosis: Truth


def _exceeds(value: Decimal | None, factor: int, *references: Decimal | None) -> Truth:
    if value is None:
        return None
    return any_of(None if each is None else Fraction(value) > factor * Fraction(each) for each in references)


def _low(seen: HyperinflammationLabs) -> Truth:
    if seen.fibrinogen is None:
        return None
    below_range = None if seen.fibrinogen_lln is None else seen.fibrinogen < seen.fibrinogen_lln
    return any_of((seen.fibrinogen < LOW_FIBRINOGEN, below_range))


def iechs_screen(seen: HyperinflammationLabs, about: str = "subject") -> Verdict:
    """Flagged, clear, or not evaluable; never a grade."""
    ferritin = _exceeds(seen.ferritin, FERRITIN_TIMES, seen.ferritin_uln, seen.ferritin_baseline)
    liver = _exceeds(seen.transaminase, TRANSAMINASE_TIMES, seen.transaminase_uln, seen.transaminase_baseline)
    signs = {"transaminases": liver, "fibrinogen": _low(seen), "cytopenia": seen.cytopenia}
    signs["haemophagocytosis"] = seen.haemophagocytosis
    raised = Criterion("ferritin", ferritin, (Evidence("ferritin", plain(seen.ferritin)),))
    common = Criterion("common_sign", any_of(signs.values()), tuple(answered(name, truth) for name, truth in signs.items()))
    flagged = all_of((ferritin, common.holds))
    value = Value.FLAGGED if flagged else Value.CLEAR if flagged is False else Value.NOT_EVALUABLE
    open_ = {"ferritin": ferritin, **signs} if flagged is None else {}
    missing = tuple(name for name, truth in open_.items() if truth is None)
    shown = (*raised.because, Evidence("fibrinogen", plain(seen.fibrinogen), "g/L"))
    return Verdict(RULE, about, value, (raised, common), missing=missing, evidence=shown)
