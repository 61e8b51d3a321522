"""What a safety physician follows beside the events: viral load, the product in blood, procedures, days in hospital."""

from __future__ import annotations

from seed.client import Body
from seed.kn5601.laboratory import around
from seed.kn5601.people import INFUSION_DAYS, Person
from seed.kn5601.screening import BIOPSY_DAY
from seed.kn5601.steps import Entry, Steps, at

VIRUSES = ("EBDNA", "CMVDNA")
LLOQ = "50"
"""Lower limit of the assay of the transgene, in copies a microgram of DNA."""


def viral_loads(person: Person, visit: str, day: int) -> Entry:
    """EBV and CMV at a visit, below the assay's limit: no reactivation was published."""
    about = {
        "mborres": "<200",
        "mborresu": "copies/mL",
        "mbspec": "PLASMA",
        "mbmethod": "REAL-TIME POLYMERASE CHAIN REACTION ASSAY",
    }
    found = [{"mbtestcd": virus, **about, "mbdtc": person.day(day)} for virus in VIRUSES]
    return Entry("microbiology", at(visit, found))


def transgene(person: Person, visit: str, day: int) -> Entry:
    """Copies of the transgene in blood: most on the day of the last infusion, none that can be measured from M1 on."""
    dice = person.dice(f"transgene {visit}")
    copies = str(around(dice, "1800", "900", 0)) if 0 < day <= INFUSION_DAYS[-1] else f"<{LLOQ}"
    return Entry("cellular-kinetics", at(visit, [_copies(copies) | {"pcdtc": person.day(day)}]))


def _copies(result: str) -> Body:
    return {
        "pctestcd": "CARDNA",
        "pcorres": result,
        "pcorresu": "DNA copies/ug",
        "pclloq": LLOQ,
        "pcspec": "BLOOD",
        "pcmethod": "DROPLET DIGITAL PCR",
        "pcnam": "Synthetic Central Laboratory",
    }


def biopsy(person: Person) -> Steps:
    """The procedure by which the renal tissue was taken, where the published table has a class."""
    if person.published["biopsy"] != "/":
        about = {"prtrt": "Renal biopsy", "prdecod": "BIOPSY", "prcat": "BIOPSY", "prloc": "KIDNEY"}
        yield Entry("procedures", at("SCREENING", [about | {"prindc": "Lupus nephritis", "prstdtc": person.day(BIOPSY_DAY)}]))


def examined(person: Person, visit: str, day: int) -> Steps:
    """The electrocardiogram and the physical examination of a visit: nothing abnormal was published."""
    dice = person.dice(f"electrocardiogram {visit}")
    intervals = [("EGHRMN", "82", "10", "beats/min"), ("QTCFAG", "405", "15", "ms")]
    found = [
        {"egtestcd": test, "egorres": str(around(dice, usual, spread, 0)), "egorresu": unit}
        for test, usual, spread, unit in intervals
    ]
    about = {"egpos": "SUPINE", "egmethod": "12 LEAD STANDARD", "egdtc": person.day(day)}
    yield Entry("ecgs", at(visit, [one | about for one in (*found, {"egtestcd": "INTP", "egorres": "NORMAL", "egclsig": "N"})]))
    seen = [{"petestcd": system, "peorres": "NORMAL", "pedtc": person.day(day)} for system in ("CARDIO", "RESP", "ABDOMEN")]
    yield Entry("physical-examinations", at(visit, seen))


def hospital(began: str, ended: str) -> Entry:
    """The stay in hospital to which the cytokine release led, in words: the event itself is asked about at the visit (CE)."""
    stay = {"hoterm": "Admitted with cytokine release syndrome", "hodecod": "HOSPITAL STAY", "hoongo": "N"}
    return Entry("healthcare-encounters", stay | {"hostdtc": began[:10], "hoendtc": ended[:10]})
