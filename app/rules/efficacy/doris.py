"""
Remission: DORIS 2021, childhood remission on low-dose (cCR) and without (cCR-0) glucocorticoids, and drug-free remission.

DORIS: clinical SLEDAI-2K of 0, PGA below 0.5 on 0 to 3, prednisone equivalent of 5 mg a day or less, stable background
therapy; serology does not matter, and missing serology does not block it. Childhood remission asks 0.1 mg/kg a day or less and
5 mg or less (cCR), or none (cCR-0). Drug-free remission is DORIS with no glucocorticoid and no immunosuppressant or biologic;
an antimalarial is allowed.

Rulings. No duration is asked for: each is a state at a visit. BILAG, haemolysis and the gut are not looked at, as published;
what of them is active at the visit is told beside it, as a warning.

Disputed. The paper of DORIS prints "5 mg or less" in its text and "below 5" in its table, and trials have used both; 5 or less
is meant here. Older remissions, with negative serology or off treatment, are other definitions, see `doris_2017`.

Source: van Vollenhoven RF et al. Lupus Sci Med 2021;8:e000538 (DORIS); Smith EMD et al. Clin Immunol 2024;263:110214
(childhood remission: read in its abstract, the paper itself was not seen); Mackensen A et al. Nat Med 2022;28:2124-2132
(drug-free remission).
"""

from __future__ import annotations

from decimal import Decimal

from app.rules.efficacy import background, pga, sledai, steroids
from app.rules.efficacy.beyond import warnings
from app.rules.efficacy.visits import Timepoint
from app.rules.verdict import Criterion, Rule, Verdict, judge

_CHILD_SOURCE = "Smith EMD et al. Clin Immunol 2024;263:110214 (read in its abstract)"
RULE = Rule("doris", "1", "DORIS remission", "van Vollenhoven RF et al. Lupus Sci Med 2021;8:e000538")
CHILD_RULE = Rule("ccr", "1", "Childhood remission (cCR)", _CHILD_SOURCE)
CHILD_FREE_RULE = Rule("ccr0", "1", "Childhood remission without glucocorticoids (cCR-0)", _CHILD_SOURCE)
DRUG_FREE_RULE = Rule("drug_free_remission", "1", "Drug-free remission", "Mackensen A et al. Nat Med 2022;28:2124-2132")
PGA_BELOW = Decimal("0.5")
MOST_MG = Decimal("5")
MOST_MG_PER_KG = Decimal("0.1")
NO_MG = Decimal("0")


def _remission(rule: Rule, at: Timepoint, *further: Criterion) -> Verdict:
    criteria = (
        sledai.none("cSLEDAI_eq_0", at.visit, sledai.CLINICAL, sledai.CLINICAL_RULE.title),
        pga.below("pga_lt_0_5", at.visit, PGA_BELOW, inclusive=False),
        *further,
        background.stable("stable_background_therapy", at.visit),
    )
    return judge(rule, at.name, criteria, evidence=(at.used(), *warnings(at.visit)))


def doris(at: Timepoint) -> Verdict:
    """DORIS remission at a timepoint."""
    return _remission(RULE, at, steroids.at_most("glucocorticoid", at.visit, MOST_MG))


def ccr(at: Timepoint) -> Verdict:
    """Childhood remission at a timepoint: at most 0.1 mg/kg and 5 mg of prednisone a day."""
    return _remission(CHILD_RULE, at, steroids.at_most("glucocorticoid", at.visit, MOST_MG, MOST_MG_PER_KG))


def ccr0(at: Timepoint) -> Verdict:
    """Childhood remission without glucocorticoids at a timepoint."""
    return _remission(CHILD_FREE_RULE, at, steroids.at_most("glucocorticoid", at.visit, NO_MG))


def drug_free_remission(at: Timepoint) -> Verdict:
    """DORIS remission at a timepoint without glucocorticoid, immunosuppressant or biologic."""
    return _remission(
        DRUG_FREE_RULE,
        at,
        steroids.at_most("glucocorticoid", at.visit, NO_MG),
        background.none_but_antimalarials("no_immunosuppressant", at.visit),
    )
