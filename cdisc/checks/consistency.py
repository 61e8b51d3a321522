"""
What the variables of a package say of each other, after the gate has read them one by one.

Each check reads whole datasets and names the first row at fault and how many there are. What the exporter derives (study days,
references, flags, epochs, relations) must agree or the package is not written; what was collected so is reported with it.
Sources: SDTMIG 3.4, section by section; FDA's business and validator rules where the IG leaves it to them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator

import pandas as pd

from cdisc import specs, timing
from cdisc.coding import Column
from cdisc.columns import cell_text, each, of_rows, rows
from cdisc.dates import day_number, relative_days
from cdisc.findings import WHOLE_DATASET, Datasets, Finding
from cdisc.findings import at as _at

Check = Callable[[Datasets], Iterator[Finding]]
QUALIFIER = re.compile(r"[A-Z_][A-Z0-9_]{0,7}")
SERIOUS = ("AESCONG", "AESDISAB", "AESDTH", "AESHOSP", "AESLIFE", "AESMIE")
RESOLVED = ("FATAL", "RECOVERED/RESOLVED", "RECOVERED/RESOLVED WITH SEQUELAE")
"""The outcomes of an event that is over."""
DUE_TO_EVENT = ("ADVERSE EVENT", "SERIOUS ADVERSE EVENT")
"""The dispositions that an adverse event led to."""
DATED = {"DY": "DTC", "STDY": "STDTC", "ENDY": "ENDTC"}
"""The study days and the dates that they are counted from."""
RESULT_OF = ("CAT", "SCAT", "SPEC", "METHOD", "LOC", "BDAGNT", "MRKSTR")
"""What beside its code tells one measurement from another (SDTMIG 3.4 section 4.5.9, assumption on --LOBXFL)."""


def findings(datasets: Datasets) -> list[Finding]:
    """Everything in which the datasets disagree with themselves or with each other."""
    return [finding for check in CHECKS for finding in check(datasets)]


def _general(datasets: Datasets) -> Iterator[tuple[str, pd.DataFrame]]:
    """The datasets of the general observation classes with DM, SV and SE: a two-letter code and subjects."""
    return ((name, frame) for name, frame in datasets.items() if len(name) == 2 and "USUBJID" in frame)


def _of_people(datasets: Datasets, variable: str) -> dict[str, str]:
    people = datasets.get("DM", pd.DataFrame(columns=["USUBJID", variable]))
    return dict(rows(people["USUBJID"], people[variable])) if variable in people else {}


def study_days(datasets: Datasets) -> Iterator[Finding]:
    """A study day counts from RFSTDTC, is never 0, and stands only beside a complete date (SDTMIG 3.4 section 4.4.4)."""
    references = _of_people(datasets, "RFSTDTC")
    for name, frame in _general(datasets):
        for day, date in DATED.items():
            if {f"{name}{day}", f"{name}{date}"} <= set(frame):
                first = each(frame["USUBJID"], lambda who: day_number(references.get(who, "")), "float64")
                due, said = relative_days(each(frame[f"{name}{date}"], day_number, "float64"), first), frame[f"{name}{day}"]
                bad = (due != said) & (due.notna() | said.notna())
                yield from _at(name, f"{name}{day}", bad, "study_day", f"is not the study day of {name}{date}")


def _where(holds: Callable[..., bool], *columns: Column) -> Column:
    """Row by row whether something holds of the values that stand side by side."""
    return of_rows(holds, "bool", *columns)


def order_of_dates(datasets: Datasets) -> Iterator[Finding]:
    """What ends has begun before (SDTMIG 3.4 section 4.4.3)."""
    for name, frame in _general(datasets):
        if {f"{name}STDTC", f"{name}ENDTC"} <= set(frame):
            dates = frame[f"{name}STDTC"], frame[f"{name}ENDTC"]
            bad = _where(lambda start, end: timing.before(end, start) is True, *dates)
            yield from _at(name, f"{name}ENDTC", bad, "order_of_dates", "ends before it starts", collected=True)


def serious(datasets: Datasets) -> Iterator[Finding]:
    """A serious event meets a criterion, an event that is not serious none (SDTMIG 3.4 section 6.2.1; ICH E2A II.B)."""
    frame = datasets.get("AE")
    if frame is None or "AESER" not in frame:
        return
    met = (frame[[name for name in SERIOUS if name in frame]] == "Y").any(axis=1)
    bad = ((frame["AESER"] == "Y") & ~met) | ((frame["AESER"] == "N") & met)
    yield from _at("AE", "AESER", bad, "serious", "does not agree with the criteria of a serious event", collected=True)


def deaths(datasets: Datasets) -> Iterator[Finding]:
    """A fatal outcome, the criterion of death and DM's flag say the same (SDTMIG 3.4 section 6.2.1)."""
    frame = datasets.get("AE")
    if frame is None or not {"AEOUT", "AESDTH"} <= set(frame):
        return
    flags = _of_people(datasets, "DTHFL")
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
    frame, given = datasets.get("AE"), _of_people(datasets, "RFICDTC")
    if frame is not None and "AESTDTC" in frame:
        told = frame["USUBJID"], frame["AESTDTC"]
        bad = _where(lambda who, at: timing.before(at, given.get(who, "")) is True, *told)
        yield from _at("AE", "AESTDTC", bad, "before_consent", "is before informed consent", collected=True)


def after_participation(datasets: Datasets) -> Iterator[Finding]:
    """Nothing begins after the subject's participation ended (RFPENDTC, SDTMIG 3.4 section 5.2)."""
    ends = _of_people(datasets, "RFPENDTC")
    for name, frame in _general(datasets):
        for column in (f"{name}STDTC", f"{name}DTC"):
            if column in frame and name != "DM":
                told = frame["USUBJID"], frame[column]
                bad = _where(lambda who, at: timing.before(ends.get(who, ""), at) is True, *told)
                yield from _at(name, column, bad, "after_end", "is after the end of participation", collected=True)


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


def results(datasets: Datasets) -> Iterator[Finding]:
    """A numeric result is the number that its text says; a result is there unless not done or derived (section 4.5.1)."""
    for name, frame in _general(datasets):
        text, figure, original = (f"{name}{each}" for each in ("STRESC", "STRESN", "ORRES"))
        if {text, figure} <= set(frame):
            bad = _where(lambda said, number: number == number and _number(said) != number, frame[text], frame[figure])
            yield from _at(name, figure, bad, "result", f"is not the number of {text}")
        if original in frame and specs.dataset(name).group.startswith("FINDINGS"):
            status, derived = (_or_blank(frame, f"{name}{each}") for each in ("STAT", "DRVFL"))
            absent = (frame[original] == "") & (status == "") & (derived == "")
            both = (frame[original] != "") & (status != "")
            yield from _at(name, original, absent | both, "not_done", "is a result, not done, or derived: one")


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _or_blank(frame: pd.DataFrame, column: str) -> Column:
    return frame[column] if column in frame else pd.Series("", index=frame.index)


def _measurement(name: str, frame: pd.DataFrame) -> list[str]:
    return [f"{name}TESTCD", *(f"{name}{each}" for each in RESULT_OF if f"{name}{each}" in frame)]


def units(datasets: Datasets) -> Iterator[Finding]:
    """One measurement has one standard unit (SDTMIG 3.4 section 4.5.1.1)."""
    for name, frame in _general(datasets):
        unit, figure = f"{name}STRESU", f"{name}STRESN"
        if {unit, figure, f"{name}TESTCD"} <= set(frame):
            pairs = frame[frame[figure].notna()][[*_measurement(name, frame), unit]].drop_duplicates()
            twice = pairs.duplicated(_measurement(name, frame))
            bad = frame.index.isin(pairs.index[twice])
            yield from _at(name, unit, bad, "unit", "is another standard unit of the same measurement")


def last_before_exposure(datasets: Datasets) -> Iterator[Finding]:
    """--LOBXFL marks one record a measurement, not after the first exposure (SDTMIG 3.4 section 4.5.9)."""
    first = _of_people(datasets, "RFXSTDTC")
    for name, frame in _general(datasets):
        flag = f"{name}LOBXFL"
        if flag not in frame or f"{name}TESTCD" not in frame:
            continue
        keys = ["USUBJID", *_measurement(name, frame), *(c for c in (f"{name}EVALID",) if c in frame)]
        marked = frame[frame[flag] == "Y"]
        bad = frame.index.isin(marked.index[marked.duplicated(keys)])
        yield from _at(name, flag, bad, "last_before_exposure", "marks a second record of one measurement")
        after = _where(lambda who, at: timing.before(first.get(who, ""), at) is True, marked["USUBJID"], marked[f"{name}DTC"])
        late = frame.index.isin(marked.index[after])
        yield from _at(name, flag, late, "last_before_exposure", "marks a record after the first exposure")


def epochs(datasets: Datasets) -> Iterator[Finding]:
    """An epoch is one that the subject lived, by SE (SDTMIG 3.4 section 4.4.5)."""
    lived = datasets.get("SE")
    known = set() if lived is None else set(rows(lived["USUBJID"], lived["EPOCH"]))
    for name, frame in _general(datasets):
        if "EPOCH" in frame and name != "SE":
            told = frame["USUBJID"], frame["EPOCH"]
            bad = _where(lambda who, epoch: epoch != "" and (who, epoch) not in known, *told)
            yield from _at(name, "EPOCH", bad, "epoch", "is no epoch that SE has of the subject")


def visits(datasets: Datasets) -> Iterator[Finding]:
    """A visit has one number and one name, the planned ones those of TV (SDTMIG 3.4 section 4.4.7)."""
    plan = datasets.get("TV")
    planned = {} if plan is None else dict(rows(plan["VISITNUM"], plan["VISIT"]))
    numbers = {name: number for number, name in planned.items()}
    for name, frame in _general(datasets):
        if {"VISIT", "VISITNUM"} <= set(frame):
            told = frame["VISITNUM"], frame["VISIT"]
            bad = _where(lambda number, visit: not _agrees(number, visit, planned, numbers), *told)
            yield from _at(name, "VISITNUM", bad, "visit", "is not the number of the visit of that name")


def _agrees(number: float, visit: str, planned: dict[float, str], numbers: dict[str, float]) -> bool:
    if math.isnan(number) or not visit:
        return math.isnan(number) and not visit
    return planned.get(number, visit) == visit and numbers.get(visit, number) == number


def elements(datasets: Datasets) -> Iterator[Finding]:
    """Elements follow each other without a gap, and are those of TE (SDTMIG 3.4 section 5.3)."""
    frame, plan = datasets.get("SE"), datasets.get("TE")
    if frame is None:
        return
    known = set() if plan is None else set(plan["ETCD"])
    unknown = [code not in known and code != "UNPLAN" for code in frame["ETCD"]]
    yield from _at("SE", "ETCD", unknown, "element", "is no element of TE")
    following = frame.groupby("USUBJID")["SESTDTC"].shift(-1)
    bad = [isinstance(begun, str) and end != begun for end, begun in rows(frame["SEENDTC"], following)]
    yield from _at("SE", "SEENDTC", bad, "element", "is not the start of the next element")


def parameters(datasets: Datasets) -> Iterator[Finding]:
    """Every parameter that is required is there, with a value or the reason for none, never both (SDTMIG 3.4 section 7.4)."""
    frame = datasets.get("TS")
    if frame is None:
        return
    for absent in sorted(set(specs.parameters()) - set(frame["TSPARMCD"])):
        yield Finding("TS", WHOLE_DATASET, "TSPARMCD", "parameter", f"{absent} is required and absent", collected=True)
    if "TSVAL" in frame:
        bad = (frame["TSVAL"] == "") == (_or_blank(frame, "TSVALNF") == "")
        yield from _at("TS", "TSVAL", bad, "null_flavour", "has both a value and a null flavour, or neither")


def supplements(datasets: Datasets) -> Iterator[Finding]:
    """A qualifier belongs to a record that is there, once, under a name that SDTM does not use (SDTMIG 3.4 section 8.4)."""
    for name, frame in datasets.items():
        if not name.startswith("SUPP"):
            continue
        parent = datasets.get(name[4:], pd.DataFrame(columns=["USUBJID"]))
        used = {variable.name for variable in specs.variables(name[4:])}
        bad = [qualifier in used or not QUALIFIER.fullmatch(qualifier) for qualifier in frame["QNAM"]]
        yield from _at(name, "QNAM", bad, "qualifier", f"is a variable of {name[4:]}, or no name of 8 characters")
        twice = frame.duplicated(["USUBJID", "IDVAR", "IDVARVAL", "QNAM"])
        yield from _at(name, "QNAM", twice, "not_unique", "is said twice of one record")
        known = {variable: _identifiers(parent, variable) for variable in set(frame["IDVAR"])}
        told = rows(frame["USUBJID"], frame["IDVAR"], frame["IDVARVAL"])
        orphans = [(who, value) not in known[variable] for who, variable, value in told]
        yield from _at(name, "IDVARVAL", orphans, "orphan", f"belongs to no record of {name[4:]}")


def _identifiers(frame: pd.DataFrame, variable: str) -> set[tuple[str, str]]:
    """What identifies the records of a dataset by one variable; without a variable, the subject does."""
    if not variable:
        return {(who, "") for who in frame["USUBJID"]}
    return {(who, cell_text(value)) for who, value in rows(frame["USUBJID"], frame[variable])} if variable in frame else set()


def relations(datasets: Datasets) -> Iterator[Finding]:
    """A relation joins at least two records or datasets, all of which are there (SDTMIG 3.4 section 8.3)."""
    frame = datasets.get("RELREC")
    if frame is None:
        return
    sizes = frame.groupby(["USUBJID", "RELID"])["RELID"].transform("size")
    yield from _at("RELREC", "RELID", sizes < 2, "relation", "joins nothing to anything")
    bad = [not _there(datasets, *told) for told in rows(*(frame[c] for c in ("RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL")))]
    yield from _at("RELREC", "IDVARVAL", bad, "orphan", "is a record or variable that is not in the package")


def _there(datasets: Datasets, dataset: str, who: str, variable: str, value: str) -> bool:
    frame = datasets.get(dataset)
    if frame is None or variable not in frame:
        return False
    return not who or bool(((frame["USUBJID"] == who) & (frame[variable].map(cell_text) == value)).any())


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
    deaths,
    dispositions_of_the_dead,
    outcomes,
    before_consent,
    after_participation,
    exposure,
    consent,
    arms,
    results,
    units,
    last_before_exposure,
    epochs,
    visits,
    elements,
    parameters,
    supplements,
    relations,
    dispositions,
    events_of_dispositions,
    natural_keys,
)
