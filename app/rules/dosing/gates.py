"""
The gates of a dose: what must stand when an infusion of the study product is given, and when a subject enters an arm. One
verdict an infusion (an entry into an arm) and gate.

A gate is flagged where it stops the dose, clear where it lets it pass, not evaluable where what it needs is not known. One
that the study document sets to `off` says nothing; whether a flagged one refuses the dose or asks a query is the document's,
and so are the limits: a gate whose limit it does not state says nothing. The document also names the gates that are flagged
where what they need is not known.

| gate | flagged |
| --- | --- |
| enrolment | no decision of the committee opens the dose level of the arm on the day of entry (`committee`) |
| decision | no decision of the committee opens the dose level at the start of the infusion (`committee`) |
| lot | not registered, not released by then, expired by then, of another subject, or of another chain of identity |
| level | not the dose level of the subject's arm; a weight tier is not a dose level |
| identity | the identity of subject and product was not checked by two persons |
| toxicity | CRS or ICANS of the study's limit or more at the last observation before the infusion |
| weight tier | the weight used, or measured since, lies in another tier than the weight of the infusion before |
| cytopenia | the last neutrophils, platelets or haemoglobin before the infusion lie below the study's limit |
| infection | an infection that had begun by then and was not over |
| thaw | more minutes than the study allows from the end of thawing to the start, or the start lies before that end |
| dose | more than the study document states for the level and the weight used, and the tolerance that it states |
| dlt | an adjudicated dose-limiting toxicity of the subject that had begun by then and was not over |

Rulings. What must be shown is not shown by a blank: no lot, no dose level, no arm, no identity check and no decision are
flagged. What is only measured or read is unknown where it was not: an expiry date, the chain of identity on the bag where
the lot has one, an observation since the infusion before, a weight.
CRS and ICANS are graded from what was seen before the infusion alone. A lot called expired is good until its date. A blood
count of the day of the infusion without a time may be the last before it, and so may the one before: where they disagree about
the limit the gate is not evaluable. An infection without an end goes on; that there is none must have been said since the
infusion before, of the prespecified events: that none was reported is no answer. A count older than the days that the study
states is none, and one of a month alone that may be older says nothing. A dose at which the document states none for its level
is not measured. A dose-limiting toxicity lasts as its event does; one adjudicated without an event began on the day of the
adjudication and is never over.

Source: rulings of the trial's design; chain of identity as in CIBMTR form 4006; grades by Lee DW et al. Biol Blood Marrow
Transplant 2019;25:625-638.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from app.rules.dates import before, earliest, latest, shifted, sort_key
from app.rules.dosing.committee import in_force, opens, unsigned
from app.rules.dosing.hard_stops import Found, above_level, limited
from app.rules.exact import plain
from app.rules.facts import Arm, Facts, Given, Infection, LevelDecision, Lot, Measurement, Toxicity, Weight
from app.rules.grades import Grade
from app.rules.laboratory.units import ratio
from app.rules.safety.crs import crs_grade
from app.rules.safety.episodes import by_time, course_of
from app.rules.safety.icans import icans_grade
from app.rules.spans import above, exact, observed
from app.rules.study import Tier
from app.rules.verdict import Evidence, Rule, Truth, Value, Verdict, all_of, answered, any_of, not_

_DESIGN = "Study design: gates of a dose"
ENROLMENT = Rule("gate_enrolment", "1", "Committee decision that opens the dose level of the arm", _DESIGN)
DECISION = Rule("gate_decision", "1", "Committee decision that opens the dose level", _DESIGN)
LOT = Rule("gate_lot", "1", "Lot of the infusion", _DESIGN)
LEVEL = Rule("gate_level", "1", "Dose level of the infusion beside that of the arm", _DESIGN)
IDENTITY = Rule("gate_identity", "1", "Identity check before the infusion", _DESIGN)
TOXICITY = Rule("gate_toxicity", "1", "CRS and ICANS when last observed before the infusion", _DESIGN)
WEIGHT_TIER = Rule("gate_weight_tier", "1", "Weight tier beside that of the infusion before", _DESIGN)
CYTOPENIA = Rule("gate_cytopenia", "1", "Blood counts before the infusion", _DESIGN)
INFECTION = Rule("gate_infection", "1", "Active infection at the infusion", _DESIGN)
THAW = Rule("gate_thaw", "1", "Time from the end of thawing to the infusion", _DESIGN)
DOSE = Rule("gate_dose", "1", "Dose beside the one that the study document states", _DESIGN)
DLT = Rule("gate_dlt", "1", "Open dose-limiting toxicity at the infusion", _DESIGN)
READ = "chain of identity read at the bedside"
UNREAD = {"expiry date": "expiry date of the lot", READ: READ}
"""What is asked of a lot beside what must be shown of it, and how it is called where it is missing."""
RELEASED = frozenset({"RELEASED", "EXPIRED"})
"""An expired lot was released; whether it had expired by the infusion is for its date to say."""


COUNTS: Mapping[str, str] = {"neutrophils": "10^9/L", "platelets": "10^9/L", "haemoglobin": "g/L"}
"""The unit of each limit of a blood count."""


def _enrolment(facts: Facts, arm: Arm) -> Found | None:
    return None if arm.level is None else _opened(facts, Evidence("entry into the arm", arm.at, None, arm.at, arm.source), arm)


def _decision(facts: Facts, dose: Given) -> Found:
    return _opened(facts, Evidence("start of the infusion", dose.at, None, dose.at, dose.source), dose)


def _opened(facts: Facts, start: Evidence, of: Given | Arm) -> Found:
    level = Evidence("dose level", of.level, None, of.at, of.source)
    levels = facts.settings.levels
    if of.at is None or of.level is None:
        return Found(True, (start, level))
    standing = in_force(facts.decisions, levels, of.level, of.at)
    if standing is None:
        waiting = unsigned(facts.decisions, levels, of.level)
        return Found(True, (level, Evidence("decision in force", f"none at {of.at}"), *map(_unsigned, waiting)))
    said = f"{standing.decision} on dose level {standing.level}, in force from {standing.effective}"
    decided = Evidence("decision in force", said, None, standing.effective, standing.source)
    return Found(not opens(standing, levels, of.level), (level, decided))


def _unsigned(decision: LevelDecision) -> Evidence:
    said = f"{decision.decision} on dose level {decision.level}"
    return Evidence("decision that is not signed", said, None, decision.effective, decision.source)


def _lot(facts: Facts, dose: Given) -> Found:
    named = Evidence("lot of the infusion", dose.lot, None, dose.at, dose.source)
    lot = next((lot for lot in facts.lots if lot.number == dose.lot), None)
    if lot is None:
        return Found(True, (named, Evidence("lots registered under that number", "none")))
    stops = _against(facts, dose, lot)
    flagged = any_of(stops.values())
    told = [fact for fact, stop in stops.items() if stop] if flagged else [fact for fact in stops if fact.value]
    lacking = (UNREAD[fact.what] for fact, stop in stops.items() if stop is None)
    return Found(flagged, (named, *told), tuple(lacking))


def _against(facts: Facts, dose: Given, lot: Lot) -> dict[Evidence, Truth]:
    """What is known of a lot, and whether it speaks against the dose."""
    its_own = facts.settings.autologous or lot.subject is not None
    expired = True if lot.status == "EXPIRED" and lot.expires is None else before(lot.expires, dose.at)
    return {
        Evidence("release status", lot.status, None, None, lot.source): lot.status not in RELEASED,
        Evidence("date of release", lot.released, None, lot.released, lot.source): before(dose.at, lot.released) is True,
        Evidence("subject of the lot", lot.subject, None, None, lot.source): its_own and lot.subject != facts.subject,
        Evidence(READ, dose.coi, None, dose.at, dose.source): _of_another(dose, lot),
        Evidence("expiry date", lot.expires, None, lot.expires, lot.source): expired,
    }


def _of_another(dose: Given, lot: Lot) -> Truth:
    """Whether the chain of identity on the bag is not that of its lot; a lot without one is held beside none."""
    if lot.coi is None or dose.coi is None:
        return None if lot.coi else False
    return dose.coi != lot.coi


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
    if not seen:
        return Found(None if earlier else False, (), ("an observation since the infusion before",))
    last = seen[-1]
    since = not any(before(last.at, each.at) for each in earlier)
    limit = facts.settings.toxicity_grade
    grades = {"CRS": _crs(seen, limit), "ICANS": icans_grade(last)}
    flagged = any_of(_reaches(grade, limit) for grade in grades.values())
    shown = Evidence("last observation before the infusion", last.at, None, last.at, last.source)
    because = (shown, *(_graded(what, grade, last) for what, grade in grades.items()))
    if flagged is False and not since:
        return Found(None, because, ("an observation since the infusion before",))
    return Found(flagged, because, (f"inputs of the observation of {last.at}",))


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


def _cytopenia(facts: Facts, dose: Given) -> Found | None:
    limits = facts.settings.count_limits
    if not limits:
        return None
    each = {name: _last_counts(facts, dose, name) for name in limits}
    low = {name: _all_agree(_low(facts, dose, one) for one in counts) for name, counts in each.items()}
    because = [_counted(one, limits[name]) for name, counts in each.items() for one in counts]
    within = facts.settings.count_days
    when = "before the infusion" if within is None else f"within {within} days before the infusion"
    return Found(any_of(low.values()), tuple(because), tuple(f"{name} {when}" for name in low if low[name] is None))


def _last_counts(facts: Facts, dose: Given, name: str) -> list[Measurement]:
    """The last count certainly before an infusion, and each that may lie before it or after."""
    known = [one for one in facts.results if one.quantity == name and before(dose.at, one.at) is not True]
    young = [one for one in known if _too_old(facts, dose, one) is not True]
    ordered = sorted(young, key=lambda one: (sort_key(one.at), one.id))
    certain = [one for one in ordered if before(one.at, dose.at)]
    return certain[-1:] + [one for one in ordered if not before(one.at, dose.at)]


def _too_old(facts: Facts, dose: Given, one: Measurement) -> Truth:
    """Whether a count is older than the study allows; open where its day, or that of the infusion, is not known."""
    if facts.settings.count_days is None:
        return False
    oldest = shifted(dose.at, -facts.settings.count_days)
    return before(one.at, None if oldest is None else f"{oldest}T00:00")


def _low(facts: Facts, dose: Given, one: Measurement) -> Truth:
    """Whether a count lies below its limit; open where it may be too old to be one."""
    limit = facts.settings.count_limits[one.quantity]
    return None if _too_old(facts, dose, one) is None else _below(one, limit)


def _below(one: Measurement, limit: Decimal) -> Truth:
    scale = ratio(one.unit, COUNTS[one.quantity])
    return None if scale is None else above(exact(limit), observed(one.value, one.qualifier).times(scale))


def _all_agree(answers: Iterable[Truth]) -> Truth:
    said = set(answers)
    return said.pop() if len(said) == 1 else None


def _counted(one: Measurement, limit: Decimal) -> Evidence:
    return one.shown(f"{one.quantity}, {plain(limit)} {COUNTS[one.quantity]} or more asked")


def _infection(facts: Facts, dose: Given) -> Found:
    """Active where it had begun, by its own date or by the day it was reported, and was not over."""
    active = {each: all_of((not_(before(dose.at, each.began)), not_(_over(each, dose)))) for each in facts.infections}
    flagged = any_of(active.values())
    told = [each for each, is_active in active.items() if is_active is not False]
    because = tuple(Evidence("infection", _lasted(each), None, each.began, each.source) for each in told)
    if flagged is not False:
        return Found(flagged, because, ("whether the infection was active at the infusion",))
    earlier = [each.at for each in facts.doses if before(each.at, dose.at)]
    said = [each for each in facts.infections_denied if before(dose.at, each.at) is not True]
    since = [each for each in said if not earlier or before(earlier[-1], each.at)]
    none = tuple(Evidence("infection", "none", None, each.at, each.source) for each in since[-1:])
    return Found(False if since else None, none, ("an answer since the infusion before that there was no infection",))


def _over(infection: Infection, dose: Given) -> Truth:
    return False if infection.ended is None else before(infection.ended, dose.at)


def _lasted(infection: Infection) -> str:
    return f"{infection.name}, from {infection.began or 'an unknown day'} to {infection.ended or 'no recorded end'}"


def _thaw(facts: Facts, dose: Given) -> Found | None:
    most = facts.settings.thaw_minutes
    if most is None:
        return None
    because = (
        Evidence("end of thawing", dose.thawed, None, dose.thawed, dose.source),
        Evidence("start of the infusion", dose.at, None, dose.at, dose.source),
        Evidence("most minutes from the one to the other", str(most)),
    )
    flagged: Truth = None
    missing = ("end of thawing and start of the infusion to the minute",)
    if (apart := _apart(dose.thawed, dose.at)) is not None:
        allowed, (least, longest) = timedelta(minutes=most), apart
        late, early = least > allowed, longest < timedelta(0)
        flagged = True if late or early else False if least >= timedelta(0) and longest <= allowed else None
    return Found(flagged, because, missing)


def _apart(one: str | None, other: str | None) -> tuple[timedelta, timedelta] | None:
    """The least and the most time from one moment to another; None where the year of either is not known."""
    if one is None or other is None:
        return None
    first, last, earlier, later = earliest(one), latest(one), earliest(other), latest(other)
    if first is None or last is None or earlier is None or later is None:
        return None
    return earlier - last, later - first


Passes = Callable[[Facts, Any], Found | None]


class Gate(NamedTuple):
    """A gate: its card, the table whose records it stands before, and what it finds of one of them."""

    rule: Rule
    table: Literal["infusion", "disposition"]
    passes: Passes


GATES: Mapping[str, Gate] = {
    "enrolment": Gate(ENROLMENT, "disposition", _enrolment),
    "decision": Gate(DECISION, "infusion", _decision),
    "lot": Gate(LOT, "infusion", _lot),
    "level": Gate(LEVEL, "infusion", _level),
    "identity": Gate(IDENTITY, "infusion", _identity),
    "toxicity": Gate(TOXICITY, "infusion", _toxicity),
    "weight_tier": Gate(WEIGHT_TIER, "infusion", _weight_tier),
    "cytopenia": Gate(CYTOPENIA, "infusion", _cytopenia),
    "infection": Gate(INFECTION, "infusion", _infection),
    "thaw": Gate(THAW, "infusion", _thaw),
    "dose": Gate(DOSE, "infusion", above_level),
    "dlt": Gate(DLT, "infusion", limited),
}
"""Every gate by the name that the study document gives it."""
RULES = tuple(gate.rule for gate in GATES.values())
OWN = {"infusion": "infusion", "disposition": "entry into an arm"}
"""What a record of each table is, in words."""


def gate(name: str, facts: Facts) -> Iterator[Verdict]:
    """What one gate says of each infusion that was given, or entry into an arm; nothing where the study document has it off."""
    rule, table, passes = GATES[name]
    if facts.settings.gates.get(name, "off") == "off":
        return
    things: Sequence[Given | Arm] = facts.doses if table == "infusion" else facts.arms
    for one in things:
        if (found := passes(facts, one)) is not None:
            own = Evidence(OWN[table], one.at, None, one.at, one.source)
            yield _verdict(rule, one.id, found, own, stops=name in facts.settings.unknown_stops)


def _verdict(rule: Rule, about: str, found: Found, own: Evidence, *, stops: bool) -> Verdict:
    """The verdict of a gate; what is not known stops where the study document says so, and is named."""
    unknown = found.flagged is None
    value = Value.FLAGGED if found.flagged or (unknown and stops) else Value.NOT_EVALUABLE if unknown else Value.CLEAR
    wanting = tuple(Evidence(name, None) for name in found.missing if unknown and stops)
    missing = found.missing if unknown and not stops else ()
    return Verdict(rule, about, value, missing=missing, evidence=(own, *found.because, *wanting))
