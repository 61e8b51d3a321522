"""
What the variables of a package say of each other, after the gate has read them one by one.

Each check reads whole datasets and names the first row at fault and how many there are. What the exporter derives (study days,
references, flags, epochs, relations) must agree or the package is not written; what was collected so is reported with it.
Subjects, the design and single measurements have a module each; here is what goes across. Sources: SDTMIG 3.4, section by
section; FDA's business and validator rules where the IG leaves it to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from cdisc import specs, timing
from cdisc.checks import design, measurements, people
from cdisc.checks.reading import Check, general, of_people, where
from cdisc.coding import plain
from cdisc.columns import cell_text, each, rows, typed
from cdisc.dates import day_number, relative_days
from cdisc.findings import Datasets, Finding
from cdisc.findings import at as _at

QUALIFIER = re.compile(r"[A-Z_][A-Z0-9_]{0,7}")
SERIOUS = ("AESCONG", "AESDISAB", "AESDTH", "AESHOSP", "AESLIFE", "AESMIE")
RESOLVED = ("FATAL", "RECOVERED/RESOLVED", "RECOVERED/RESOLVED WITH SEQUELAE")
"""The outcomes of an event that is over."""
DUE_TO_EVENT = ("ADVERSE EVENT", "SERIOUS ADVERSE EVENT")
"""The dispositions that an adverse event led to."""
DATED = {"DY": "DTC", "STDY": "STDTC", "ENDY": "ENDTC"}
"""The study days and the dates that they are counted from."""
AS_GIVEN = ("DOSE", "DOSTXT", "DOSU", "STDTC", "ENDTC")
"""What EX says again of a dose as EC has it."""


def findings(datasets: Datasets) -> list[Finding]:
    """Everything in which the datasets disagree with themselves or with each other."""
    return [finding for check in CHECKS for finding in check(datasets)]


def study_days(datasets: Datasets) -> Iterator[Finding]:
    """A study day counts from RFSTDTC, is never 0, and stands only beside a complete date (SDTMIG 3.4 section 4.4.4)."""
    references = of_people(datasets, "RFSTDTC")
    for name, frame in general(datasets):
        for day, date in DATED.items():
            if {f"{name}{day}", f"{name}{date}"} <= set(frame):
                first = each(frame["USUBJID"], lambda who: day_number(references.get(who, "")), "float64")
                due, said = relative_days(each(frame[f"{name}{date}"], day_number, "float64"), first), frame[f"{name}{day}"]
                bad = (due != said) & (due.notna() | said.notna())
                yield from _at(name, f"{name}{day}", bad, "study_day", f"is not the study day of {name}{date}")


def order_of_dates(datasets: Datasets) -> Iterator[Finding]:
    """What ends has begun before (SDTMIG 3.4 section 4.4.3)."""
    for name, frame in general(datasets):
        if {f"{name}STDTC", f"{name}ENDTC"} <= set(frame):
            dates = frame[f"{name}STDTC"], frame[f"{name}ENDTC"]
            bad = where(lambda start, end: timing.before(end, start) is True, *dates)
            yield from _at(name, f"{name}ENDTC", bad, "order_of_dates", "ends before it starts", collected=True)


def serious(datasets: Datasets) -> Iterator[Finding]:
    """A serious event meets a criterion, an event that is not serious none (SDTMIG 3.4 section 6.2.1; ICH E2A II.B)."""
    frame = datasets.get("AE")
    if frame is None or "AESER" not in frame:
        return
    met = (frame[[name for name in SERIOUS if name in frame]] == "Y").any(axis=1)
    bad = ((frame["AESER"] == "Y") & ~met) | ((frame["AESER"] == "N") & met)
    yield from _at("AE", "AESER", bad, "serious", "does not agree with the criteria of a serious event", collected=True)


def outcomes(datasets: Datasets) -> Iterator[Finding]:
    """An event that has not resolved has no end, one that has resolved has one (SDTMIG 3.4 section 6.2.1)."""
    frame = datasets.get("AE")
    if frame is not None and {"AEOUT", "AEENDTC"} <= set(frame):
        open_ = (frame["AEOUT"] == "NOT RECOVERED/NOT RESOLVED") & (frame["AEENDTC"] != "")
        yield from _at("AE", "AEENDTC", open_, "outcome", "is an end of what has not resolved", collected=True)
        over = frame["AEOUT"].isin(RESOLVED) & (frame["AEENDTC"] == "")
        yield from _at("AE", "AEENDTC", over, "outcome", "is no end of what has resolved", collected=True)


def before_consent(datasets: Datasets) -> Iterator[Finding]:
    """No adverse event begins before informed consent (RFICDTC): what was there before is medical history (ICH E2A II.A)."""
    frame, given = datasets.get("AE"), of_people(datasets, "RFICDTC")
    if frame is not None and "AESTDTC" in frame:
        told = frame["USUBJID"], frame["AESTDTC"]
        bad = where(lambda who, at: timing.before(at, given.get(who, "")) is True, *told)
        yield from _at("AE", "AESTDTC", bad, "before_consent", "is before informed consent", collected=True)


def after_participation(datasets: Datasets) -> Iterator[Finding]:
    """Nothing begins after the subject's participation ended (RFPENDTC, SDTMIG 3.4 section 5.2)."""
    ends = of_people(datasets, "RFPENDTC")
    for name, frame in general(datasets):
        for column in (f"{name}STDTC", f"{name}DTC"):
            if column in frame and name != "DM":
                told = frame["USUBJID"], frame[column]
                bad = where(lambda who, at: timing.before(ends.get(who, ""), at) is True, *told)
                yield from _at(name, column, bad, "after_end", "is after the end of participation", collected=True)


def doses(datasets: Datasets) -> Iterator[Finding]:
    """A dose in EX is the one that EC has under its link, and none that was given is missing (SDTMIG 3.4 section 6.1.3)."""
    collected, given = datasets.get("EC"), datasets.get("EX")
    if collected is None or given is None or "ECLNKID" not in collected or "EXLNKID" not in given:
        return
    same = ["USUBJID", "LNKID", *(what for what in AS_GIVEN if f"EC{what}" in collected and f"EX{what}" in given)]
    taken, sent = _under_one_name(collected, "EC", same), _under_one_name(given, "EX", same)
    linked = taken["LNKID"] != ""
    yield from _at("EX", "EXLNKID", ~_among(sent, taken[linked], same), "dose", "is no dose that EC has so")
    missing = linked & ~_among(taken, sent, same[:2])
    yield from _at("EC", "ECLNKID", missing, "dose", "is a dose that EX has not")


def doses_of_nothing(datasets: Datasets) -> Iterator[Finding]:
    """That nothing was given is said by ECOCCUR, never by a dose of 0 (SDTMIG 3.4 section 6.1.3.2; CDISC CG0100, CG0101)."""
    frame = datasets.get("EC")
    if frame is not None and "ECDOSE" in frame:
        yield from _at("EC", "ECDOSE", frame["ECDOSE"] <= 0, "dose_of_nothing", "is no dose that was given", collected=True)


def _under_one_name(frame: pd.DataFrame, name: str, same: list[str]) -> pd.DataFrame:
    """Some variables of a dataset without its code before their names, row by row as text or numbers."""
    own = frame[[what if what == "USUBJID" else f"{name}{what}" for what in same]]
    return plain(own.set_axis(same, axis=1))


def _among(frame: pd.DataFrame, other: pd.DataFrame, keys: list[str]) -> npt.NDArray[np.bool_]:
    """Row by row whether another frame has a row with the same keys; a missing number is the same as a missing number."""
    found = frame[keys].merge(other[keys].drop_duplicates(), how="left", on=keys, indicator="_found")
    return (found["_found"] == "both").to_numpy()


def supplements(datasets: Datasets) -> Iterator[Finding]:
    """A qualifier belongs to a record that is there, once, under a name that SDTM does not use (SDTMIG 3.4 section 8.4)."""
    for name, frame in datasets.items():
        if not name.startswith("SUPP"):
            continue
        used = {variable.name for variable in specs.variables(name[4:])}
        bad = [qualifier in used or not QUALIFIER.fullmatch(qualifier) for qualifier in frame["QNAM"]]
        yield from _at(name, "QNAM", bad, "qualifier", f"is a variable of {name[4:]}, or no name of 8 characters")
        twice = frame.duplicated(["USUBJID", "IDVAR", "IDVARVAL", "QNAM"])
        yield from _at(name, "QNAM", twice, "not_unique", "is said twice of one record")
        told = ((name[4:], *record) for record in rows(frame["USUBJID"], frame["IDVAR"], frame["IDVARVAL"]))
        yield from _at(name, "IDVARVAL", _orphans(datasets, told), "orphan", f"belongs to no record of {name[4:]}")


def _orphans(datasets: Datasets, told: Iterable[tuple[str, ...]]) -> list[bool]:
    """One by one whether a dataset, a subject, a variable and its value name no record that is there."""
    known = cache(lambda dataset, variable: _identifiers(datasets.get(dataset), variable))
    return [(who, value) not in known(dataset, variable) for dataset, who, variable, value in told]


def _identifiers(frame: pd.DataFrame | None, variable: str) -> set[tuple[str, str]]:
    """What identifies the records of a dataset by a variable; without one the subject does, without either the dataset."""
    if frame is None or variable not in ("", *frame):
        return set()
    values = each(frame[variable], cell_text, "str") if variable else typed("", frame.index, "str")
    return {("", ""), *rows(frame["USUBJID"], values)}


def relations(datasets: Datasets) -> Iterator[Finding]:
    """A relation joins at least two records or datasets, all of which are there (SDTMIG 3.4 section 8.3)."""
    frame = datasets.get("RELREC")
    if frame is None:
        return
    sizes = frame.groupby(["USUBJID", "RELID"])["RELID"].transform("size")
    yield from _at("RELREC", "RELID", sizes < 2, "relation", "joins nothing to anything")
    told = rows(*(frame[column] for column in ("RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL")))
    yield from _at(
        "RELREC", "IDVARVAL", _orphans(datasets, told), "orphan", "is a record or variable that is not in the package"
    )


def comments(datasets: Datasets) -> Iterator[Finding]:
    """A comment on a record is on one that is there (SDTMIG 3.4 section 5.1)."""
    frame = datasets.get("CO")
    if frame is not None and {"RDOMAIN", "IDVAR", "IDVARVAL"} <= set(frame):
        about = frame[frame["RDOMAIN"] != ""]
        told = rows(*(about[column] for column in ("RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL")))
        bad = frame.index.isin(about.index[_orphans(datasets, told)])
        yield from _at("CO", "IDVARVAL", bad, "orphan", "is on no record that is in the package")


def dispositions(datasets: Datasets) -> Iterator[Finding]:
    """A subject has one disposition event an epoch and subcategory (SDTMIG 3.4 section 6.2.4)."""
    frame = datasets.get("DS")
    if frame is None or "DSCAT" not in frame:
        return
    keys = ["USUBJID", *(column for column in ("DSSCAT", "EPOCH") if column in frame)]
    events = frame[frame["DSCAT"] == "DISPOSITION EVENT"]
    bad = frame.index.isin(events.index[events.duplicated(keys)])
    yield from _at("DS", "DSDECOD", bad, "disposition", "is a second disposition of one epoch", collected=True)


def events_of_dispositions(datasets: Datasets) -> Iterator[Finding]:
    """An end of participation that is due to an adverse event is related to it (SDTMIG 3.4 sections 6.2.4 and 8.2)."""
    frame, events = datasets.get("DS"), datasets.get("AE")
    if frame is None:
        return
    fatal = set() if events is None or "AEOUT" not in events else set(events["USUBJID"][events["AEOUT"] == "FATAL"])
    due = frame["DSDECOD"].isin(DUE_TO_EVENT) | ((frame["DSDECOD"] == "DEATH") & frame["USUBJID"].isin(fatal))
    links = datasets.get("RELREC", pd.DataFrame(columns=["USUBJID", "RDOMAIN", "IDVARVAL"]))
    related = set(rows(*(links[links["RDOMAIN"] == "DS"][column] for column in ("USUBJID", "IDVARVAL"))))
    told = rows(due, frame["USUBJID"], frame["DSSEQ"])
    bad = [led and (who, cell_text(seq)) not in related for led, who, seq in told]
    yield from _at("DS", "DSDECOD", bad, "event", "is due to an adverse event and names none", collected=True)


def natural_keys(datasets: Datasets) -> Iterator[Finding]:
    """The keys that define.xml names tell the rows of a dataset apart."""
    for name, frame in datasets.items():
        keys = [key for key in specs.dataset(name).keys if key in frame]
        twice = frame.duplicated(keys)
        yield from _at(name, keys[-1], twice, "keys", f"has the same {', '.join(keys)} as another row", collected=True)


CHECKS: tuple[Check, ...] = (
    study_days,
    order_of_dates,
    serious,
    outcomes,
    before_consent,
    after_participation,
    people.ages,
    people.reference_periods,
    people.deaths,
    people.dispositions_of_the_dead,
    people.dates_of_death,
    people.details_of_death,
    people.exposure,
    doses,
    doses_of_nothing,
    people.consent,
    people.arms,
    measurements.results,
    measurements.reasons,
    measurements.units,
    measurements.ranges,
    measurements.last_before_exposure,
    measurements.baselines,
    design.epochs,
    design.visits,
    design.subject_visits,
    design.elements,
    design.planned_elements,
    design.order_of_elements,
    design.arms,
    design.criteria,
    design.parameters,
    supplements,
    relations,
    comments,
    dispositions,
    events_of_dispositions,
    natural_keys,
)
