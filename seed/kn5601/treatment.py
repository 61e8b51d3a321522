"""Lymphodepletion on three days, six infusions from released lots at opened levels, and the observations after each of them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from random import Random

from seed.client import Body
from seed.kn5601 import laboratory
from seed.kn5601.bedside import vital_signs
from seed.kn5601.people import INFUSION_DAYS, Observed, Person, rows
from seed.kn5601.steps import Entry, Steps, at

DEPLETION = {"FLUDARABINE": ("30", "INJECTION, SOLUTION"), "CYCLOPHOSPHAMIDE": ("300", "INJECTION, POWDER, FOR SOLUTION")}
"""Dose in mg/m2 (assumed) and dose form."""
DEPLETION_DAYS = (-5, -4, -3)
LOTS = (
    ("SYN-LOT-01", "2024-12-02", "88.5", "41.2"),
    ("SYN-LOT-02", "2025-03-10", "90.1", "44.8"),
    ("SYN-LOT-03", "2025-05-05", "87.4", "39.6"),
)
"""Lot, day of release, viability and CAR-positive cells in percent."""
HOURS = (12, 24, 36, 48)
HOURS_AFTER_LAST = (*HOURS, 72)
"""When CRS and ICANS are asked after an infusion, in hours; the next infusion follows at 72."""
INTERRUPTED = ("SYN-009", 3)
"""The one infusion that was interrupted, and went on."""
ICE_ITEMS = ("year", "month", "city", "hospital", "name_1", "name_2", "name_3", "command", "writing", "attention")
CRS_ID = "AE-CRS"
"""The site's own number of the event of cytokine release."""
NOTHING_NEUROLOGICAL = {
    "devdelay": "N",
    "conscious": "ALERT",
    "seizure": "NONE",
    "motor": "NONE",
    "icp": "NONE",
    "haemorrh": "N",
    "death": "NO",
}


def lots() -> list[Body]:
    """The lots of the study product, all of one donor."""
    return [
        {
            "eclot": lot,
            "lotstat": "RELEASED",
            "reldtc": released,
            "expdtc": f"{int(released[:4]) + 2}{released[4:]}",
            "donorid": "SYN-DONOR-1",
            "viabpct": viable,
            "carpct": positive,
        }
        for lot, released, viable, positive in LOTS
    ]


def decisions(cut: str) -> list[Body]:
    """The committee opens every level before the first subject: how it went from level to level in truth is not public."""
    return [
        {
            "doselvl": level,
            "decision": "OPEN",
            "decreas": "SYNTHETIC: design and decisions are not public; opened so that the cohort can be dosed as published",
            "members": "Synthetic committee",
            "decdtc": "2025-01-20",
            "effdtc": "2025-01-21T08:00",
            "cutname": cut,
        }
        for level in sorted({row["dose"] for row in rows("published")})
    ]


def depletion(person: Person) -> Steps:
    """The visit and the six doses of lymphodepletion."""
    first, *_, last = DEPLETION_DAYS
    days = {"svstdtc": person.day(first), "svendtc": person.day(last)}
    yield Entry("visits", {"visit": "LYMPHODEPLETION", "svoccur": "Y"} | days)
    doses = [_depleting(person, drug, day) for day in DEPLETION_DAYS for drug in DEPLETION]
    yield Entry("lymphodepletion", at("LYMPHODEPLETION", doses))
    yield vital_signs(person, "LYMPHODEPLETION", first)


def _depleting(person: Person, drug: str, day: int) -> Body:
    per_m2, form = DEPLETION[drug]
    hour, until = ("T09:00", "T09:30") if drug == "FLUDARABINE" else ("T11:00", "T12:00")
    return {
        "ectrt": drug,
        "ecoccur": "Y",
        "ecstdtc": person.day(day) + hour,
        "ecendtc": person.day(day) + until,
        "ecdose": str((Decimal(per_m2) * person.surface_m2).quantize(Decimal(1), ROUND_HALF_UP)),
        "ecdosu": "mg",
        "ecdosm2": per_m2,
        "ecbsa": str(person.surface_m2),
        "ecdosfrm": form,
        "ecroute": "INTRAVENOUS",
    }


def infusion(person: Person, number: int) -> Steps:
    """One infusion: the visit, the blood before it, the dose, and two days of observations with ICE at each."""
    name, day = f"INFUSION {number}", INFUSION_DAYS[number - 1]
    seen = observations(person, number)
    days = {"svstdtc": person.day(day), "svendtc": person.moment(number, seen[-1].hours)[:10]}
    yield Entry("visits", {"visit": name, "svoccur": "Y"} | days)
    yield laboratory.on_infusion(person, number, day)
    yield vital_signs(person, name, day)
    yield Entry("infusions", at(name, [_given(person, number)]))
    yield Entry("toxicity-observations", at(name, [_observation(person, each) for each in seen]), name=f"observations {number}")
    yield Entry("assessments", at(name, [_ice(person, each) for each in seen]))
    if number == len(INFUSION_DAYS):
        yield laboratory.cells(person, name, day)
        yield _completed(person)


def _given(person: Person, number: int) -> Body:
    slow = (person.subject, number) == INTERRUPTED
    day = person.day(INFUSION_DAYS[number - 1])
    return {
        "ectrt": "KN5601",
        "infusno": number,
        "ecoccur": "Y",
        "ecthwdtc": person.moment(number, -0.5),
        "ecstdtc": person.moment(number),
        "ecendtc": person.moment(number, 1.25 if slow else 0.75),
        "ecpdose": person.dose,
        "ecdose": person.dose,
        "ecdosu": "10^9 Therapeutic Cells",
        "ecdosfrm": "INJECTION, SUSPENSION",
        "ecroute": "INTRAVENOUS",
        "eclot": max(lot for lot, released, *_ in LOTS if released < day),
        "doselvl": person.published["dose"],
        "ecwt": str(person.weight_kg),
        "ecwtdtc": person.day(-6),
        "ecintrp": "Y" if slow else "N",
        "ecidchk": "Y",
    }


def observations(person: Person, number: int) -> list[Observed]:
    """The scheduled observations after an infusion, with those of a reaction in their place or between them."""
    reaction = {seen.hours: seen for seen in person.reaction if seen.infusion == number}
    scheduled = HOURS_AFTER_LAST if number == len(INFUSION_DAYS) else HOURS
    dice = person.dice(f"observations {number}")
    return [reaction.get(hours) or _quiet(dice, number, hours) for hours in sorted({*scheduled, *reaction})]


def _quiet(dice: Random, number: int, hours: int) -> Observed:
    """An observation without fever, hypotension or need of oxygen."""
    return Observed(
        infusion=number,
        hours=hours,
        temp=str(laboratory.around(dice, "36.8", "0.4", 1)),
        sysbp=str(laboratory.around(dice, "110", "6", 0)),
        diabp=str(laboratory.around(dice, "66", "5", 0)),
        hypotens="N",
        oxysat=str(laboratory.around(dice, "98", "1", 0)),
        o2device="NONE",
        o2flow=None,
        given=(),
    )


def _observation(person: Person, seen: Observed) -> Body:
    asked: Body = {"feveroth": "N"} if Decimal(seen.temp) >= 38 else {}
    asked |= {"hypototh": "N"} if seen.hypotens == "Y" else {}
    asked |= {"hypoxoth": "N", "o2flow": seen.o2flow} if seen.o2device != "NONE" else {}
    asked |= {"aespid": CRS_ID} if seen in person.reaction else {}
    return {
        "fadtc": person.moment(seen.infusion, seen.hours),
        "age": person.age,
        "infusno": seen.infusion,
        "temp": seen.temp,
        "tempu": "C",
        "given": list(seen.given),
        "sysbp": seen.sysbp,
        "diabp": seen.diabp,
        "hypotens": seen.hypotens,
        "pressors": [],
        "oxysat": seen.oxysat,
        "o2device": seen.o2device,
        **asked,
        **NOTHING_NEUROLOGICAL,
    }


def _ice(person: Person, seen: Observed) -> Body:
    """ICE at the time of the observation, every item right: nobody in the published cohort had ICANS."""
    return {"instrument": "ICE", "rsdtc": person.moment(seen.infusion, seen.hours), "answers": dict.fromkeys(ICE_ITEMS, 1)}


def _completed(person: Person) -> Entry:
    ended = person.day(INFUSION_DAYS[-1])
    about = {"dscat": "DISPOSITION EVENT", "dsscat": "STUDY TREATMENT", "dsstdtc": ended}
    return Entry("dispositions", about | {"dsdecod": "COMPLETED", "dsterm": "Completed six infusions"})
