"""One subject as DM has it. Source: SDTMIG 3.4 section 5.2, ARMNRS by its tables of assumption 4."""

from __future__ import annotations

from cdisc import timing
from cdisc.sdtm.people import Subject
from cdisc.trial import Trial


def demographic_row(person: Subject, trial: Trial) -> dict[str, str]:
    """One subject as DM has it, by lower-case variable name. Age as collected, else from birth to consent where certain."""
    known = person.demographics
    age = known.get("age", "") or _age(known.get("brthdtc", ""), person.consent)
    assigned = trial.arms.get(person.armcd, "")
    actual = person.armcd if person.treated and assigned else ""
    return {
        **{name: known.get(name, "") for name in ("brthdtc", "race", "ethnic", "dmdtc")},
        "subject_id": person.subject_id,
        "siteid": person.siteid,
        "rfstdtc": person.reference,
        "rfendtc": _reference_end(person, assigned),
        "rfxstdtc": person.exposed,
        "rfxendtc": person.last_dose,
        "rficdtc": person.consent,
        "rfpendtc": max(person.contacts, default=""),
        "dthdtc": person.died_on,
        "dthfl": "Y" if person.died else "",
        "age": age,
        "ageu": "YEARS" if age else "",
        "sex": known.get("sex", "") or "U",
        "country": known.get("country", "") or trial.country or "",
        "armcd": person.armcd if assigned else "",
        "arm": assigned,
        "actarmcd": actual,
        "actarm": trial.arms.get(actual, ""),
        "armnrs": _why_no_arm(person, assigned, actual),
        "origin": "" if person.origin == "collected" else person.origin.upper(),
    }


def _reference_end(person: Subject, assigned: str) -> str:
    """RFENDTC: the last infusion; of a subject who has an arm and was never infused, the last contact (SDTMIG: required)."""
    return max(person.contacts, default="") if assigned and not person.infusions else person.last_infusion


def _age(birth: str, consent: str) -> str:
    years = timing.completed_years(birth, consent)
    return "" if years is None else str(years)


def _why_no_arm(person: Subject, assigned: str, actual: str) -> str:
    if assigned:
        return "" if actual else "ASSIGNED, NOT TREATED"
    return "SCREEN FAILURE" if person.said("SCREEN FAILURE") else "NOT ASSIGNED"
