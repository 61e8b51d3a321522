"""Who the subject is and where the subject stands: consent and assent, history, eligibility, an arm, the last contact."""

from __future__ import annotations

from seed.client import Body
from seed.kn5601.people import Person
from seed.kn5601.steps import Entry, Steps, at

ARMS = {"1": "DOSE1", "2": "DOSE2", "3": "DOSE3", "4.5": "DOSE4"}
INCLUSIONS = tuple(f"INCL0{number}" for number in range(1, 10))
BIOPSY_DAY = -14
"""Days from the first infusion; every subject was screened before."""
CLASSES = {"II": ["II"], "III": ["III"], "IV": ["IV"], "III+V": ["III", "V"], "IV+V": ["IV", "V"]}
"""ISN/RPS classes of the published wordings; a wording that is not here (`III+III-V`) codes to nothing."""


def agreed(person: Person, day: int) -> Steps:
    """Demographics, the parent's consent and the child's assent, on the day of screening."""
    yield Entry(
        "demographics",
        {"dmdtc": person.day(day), "brthdtc": person.born, "sex": person.published["sex"], "race": "ASIAN", "country": "CHN"},
    )
    yield Entry("dispositions", [_milestone("INFORMED CONSENT OBTAINED", person.day(day)) | _signed("PARENT")])
    yield Entry("dispositions", [_milestone("INFORMED ASSENT OBTAINED", person.day(day)) | _signed("SUBJECT")])


def history(person: Person) -> Steps:
    """The diagnosis with its month; nephritis and the renal biopsy where the published table has a class, verbatim."""
    verbatim = person.published["biopsy"]
    manifestation = "Lupus arthritis" if verbatim == "/" else "Lupus nephritis"
    diagnosis = _ailment("Systemic lupus erythematosus", "DISEASE UNDER STUDY", person) | {"mhevdtyp": "DIAGNOSIS"}
    yield Entry("medical-history", [diagnosis, _ailment(manifestation, "DISEASE MANIFESTATION", person)])
    if verbatim != "/":
        yield Entry("biopsies", at("SCREENING", [isn_rps(verbatim) | {"midtc": person.day(BIOPSY_DAY)}]))


def _ailment(term: str, category: str, person: Person) -> Body:
    return {"mhterm": term, "mhdecod": term, "mhcat": category, "mhstdtc": person.diagnosed, "mhongo": "Y"}


def isn_rps(verbatim: str) -> Body:
    """A biopsy's class as worded, and the classes it codes to; none where the wording is ambiguous."""
    return {
        "mitestcd": "ISNRPSCL",
        "miorres": verbatim,
        "micodes": CLASSES.get(verbatim),
        "mispec": "TISSUE",
        "miloc": "KIDNEY",
    }


def eligible(person: Person, day: int) -> Steps:
    """Every criterion answered and met, the milestone, and entry into the arm of the dose."""
    date = person.day(day)
    answers = [*((name, "Y") for name in INCLUSIONS), ("EXCL01", "N")]
    yield Entry("eligibility", at("SCREENING", [{"ietestcd": name, "ieorres": said, "iedtc": date} for name, said in answers]))
    yield Entry(
        "dispositions",
        [
            _milestone("ELIGIBILITY CRITERIA MET", date),
            _milestone("ENTERED INTO TRIAL", date) | {"armcd": ARMS[person.dose]},
        ],
    )


def still_followed(person: Person) -> Entry:
    """Nobody had left the cohort: on the day of the last visit the subject is still followed, a term of the sponsor's."""
    term, date = "STILL IN FOLLOW-UP", person.day(person.visits[-1].day)
    return Entry("dispositions", {"dscat": "OTHER EVENT", "dsdecod": term, "dsterm": term, "dsstdtc": date})


def _milestone(term: str, date: str) -> Body:
    return {"dscat": "PROTOCOL MILESTONE", "dsdecod": term, "dsterm": term, "dsstdtc": date}


def _signed(by: str) -> Body:
    return {"dsicver": "SYNTHETIC 1.0", "dssigner": by}
