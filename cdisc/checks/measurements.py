"""
What one finding says of itself, and the findings of one measurement of each other: result, unit, range, flag.

Sources: SDTMIG 3.4 sections 4.5 and 6.3.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from cdisc import specs, timing
from cdisc.checks.reading import general, of_people, or_blank, where
from cdisc.coding import Column
from cdisc.findings import Datasets, Finding
from cdisc.findings import at as _at

RESULT_OF = ("CAT", "SCAT", "SPEC", "METHOD", "LOC", "BDAGNT", "MRKSTR")
"""What beside its code tells one measurement from another (SDTMIG 3.4 section 4.5.9, assumption on --LOBXFL)."""


def results(datasets: Datasets) -> Iterator[Finding]:
    """A result has a text and the number that it says, and is there unless not done or derived (SDTMIG 3.4 section 4.5.1)."""
    for name, frame in general(datasets):
        text, figure, original = (f"{name}{each}" for each in ("STRESC", "STRESN", "ORRES"))
        if {text, figure} <= set(frame):
            bad = where(lambda said, number: number == number and _number(said) != number, frame[text], frame[figure])
            yield from _at(name, figure, bad, "result", f"is not the number of {text}")
        if {text, original} <= set(frame):
            bad = (frame[original] != "") & (frame[text] == "")
            yield from _at(name, text, bad, "result", f"is empty beside {original}")
        if original in frame and specs.dataset(name).group.startswith("FINDINGS"):
            status, derived = (or_blank(frame, f"{name}{each}") for each in ("STAT", "DRVFL"))
            absent = (frame[original] == "") & (status == "") & (derived == "")
            both = (frame[original] != "") & (status != "")
            yield from _at(name, original, absent | both, "not_done", "is a result, not done, or derived: one")


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def reasons(datasets: Datasets) -> Iterator[Finding]:
    """A reason why a test was not done stands where it was not done (SDTMIG 3.4 section 4.5.1.2; CDISC CG0094)."""
    for name, frame in general(datasets):
        reason = f"{name}REASND"
        if reason in frame:
            bad = (frame[reason] != "") & (or_blank(frame, f"{name}STAT") != "NOT DONE")
            yield from _at(name, reason, bad, "reason", "is why something was not done that was done")


def ranges(datasets: Datasets) -> Iterator[Finding]:
    """A result lies where its indicator says, by limits that are in order (SDTMIG 3.4 section 6.3.5 on --NRIND; FB3901)."""
    for name, frame in general(datasets):
        figure, indicator, upper = f"{name}STRESN", f"{name}NRIND", f"{name}STNRHI"
        if {figure, indicator} <= set(frame):
            value, low, high = frame[figure], _or_unknown(frame, f"{name}STNRLO"), _or_unknown(frame, upper)
            yield from _at(name, upper, high < low, "range", "is below the lower limit", collected=True)
            elsewhere = _elsewhere(frame[indicator], value, low, high) & ~(high < low)
            yield from _at(name, indicator, elsewhere, "range", f"is not where {figure} lies")


def _elsewhere(said: Column, value: Column, low: Column, high: Column) -> Column:
    """Row by row whether an indicator certainly says wrong; a value at a limit may be either, as both may be rounded."""
    under, over = value < low, value > high
    not_low, not_high = (value > low) | over, (value < high) | under
    return ((said == "LOW") & not_low) | ((said == "HIGH") & not_high) | ((said == "NORMAL") & (under | over))


def _or_unknown(frame: pd.DataFrame, column: str) -> Column:
    return frame[column] if column in frame else pd.Series(float("nan"), index=frame.index)


def _measurement(name: str, frame: pd.DataFrame) -> list[str]:
    return [f"{name}TESTCD", *(f"{name}{each}" for each in RESULT_OF if f"{name}{each}" in frame)]


def units(datasets: Datasets) -> Iterator[Finding]:
    """One measurement has one standard unit (SDTMIG 3.4 section 4.5.1.1)."""
    for name, frame in general(datasets):
        unit, figure = f"{name}STRESU", f"{name}STRESN"
        if {unit, figure, f"{name}TESTCD"} <= set(frame):
            pairs = frame[frame[figure].notna()][[*_measurement(name, frame), unit]].drop_duplicates()
            twice = pairs.duplicated(_measurement(name, frame))
            bad = frame.index.isin(pairs.index[twice])
            yield from _at(name, unit, bad, "unit", "is another standard unit of the same measurement")


def last_before_exposure(datasets: Datasets) -> Iterator[Finding]:
    """--LOBXFL marks one record a measurement, not after the first exposure (SDTMIG 3.4 section 4.5.9)."""
    first = of_people(datasets, "RFXSTDTC")
    for name, frame, flag in _marked(datasets, "LOBXFL"):
        twice = _second(name, frame, flag)
        yield from _at(name, flag, twice, "last_before_exposure", "marks a second record of one measurement")
        marked = frame[frame[flag] == "Y"]
        after = where(lambda who, at: timing.before(first.get(who, ""), at) is True, marked["USUBJID"], marked[f"{name}DTC"])
        late = frame.index.isin(marked.index[after])
        yield from _at(name, flag, late, "last_before_exposure", "marks a record after the first exposure")


def baselines(datasets: Datasets) -> Iterator[Finding]:
    """--BLFL marks one record a measurement (SDTMIG 3.4 section 4.5.9)."""
    for name, frame, flag in _marked(datasets, "BLFL"):
        yield from _at(name, flag, _second(name, frame, flag), "baseline", "marks a second record of one measurement")


def _marked(datasets: Datasets, what: str) -> Iterator[tuple[str, pd.DataFrame, str]]:
    """The datasets that have a flag and tests, and the flag's name there."""
    for name, frame in general(datasets):
        if {f"{name}{what}", f"{name}TESTCD"} <= set(frame):
            yield name, frame, f"{name}{what}"


def _second(name: str, frame: pd.DataFrame, flag: str) -> npt.NDArray[np.bool_]:
    """Row by row whether a flag marks a measurement of a subject that an earlier row has marked."""
    keys = ["USUBJID", *_measurement(name, frame), *(c for c in (f"{name}EVALID",) if c in frame)]
    marked = frame[frame[flag] == "Y"]
    return frame.index.isin(marked.index[marked.duplicated(keys)])
