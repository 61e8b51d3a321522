"""What is asked and measured at the bedside of a visit: vital signs, instruments, lupus review, prespecified events."""

from __future__ import annotations

from decimal import Decimal

from seed.client import Body
from seed.kn5601.laboratory import around
from seed.kn5601.people import Assessed, Person
from seed.kn5601.steps import Entry, at

DESCRIPTORS = (
    *("seizure", "psychosis", "organic_brain_syndrome", "visual_disturbance", "cranial_nerve_disorder", "lupus_headache"),
    *("cva", "vasculitis", "arthritis", "myositis", "urinary_casts", "hematuria", "proteinuria", "pyuria", "rash"),
    *("alopecia", "mucosal_ulcers", "pleurisy", "pericarditis", "low_complement", "increased_dna_binding", "fever"),
    *("thrombocytopenia", "leukopenia"),
)
SYSTEMS = (
    *("constitutional", "mucocutaneous", "neuropsychiatric", "musculoskeletal", "cardiorespiratory"),
    *("gastrointestinal", "ophthalmic", "renal", "haematological"),
)
TRAINED = "2025-01-10"
"""When the investigators of the sites were trained in BILAG-2004, before the first subject: a choice, as all dates are."""
FATIGUE = (
    *("tired", "energy", "usual_things", "starting", "finishing", "sleep", "upset"),
    *("play", "help", "weak", "eat", "sad", "mad"),
)
"""The items of PEDS-FACIT-F."""
SIGNS = (
    ("TEMP", "36.7", "0.4", 1, "C"),
    ("SYSBP", "110", "7", 0, "mmHg"),
    ("DIABP", "67", "6", 0, "mmHg"),
    ("PULSE", "82", "9", 0, "beats/min"),
    ("RESP", "18", "2", 0, "breaths/min"),
    ("OXYSAT", "98", "1", 0, "%"),
)
PRESPECIFIED = ("REJECTION", "GRAFT VERSUS HOST DISEASE", "INFECTION", "HOSPITALIZATION", "INTENSIVE CARE")


def vital_signs(person: Person, visit: str, day: int) -> Entry:
    """Temperature, pressure, pulse, breathing, oxygen saturation and weight; height too where growth is followed."""
    dice = person.dice(f"vital signs {visit}")
    found = [(sign, str(around(dice, usual, spread, digits)), unit) for sign, usual, spread, digits, unit in SIGNS]
    found.append(("WEIGHT", str(weight_kg(person, day)), "kg"))
    if not visit.startswith(("INFUSION", "LYMPHODEPLETION")):
        found.append(("HEIGHT", str(person.height_cm), "cm"))
    about = {"vsdtc": person.day(day)}
    return Entry("vital-signs", at(visit, [_sign(*each) | about for each in found]), name=f"vital signs {visit}")


def weight_kg(person: Person, day: int) -> Decimal:
    """A growing child's weight: half a kilogram more every two months after the first infusion."""
    return person.weight_kg + Decimal("0.5") * (max(day, 0) // 60)


def _sign(test: str, value: str, unit: str) -> Body:
    return {"vstestcd": test, "vsorres": value, "vsorresu": unit}


def instruments(person: Person, visit: Assessed, name: str) -> Entry:
    """PGA, BILAG-2004 and SLEDAI-2K as one panel, each with every item answered; who graded BILAG-2004 was trained in it."""
    sledai: Body = {key: key in visit.present for key in DESCRIPTORS}
    grades = {system: visit.grades.get(system, "E") for system in SYSTEMS}
    panel: list[Body] = [
        {"instrument": "PGA", "answers": {"score": visit.pga, "scale": "0-3"}},
        {"instrument": "BILAG-2004", "answers": grades, "rsevalid": f"INV-{person.siteid}", "rstrndtc": TRAINED},
        {"instrument": "SLEDAI-2K", "answers": sledai},
    ]
    panel = [{"rsdtc": person.day(visit.day)} | body for body in panel]
    return Entry("assessments", at(name, panel), name=f"instruments {visit.visit}")


def fatigue(person: Person, visit: Assessed, name: str) -> Entry:
    """PEDS-FACIT-F as the child might have marked it: nothing of it was published."""
    dice = person.dice(f"fatigue {name}")
    answers = {item: dice.randint(0, 4) for item in FATIGUE}
    about = {"instrument": "PEDS-FACIT-F", "rsdtc": person.day(visit.day), "answers": answers}
    return Entry("assessments", at(name, [about]))


def lupus_review(person: Person, visit: Assessed, name: str) -> Entry:
    """No haemolysis, no gut activity; background therapy stable and tolerated, glucocorticoid still taken."""
    return Entry(
        "lupus-reviews",
        {
            "visit": name,
            "rvdtc": person.day(visit.day),
            "haemolys": "N",
            "giactiv": "N",
            "glucoc": "Y",
            "bgstable": "Y",
            "bgtolrtd": "Y",
            "othinvst": "N",
        },
    )


def asked_about(person: Person, name: str, day: int, occurred: dict[str, Body]) -> Entry:
    """Each prespecified event, whether it occurred since the visit before; what occurred names its adverse event."""
    date = person.day(day)
    events = [
        {"ceterm": term, "ceoccur": "Y" if term in occurred else "N", "cedtc": date, **occurred.get(term, {})}
        for term in PRESPECIFIED
    ]
    return Entry("prespecified-events", at(name, events))
