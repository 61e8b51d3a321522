"""
Immune effector cell-associated neurotoxicity syndrome, ASTCT consensus grade of one observation.

The most severe of six domains that has no other cause decides. Cognition, by ICE from the 12th birthday (10 is 0, 7 to 9 is 1,
3 to 6 is 2, 0 to 2 is 3; not possible because unarousable is 4) or by CAPD before it and with developmental delay (9 or more is
3, not possible is 4). Consciousness: awakens spontaneously 1, to voice 2, to touch 3, to vigorous touch or not at all 4.
Seizure: 3, longer than 5 minutes or repetitive without return to baseline 4. Deep focal weakness 4. Focal oedema 3; diffuse
oedema, posturing, sixth nerve palsy, papilloedema, Cushing's triad 4. Death due to ICANS is 5, never assumed.

Rulings. A CAPD below 9 is grade 1 only above the subject's own baseline. A seizure's duration beats its code, strictly above
5 minutes. An instrument of the wrong age is not substituted. Tremor and myoclonus do not count; an intracranial haemorrhage
takes the oedema domain out. Global aphasia in one awake is an ICE of 0. An ICE without one answer was not done; a CAPD said
to be impossible is, with whatever answers. What could not be tested because of a depressed consciousness of another cause
(sedation) is not known. CAPD is not done at deep sedation, a RASS of -4 or -5: what is answered there counts for nothing and
cognition is open, unless somebody said that CAPD is impossible and that there is no other cause.

Source: Lee DW et al. Biol Blood Marrow Transplant 2019;25:625-638, tables 4 to 6; Traube C et al. Crit Care Med
2014;42:656-663 (CAPD).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from app.rules.exact import plain
from app.rules.facts import Toxicity
from app.rules.grades import ANY, DEATH, Domain, Grade, exactly, graded, highest, named, unless, worst
from app.rules.safety.episodes import by_time
from app.rules.verdict import Evidence, Rule, Truth, Verdict, answered

_SOURCE = "Lee DW et al. Biol Blood Marrow Transplant 2019;25:625-638, tables 4 to 6"
RULE = Rule("icans", "1", "ICANS grade", _SOURCE)
HIGHEST_RULE = Rule("icans_max", "1", "Highest ICANS grade", _SOURCE)
ICE_FROM_AGE = 12
DEEPLY_SEDATED_TO = -4
"""The RASS of deep sedation, and below it."""
POSITIVE_CAPD = 9
PROLONGED_OVER = Decimal(5)
ICE_ITEMS = ("year", "month", "city", "hospital", "name_1", "name_2", "name_3", "command", "writing", "attention")
CAPD_ITEMS = (
    "eye_contact",
    "purposeful",
    "aware",
    "communicates",
    "restless",
    "inconsolable",
    "underactive",
    "slow_response",
)
_CONSCIOUSNESS = {"ALERT": 0, "AWAKENS_SPONTANEOUSLY": 1, "VOICE": 2, "TACTILE": 3, "VIGOROUS_TACTILE": 4, "UNAROUSABLE": 4}
_SEIZURE = {
    "NONE": 0,
    "CLINICAL_RESOLVED_RAPIDLY": 3,
    "NONCONVULSIVE_RESOLVED_WITH_INTERVENTION": 3,
    "PROLONGED": 4,
    "REPETITIVE_NO_RETURN_TO_BASELINE": 4,
}
_MOTOR = {"NONE": 0, "DEEP_FOCAL_WEAKNESS": 4}
_PRESSURE = {
    "NONE": 0,
    "FOCAL_OEDEMA": 3,
    "DIFFUSE_OEDEMA": 4,
    "POSTURING": 4,
    "CN6_PALSY": 4,
    "PAPILLOEDEMA": 4,
    "CUSHING_TRIAD": 4,
}


def total(answers: Mapping[str, int | None], items: Iterable[str], most: int) -> tuple[int, int]:
    """The lowest and highest total of an instrument; an item not answered may score from 0 to `most`."""
    scores = [answers.get(item) for item in items]
    known = sum(score for score in scores if score is not None)
    return known, known + most * scores.count(None)


def capd_total(seen: Toxicity) -> tuple[int, int] | None:
    """The lowest and highest CAPD total of an observation, 0 to 32; None where it was not done, or done at deep sedation."""
    return None if seen.capd is None or deeply_sedated(seen) else total(seen.capd, CAPD_ITEMS, 4)


def deeply_sedated(seen: Toxicity) -> bool:
    """Whether sedation, or unconsciousness, was too deep for CAPD; where no RASS is recorded nothing says so."""
    return seen.rass is not None and seen.rass <= DEEPLY_SEDATED_TO


def asks_capd(seen: Toxicity) -> Truth:
    """Whether CAPD is the instrument rather than ICE: below 12 years or with developmental delay."""
    return True if seen.age_years < ICE_FROM_AGE else seen.developmental_delay


def _of_ice(points: int, *, unarousable: bool) -> int:
    if points == 0 and unarousable:
        return 4
    return 0 if points == 10 else 1 if points >= 7 else 2 if points >= 3 else 3


def _ice(seen: Toxicity) -> Grade:
    unarousable = seen.ice_not_done_reason == "UNAROUSABLE"
    span = _ice_total(seen)
    if unarousable and (span is None or not span[0]) and seen.consciousness_other_cause is not False:
        return ANY
    if span is not None:
        return Grade(*(_of_ice(points, unarousable=unarousable) for points in reversed(span)))
    return exactly(4) if unarousable else exactly(3) if seen.ice_not_done_reason == "GLOBAL_APHASIA" else ANY


def _ice_total(seen: Toxicity) -> tuple[int, int] | None:
    """The lowest and highest ICE total; None where the form was not done, which a form without one answer is."""
    span = None if seen.ice is None else total(seen.ice, ICE_ITEMS, 1)
    return None if span == (0, len(ICE_ITEMS)) else span


def _of_capd(points: int, baseline: int) -> int:
    return 3 if points >= POSITIVE_CAPD else int(points > baseline)


def _capd(seen: Toxicity) -> Grade:
    if seen.capd_unable:
        return exactly(4) if seen.consciousness_other_cause is False else ANY
    span = capd_total(seen)
    if span is not None:
        least, most = span
        known = seen.baseline_capd
        return Grade(_of_capd(least, least if known is None else known), _of_capd(most, 0 if known is None else known))
    return ANY if seen.capd_unable is None or deeply_sedated(seen) else Grade(0, 3)


def _cognition(seen: Toxicity) -> Domain:
    by_capd = asks_capd(seen)
    ice, capd = _ice_domain(seen), _capd_domain(seen)
    if by_capd is not None:
        return capd if by_capd else ice
    grade = Grade(min(ice.grade.lowest, capd.grade.lowest), max(ice.grade.highest, capd.grade.highest))
    lacking = (f"developmental delay at {seen.at}", *ice.missing, *capd.missing)
    return Domain("cognition", grade, ice.because + capd.because, lacking)


def _ice_domain(seen: Toxicity) -> Domain:
    span = None if seen.ice is None else total(seen.ice, ICE_ITEMS, 1)
    because = (
        Evidence("ICE total", _shown(span), "points", seen.at, seen.ice_source),
        Evidence("reason why ICE was not done", seen.ice_not_done_reason, None, seen.at, seen.source),
    )
    lacking = _unanswered("ICE", seen.ice, ICE_ITEMS, seen.at) or (f"ICE without sedation at {seen.at}",)
    return Domain("cognition", _ice(seen), because, lacking)


def _capd_domain(seen: Toxicity) -> Domain:
    because = (
        Evidence("CAPD total", _shown(capd_total(seen)), "points", seen.at, seen.capd_source),
        Evidence("CAPD before the first infusion", plain(seen.baseline_capd), "points"),
        answered("CAPD impossible to perform", seen.capd_unable, seen.at, seen.source),
        *((Evidence("RASS", str(seen.rass), None, seen.at, seen.source),) if seen.rass is not None else ()),
    )
    return Domain("cognition", _capd(seen), because, _capd_lacks(seen))


def _capd_lacks(seen: Toxicity) -> tuple[str, ...]:
    """What a CAPD lacks, in words; at deep sedation that it was not done without."""
    unanswered = () if deeply_sedated(seen) else _unanswered("CAPD", seen.capd, CAPD_ITEMS, seen.at)
    before = ("CAPD before the first infusion",) if seen.baseline_capd is None else ()
    return (*(unanswered or (f"CAPD without sedation at {seen.at}",)), *before)


def _shown(span: tuple[int, int] | None) -> str | None:
    return None if span is None else str(Grade(*span))


def _unanswered(name: str, answers: Mapping[str, int | None] | None, items: Iterable[str], at: str) -> tuple[str, ...]:
    if answers is None:
        return (f"{name} at {at}",)
    return tuple(f"{item.upper()} of {name} at {at}" for item in items if answers.get(item) is None)


def _coded(code: str | None, grades: Mapping[str, int]) -> Grade:
    grade = grades.get(code or "")
    return ANY if grade is None else exactly(grade)


def _consciousness(seen: Toxicity) -> Domain:
    grade = unless(seen.consciousness_other_cause, _coded(seen.consciousness, _CONSCIOUSNESS))
    because = (
        Evidence("level of consciousness", seen.consciousness, None, seen.at, seen.source),
        answered("depressed consciousness has another cause", seen.consciousness_other_cause, seen.at, seen.source),
    )
    lacking = (
        *named("level of consciousness", seen.consciousness, seen.at),
        *named("other cause of depressed consciousness", seen.consciousness_other_cause, seen.at),
    )
    return Domain("consciousness", grade, because, lacking)


def _seizure(seen: Toxicity) -> Domain:
    because = (
        Evidence("seizure", seen.seizure, None, seen.at, seen.source),
        Evidence("seizure duration", plain(seen.seizure_minutes), "min", seen.at, seen.source),
    )
    return Domain("seizure", _seizure_grade(seen), because, named("seizure", seen.seizure, seen.at))


def _seizure_grade(seen: Toxicity) -> Grade:
    by_code = _coded(seen.seizure, _SEIZURE)
    if seen.seizure_minutes is None or seen.seizure in ("NONE", "REPETITIVE_NO_RETURN_TO_BASELINE"):
        return by_code
    if seen.seizure_minutes > PROLONGED_OVER:
        return exactly(4)
    return exactly(3) if by_code.graded else by_code


def _motor(seen: Toxicity) -> Domain:
    because = (Evidence("motor finding", seen.motor, None, seen.at, seen.source),)
    return Domain("motor", _coded(seen.motor, _MOTOR), because, named("motor finding", seen.motor, seen.at))


def _intracranial(seen: Toxicity) -> Domain:
    because = (
        Evidence("raised intracranial pressure or oedema", seen.icp, None, seen.at, seen.source),
        answered("intracranial haemorrhage", seen.intracranial_haemorrhage, seen.at, seen.source),
    )
    lacking = (
        *named("raised intracranial pressure or oedema", seen.icp, seen.at),
        *named("intracranial haemorrhage", seen.intracranial_haemorrhage, seen.at),
    )
    return Domain("oedema", unless(seen.intracranial_haemorrhage, _coded(seen.icp, _PRESSURE)), because, lacking)


def _domains(seen: Toxicity) -> tuple[Domain, ...]:
    return _cognition(seen), _consciousness(seen), _seizure(seen), _motor(seen), _intracranial(seen)


def icans_grade(seen: Toxicity) -> Grade:
    """The lowest and highest grade over every completion of the missing inputs; 0 is no ICANS, 5 death due to it."""
    return DEATH if seen.death == "DUE_TO_ICANS" else worst(domain.grade for domain in _domains(seen))


def icans(seen: Toxicity) -> Verdict:
    """The grade of one observation as a verdict about it, domain by domain."""
    grade = icans_grade(seen)
    observed = Evidence("observation", str(grade), "grade", seen.at, seen.source)
    return graded(RULE, seen.id, grade, tuple(domain.criterion() for domain in _domains(seen)), (observed,))


def icans_course(observations: Iterable[Toxicity]) -> tuple[Verdict, ...]:
    """
    The verdicts on ICANS of a subject: about each observation, and the highest grade about the subject.

    Nothing was observed: nothing is said.
    """
    ordered = by_time(observations)
    if not ordered:
        return ()
    each = tuple(icans(seen) for seen in ordered)
    return (*each, highest(HIGHEST_RULE, "subject", each))
