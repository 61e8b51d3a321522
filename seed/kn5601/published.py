"""
The published table, entered as published: eleven rows, every value with where it stands, nothing derived and nothing dated.

003 stays a gap. A "/" under Kidney biopsy is kept as a biopsy without a result, in its words; a wording that does not code
("III+III-V") stays verbatim. A dose stands as text. A "/" under CRS enters nothing. Totals and follow-up are results as
reported, which the rules never read. The abstract names no scale for its CRS grades, and so none is entered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from seed.client import Body, Client
from seed.kn5601.events import GRADES
from seed.kn5601.people import rows
from seed.kn5601.screening import ARMS, isn_rps
from seed.kn5601.steps import Entry

STUDY = "KN5601"
SITE = "01"
ABSTRACT = "Abstract SA-OR088, 8 November 2025"
COMPLETED = "As of August 2025, 11 patients completed treatment"


def load(client: Client, done: Callable[[], None]) -> None:
    """Register each published subject and enter its row; `done` is called after each entry."""
    for row in rows("published"):
        client.register(STUDY, row["subject"], SITE)
        for entry in entries(row):
            client.enter(STUDY, row["subject"], entry.path, entry.body)
            done()


def entries(row: dict[str, str]) -> Iterator[Entry]:
    """The records of one row of the table."""
    yield Entry("demographics", {"age": int(row["age"]), "sex": row["sex"]} | _cell(row, "Age", "age"))
    yield Entry("dispositions", [_entered(row), _completed()])
    yield Entry("medical-history", _diagnosis(row) | _cell(row, "Duration of Disease (Years)", "duration_years"))
    yield Entry("biopsies", _biopsy(row) | _cell(row, "Kidney biopsy", "biopsy"))
    yield Entry("infusions", _dose(row) | _cell(row, "Dose", "dose"))
    if row["crs"] in GRADES:
        yield Entry("adverse-events", _reaction(row) | _cell(row, "CRS", "crs"))
    yield Entry("reported-results", list(_reported(row)))


def _cell(row: dict[str, str], column: str, name: str) -> Body:
    """Where a value stands: the cell of the published table, quoted."""
    return {"origin": "published", "source": f'{ABSTRACT}, table, row {row["subject"]}, column "{column}": {row[name]}'}


def _inferred(quote: str) -> Body:
    return {"origin": "published_text_inferred", "source": f"{ABSTRACT}: {quote}"}


def _entered(row: dict[str, str]) -> Body:
    term = "ENTERED INTO TRIAL"
    arm = ARMS[row["dose"].removesuffix("*10^9")]
    about = {"dscat": "PROTOCOL MILESTONE", "dsdecod": term, "dsterm": term, "armcd": arm}
    return about | _inferred(f'table, row {row["subject"]}, column "Dose": {row["dose"]}')


def _completed() -> Body:
    about = {"dscat": "DISPOSITION EVENT", "dsscat": "STUDY TREATMENT", "dsdecod": "COMPLETED"}
    return about | {"dsterm": "Completed treatment"} | _inferred(f'"{COMPLETED}"')


def _diagnosis(row: dict[str, str]) -> Body:
    return {"mhterm": "Systemic lupus erythematosus", "mhdur": row["duration_years"]}


def _biopsy(row: dict[str, str]) -> Body:
    if row["biopsy"] != "/":
        return isn_rps(row["biopsy"])
    where = {"mitestcd": "ISNRPSCL", "mispec": "TISSUE", "miloc": "KIDNEY"}
    return where | {"mistat": "NOT DONE", "mireasnd": 'Published as "/": not done, not available or not applicable'}


def _dose(row: dict[str, str]) -> Body:
    return {"ectrt": "KN5601", "ecoccur": "Y", "ecdostxt": row["dose"], "doselvl": row["dose"]}


def _reaction(row: dict[str, str]) -> Body:
    term = "Cytokine release syndrome"
    about = {"aespid": "1", "aeterm": term, "aedecod": term, "aecat": "CRS"}
    return about | {"aetoxgr": GRADES[row["crs"]]}


def _reported(row: dict[str, str]) -> Iterator[Body]:
    """The two totals and the months of follow-up, as the table gives them."""
    total, months = {"rptestcd": "SLEDAI2K"}, {"rptestcd": "FOLLOWUP", "rporresu": "MONTHS"}
    for what, timing, column, name in (
        (total, "BASELINE", "SLEDAI-2K Baseline", "sledai2k_baseline"),
        (total, "AT PRESENT", "SLEDAI-2K at present", "sledai2k_at_present"),
        (months, "AT PRESENT", "Follow up period(M)", "followup_months"),
    ):
        yield what | {"rptiming": timing, "rporres": row[name]} | _cell(row, column, name)
