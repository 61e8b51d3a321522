"""
Remission as DORIS defined it before 2021: clinical or complete, on treatment or off it; reported where a study asks for them.

Clinical: clinical SLEDAI-2K of 0. Complete: SLEDAI-2K of 0, serology included. Both: PGA below 0.5 on 0 to 3. On treatment:
prednisone equivalent of 5 mg a day or less, stable background therapy. Off treatment: no glucocorticoid, no immunosuppressant
and no biologic; an antimalarial is allowed.

Rulings. Missing serology leaves a complete remission open where nothing else decides it. No duration is asked for: each is a
state at a visit. Activity is by SLEDAI-2K; the framework counts eight definitions because it allows another index as well.

Disputed. A reprint of the table shows a PGA of 0.5 or less; below 0.5 is meant here, as in 2021.

Source: van Vollenhoven R et al. Ann Rheum Dis 2017;76:554-561, as its table is reprinted in reviews (PMC7719036, table 1); the
paper itself was not seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from app.rules.efficacy import background, pga, sledai, steroids
from app.rules.efficacy.beyond import warnings
from app.rules.efficacy.visits import Timepoint
from app.rules.verdict import Criterion, Rule, Verdict, judge

_SOURCE = "van Vollenhoven R et al. Ann Rheum Dis 2017;76:554-561 (read in a reprint)"
CLINICAL_ON = Rule("doris_clinical_on", "1", "Clinical remission on treatment (DORIS 2017)", _SOURCE)
CLINICAL_OFF = Rule("doris_clinical_off", "1", "Clinical remission off treatment (DORIS 2017)", _SOURCE)
COMPLETE_ON = Rule("doris_complete_on", "1", "Complete remission on treatment (DORIS 2017)", _SOURCE)
COMPLETE_OFF = Rule("doris_complete_off", "1", "Complete remission off treatment (DORIS 2017)", _SOURCE)
RULES: Mapping[str, Rule] = {rule.id: rule for rule in (CLINICAL_ON, CLINICAL_OFF, COMPLETE_ON, COMPLETE_OFF)}
_COMPLETE, _OFF = (COMPLETE_ON, COMPLETE_OFF), (CLINICAL_OFF, COMPLETE_OFF)
PGA_BELOW = Decimal("0.5")
MOST_MG = Decimal("5")
NO_MG = Decimal("0")


def _inactive(rule: Rule, at: Timepoint) -> Criterion:
    if rule in _COMPLETE:
        return sledai.none("SLEDAI_eq_0", at.visit, sledai.ALL, sledai.RULE.title)
    return sledai.none("cSLEDAI_eq_0", at.visit, sledai.CLINICAL, sledai.CLINICAL_RULE.title)


def _therapy(rule: Rule, at: Timepoint) -> tuple[Criterion, Criterion]:
    if rule in _OFF:
        none = background.none_but_antimalarials("no_immunosuppressant", at.visit)
        return steroids.at_most("glucocorticoid", at.visit, NO_MG), none
    stable = background.stable("stable_background_therapy", at.visit)
    return steroids.at_most("glucocorticoid", at.visit, MOST_MG), stable


def remission(rule: Rule, at: Timepoint) -> Verdict:
    """One of the four remissions at a timepoint."""
    below = pga.below("pga_lt_0_5", at.visit, PGA_BELOW, inclusive=False)
    return judge(rule, at.name, (_inactive(rule, at), below, *_therapy(rule, at)), evidence=(at.used(), *warnings(at.visit)))
