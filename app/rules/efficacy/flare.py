"""
Flares of lupus since the previous visit: the SELENA flare index, and the flare by BILAG.

SELENA, severe where any: SLEDAI above 12 after 12 or less; prednisone raised above 0.5 mg/kg a day; new cyclophosphamide,
azathioprine, methotrexate or mycophenolate; hospital for lupus; PGA up to above 2.5; new or worse CNS disease, vasculitis,
nephritis, myositis, platelets below 60 x 10^9/L, haemoglobin below 7 g/dL or a fall above 3, with escalated treatment or
admission. Mild or moderate where any: SLEDAI up by 3 or more, but not to above 12; prednisone raised, but not above 0.5 mg/kg
a day; an added NSAID or antimalarial; PGA up by 1.0 or more, but not above 2.5; new or worse rash, ulcers, pleurisy,
pericarditis, arthritis or fever. BILAG: one new A or two new B since the previous visit.

Rulings. Medication and hospital count for lupus activity alone: lymphodepletion and what treats CRS or ICANS never do. A
SLEDAI that was above 12 already cannot rise to it; the rise by 3 is then a mild or moderate flare. A PGA that was above 2.5
already and has not risen is no flare. A descriptor that was there before and still is may have become worse, which no tick
tells: unknown. What the points, the mark and the doses do not say the form of the index does (`SELENA-FLARE`), where a study
enters it; without it that is open. The steps are unknown where an input is, and the index is the worst that is certain, up to
the worst that is possible.

Disputed. The index was made with SELENA-SLEDAI; the points here are those of SLEDAI-2K, which a study enters. A trial in
children left out the rise to above 12 alone as severe; it stands here, as first published. Criteria of medication are said to
make flares more severe than they are.

Source: Petri M et al. N Engl J Med 2005;353:2550-2558 (index), in the wording of later reviews; Morand EF et al. N Engl J Med
2020;382:211-221 (BILAG flare). The laboratory limits are recalled: unverified.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from app.rules.efficacy import bilag, pga, sledai, steroids
from app.rules.efficacy.sledai import items_of, score
from app.rules.efficacy.steroids import prednisone_mg_per_day
from app.rules.facts import Escalation, VisitFacts
from app.rules.grades import NONE, Domain, Grade, exactly, graded, worst
from app.rules.verdict import Evidence, Rule, Truth, Verdict, all_of, answered, any_of, judge, not_

SELENA_RULE = Rule(
    "selena_flare", "1", "SELENA flare index", "Petri M et al. N Engl J Med 2005;353:2550-2558 (limits unverified)"
)
BILAG_RULE = Rule("bilag_flare", "1", "BILAG flare", "Morand EF et al. N Engl J Med 2020;382:211-221")
SEVERE_POINTS, POINTS_UP = 12, 3
SEVERE_PGA, PGA_UP = Decimal("2.5"), Decimal("1.0")
SEVERE_MG_PER_KG = Decimal("0.5")
MILD_FEATURES = ("rash", "mucosal_ulcers", "pleurisy", "pericarditis", "arthritis", "fever")
MILD, SEVERE = 1, 2


def _points(now: VisitFacts, then: VisitFacts) -> tuple[Truth, Truth]:
    """Whether the SLEDAI rose by 3 but not to above 12, and whether it rose to above 12."""
    after, prior = score(items_of(now)), score(items_of(then))
    to_severe = _spans((after.lowest, after.highest), SEVERE_POINTS)
    was_severe = _spans((prior.lowest, prior.highest), SEVERE_POINTS)
    risen = _spans((after.lowest - prior.highest, after.highest - prior.lowest), POINTS_UP - 1)
    crossed = all_of((to_severe, not_(was_severe)))
    return all_of((risen, not_(crossed))), crossed


def _spans(bounds: tuple[int, int], limit: int) -> Truth:
    return True if bounds[0] > limit else None if bounds[1] > limit else False


def _prednisone(now: VisitFacts, then: VisitFacts) -> tuple[Truth, Truth]:
    """Whether prednisone was raised for lupus to 0.5 mg/kg or less a day, and to more than that."""
    after, prior = prednisone_mg_per_day(now.glucocorticoids), prednisone_mg_per_day(then.glucocorticoids)
    raised = None if after is None or prior is None else after > prior
    weight = None if now.weight_kg is None else Fraction(now.weight_kg)
    high = None if after is None or weight is None else after > weight * Fraction(SEVERE_MG_PER_KG)
    for_lupus = all_of((raised, now.escalation.prednisone_for_lupus))
    return all_of((for_lupus, not_(high))), all_of((for_lupus, high))


def _global(now: VisitFacts, then: VisitFacts) -> tuple[Truth, Truth]:
    """Whether the PGA rose by 1.0 but not above 2.5, and whether it rose to above 2.5."""
    after, prior = pga.on_0_3(now.pga), pga.on_0_3(then.pga)
    high = None if after is None else after > Fraction(SEVERE_PGA)
    rise = None if after is None or prior is None else after - prior
    by_much = None if rise is None else rise >= Fraction(PGA_UP)
    at_all = None if rise is None else rise > 0
    return all_of((by_much, not_(high))), all_of((at_all, high))


def _features(now: VisitFacts, then: VisitFacts) -> Truth:
    after, prior = items_of(now), items_of(then)
    return any_of(_new_or_worse(after.get(key), prior.get(key)) for key in MILD_FEATURES)


def _new_or_worse(now: Truth, then: Truth) -> Truth:
    """Whether a descriptor is new; whether one that persists is worse no tick tells."""
    return True if now and then is False else None if now is not False else False


def _step(name: str, truth: Truth, grade: int) -> Domain:
    found = Grade(0, grade) if truth is None else exactly(grade) if truth else NONE
    return Domain(name, found, (), (name.replace("_", " "),))


def selena_flare(now: VisitFacts, then: VisitFacts) -> Verdict:
    """The index of a visit against the previous one: 0 no flare, 1 mild or moderate, 2 severe."""
    change = now.escalation
    (points_up, points_high), (dose_up, dose_high) = _points(now, then), _prednisone(now, then)
    pga_up, pga_high = _global(now, then)
    mild: Mapping[str, Truth] = {
        "sledai_rise": points_up,
        "prednisone_rise": dose_up,
        "nsaid_or_antimalarial": change.nsaid_or_antimalarial_added,
        "pga_rise": pga_up,
        "new_feature": _features(now, then),
    }
    severe: Mapping[str, Truth] = {
        "sledai_above_12": points_high,
        "prednisone_above_half_mg_per_kg": dose_high,
        "new_immunosuppressant": change.new_immunosuppressant,
        "hospital": change.hospitalised,
        "pga_above_2_5": pga_high,
        "severe_organ_feature": change.severe_organ_feature,
    }
    steps = [_step(name, truth, MILD) for name, truth in mild.items()]
    steps += [_step(name, truth, SEVERE) for name, truth in severe.items()]
    shown = (sledai.points, pga.shown, lambda visit: steroids.shown(visit)[0])
    evidence = (*(fact(visit) for fact in shown for visit in (then, now)), *_told(change))
    return graded(
        SELENA_RULE, now.name, worst(step.grade for step in steps), tuple(each.criterion() for each in steps), evidence
    )


def _told(change: Escalation) -> Iterator[Evidence]:
    """The answers of the form of the index, where one was made."""
    if change.source is not None:
        yield answered("new immunosuppressant for lupus", change.new_immunosuppressant, change.at, change.source)
        yield answered("NSAID or antimalarial added for lupus", change.nsaid_or_antimalarial_added, change.at, change.source)
        yield answered("glucocorticoid raised for lupus", change.prednisone_for_lupus, change.at, change.source)
        yield answered("hospital for lupus", change.hospitalised, change.at, change.source)
        yield answered("severe organ feature", change.severe_organ_feature, change.at, change.source)


def bilag_flare(now: VisitFacts, then: VisitFacts) -> Verdict:
    """Whether a visit shows a BILAG flare against the previous one: one new A, or two new B."""
    steady = bilag.no_new_worsening(now, then)
    return judge(BILAG_RULE, now.name, (replace(steady, key="bilag_flare", holds=not_(steady.holds)),))
