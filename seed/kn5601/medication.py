"""What a subject takes beside the study treatment: prednisone as it is tapered, background therapy, drugs for a reaction."""

from __future__ import annotations

from itertools import groupby

from seed.client import Body
from seed.kn5601.people import Person
from seed.kn5601.steps import Entry, Steps
from seed.kn5601.treatment import CRS_ID

SLE = "Systemic lupus erythematosus"
CLASSES = {"PARACETAMOL": "ANTIPYRETIC", "TOCILIZUMAB": "ANTICYTOKINE"}
GIVEN = {"PARACETAMOL": ("500", "ORAL"), "TOCILIZUMAB": ("400", "INTRAVENOUS")}
"""Dose in mg and route of a drug given once for a reaction."""


def background(person: Person) -> Steps:
    """Antimalarial and, where the subject takes one, immunosuppressant: begun at diagnosis, at one dose since."""
    since = {"cmstdtc": person.diagnosed, "cmongo": "Y", "cmindc": SLE, "cmroute": "ORAL"}
    taken = [_drug("HYDROXYCHLOROQUINE", "ANTIMALARIAL", person.hydroxychloroquine_mg, "QD") | since]
    if person.mycophenolate_mg != "0":
        taken.append(_drug("MYCOPHENOLATE MOFETIL", "IMMUNOSUPPRESSANT", person.mycophenolate_mg, "BID") | since)
    yield Entry("medications", taken)


def prednisone(person: Person) -> dict[str, Entry]:
    """
    One record for each dose of prednisone, by the visit at which it is entered: the last visit at that dose.

    The dose that a visit finds was taken from the day after the visit before; the last one goes on.
    """
    entered: dict[str, Entry] = {}
    since = f"{person.first_infusion.year - 1}-09"
    for dose, run in groupby(person.visits, key=lambda visit: visit.prednisone_mg):
        last = list(run)[-1]
        until = {"cmongo": "Y"} if last == person.visits[-1] else {"cmongo": "N", "cmendtc": person.day(last.day)}
        entered[last.visit] = Entry("medications", _prednisone(dose, since) | until)
        since = person.day(last.day + 1)
    return entered


def _prednisone(dose: str, since: str) -> Body:
    return _drug("PREDNISONE", "GLUCOCORTICOID", dose, "QD") | {"cmroute": "ORAL", "cmindc": SLE, "cmstdtc": since}


def for_reaction(person: Person, infusion: int) -> Steps:
    """The drugs given for a reaction, each one hour before the observation that reports it."""
    given = [(seen, drug) for seen in person.reaction if seen.infusion == infusion for drug in seen.given]
    doses = [_once(drug, person.moment(seen.infusion, seen.hours - 1)) for seen, drug in given]
    if doses:
        yield Entry("medications", doses)


def _once(drug: str, moment: str) -> Body:
    mg, route = GIVEN[drug]
    about = {"cmroute": route, "cmindc": "Cytokine release syndrome", "cmaeno": CRS_ID}
    return _drug(drug, CLASSES[drug], mg, "ONCE") | about | {"cmstdtc": moment, "cmendtc": moment, "cmongo": "N"}


def _drug(name: str, category: str, dose: str, often: str) -> Body:
    return {"cmtrt": name.capitalize(), "cmdecod": name, "cmcat": category, "cmdose": dose, "cmdosu": "mg", "cmdosfrq": often}
