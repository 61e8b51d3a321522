"""
Cytokine release syndrome, ASTCT consensus grade of one observation and the course of several.

Fever of 38.0 degrees Celsius or more without another cause makes it CRS, grade 1. Hypotension: 2 without a vasopressor, 3
with one, 4 with two or more. Hypoxia: 2 with a nasal cannula of 6 L/min or less or blow-by, 3 with a faster cannula or a mask,
4 with positive pressure. The most severe decides; 5 is death due to CRS, never assumed. After a fever of the same episode has
been treated with an antipyretic or anticytokine drug, fever is no longer required.

Rulings. Vasopressin alone is grade 3 and does not count as a second vasopressor; milrinone and dobutamine are none; one drug
twice is one. What has another cause contributes nothing. The investigator's hypotension flag wins over the pressure for age;
a running vasopressor counts whatever either says. The flow decides for every cannula, high-flow included. An observation is
graded where every completion of what is missing gives the same grade.

Source: Lee DW et al. Biol Blood Marrow Transplant 2019;25:625-638, table 2.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import product

from app.rules.exact import plain
from app.rules.facts import Toxicity
from app.rules.grades import ANY, DEATH, NONE, Domain, Grade, exactly, graded, named, unless, where, worst
from app.rules.safety.hypotension import hypotensive
from app.rules.verdict import Criterion, Evidence, Rule, Truth, Verdict, all_of, answered, any_of, not_

RULE = Rule("crs", "1", "CRS grade", "Lee DW et al. Biol Blood Marrow Transplant 2019;25:625-638, table 2")
FEVER_FROM = Decimal("38.0")
LOW_FLOW_TO = Decimal(6)
NOT_VASOPRESSORS = frozenset({"MILRINONE", "DOBUTAMINE"})
FLOW_DECIDES = frozenset({"NASAL_CANNULA", "HFNC"})
_DEVICE = {
    "NONE": NONE,
    "BLOW_BY": exactly(2),
    "SIMPLE_MASK": exactly(3),
    "VENTURI_MASK": exactly(3),
    "NON_REBREATHER": exactly(3),
    "CPAP": exactly(4),
    "BIPAP": exactly(4),
    "MECHANICAL_VENTILATION": exactly(4),
}
_PRESSURE = "systolic pressure or hypotension"


def fever(seen: Toxicity) -> Truth:
    """A qualifying fever: 38.0 degrees Celsius or more without another cause; unknown where either is and could decide."""
    hot = None if seen.temperature_c is None else seen.temperature_c >= FEVER_FROM
    return all_of((hot, not_(seen.fever_other_cause)))


def treated(seen: Toxicity) -> Truth:
    """Whether an antipyretic or anticytokine drug was given since the last observation."""
    return None if seen.given is None else bool(seen.given)


def hypotension(seen: Toxicity) -> Truth:
    """The investigator's flag, else what the systolic pressure says for age."""
    if seen.hypotension is not None or seen.systolic is None:
        return seen.hypotension
    return hypotensive(seen.age_years, seen.systolic)


def _pressors(running: tuple[str, ...] | None) -> Grade:
    if running is None:
        return ANY
    drugs = set(running) - NOT_VASOPRESSORS
    counted = drugs - {"VASOPRESSIN"}
    return exactly(4) if len(counted) > 1 else exactly(3) if drugs else NONE


def _pressure(seen: Toxicity) -> Domain:
    grade = worst((where(hypotension(seen), exactly(2)), _pressors(seen.vasopressors)))
    running = None if seen.vasopressors is None else ", ".join(seen.vasopressors) or "none"
    because = (
        Evidence("systolic pressure", plain(seen.systolic), "mmHg", seen.at, seen.source),
        answered("hypotension by the investigator", seen.hypotension, seen.at, seen.source),
        Evidence("vasopressors running", running, None, seen.at, seen.source),
        answered("hypotension has another cause", seen.hypotension_other_cause, seen.at, seen.source),
    )
    lacking = (
        *named(_PRESSURE, hypotension(seen), seen.at),
        *named("vasopressors running", seen.vasopressors, seen.at),
        *named("other cause of hypotension", seen.hypotension_other_cause, seen.at),
    )
    return Domain("hypotension", unless(seen.hypotension_other_cause, grade), because, lacking)


def _oxygen(seen: Toxicity) -> Grade:
    if seen.o2_device not in FLOW_DECIDES:
        return _DEVICE.get(seen.o2_device or "", ANY)
    return Grade(2, 3) if seen.o2_flow is None else exactly(2 if seen.o2_flow <= LOW_FLOW_TO else 3)


def _hypoxia(seen: Toxicity) -> Domain:
    because = (
        Evidence("oxygen device", seen.o2_device, None, seen.at, seen.source),
        Evidence("oxygen flow", plain(seen.o2_flow), "L/min", seen.at, seen.source),
        answered("hypoxia has another cause", seen.hypoxia_other_cause, seen.at, seen.source),
    )
    lacking = (
        *named("oxygen device", seen.o2_device, seen.at),
        *(named("oxygen flow", seen.o2_flow, seen.at) if seen.o2_device in FLOW_DECIDES else ()),
        *named("other cause of hypoxia", seen.hypoxia_other_cause, seen.at),
    )
    return Domain("hypoxia", unless(seen.hypoxia_other_cause, _oxygen(seen)), because, lacking)


def _fever(seen: Toxicity, waived: Truth) -> Criterion:
    """The gate: a fever now, or one that was treated earlier in the episode."""
    hot = fever(seen)
    because = (
        Evidence("highest temperature", plain(seen.temperature_c), "Cel", seen.at, seen.source),
        answered("fever has another cause", seen.fever_other_cause, seen.at, seen.source),
        answered("fever treated earlier in the episode", waived, seen.at),
    )
    lacking: tuple[str, ...] = ()
    if hot is None:
        lacking += named("highest temperature", seen.temperature_c, seen.at)
        lacking += named("other cause of fever", seen.fever_other_cause, seen.at)
    if not hot:
        lacking += named("treatment of an earlier fever", waived, seen.at)
    return Criterion("fever", any_of((hot, waived)), because, lacking)


def crs_grade(seen: Toxicity, *, prior_fever: Truth = False, prior_treated: Truth = False) -> Grade:
    """
    Grade one observation.

    Args:
        seen: The observation.
        prior_fever: Whether the same episode had a qualifying fever before; None: that is not known.
        prior_treated: Whether an antipyretic or anticytokine drug was given since that fever.

    Returns:
        The lowest and highest grade over every completion of the missing inputs. 0 is no CRS; 5 is death due to CRS.
    """
    if seen.death == "DUE_TO_CRS":
        return DEATH
    severity = worst((_pressure(seen).grade, _hypoxia(seen).grade))
    fevers, waivers = _either(fever(seen)), _either(all_of((prior_fever, prior_treated)))
    each = [Grade(_gated(f, w, severity.lowest), _gated(f, w, severity.highest)) for f, w in product(fevers, waivers)]
    return Grade(min(grade.lowest for grade in each), max(grade.highest for grade in each))


def _either(truth: Truth) -> tuple[bool, ...]:
    return (False, True) if truth is None else (truth,)


def _gated(hot: bool, waived: bool, severity: int) -> int:
    """Without a fever, now or treated before, it is not CRS however severe."""
    return max(int(hot), severity) if hot or waived else 0


def crs(seen: Toxicity, *, prior_fever: Truth = False, prior_treated: Truth = False) -> Verdict:
    """The grade of one observation as a verdict about it, domain by domain."""
    grade = crs_grade(seen, prior_fever=prior_fever, prior_treated=prior_treated)
    waived = all_of((prior_fever, prior_treated))
    observed = Evidence("observation", str(grade), "grade", seen.at, seen.source)
    criteria = (_fever(seen, waived), _pressure(seen).criterion(), _hypoxia(seen).criterion())
    return graded(RULE, seen.id, grade, criteria, (observed,))
