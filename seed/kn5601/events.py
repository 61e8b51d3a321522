"""
Adverse events as the investigator reports them: cytokine release, the neutropenia of lymphodepletion, those of `events.csv`.

An event is entered when it is over. The investigator's grade is data: the published grade of cytokine release, and the CTCAE
grade that the lowest count gives.
"""

from __future__ import annotations

from decimal import Decimal

from seed.client import Body
from seed.kn5601.people import INFUSION_DAYS, Person, rows
from seed.kn5601.steps import Entry, Step, Steps
from seed.kn5601.surveillance import hospital
from seed.kn5601.treatment import CRS_ID, observations

GRADES = {"I": "1", "II": "2"}
TOXICITY_OF_DEPLETION = "AE-01"


def cytokine_release(person: Person) -> Steps:
    """The reaction as one event with its highest grade, from the first fever to the first observation without any sign."""
    began, ended = _reaction_times(person)
    grade = GRADES[person.published["crs"]]
    grave = grade == "2"
    yield Entry(
        "adverse-events",
        {
            **_event(CRS_ID, "Cytokine release syndrome", "CRS", began, ended),
            "aetoxgr": grade,
            "aetoxscl": "ASTCT 2019",
            "aetoxver": "2019",
            "aerel": "RELATED",
            "aerelld": "NOT RELATED",
            "aecontrt": "Y",
            "aeinfno": person.reaction[0].infusion,
            **({"aeser": "Y", "aeshosp": "Y"} if grave else {}),
        },
        name=CRS_ID,
    )
    yield Entry("adverse-event-grades", [{"aespid": CRS_ID, "fadtc": at, "toxgr": step} for at, step in _course(person)])
    if grave:
        yield hospital(began, ended)


def _course(person: Person) -> list[tuple[str, str]]:
    """When the reaction took each grade: 2 while pressure or oxygen called for it, else 1."""
    graded = [(person.moment(seen.infusion, seen.hours), "2" if seen.hypotens == "Y" else "1") for seen in person.reaction]
    return [step for place, step in enumerate(graded) if not place or graded[place - 1][1] != step[1]]


def adjudicated(person: Person, visit: str, day: int) -> Steps:
    """
    At M1 the committee looks at the cytokine release, where there was one; at M2, after the window has closed, at the whole
    window. Nothing was dose-limiting: no dose-limiting toxicity was published.
    """
    if visit == "M1" and person.reaction:
        reason = "CRS of grade 1 or 2 that resolved: no item of the checklist"
        yield _not_limiting(visit, person.day(day), reason, aespid=CRS_ID)
    if visit == "M2":
        yield _not_limiting(visit, person.day(day), "No event in the window met an item of the checklist")


def _not_limiting(visit: str, date: str, reason: str, **event: str) -> Step:
    about = {"visit": visit, "dltdtc": date, "dltyn": "N", "dltby": "Synthetic committee", "dltreas": reason}
    return Entry("dlt-assessments", about | event)


def intercurrent(person: Person) -> Steps:
    """Tocilizumab for cytokine release, adjudicated not to bear on the endpoint."""
    for seen in person.reaction:
        if "TOCILIZUMAB" in seen.given:
            yield Entry(
                "intercurrent-events",
                {
                    "icetype": "CRS_TREATMENT",
                    "icestdtc": person.moment(seen.infusion, seen.hours - 1),
                    "icedesc": "Tocilizumab 400 mg for cytokine release syndrome",
                    "icecount": "N",
                    "iceadjby": "Synthetic endpoint committee",
                },
            )


def _reaction_times(person: Person) -> tuple[str, str]:
    first, last = person.reaction[0], person.reaction[-1]
    after = next(seen for seen in observations(person, last.infusion) if seen.hours > last.hours)
    return person.moment(first.infusion, first.hours), person.moment(after.infusion, after.hours)


def neutropenia(person: Person, lowest: Decimal, recovered: int) -> Step:
    """Neutropenia from the first count below the range to the visit that finds it recovered, graded by CTCAE 5.0."""
    return Entry(
        "adverse-events",
        {
            **_event(TOXICITY_OF_DEPLETION, "Neutrophil count decreased", "CYTOPENIA", person.day(3), person.day(recovered)),
            "aetoxgr": "3" if lowest < 1 else "2",
            "aetoxscl": "CTCAE",
            "aetoxver": "5.0",
            "aerel": "UNLIKELY RELATED",
            "aerelld": "RELATED",
        },
    )


def others(person: Person, after: int, until: int) -> Steps:
    """The listed events that ended after one day and not after another."""
    for row in rows("events"):
        if row["subject"] == person.number and after < int(row["end_day"]) <= until:
            started, ended = (person.day(int(row[name])) for name in ("start_day", "end_day"))
            yield Entry(
                "adverse-events",
                {
                    **_event(row["aespid"], row["term"], row["category"], started, ended),
                    "aetoxgr": row["grade"],
                    "aetoxscl": "CTCAE",
                    "aetoxver": "5.0",
                    "aerel": row["related"],
                    "aerelld": row["related_to_depletion"],
                    "aeacn": row["action"],
                },
            )


def prespecified(person: Person, after: int, until: int) -> dict[str, Body]:
    """What a visit must say of the prespecified events since the visit before: by term, the event's identifier and dates."""
    found: dict[str, Body] = {}
    for row in rows("events"):
        if row["subject"] == person.number and row["prespecified"] and after < int(row["end_day"]) <= until:
            dates = {"cestdtc": person.day(int(row["start_day"])), "ceendtc": person.day(int(row["end_day"]))}
            found[row["prespecified"]] = {"aespid": row["aespid"], **dates}
    if person.published["crs"] == "II" and after < INFUSION_DAYS[-1] <= until:
        began, ended = _reaction_times(person)
        found["HOSPITALIZATION"] = {"aespid": CRS_ID, "cestdtc": began, "ceendtc": ended}
    return found


def _event(spid: str, term: str, category: str, began: str, ended: str) -> Body:
    """What every event of the cohort has in common: it resolved, was not serious, was not treated and changed no dose."""
    return {
        "aespid": spid,
        "aeterm": term,
        "aedecod": term,
        "aecat": category,
        "aestdtc": began,
        "aeendtc": ended,
        "aeongo": "N",
        "aeser": "N",
        "aerelpr": "NOT RELATED",
        "aecontrt": "N",
        "aeacn": "DOSE NOT CHANGED",
        "aeout": "RECOVERED/RESOLVED",
    }
