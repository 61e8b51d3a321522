"""
Estimated glomerular filtration rate in mL/min/1.73 m2: bedside Schwartz below 18 years, CKD-EPI 2021 from the 18th birthday.

Schwartz: 0.413 x height in cm / creatinine in mg/dL. CKD-EPI 2021: 142 x min(Scr/k, 1)^a x max(Scr/k, 1)^-1.2 x 0.9938^age,
times 1.012 for a woman; k 0.7 and a -0.241 for a woman, 0.9 and -0.302 for a man. 88.4 umol/L of creatinine are 1 mg/dL.

Rulings. A change within one subject is measured by one formula throughout; on the 18th birthday the two differ by half. In a
casebook it is that of the age at the first infusion or, before there is one, at the sample. The height is the last one measured
up to the day of the sample. Age is in completed years; where the date of birth leaves two open and they differ in their
estimates, the rate lies between the two.

Disputed. CKiD U25 covers the ages of 1 to 25 years without a jump at 18; it is not used here.

Source: Schwartz GJ et al. J Am Soc Nephrol 2009;20:629-637; Inker LA et al. N Engl J Med 2021;385:1737-1749.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from app.rules.exact import DIGITS, plain, rounded
from app.rules.verdict import Evidence, Rule, Value, Verdict

SCHWARTZ = Rule("egfr_schwartz", "1", "eGFR (bedside Schwartz)", "Schwartz GJ et al. J Am Soc Nephrol 2009;20:629-637")
CKD_EPI = Rule("egfr_ckd_epi", "1", "eGFR (CKD-EPI 2021)", "Inker LA et al. N Engl J Med 2021;385:1737-1749")
ADULT_FROM = 18
UNIT = "mL/min/1.73m2"
MG_PER_DL: Mapping[str, Fraction] = {
    "mg/dL": Fraction(1),
    "mg/L": Fraction(1, 10),
    "umol/L": Fraction(10, 884),
    "mmol/L": Fraction(10000, 884),
}
PLACES = 4
_K = {"F": Decimal("0.7"), "M": Decimal("0.9")}
_POWER = {"F": Decimal("-0.241"), "M": Decimal("-0.302")}
_SEX = {"F": Decimal("1.012"), "M": Decimal(1)}


def creatinine_mg_per_dl(value: Decimal | None, unit: str | None) -> Fraction | None:
    """Creatinine in mg/dL, exactly; None where it is missing, not above 0, or its unit is not one of creatinine."""
    ratio = MG_PER_DL.get(unit or "")
    return None if value is None or value <= 0 or ratio is None else Fraction(value) * ratio


def _decimal(value: Fraction) -> Decimal:
    return DIGITS.divide(Decimal(value.numerator), Decimal(value.denominator))


def schwartz(height_cm: Decimal, creatinine: Fraction) -> Decimal:
    """Bedside Schwartz from height in cm and creatinine in mg/dL."""
    return rounded(_decimal(Fraction(413, 1000) * Fraction(height_cm) / creatinine), PLACES)


def ckd_epi(age_years: Decimal, sex: str, creatinine: Fraction) -> Decimal:
    """CKD-EPI 2021 from age in years, sex F or M, and creatinine in mg/dL."""
    ratio, one = DIGITS.divide(_decimal(creatinine), _K[sex]), Decimal(1)
    factors = (
        DIGITS.power(min(ratio, one), _POWER[sex]),
        DIGITS.power(max(ratio, one), Decimal("-1.200")),
        DIGITS.power(Decimal("0.9938"), age_years),
        _SEX[sex],
    )
    product = Decimal(142)
    for factor in factors:
        product = DIGITS.multiply(product, factor)
    return rounded(product, PLACES)


def _verdict(rule: Rule, about: str, amount: Decimal | None, facts: Mapping[str, tuple[str | None, str | None]]) -> Verdict:
    evidence = tuple(Evidence(what, shown, unit) for what, (shown, unit) in facts.items())
    missing = tuple(fact.what for fact in evidence if fact.value is None)
    if amount is None:
        return Verdict(rule, about, Value.NOT_EVALUABLE, missing=missing or ("creatinine in a known unit",), evidence=evidence)
    return Verdict(rule, about, Value.COMPUTED, amount=amount, evidence=evidence)


def egfr_schwartz(height_cm: Decimal | None, creatinine: Decimal | None, unit: str | None, about: str = "subject") -> Verdict:
    """Bedside Schwartz; not evaluable without height or creatinine, or in a unit that cannot be converted."""
    mg = creatinine_mg_per_dl(creatinine, unit)
    amount = None if height_cm is None or mg is None else schwartz(height_cm, mg)
    facts = {"height": (plain(height_cm), "cm"), "creatinine": (plain(creatinine), unit)}
    return _verdict(SCHWARTZ, about, amount, facts)


def egfr(
    age_years: Decimal,
    sex: str | None,
    height_cm: Decimal | None,
    creatinine: Decimal | None,
    unit: str | None,
    about: str = "subject",
) -> Verdict:
    """The estimate by the formula of the age in years; not evaluable where what that formula asks for is missing."""
    if age_years < ADULT_FROM:
        return egfr_schwartz(height_cm, creatinine, unit, about)
    return egfr_ckd_epi(age_years, sex, creatinine, unit, about)


def egfr_ckd_epi(
    age_years: Decimal, sex: str | None, creatinine: Decimal | None, unit: str | None, about: str = "subject"
) -> Verdict:
    """CKD-EPI 2021; not evaluable without creatinine or a sex of F or M, or in a unit that cannot be converted."""
    mg = creatinine_mg_per_dl(creatinine, unit)
    amount = None if mg is None or sex not in _K else ckd_epi(age_years, sex, mg)
    facts = {"age": (plain(age_years), "years"), "sex": (sex, None), "creatinine": (plain(creatinine), unit)}
    return _verdict(CKD_EPI, about, amount, facts)
