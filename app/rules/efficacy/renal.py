"""
Response in lupus nephritis as in BLISS-LN: complete renal response (CRR) and primary efficacy renal response (PERR).

CRR: urine protein to creatinine below 0.5 g/g, eGFR of 90 or more or not more than 10 % below its value before the flare, no
rescue. PERR: 0.7 g/g or less, eGFR of 60 or more or not more than 20 % below, no rescue. Both ask for at most 10 mg of
prednisone a day at a visit from week 24 on. eGFR in mL/min/1.73 m2. The value before the flare must have been recorded; where
it is missing a filtration rate above the fixed limit is enough.

Rulings. In a casebook the ratio and the creatinine are the results nearest to the day of the visit, at most 7 days from it and
of two as near the later; 50 mg/mmol stand for 0.5 g/g, as in `crosscheck`; the rate is that of `egfr`. The value before the
flare is an estimated rate of the category BEFORE FLARE among the laboratory results. Rescue is an intercurrent failure. Week 24
begins on day 168 after the first infusion; on the bench, which is told of no dose, the glucocorticoid is not asked.

Disputed. KDIGO 2024 and SHARE define a complete response otherwise (KDIGO: function within 10 to 15 %; SHARE: UPCR below 50
mg/mmol in the early morning and eGFR above 90); the trial's definition is meant here.

Source: Furie R et al. N Engl J Med 2020;383:1117-1128 (read in the sponsor's summary).
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from app.rules.exact import plain
from app.rules.verdict import Criterion, Evidence, Rule, Truth, Verdict, answered, any_of, judge, not_

_SOURCE = "Furie R et al. N Engl J Med 2020;383:1117-1128"
CRR_RULE = Rule("crr", "1", "Complete renal response (BLISS-LN)", _SOURCE)
PERR_RULE = Rule("perr", "1", "Primary efficacy renal response", _SOURCE)
CRR_PROTEIN_BELOW = Decimal("0.5")
PERR_PROTEIN_TO = Decimal("0.7")
MOST_MG, WEEK_24 = Decimal(10), 168
"""Prednisone a day, asked from that day after the first infusion on."""
UNIT = "mL/min/1.73m2"


def _filtration(now: Decimal | None, before: Decimal | None, enough: int, share: Fraction) -> Criterion:
    absolute = None if now is None else now >= enough
    kept = None if now is None or before is None else Fraction(now) >= share * Fraction(before)
    because = (Evidence("eGFR", plain(now), UNIT), Evidence("eGFR before the flare", plain(before), UNIT))
    missing = tuple(fact.what for fact in because if fact.value is None)
    limits = (Evidence("enough", str(enough), UNIT), Evidence("or of the value before the flare", plain(100 * share), "%"))
    return Criterion("filtration", any_of((absolute, kept)), (*because, *limits), missing)


def _protein(holds: Truth, upcr: Decimal | None, limit: Evidence) -> Criterion:
    return Criterion("proteinuria", holds, (Evidence("UPCR", plain(upcr), "g/g"), limit), ("UPCR",))


def _rescue(rescue: Truth) -> Criterion:
    return Criterion("no_rescue", not_(rescue), (answered("rescue treatment", rescue),), ("rescue treatment",))


def crr(upcr_g_g: Decimal | None, egfr: Decimal | None, before: Decimal | None, rescue: Truth, about: str = "M6") -> Verdict:
    """Complete renal response about a timepoint; `before`: the eGFR before the flare."""
    limit = Evidence("below", plain(CRR_PROTEIN_BELOW), "g/g")
    protein = _protein(None if upcr_g_g is None else upcr_g_g < CRR_PROTEIN_BELOW, upcr_g_g, limit)
    return judge(CRR_RULE, about, (protein, _filtration(egfr, before, 90, Fraction(9, 10)), _rescue(rescue)))


def perr(upcr_g_g: Decimal | None, egfr: Decimal | None, before: Decimal | None, rescue: Truth, about: str = "M6") -> Verdict:
    """Primary efficacy renal response about a timepoint; `before`: the eGFR before the flare."""
    limit = Evidence("at most", plain(PERR_PROTEIN_TO), "g/g")
    protein = _protein(None if upcr_g_g is None else upcr_g_g <= PERR_PROTEIN_TO, upcr_g_g, limit)
    return judge(PERR_RULE, about, (protein, _filtration(egfr, before, 60, Fraction(4, 5)), _rescue(rescue)))
