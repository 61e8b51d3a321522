"""Lupus beside the endpoints on the bench: SLEDAI-2K ticks beside their data, BILAG-2004 grades from items."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from app.evaluate.answers import Answer, reasons, told
from app.evaluate.inputs import NOT_DONE, Inputs
from app.rules.efficacy import bilag_haematology, crosscheck, sledai
from app.rules.efficacy.bilag import DOMAINS
from app.rules.efficacy.bilag_haematology import bilag_haematology as haematology
from app.rules.efficacy.bilag_items import bilag_from_items, grade_of, items_of
from app.rules.efficacy.bilag_renal import Measured, RenalFindings, bilag_renal
from app.rules.verdict import Truth, Verdict

PER_FIELD = {"hematuria": "rbc_hpf", "pyuria": "wbc_hpf"}
COUNTS = {"thrombocytopenia": "platelets", "leukopenia": "wbc"}


def _celsius(seen: Inputs) -> Fraction | None:
    celsius, fahrenheit = seen.number("temp_c", least=None), seen.number("temp_f", least=None)
    if celsius is None and fahrenheit is not None:
        return (Fraction(fahrenheit) - 32) * 5 / 9
    return None if celsius is None else Fraction(celsius)


def _observation(descriptor: str, seen: Inputs) -> crosscheck.Observation:
    complement = {name.upper(): (seen.number(name), seen.number(f"{name}_lln")) for name in ("c3", "c4", "ch50")}
    return crosscheck.Observation(
        upcr=seen.number("upcr"),
        protein_24h=seen.number("urine_protein_24h"),
        same_day=seen.truth("same_day"),
        cells_per_field=seen.number(PER_FIELD[descriptor]) if descriptor in PER_FIELD else None,
        casts=seen.text("casts"),
        complement=complement,
        anti_dsdna=seen.number("anti_dsdna"),
        uln=seen.number("uln"),
        count=seen.number(COUNTS[descriptor]) if descriptor in COUNTS else None,
        temperature_c=_celsius(seen),
        active_joints=seen.number("active_joints"),
        last_present_days=seen.whole("last_present_day_offset", least=None),
        unit=seen.text("unit"),
        protein_unit=seen.text("unit2") or seen.text("unit"),
        urine_culture=seen.text("urine_culture"),
        crs=seen.truth("crs") is True,
        study_day=seen.whole("study_day", least=None),
        sample_day=seen.whole("sample_day_offset_from_visit", least=None) or 0,
        sampled_on=seen.moment("sample_date"),
        exclusion_reason=seen.text("exclusion_reason"),
    )


def sledai_crosscheck(case: Inputs, _: str) -> Answer:
    """SLEDAI_LAB_CROSSCHECK: one tick beside its data."""
    descriptor = case.needed("descriptor", case.word("descriptor", sledai.WEIGHTS))
    seen = case.part("observation") or Inputs({})
    found = crosscheck.crosscheck(descriptor, _observation(descriptor, seen), case.truth("investigator_entry"))
    result = {"derived_from_data": found.derived, "crosscheck": str(found.status), "message": found.message}
    return Answer(crosscheck.RULE, result | reasons(found.verdict))


def _not_done(items: Inputs, key: str) -> bool:
    return items.values.get("all_items") == NOT_DONE or items.values.get(key, 0) in (None, NOT_DONE)


def _score(items: Inputs, key: str) -> int | None:
    """0 to 4; an item that is not named was absent, null or ND was not done."""
    return None if _not_done(items, key) else items.whole(key, most=4) or 0


def _number(items: Inputs, key: str) -> Decimal | None:
    return None if _not_done(items, key) else items.number(key)


def _sign(items: Inputs, key: str) -> Truth:
    """Whether a finding is there; entered as true or false, or as a score above 0."""
    if _not_done(items, key):
        return None
    return items.truth(key) is True if isinstance(items.values.get(key, False), bool) else (items.whole(key, most=4) or 0) > 0


def _measured(items: Inputs, now: str, before: str) -> Measured:
    """A measurement beside that of the previous assessment, where the case names one: it is then missing where it is null."""
    asked = now in items.values or items.values.get("all_items") == NOT_DONE
    first = before not in items.values
    return Measured(_number(items, now) if asked else None, _number(items, before), asked, first)


def _renal(items: Inputs, ever_active: Truth) -> Verdict:
    seen = RenalFindings(
        protein_24h=_measured(items, "protein_24h_g", "protein_24h_prev"),
        upcr=_measured(items, "upcr_mg_mmol", "upcr_prev"),
        acr=_measured(items, "acr_mg_mmol", "acr_prev"),
        dipstick=_measured(items, "dipstick", "dipstick_prev"),
        creatinine=_measured(items, "creatinine_umol_l", "creatinine_prev"),
        gfr=_measured(items, "gfr", "gfr_prev"),
        systolic=_measured(items, "systolic", "systolic_prev"),
        diastolic=_measured(items, "diastolic", "diastolic_prev"),
        accelerated_hypertension=_sign(items, "accelerated_hypertension"),
        active_sediment=_sign(items, "active_sediment"),
        active_histology=_sign(items, "active_histology"),
        nephrotic_syndrome=_sign(items, "nephrotic_syndrome"),
    )
    return bilag_renal(seen, ever_active)


def _haematological(items: Inputs, ever_active: Truth) -> Verdict:
    all_open = items.values.get("all_items") == NOT_DONE
    asked = [name for name in bilag_haematology.LIMITS if all_open or name in items.values]
    counts: Mapping[str, Decimal | None] = {name: _number(items, name) for name in asked}
    findings = {name: _sign(items, name) for name in bilag_haematology.FINDINGS}
    due = _sign(items, "due_to_lymphodepletion")
    return haematology(counts, findings, _score(items, bilag_haematology.TTP), due, ever_active)


def bilag_grade(case: Inputs, _: str) -> Answer:
    """BILAG_2004_GRADE: one domain from its items."""
    domain = case.needed("domain", case.word("domain", DOMAINS))
    items, ever_active = case.part("inputs") or Inputs({}), case.truth("ever_active")
    if domain == "renal":
        found = _renal(items, ever_active)
    elif domain == "haematological":
        found = _haematological(items, ever_active)
    else:
        found = bilag_from_items(domain, {item: _score(items, item) for item in items_of(domain)}, ever_active)
    return Answer(found.rule, {"grade": grade_of(found), "because": told(found.evidence), "missing": list(found.missing)})
