"""
A verdict in plain sentences, from the verdict alone: what it says, which criteria decided it, on what, and what was missing.

The same sentences come from a verdict read back from its stored form, see `verdict.from_json`.
"""

from __future__ import annotations

from decimal import Decimal

from app.rules.efficacy import bilag_forms, crosscheck
from app.rules.efficacy.bilag_items import GRADES
from app.rules.efficacy.sri import POINTS
from app.rules.exact import plain
from app.rules.laboratory import egfr
from app.rules.safety import crs_treatment, infusion_reaction
from app.rules.verdict import Criterion, Evidence, Truth, Value, Verdict

ASKED = {
    **{f"sledai2k_drop_ge_{n}": f"a fall of SLEDAI-2K by {n} points or more" for n in POINTS},
    **{f"csledai_drop_ge_{n}": f"a fall of the clinical SLEDAI-2K by {n} points or more" for n in POINTS},
    "no_new_bilag_worsening": "no new BILAG A and at most one new B",
    "pga_not_worsened": "a PGA that has not worsened",
    "no_intercurrent_failure": "no intercurrent failure",
    "all_baseline_A_B_improved": "every BILAG A and B of baseline improved",
    "sledai2k_not_increased": "a SLEDAI-2K that has not increased",
    "c1_sledai_le4_no_major_organ": "a SLEDAI-2K of 4 or less with no activity in a major organ, haemolysis or gut activity",
    "c2_no_new_features": "no new feature since the previous assessment",
    "c3_pga_le_1": "a PGA of 1 or less",
    "c4_glucocorticoid": "a glucocorticoid dose within the limit",
    "c5_background_therapy": "well tolerated standard background therapy",
    "cSLEDAI_eq_0": "a clinical SLEDAI-2K of 0",
    "pga_lt_0_5": "a PGA below 0.5",
    "SLEDAI_eq_0": "a SLEDAI-2K of 0",
    "glucocorticoid": "a glucocorticoid dose within the limit",
    "stable_background_therapy": "stable background therapy",
    "no_immunosuppressant": "no immunosuppressant and no biologic",
    "fever": "fever, now or treated earlier in the episode",
    "hypotension": "hypotension",
    "hypoxia": "hypoxia",
    "cognition": "an impaired ICE or CAPD",
    "consciousness": "depressed consciousness",
    "seizure": "a seizure",
    "motor": "motor weakness",
    "oedema": "raised intracranial pressure or oedema",
    "limits": "a result beyond a limit of the table",
    "depleted": "a B-cell count below the limit of depletion",
    "reconstituted": "two consecutive counts that reach the limit of reconstitution",
    "seroconverted": "two consecutive results of the assay at or below its upper limit",
    "normalised": "two consecutive results of the assay at or above its lower limit",
    "anc_le_500": "a run of neutrophils of 500/uL or less",
    "anc_le_100": "a run of neutrophils of 100/uL or less",
    "no_recovery": "neutrophils that were never above 500/uL, or did not recover",
    "late": "two counts of 1500/uL or less after day 30",
    "platelets_lt_50": "a run of platelets below 50 x 10^9/L",
    "platelets_lt_20": "a run of platelets below 20 x 10^9/L",
    "late_platelets": "two platelet counts below 100 x 10^9/L after day 30",
    "ferritin": "a ferritin above twice its upper limit or its baseline",
    "common_sign": "a sign of hyperinflammation beside it",
    "serious": "an event that is serious",
    "suspected_related": "a suspicion that the product caused it",
    "unexpected": "an event that the reference safety information does not expect",
    "proteinuria": "a UPCR within the limit",
    "filtration": "an eGFR within the limit, or kept of what it was before the flare",
    "no_rescue": "no rescue treatment",
    "fever_or_constitutional_symptoms": "fever or constitutional symptoms",
    "vasopressors": "vasopressors",
    "oxygen": "oxygen",
    "mechanical_ventilation": "mechanical ventilation",
    "organ_toxicity": "organ toxicity of grade 2 or more",
    "definition": "an organ affected before, B cells absent, and no other cause",
    "treatment_or_inner_organ": "glucocorticoids because of a week of symptoms, or a relevant inner organ",
    "hospitalisation": "a new or prolonged stay in hospital",
    "intensive_care": "intensive care",
    "emerged": "a start or a worsening on that day or after it",
    "bilag_flare": "one new BILAG A or two new B",
    "sledai_rise": "a rise of SLEDAI-2K by 3 points or more, not to above 12",
    "sledai_above_12": "a rise of SLEDAI-2K to above 12",
    "prednisone_rise": "prednisone raised for lupus to 0.5 mg/kg a day or less",
    "prednisone_above_half_mg_per_kg": "prednisone raised for lupus to above 0.5 mg/kg a day",
    "nsaid_or_antimalarial": "an NSAID or antimalarial added for lupus",
    "new_immunosuppressant": "a new immunosuppressant for lupus",
    "hospital": "hospital for lupus",
    "pga_rise": "a rise of the PGA by 1.0 or more, not above 2.5",
    "pga_above_2_5": "a rise of the PGA to above 2.5",
    "new_feature": "a new rash, ulcer, pleurisy, pericarditis, arthritis or fever",
    "severe_organ_feature": "a severe organ feature with escalated treatment or admission",
}
"""What each criterion asks, by its key."""

IN_WORDS = frozenset({"question", "finding", "warning"})
"""Evidence that is a sentence already."""
UNTOLD = frozenset({"status"})
"""Evidence that is a code, which another sentence says in words."""
_SAYS = {
    Value.MET: "is met",
    Value.NOT_MET: "is not met",
    Value.NOT_EVALUABLE: "cannot be evaluated",
    Value.NOT_APPLICABLE: "does not apply",
    Value.COMPUTED: "has been determined",
    Value.FLAGGED: "needs an answer",
    Value.CLEAR: "raises no question",
}
_HOLDS: dict[Truth, str] = {False: "No", None: "Unknown", True: "Yes"}


LETTERED = frozenset(rule.id for rule in bilag_forms.RULES)
"""The rules whose amount stands for a letter."""
OF_A_PART = LETTERED | {crosscheck.RULE.id}
"""The rules that speak of a part of a visit: a domain, a descriptor."""
UNITS = {
    **dict.fromkeys(("sledai2k", "csledai", "nonlab_sledai"), "points"),
    "prednisone": "mg a day",
    **dict.fromkeys((egfr.SCHWARTZ.id, egfr.CKD_EPI.id), egfr.UNIT),
    **crs_treatment.UNITS,
    infusion_reaction.ONSET.id: infusion_reaction.UNIT,
}
"""The units of what is computed."""
PERIODS = frozenset({"early", "late"})
"""What a verdict is about that is a time and no place."""


def _place(verdict: Verdict) -> str:
    if verdict.about == "subject":
        return ""
    if verdict.about in PERIODS:
        return f", {verdict.about},"
    if verdict.rule.id in OF_A_PART and " " in verdict.about:
        visit, _, part = verdict.about.rpartition(" ")
        part = part.lower().replace("_", " ")
        return f" at {visit}" if part in verdict.rule.title else f", {part} at {visit},"
    own = [fact.at for fact in verdict.evidence if fact.source is not None and fact.source.record == verdict.about]
    if at := next(iter(own), None):
        return f" on {at}"
    return "" if own else f" at {verdict.about}"


def _says(verdict: Verdict) -> str:
    if verdict.value is Value.NOT_GRADABLE:
        return f"lies between {_amount(verdict, verdict.lowest)} and {_amount(verdict, verdict.highest)} and cannot be graded"
    if verdict.value in (Value.COMPUTED, Value.GRADED) and verdict.amount is not None:
        return f"is {_with_unit(verdict, verdict.amount)}"
    if verdict.value is Value.NOT_EVALUABLE and verdict.lowest != verdict.highest:
        least, most = _amount(verdict, verdict.lowest), _with_unit(verdict, verdict.highest)
        if verdict.highest is None:
            return f"is {_with_unit(verdict, verdict.lowest)} or more and cannot be evaluated"
        return f"lies between {least} and {most} and cannot be evaluated"
    return _SAYS[verdict.value]


def _with_unit(verdict: Verdict, amount: Decimal | None) -> str:
    return f"{_amount(verdict, amount)} {UNITS.get(verdict.rule.id, '')}".strip()


def _amount(verdict: Verdict, amount: Decimal | None) -> str | None:
    """A number as it is; a grade of BILAG-2004 by its letter."""
    return GRADES[int(amount)] if amount is not None and verdict.rule.id in LETTERED else plain(amount)


def _fact(fact: Evidence) -> str:
    if fact.what in IN_WORDS and fact.value is not None:
        return fact.value
    if fact.value is None:
        return f"{fact.what}: not recorded"
    if fact.unit == "grade":
        return f"{fact.what}: grade {fact.value}"
    return f"{fact.what}: {fact.value}" + (f" {fact.unit}" if fact.unit else "")


def _asked(criterion: Criterion) -> str:
    facts = "; ".join(_fact(fact) for fact in criterion.because)
    return ASKED.get(criterion.key, criterion.key.replace("_", " ")) + (f" ({facts})" if facts else "")


def _reasons(verdict: Verdict) -> str:
    """Why a verdict is not what it might be: the criteria that failed it, or the inputs that were missing."""
    if verdict.value is Value.NOT_MET:
        failed = (_asked(criterion) for criterion in verdict.criteria if criterion.holds is False)
        return f": it needs {', and '.join(failed)}"
    return f": {', '.join(verdict.missing)} missing" if verdict.missing else ""


def sentences(verdict: Verdict) -> list[str]:
    """The verdict and its reason first, then its criteria, the unknown before the others, then the facts beside them."""
    told: list[Truth] = [None, True] if verdict.value is Value.NOT_MET else [None, False, True]
    criteria = [(truth, each) for truth in told for each in verdict.criteria if each.holds is truth]
    return [
        f"{verdict.rule.title}{_place(verdict)} {_says(verdict)}{_reasons(verdict)}.",
        *(f"{_HOLDS[truth]}: {_asked(each)}." for truth, each in criteria),
        *(f"{_fact(fact)}." for fact in verdict.evidence if fact.what not in UNTOLD),
    ]
