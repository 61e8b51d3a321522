"""
What DM says of a subject, held against itself and against the datasets that it comes from.

Sources: SDTMIG 3.4 section 5.2; what FDA's business rules (FB) ask of age, reference period and death.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from cdisc import timing
from cdisc.checks.reading import of_people, or_blank, where
from cdisc.columns import of_rows, rows
from cdisc.findings import Datasets, Finding
from cdisc.findings import at as _at


def ages(datasets: Datasets) -> Iterator[Finding]:
    """An age has a unit and a unit an age, and no age is below 0 (SDTMIG 3.4 section 5.2; CDISC CG0665, CG0666; FB4001)."""
    people = datasets.get("DM")
    if people is not None and "AGE" in people:
        alone = people["AGE"].notna() != (or_blank(people, "AGEU") != "")
        yield from _at("DM", "AGEU", alone, "age", "is no unit of an age, or an age has none")
        yield from _at("DM", "AGE", people["AGE"] < 0, "age", "is below 0", collected=True)


def reference_periods(datasets: Datasets) -> Iterator[Finding]:
    """The reference period of a subject does not end before it starts (SDTMIG 3.4 section 5.2; FB3404)."""
    people = datasets.get("DM")
    if people is not None and {"RFSTDTC", "RFENDTC"} <= set(people):
        bad = where(lambda start, end: timing.before(end, start) is True, people["RFSTDTC"], people["RFENDTC"])
        yield from _at("DM", "RFENDTC", bad, "reference_period", "is before RFSTDTC", collected=True)


def deaths(datasets: Datasets) -> Iterator[Finding]:
    """A fatal outcome, the criterion of death and DM's flag say the same (SDTMIG 3.4 section 6.2.1)."""
    frame = datasets.get("AE")
    if frame is None or not {"AEOUT", "AESDTH"} <= set(frame):
        return
    flags = of_people(datasets, "DTHFL")
    told = list(rows(frame["USUBJID"], frame["AEOUT"], frame["AESDTH"]))
    bad = [(out == "FATAL") != (death == "Y") or (out == "FATAL" and flags.get(who) != "Y") for who, out, death in told]
    yield from _at("AE", "AEOUT", bad, "death", "does not agree with AESDTH or with DTHFL of DM", collected=True)


def dispositions_of_the_dead(datasets: Datasets) -> Iterator[Finding]:
    """A death that DM tells of (DTHFL) is a disposition too (SDTMIG 3.4 section 6.2.4)."""
    people, events = datasets.get("DM"), datasets.get("DS")
    if people is not None and "DTHFL" in people:
        told = set() if events is None else set(events["USUBJID"][events["DSDECOD"] == "DEATH"])
        bad = (people["DTHFL"] == "Y") & ~people["USUBJID"].isin(told)
        yield from _at("DM", "DTHFL", bad, "death", "tells of a death that is no disposition in DS", collected=True)


def dates_of_death(datasets: Datasets) -> Iterator[Finding]:
    """A date of death has its flag, and is that of the death in DS (SDTMIG 3.4 sections 5.2, 6.2.4; FB0606, FB0611)."""
    people, events = datasets.get("DM"), datasets.get("DS")
    if people is None or not {"DTHDTC", "DTHFL"} <= set(people):
        return
    unflagged = (people["DTHDTC"] != "") & (people["DTHFL"] != "Y")
    yield from _at("DM", "DTHFL", unflagged, "date_of_death", "is empty beside a date of death")
    if events is not None and {"DSDECOD", "DSSTDTC"} <= set(events):
        dated = events[(events["DSDECOD"] == "DEATH") & (events["DSSTDTC"] != "")]
        first = dated.groupby("USUBJID")["DSSTDTC"].min().to_dict()
        bad = where(lambda who, said: who in first and _other(said, first[who]), people["USUBJID"], people["DTHDTC"])
        yield from _at("DM", "DTHDTC", bad, "date_of_death", "is not the date of the death in DS")


def _other(said: str, due: str) -> bool:
    """Whether a date is certainly another one: none, or before or after it by the digits that both have."""
    return said == "" or timing.before(said, due) is True or timing.before(due, said) is True


def details_of_death(datasets: Datasets) -> Iterator[Finding]:
    """Who has details of a death (DD) has died (DTHFL of DM; SDTMIG 3.4 section 5.2; CDISC CG0133, FB0602)."""
    frame, flags = datasets.get("DD"), of_people(datasets, "DTHFL")
    if frame is not None:
        alive = where(lambda who: flags.get(who) != "Y", frame["USUBJID"])
        yield from _at("DD", "USUBJID", alive, "death", "has details of a death that DM does not tell of", collected=True)


def exposure(datasets: Datasets) -> Iterator[Finding]:
    """RFXSTDTC and RFXENDTC are the first and last exposure, and a treated subject has one (SDTMIG 3.4 section 5.2)."""
    people = datasets.get("DM")
    if people is None:
        return
    given = datasets.get("EX", pd.DataFrame({"USUBJID": [], "EXSTDTC": [], "EXENDTC": []}))
    first = given[given["EXSTDTC"] != ""].groupby("USUBJID")["EXSTDTC"].min().to_dict()
    whole = given.assign(_end=of_rows(lambda end, start: end or start, "str", given["EXENDTC"], given["EXSTDTC"]))
    last = whole[whole["_end"] != ""].groupby("USUBJID")["_end"].max().to_dict()
    for variable, due in (("RFXSTDTC", first), ("RFXENDTC", last)):
        if variable in people:
            bad = [said != due.get(who, "") for who, said in rows(people["USUBJID"], people[variable])]
            yield from _at("DM", variable, bad, "exposure", "is not the first or last exposure in EX")


def consent(datasets: Datasets) -> Iterator[Finding]:
    """RFICDTC is the date of a consent in DS (SDTMIG 3.4 section 5.2)."""
    people, events = datasets.get("DM"), datasets.get("DS")
    if people is None or "RFICDTC" not in people:
        return
    taken = set() if events is None else set(rows(*(events[c] for c in ("USUBJID", "DSSTDTC", "DSDECOD"))))
    given = rows(people["USUBJID"], people["RFICDTC"])
    bad = [at != "" and (who, at, "INFORMED CONSENT OBTAINED") not in taken for who, at in given]
    yield from _at("DM", "RFICDTC", bad, "consent", "is not the date of a consent in DS")


def arms(datasets: Datasets) -> Iterator[Finding]:
    """An arm comes as code and name, and either both arms are filled or ARMNRS says why not (SDTMIG 3.4 section 5.2)."""
    people, plan = datasets.get("DM"), datasets.get("TA")
    if people is None or plan is None or not {"ARMCD", "ARM", "ACTARMCD", "ACTARM", "ARMNRS"} <= set(people):
        return
    named = set(rows(plan["ARMCD"], plan["ARM"])) | {("", "")}
    told = list(rows(*(people[c] for c in ("ARMCD", "ARM", "ACTARMCD", "ACTARM", "ARMNRS"))))
    unplanned = "UNPLANNED TREATMENT"
    bad = [
        (code, arm) not in named
        or ((actual, lived) not in named and why != unplanned)
        or ((code == "" or actual == "") == (why == ""))
        for code, arm, actual, lived, why in told
    ]
    yield from _at("DM", "ARMCD", bad, "arm", "does not agree with TA, ACTARM or ARMNRS")
