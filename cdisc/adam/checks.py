"""
What analysis datasets say of each other and of the SDTM beside them, after the gate has read them value by value.

All of it is derived here, so a disagreement keeps the package from being written. Sources: ADaMIG 1.3, section by section.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd

from cdisc import specs
from cdisc.adam.baseline import change
from cdisc.adam.endpoints import NUMBERS, TREATMENT_POLICY
from cdisc.columns import rows
from cdisc.dates import day_number, relative_day
from cdisc.findings import Datasets, Finding, at

DAYS = {"ADAE": (("ASTDT", "ASTDY"), ("AENDT", "AENDY")), "ADLB": (("ADT", "ADY"),), "ADEFF": (("ADT", "ADY"),)}
"""The analysis days and the dates that they are counted from."""
NUMBERED = {"ADAE": "AESEQ", "ADEFF": "ASEQ", "AE": "AESEQ", "LB": "LBSEQ", "RS": "RSSEQ"}
"""The datasets that a record may come from, and what numbers their records."""


def findings(datasets: Datasets) -> list[Finding]:
    """Everything in which the analysis datasets disagree with themselves or with the datasets beside them."""
    return [finding for check in CHECKS for finding in check(datasets)]


def _same(one: float, other: float) -> bool:
    return one == other or (one != one and other != other)


def subjects(datasets: Datasets) -> Iterator[Finding]:
    """ADSL has one row a subject of DM (ADaMIG 1.3 section 3.2)."""
    people = datasets.get("DM", pd.DataFrame(columns=["USUBJID"]))
    known = list(datasets["ADSL"]["USUBJID"]) if "ADSL" in datasets else []
    bad = [who not in known for who in people["USUBJID"]]
    yield from at("ADSL", "USUBJID", bad, "subjects", "has no row for a subject of DM")


def treatment(datasets: Datasets) -> Iterator[Finding]:
    """TRTSDT is the day of the first infusion, RFSTDTC of DM, as define.xml says."""
    if "ADSL" in datasets and "DM" in datasets:
        people, frame = datasets["DM"], datasets["ADSL"]
        started = dict(zip(people["USUBJID"], people["RFSTDTC"], strict=True))
        bad = [not _same(day_number(started.get(who, "")), day) for who, day in rows(frame["USUBJID"], frame["TRTSDT"])]
        yield from at("ADSL", "TRTSDT", bad, "treatment", "is not the day of RFSTDTC in DM")


def days(datasets: Datasets) -> Iterator[Finding]:
    """An analysis day counts from TRTSDT and is never 0 (ADaMIG 1.3 section 3.3.3)."""
    for name, dated in DAYS.items():
        for date, day in dated if name in datasets else ():
            frame = datasets[name]
            told = rows(frame[date], frame["TRTSDT"], frame[day])
            bad = [not _same(relative_day(on, start), said) for on, start, said in told]
            yield from at(name, day, bad, "analysis_day", f"is not the day of {date} from TRTSDT")


def sources(datasets: Datasets) -> Iterator[Finding]:
    """A record comes from a record that is there (ADaMIG 1.3 section 3.3.9)."""
    numbered = {
        (name, *record)
        for name, number in NUMBERED.items()
        if name in datasets
        for record in rows(datasets[name]["USUBJID"], datasets[name][number])
    }
    for name in ("ADLB", "ADEFF", "ADTTE"):
        if name in datasets:
            frame = datasets[name]
            told = rows(frame["SRCDOM"], frame["USUBJID"], frame["SRCSEQ"])
            bad = [seq == seq and (home, who, seq) not in numbered for home, who, seq in told]
            yield from at(name, "SRCSEQ", bad, "orphan", "is no record of SRCDOM")


def baselines(datasets: Datasets) -> Iterator[Finding]:
    """A parameter has one baseline record a subject, and changes are from it (ADaMIG 1.3 section 3.3.4)."""
    for name in ("ADLB", "ADEFF"):
        if name in datasets:
            frame = datasets[name]
            marked = frame[frame["ABLFL"] == "Y"]
            twice = frame.index.isin(marked.index[marked.duplicated(["USUBJID", "PARAMCD"])])
            yield from at(name, "ABLFL", twice, "baseline", "marks a second record of one parameter")
            told = rows(frame["AVAL"], frame["BASE"], frame["CHG"])
            bad = [moved == moved and moved != change(value, base) for value, base, moved in told]
            yield from at(name, "CHG", bad, "change", "is not AVAL less BASE")


def responses(datasets: Datasets) -> Iterator[Finding]:
    """An endpoint has one analysed record a timepoint and strategy, AVAL says what AVALC says, and what is imputed is none."""
    frame = datasets.get("ADEFF")
    if frame is None:
        return
    endpoints = {one.paramcd for one in specs.analysed("ADEFF") if one.kind == "endpoint"}
    own = frame[frame["PARAMCD"].isin(endpoints)]
    for flag in ("ANL01FL", "ANL02FL"):
        analysed = own[own[flag] == "Y"]
        twice = frame.index.isin(analysed.index[analysed.duplicated(["USUBJID", "PARAMCD", "AVISIT"])])
        yield from at("ADEFF", flag, twice, "analysed", "marks a second record of one timepoint")
    told = rows(frame["PARAMCD"], frame["AVALC"], frame["AVAL"], frame["DTYPE"])
    bad = [code in endpoints and not _sound(*said) for code, *said in told]
    yield from at("ADEFF", "AVAL", bad, "response", "is not what AVALC and DTYPE say")


def _sound(text: str, number: float, derived: str) -> bool:
    fits = not derived or text == ("Y" if derived == TREATMENT_POLICY else "N")
    return text in NUMBERS and _same(NUMBERS[text], number) and fits


def times(datasets: Datasets) -> Iterator[Finding]:
    """A time to an event is the days from STARTDT to ADT, and censored or not (BDS for time-to-event analyses 1.0)."""
    frame = datasets.get("ADTTE")
    if frame is not None:
        told = rows(frame["STARTDT"], frame["ADT"], frame["AVAL"], frame["CNSR"])
        bad = [not _same(relative_day(on, start), time) or censored not in (0, 1) for start, on, time, censored in told]
        yield from at("ADTTE", "AVAL", bad, "time", "is not the time from STARTDT to ADT")


def natural_keys(datasets: Datasets) -> Iterator[Finding]:
    """The keys that define.xml names tell the rows of a dataset apart."""
    for name in specs.datasets(specs.ADAM):
        if name in datasets:
            keys: list[Any] = list(specs.dataset(name).keys)
            twice = datasets[name].duplicated(keys)
            detail = f"has the same {', '.join(keys)} as another row"
            yield from at(name, keys[-1], twice, "keys", detail, collected=True)


CHECKS: tuple[Callable[[Datasets], Iterator[Finding]], ...] = (
    subjects,
    treatment,
    days,
    sources,
    baselines,
    responses,
    times,
    natural_keys,
)
