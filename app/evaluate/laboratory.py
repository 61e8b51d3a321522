"""Laboratory and computed measures on the bench: CTCAE, filtration, renal response, body surface, prednisone equivalent."""

from __future__ import annotations

from decimal import Decimal

from app.evaluate.answers import Answer, graded, reasons, truth
from app.evaluate.inputs import BadCase, Inputs
from app.rules.dosing import bsa as surface
from app.rules.efficacy import renal, steroids
from app.rules.exact import decimal
from app.rules.laboratory import egfr
from app.rules.laboratory.ctcae import RULES, LabResult, ctcae_lab, terms


def ctcae(case: Inputs, version: str) -> Answer:
    """CTCAE_LAB: a result by the version of the case."""
    known = {name.removesuffix(".0"): name for name in RULES} | {name: name for name in RULES}
    if version not in known:
        raise BadCase("unknown_version", f"the versions known are {', '.join(RULES)}", "/version")
    term = case.needed("term", case.word("term", {term for each in RULES for term in terms(each)}))
    result = LabResult(
        term=term,
        value=case.number("value"),
        unit=case.text("unit"),
        qualifier=case.word("qualifier", ("<", ">")),
        lln=case.number("lln"),
        uln=case.number("uln"),
        baseline=case.number("baseline"),
        baseline_status=case.word("baseline_status", ("NORMAL", "HIGH", "LOW")),
        symptomatic=case.truth("symptomatic"),
        anticoagulated=case.truth("anticoagulated"),
    )
    return graded(ctcae_lab(known[version], result))


def egfr_by_age(case: Inputs, _: str) -> Answer:
    """EGFR: the formula follows from the age."""
    age = case.needed("age_years", case.number("age_years", most=150))
    sex = case.word("sex", ("F", "M"))
    found = egfr.egfr(age, sex, case.number("height_cm"), case.number("creatinine"), case.text("unit"))
    formula = "bedside_schwartz_2009" if found.rule is egfr.SCHWARTZ else "ckd_epi_2021"
    return Answer(found.rule, {"formula": formula, "egfr": found.amount} | reasons(found))


def egfr_schwartz(case: Inputs, _: str) -> Answer:
    """EGFR_BEDSIDE_SCHWARTZ: whatever the age."""
    found = egfr.egfr_schwartz(case.number("height_cm"), case.number("creatinine"), case.text("unit"))
    return Answer(found.rule, {"value": found.amount, "tolerance": Decimal("0.1"), "unit": egfr.UNIT} | reasons(found))


def bsa(case: Inputs, _: str) -> Answer:
    """BSA_MOSTELLER: in square metres."""
    found = surface.bsa(case.number("height_cm"), case.number("weight_kg"))
    return Answer(found.rule, {"value": found.amount, "tolerance": Decimal("0.01"), "unit": "m2"} | reasons(found))


def renal_response(case: Inputs, _: str) -> Answer:
    """RENAL_RESPONSE: complete and primary efficacy renal response."""
    upcr, rescue = case.number("upcr_g_g"), case.truth("rescue")
    now, before = case.number("egfr"), case.number("egfr_preflare")
    complete, primary = renal.crr(upcr, now, before, rescue), renal.perr(upcr, now, before, rescue)
    result = {"crr_bliss_ln": truth(complete), "perr": truth(primary), "crr_reasons": reasons(complete)}
    return Answer(complete.rule, result | {"perr_reasons": reasons(primary)})


def prednisone(case: Inputs, _: str) -> Answer:
    """PREDNISONE_EQUIVALENT: of one drug."""
    drug, mg = case.needed("drug", case.text("drug")), case.number("dose_mg_per_day")
    amount = None if mg is None else steroids.equivalent(drug, mg)
    missing = [] if amount is not None else [f"prednisone equivalent of {drug}"]
    result = {"prednisone_equivalent_mg_per_day": None if amount is None else decimal(amount), "missing": missing}
    return Answer(steroids.RULE, result)
