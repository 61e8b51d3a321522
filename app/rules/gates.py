"""
The gates of a dose: what must stand when an infusion of the study product is given. One verdict an infusion and gate.

A gate is flagged where it stops the dose, clear where it lets it pass, not evaluable where what it needs is not known. One
that the study document sets to `off` says nothing; whether a flagged one refuses the dose or asks a query is the document's.

| gate | flagged |
| --- | --- |
| decision | no decision of the committee opens the dose level at the start of the infusion (`committee`) |
| lot | not registered, not released by then, expired by then, or of another subject |
| level | not the dose level of the subject's arm; a weight tier is not a dose level |
| identity | the identity of subject and product was not checked by two persons |
| toxicity | CRS or ICANS of the study's limit or more at the last observation before the infusion |
| weight tier | the weight used, or measured since, lies in another tier than the weight of the infusion before |

Rulings. What must be shown is not shown by a blank: no lot, no dose level, no arm, no identity check and no decision are
flagged. What is only measured is unknown where it was not: an expiry date, an observation since the infusion before, a weight.
CRS and ICANS are graded from what was seen before the infusion alone. A lot called expired is good until its date.

Source: rulings of the trial's design; chain of identity as in CIBMTR form 4006; grades by Lee DW et al. Biol Blood Marrow
Transplant 2019;25:625-638.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from app.rules.committee import in_force, opens
from app.rules.crs import crs_grade
from app.rules.dates import before, sort_key
from app.rules.episodes import by_time, course_of
from app.rules.exact import plain
from app.rules.facts import Facts, Given, Lot, Toxicity, Weight
from app.rules.grades import Grade
from app.rules.icans import icans_grade
from app.rules.study import Tier
from app.rules.verdict import Evidence, Rule, Truth, Value, Verdict, answered, any_of

_DESIGN = "Study design: gates of a dose"
DECISION = Rule("gate_decision", "1", "Committee decision that opens the dose level", _DESIGN)
LOT = Rule("gate_lot", "1", "Lot of the infusion", _DESIGN)
LEVEL = Rule("gate_level", "1", "Dose level of the infusion beside that of the arm", _DESIGN)
IDENTITY = Rule("gate_identity", "1", "Identity check before the infusion", _DESIGN)
TOXICITY = Rule("gate_toxicity", "1", "CRS and ICANS when last observed before the infusion", _DESIGN)
WEIGHT_TIER = Rule("gate_weight_tier", "1", "Weight tier beside that of the infusion before", _DESIGN)
RELEASED = frozenset({"RELEASED", "EXPIRED"})
"""An expired lot was released; whether it had expired by the infusion is for its date to say."""


class Found(NamedTuple):
    """What a gate finds of one infusion: whether it is flagged, on what, and what was missing where that is unknown."""

    flagged: Truth
    because: tuple[Evidence, ...]
    missing: tuple[str, ...] = ()


def _decision(facts: Facts, dose: Given) -> Found:
    start = Evidence("start of the infusion", dose.at, None, dose.at, dose.source)
    level = Evidence("dose level", dose.level, None, dose.at, dose.source)
    levels = facts.settings.levels
    if dose.at is None or dose.level is None:
        return Found(True, (start, level))
    standing = in_force(facts.decisions, levels, dose.level, dose.at)
    if standing is None:
        return Found(True, (level, Evidence("decision in force", f"none at {dose.at}")))
    said = f"{standing.decision} on dose level {standing.level}, in force from {standing.effective}"
    decided = Evidence("decision in force", said, None, standing.effective, standing.source)
    return Found(not opens(standing, levels, dose.level), (level, decided))


def _lot(facts: Facts, dose: Given) -> Found:
    named = Evidence("lot of the infusion", dose.lot, None, dose.at, dose.source)
    lot = next((lot for lot in facts.lots if lot.number == dose.lot), None)
    if lot is None:
        return Found(True, (named, Evidence("lots registered under that number", "none")))
    stops = _against(facts, dose, lot)
    flagged = any_of(stops.values())
    told = [fact for fact, stop in stops.items() if stop] if flagged else [fact for fact in stops if fact.value]
    return Found(flagged, (named, *told), ("expiry date of the lot",))


def _against(facts: Facts, dose: Given, lot: Lot) -> dict[Evidence, Truth]:
    """What is known of a lot, and whether it speaks against the dose."""
    its_own = facts.settings.autologous or lot.subject is not None
    expired = True if lot.status == "EXPIRED" and lot.expires is None else before(lot.expires, dose.at)
    return {
        Evidence("release status", lot.status, None, None, lot.source): lot.status not in RELEASED,
        Evidence("date of release", lot.released, None, lot.released, lot.source): before(dose.at, lot.released) is True,
        Evidence("subject of the lot", lot.subject, None, None, lot.source): its_own and lot.subject != facts.subject,
        Evidence("expiry date", lot.expires, None, lot.expires, lot.source): expired,
    }


def _level(facts: Facts, dose: Given) -> Found:
    arm = facts.arm
    given = Evidence("dose level", dose.level, None, dose.at, dose.source)
    if arm is None:
        return Found(True, (given, Evidence("arm of the subject", None)))
    meant = Evidence(f"dose level of arm {arm.code}", arm.level, None, None, arm.source)
    flagged = True if dose.level is None else None if arm.level is None else dose.level != arm.level
    return Found(flagged, (given, meant), ("dose level of the arm",))


def _identity(_: Facts, dose: Given) -> Found:
    checked = answered("identity checked by two persons", dose.identity_checked, dose.at, dose.source)
    return Found(dose.identity_checked is not True, (checked,))


def _toxicity(facts: Facts, dose: Given) -> Found:
    """Graded from what was seen before the infusion alone, so that what is seen later never moves it."""
    seen = [each for each in by_time(facts.toxicity) if before(each.at, dose.at)]
    earlier = [each for each in facts.doses if before(each.at, dose.at)]
    since = bool(seen) and not any(before(seen[-1].at, each.at) for each in earlier)
    if not seen:
        return Found(None if earlier else False, (), ("an observation since the infusion before",))
    limit = facts.settings.toxicity_grade
    grades = {"CRS": _crs(seen, limit), "ICANS": icans_grade(seen[-1])}
    flagged = any_of(_reaches(grade, limit) for grade in grades.values())
    because = tuple(_graded(what, grade, seen[-1]) for what, grade in grades.items())
    if flagged is False and not since:
        return Found(None, because, ("an observation since the infusion before",))
    return Found(flagged, because, (f"inputs of the observation of {seen[-1].at}",))


def _crs(seen: Sequence[Toxicity], limit: int) -> Grade:
    """
    The grade of the last observation within its episode.

    Where it stays below the limit even with a fever earlier in the episode that was treated, the episode is not worked out and
    the grade lies between those without and with such a fever: a save of a quiet subject grades no course again for each dose.
    """
    least, most = crs_grade(seen[-1]).lowest, crs_grade(seen[-1], prior_fever=True, prior_treated=True).highest
    return Grade(least, most) if most < limit else course_of(seen)[0][-1].grade


def _graded(what: str, grade: Grade, seen: Toxicity) -> Evidence:
    return Evidence(f"{what} when last observed", str(grade), "grade", seen.at, seen.source)


def _reaches(grade: Grade, limit: int) -> Truth:
    if grade.lowest >= limit:
        return True
    return None if grade.highest >= limit else False


def _weight_tier(facts: Facts, dose: Given) -> Found | None:
    """The tier that the last infusion's weight chose (this one's, where it is the first) beside the weights that followed."""
    tiers = facts.settings.tiers.get(dose.level or "", ())
    if not tiers:
        return None
    earlier = [each for each in facts.doses if before(each.at, dose.at)]
    chosen = earlier[-1] if earlier else dose
    measured = max(_measured(facts, chosen, dose), key=lambda each: sort_key(each.at), default=None)
    because = [_weighed("weight used at the infusion before", chosen.weight_kg, tiers, chosen)] if earlier else []
    because += [_weighed("weight used", dose.weight_kg, tiers, dose)]
    because += [_weighed("weight measured since", measured.kg, tiers, measured)] if measured else []
    weights = [chosen.weight_kg, dose.weight_kg, *([measured.kg] if measured else [])]
    in_tiers = {_tier(tiers, kg) for kg in weights if kg is not None}
    flagged: Truth = True if len(in_tiers) > 1 or "none" in in_tiers else None if None in weights else False
    return Found(flagged, tuple(because), ("weight used for the dose",))


def _measured(facts: Facts, chosen: Given, dose: Given) -> list[Weight]:
    """The weights that were measured after the earlier infusion (before the first one: at any time) and by this one."""
    known = [each for each in facts.weights if before(dose.at, each.at) is False]
    return known if chosen is dose else [each for each in known if before(chosen.at, each.at)]


def _weighed(what: str, kg: Decimal | None, tiers: tuple[Tier, ...], of: Given | Weight) -> Evidence:
    said = None if kg is None else f"{plain(kg)} kg, tier {_tier(tiers, kg)}"
    return Evidence(what, said, None, of.at, of.source)


def _tier(tiers: tuple[Tier, ...], kg: Decimal) -> str:
    within = (tier.name for tier in tiers if tier.least_kg <= kg and (tier.below_kg is None or kg < tier.below_kg))
    return next(within, "none")


GATES: Mapping[str, tuple[Rule, Callable[[Facts, Given], Found | None]]] = {
    "decision": (DECISION, _decision),
    "lot": (LOT, _lot),
    "level": (LEVEL, _level),
    "identity": (IDENTITY, _identity),
    "toxicity": (TOXICITY, _toxicity),
    "weight_tier": (WEIGHT_TIER, _weight_tier),
}
"""Every gate by the name that the study document gives it."""
RULES = tuple(rule for rule, _ in GATES.values())


def gate(name: str, facts: Facts) -> Iterator[Verdict]:
    """What one gate says of each infusion that was given; nothing where the study document has it off."""
    rule, passes = GATES[name]
    if facts.settings.gates.get(name, "off") == "off":
        return
    for dose in facts.doses:
        if (found := passes(facts, dose)) is not None:
            value = Value.FLAGGED if found.flagged else Value.CLEAR if found.flagged is False else Value.NOT_EVALUABLE
            missing = found.missing if found.flagged is None else ()
            own = Evidence("infusion", dose.at, None, dose.at, dose.source)
            yield Verdict(rule, dose.id, value, missing=missing, evidence=(own, *found.because))
