"""
The synthetic cohort as a site would enter it: every subject's casebook from consent to the last visit, act by act.

Deterministic: the same acts in every run. What was published of a subject (age, sex, dose, SLEDAI-2K at baseline and at
present, follow-up, grade of cytokine release) constrains the data files; which subjects respond is a choice, see the README.
"""

from __future__ import annotations

from decimal import Decimal

from seed.kn5601 import bedside, events, laboratory, medication, screening, surveillance, treatment
from seed.kn5601.people import INFUSION_DAYS, Assessed, Person
from seed.kn5601.slips import with_slips
from seed.kn5601.steps import UNSCHEDULED, Entry, Step, Steps


def casebook(person: Person) -> list[Step]:
    """Every act in one subject's casebook, in order, slips of the site and their corrections among them."""
    right = [*_screening(person), *_treatment(person), *_follow_up(person)]
    return list(with_slips(person.subject, right))


def _screening(person: Person) -> Steps:
    screened, baseline = person.visits[:2]
    eligible = screened.day + 4
    yield from screening.agreed(person, screened.day)
    days = {"svstdtc": person.day(screened.day), "svendtc": person.day(max(eligible, screening.BIOPSY_DAY))}
    yield Entry("visits", {"visit": "SCREENING", "svoccur": "Y"} | days)
    yield from screening.history(person)
    yield from surveillance.biopsy(person)
    yield from surveillance.examined(person, "SCREENING", screened.day)
    yield from medication.background(person)
    yield from _measured(person, screened, "SCREENING")
    yield from screening.eligible(person, eligible)
    yield Entry("visits", {"visit": "BASELINE", "svoccur": "Y", "svstdtc": person.day(baseline.day)})
    yield from _measured(person, baseline, "BASELINE")
    yield laboratory.cells(person, "BASELINE", baseline.day)
    yield surveillance.viral_loads(person, "BASELINE", baseline.day)
    yield surveillance.transgene(person, "BASELINE", baseline.day)
    yield medication.prednisone(person)["BASELINE"]
    yield bedside.lupus_review(person, baseline, "BASELINE")
    yield bedside.fatigue(person, baseline, "BASELINE")


def _measured(person: Person, visit: Assessed, name: str) -> Steps:
    """What every efficacy visit measures: vital signs, laboratory, instruments."""
    yield bedside.vital_signs(person, name, visit.day)
    yield from laboratory.before_or_after(person, visit, name)
    yield bedside.instruments(person, visit, name)


def _treatment(person: Person) -> Steps:
    yield from treatment.depletion(person)
    for number in range(1, len(INFUSION_DAYS) + 1):
        yield from treatment.infusion(person, number)
        if number == len(INFUSION_DAYS):
            yield surveillance.transgene(person, f"INFUSION {number}", INFUSION_DAYS[-1])
        if person.reaction and person.reaction[0].infusion == number:
            yield from events.cytokine_release(person)
            yield from events.intercurrent(person)
        yield from medication.for_reaction(person, number)


def _follow_up(person: Person) -> Steps:
    before = person.visits[1].day
    for visit in person.visits[2:]:
        yield from _unscheduled(person, visit) if visit.visit == UNSCHEDULED else _planned(person, visit, before)
        before = visit.day
    yield screening.still_followed(person)


def _planned(person: Person, visit: Assessed, before: int) -> Steps:
    """A planned visit of follow-up; the first of them finds the blood counts recovered."""
    name = visit.visit
    yield Entry("visits", {"visit": name, "svoccur": "Y", "svstdtc": person.day(visit.day)})
    yield from _measured(person, visit, name)
    yield laboratory.cells(person, name, visit.day)
    yield surveillance.viral_loads(person, name, visit.day)
    yield surveillance.transgene(person, name, visit.day)
    yield from _changes(person, name)
    yield bedside.lupus_review(person, visit, name)
    if name == "M3":
        yield bedside.fatigue(person, visit, name)
    if name == "M1":
        yield events.neutropenia(person, lowest_neutrophils(person), visit.day)
    yield from events.others(person, before, visit.day)
    yield bedside.asked_about(person, name, visit.day, events.prespecified(person, before, visit.day))
    yield from events.adjudicated(person, name, visit.day)


def _unscheduled(person: Person, visit: Assessed) -> Steps:
    """A visit that nobody planned; the service names it, and the acts that follow say so."""
    why = "Suspected flare: new oral ulcers"
    yield Entry("visits", {"svoccur": "Y", "svstdtc": person.day(visit.day), "svupdes": why})
    yield from _measured(person, visit, UNSCHEDULED)
    yield from _changes(person, UNSCHEDULED)
    yield bedside.lupus_review(person, visit, UNSCHEDULED)


def _changes(person: Person, visit: str) -> Steps:
    """The dose of prednisone that ends at this visit, if one does."""
    entered = medication.prednisone(person)
    if visit in entered:
        yield entered[visit]


def lowest_neutrophils(person: Person) -> Decimal:
    """The lowest neutrophil count on the infusion days, in 10^9/L."""
    panels = [laboratory.on_infusion(person, number, day) for number, day in enumerate(INFUSION_DAYS, 1)]
    return min(Decimal(row["lborres"]) for panel in panels for row in panel.bodies if row["lbtestcd"] == "NEUT")
