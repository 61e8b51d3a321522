"""
Cytokine release syndrome by Lee 2014, a scale of its own: never converted to the ASTCT grade nor compared with it.

1: fever or constitutional symptoms only. 2: oxygen below 40 %, hypotension answering to fluids or to one vasopressor at a low
dose, organ toxicity of grade 2. 3: oxygen of 40 % or more, a vasopressor at a high dose or several, organ toxicity of grade 3,
transaminitis of grade 4. 4: mechanical ventilation, organ toxicity of grade 4 other than transaminitis. 5: death due to it.

Rulings. Room air (21 %) is no oxygen. Hypotension without a vasopressor is grade 2, whatever was said of fluids: more than that
the table grades by vasopressors alone. Several are two different drugs; milrinone and dobutamine are none. Transaminitis
counts as organ toxicity up to grade 3, and its grade 4 as 3. Here fever is not required, as it is by ASTCT. In a casebook it is
read from the toxicity observation: fever and hypotension without another cause as by `crs`, oxygen from the inspired fraction;
whether positive pressure by a mask is ventilation the table does not say, and it is left open.

Source: Lee DW et al. Blood 2014;124:188-195, table 3, as reprinted in Frontiers reviews (PMC7006459, table 2).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from app.rules.dates import sort_key
from app.rules.exact import plain
from app.rules.facts import Toxicity
from app.rules.grades import DEATH, NONE, Domain, Grade, exactly, graded, up_to, where, worst
from app.rules.safety.crs import NOT_VASOPRESSORS, fever, hypotension
from app.rules.verdict import Evidence, Rule, Truth, Verdict, all_of, answered, any_of, not_

RULE = Rule("crs_lee_2014", "1", "CRS grade (Lee 2014)", "Lee DW et al. Blood 2014;124:188-195, table 3")
ROOM_AIR = Decimal(21)
HIGH_OXYGEN = Decimal(40)
BY_MASK = frozenset({"CPAP", "BIPAP"})


@dataclass(frozen=True, slots=True)
class LeeSigns:
    """What the scale asks of one observation; oxygen in percent, organ toxicity as CTCAE grades without transaminitis."""

    fever: Truth
    constitutional: Truth
    hypotension: Truth
    vasopressors: tuple[str, ...] | None
    high_dose: Truth
    oxygen_percent: Decimal | None
    ventilated: Truth
    organ_toxicity: int | None
    transaminitis: int | None
    death: str | None


def _flag(name: str, truth: Truth, grade: int) -> Domain:
    return Domain(name, where(truth, exactly(grade)), (answered(name.replace("_", " "), truth),), (name.replace("_", " "),))


def _vasopressors(signs: LeeSigns) -> Domain:
    running = signs.vasopressors
    said = None if running is None else ", ".join(running) or "none"
    because = (Evidence("vasopressors running", said), answered("high dose", signs.high_dose))
    return Domain("vasopressors", _pressor_grade(signs), because, ("vasopressors running and their dose",))


def _pressor_grade(signs: LeeSigns) -> Grade:
    drugs = None if signs.vasopressors is None else set(signs.vasopressors) - NOT_VASOPRESSORS
    if drugs is not None and not drugs:
        return NONE
    if signs.high_dose or (drugs is not None and len(drugs) > 1):
        return exactly(3)
    if drugs is None:
        return up_to(3)
    return Grade(2, 3) if signs.high_dose is None else exactly(2)


def _oxygen(signs: LeeSigns) -> Domain:
    percent = signs.oxygen_percent
    grade = up_to(3)
    if percent is not None:
        grade = NONE if percent <= ROOM_AIR else exactly(2 if percent < HIGH_OXYGEN else 3)
    return Domain("oxygen", grade, (Evidence("oxygen", plain(percent), "%"),), ("oxygen",))


def _organs(signs: LeeSigns) -> Domain:
    toxicity, liver = signs.organ_toxicity, signs.transaminitis
    grade = worst((_counted(toxicity, 4), _counted(liver, 3)))
    because = (Evidence("organ toxicity", plain(toxicity), "grade"), Evidence("transaminitis", plain(liver), "grade"))
    missing = tuple(fact.what for fact in because if fact.value is None)
    return Domain("organ_toxicity", grade, because, missing)


def _counted(ctcae: int | None, most: int) -> Grade:
    """Grade 1 toxicity asks for no intervention and leaves the syndrome at what its other signs make it."""
    if ctcae is None:
        return up_to(most)
    return NONE if ctcae < 2 else exactly(min(ctcae, most))


def domains(signs: LeeSigns) -> tuple[Domain, ...]:
    """What each sign contributes."""
    return (
        _flag("fever_or_constitutional_symptoms", any_of((signs.fever, signs.constitutional)), 1),
        _flag("hypotension", signs.hypotension, 2),
        _vasopressors(signs),
        _oxygen(signs),
        _flag("mechanical_ventilation", signs.ventilated, 4),
        _organs(signs),
    )


def crs_lee(signs: LeeSigns, about: str = "observation") -> Verdict:
    """The grade over every completion of the missing inputs: 0 to 4 by the worst sign, 5 for death due to CRS."""
    each = domains(signs)
    grade = DEATH if signs.death == "DUE_TO_CRS" else worst(domain.grade for domain in each)
    return graded(RULE, about, grade, tuple(domain.criterion() for domain in each))


def _percent(seen: Toxicity) -> Decimal | None:
    if seen.fio2 is not None:
        return seen.fio2 * 100
    return ROOM_AIR if seen.o2_device == "NONE" else None


def signs(seen: Toxicity) -> LeeSigns:
    """The signs of one toxicity observation."""
    masked = seen.o2_device is None or seen.o2_device in BY_MASK
    return LeeSigns(
        fever=fever(seen),
        constitutional=seen.constitutional,
        hypotension=all_of((hypotension(seen), not_(seen.hypotension_other_cause))),
        vasopressors=seen.vasopressors,
        high_dose=seen.high_dose_vasopressor,
        oxygen_percent=_percent(seen),
        ventilated=None if masked else seen.o2_device == "MECHANICAL_VENTILATION",
        organ_toxicity=seen.organ_toxicity,
        transaminitis=seen.transaminitis,
        death=seen.death,
    )


def observed(observations: Iterable[Toxicity]) -> Iterator[Verdict]:
    """The grade of each observation, about it."""
    for seen in sorted(observations, key=lambda seen: (sort_key(seen.at), seen.id)):
        graded_ = crs_lee(signs(seen), seen.id)
        yield replace(graded_, evidence=(Evidence("observation", seen.at, None, seen.at, seen.source),))
