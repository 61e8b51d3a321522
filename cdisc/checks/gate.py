"""
The exporter's own gate: what no published rule engine checks for us, before a byte is written.

It reads variable by variable (`QUESTION`); `consistency` asks next whether the variables agree. Sources: SDTMIG 3.4, ADaMIG
1.3, CDISC CT, the Study Data Technical Conformance Guide for ASCII and lengths, FDA business rule FB1501 for blanks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from cdisc import specs, terminology, timing, value_level
from cdisc.checks import consistency
from cdisc.coding import Column
from cdisc.files.xpt import MOST_BYTES
from cdisc.findings import WHOLE_DATASET, Datasets, Finding
from cdisc.specs import Variable

QUESTION = (
    "Structure (variables, each once, order, types, names, labels), required values, controlled terms, ISO 8601, what a "
    "transport file can carry, blanks at the ends of a text, test codes, sequence numbers, flags, domain and study, and that "
    "every subject is in DM (for ADaM, in ADSL)."
)
"""What the gate asks of values, in words."""
TEST_CODE = re.compile(r"[A-Z_][A-Z0-9_]{0,7}")


def findings(datasets: Datasets) -> list[Finding]:
    """
    Everything in a whole package that breaks the standard, each bad value named once with its first row.

    Values first; whether they agree with each other is asked of values that are sound in themselves.
    """
    return values(datasets, {}) or consistency.findings(datasets)


def values(datasets: Datasets, beside: Datasets) -> list[Finding]:
    """What is wrong with some datasets of a package, one by one; `beside`: others, in which the subjects may stand."""
    found = [finding for name, frame in datasets.items() for finding in _twice(name, frame)]
    datasets = {name: _once(frame) for name, frame in datasets.items()}
    for name, frame in datasets.items():
        found += _structure(name, frame)
        for variable in specs.sent_variables(name, frame):
            found += _values(name, variable, frame[variable.name])
        found += one_to_one(name, tests(frame))
        found += _sequence(name, frame)
        found += _terms_by_value(name, frame)
        found += _subjects(name, frame, {**beside, **datasets})
        found += _study(name, frame, {**beside, **datasets})
    return found


def _twice(name: str, frame: pd.DataFrame) -> Iterator[Finding]:
    for column in frame.columns[frame.columns.duplicated()].unique():
        yield Finding(name, WHOLE_DATASET, column, "twice", f"{column} stands twice in {name}")


def _once(frame: pd.DataFrame) -> pd.DataFrame:
    """A dataset by the first of the columns that have one name."""
    return frame.loc[:, ~frame.columns.duplicated()] if frame.columns.has_duplicates else frame


def _structure(name: str, frame: pd.DataFrame) -> Iterator[Finding]:
    known = [variable.name for variable in specs.variables(name)]
    for column in frame.columns:
        if column not in known:
            yield Finding(name, WHOLE_DATASET, column, "not_in_model", f"{column} is not a variable of {name}")
    if [column for column in frame.columns if column in known] != [column for column in known if column in frame]:
        yield Finding(name, WHOLE_DATASET, "", "order", "the variables are not in the standard's order")
    for variable in specs.variables(name):
        if len(variable.name) > 8 or len(variable.label) > 40:
            yield Finding(name, WHOLE_DATASET, variable.name, "too_long", "a name has at most 8, a label at most 40 characters")
        if variable.core in ("Req", "Exp") and variable.name not in frame:
            yield Finding(name, WHOLE_DATASET, variable.name, "absent", f"a variable of core {variable.core} is absent")


def _values(name: str, variable: Variable, column: Column) -> Iterator[Finding]:
    is_number = pd.api.types.is_numeric_dtype(column)
    if is_number != (variable.type == "Num"):
        yield Finding(name, WHOLE_DATASET, variable.name, "type", f"the variable is {variable.type}")
        return
    if variable.core == "Req":
        places = np.flatnonzero(column.isna() if is_number else column == "")
        if len(places):
            words = "a required value is missing"
            yield Finding(name, int(places[0]) + 1, variable.name, "required", words, count=len(places))
    if not is_number:
        yield from _texts(name, variable, column)


def _texts(name: str, variable: Variable, column: Column) -> Iterator[Finding]:
    distinct = column.unique().tolist()
    for code, detail, accepts in (*_demands(variable), *_of_dataset(name, variable)):
        yield from _refused(name, variable.name, column, distinct, code, detail, accepts)


WHOLE_CRITERION = "IETEST"
"""The text of a criterion is no test name: it may take as much as a value can (SDTMIG 3.4, section 7.4, TI)."""


def _demands(variable: Variable) -> Iterator[tuple[str, str, Callable[[str], bool]]]:
    yield "ascii", "is not printable ASCII", lambda value: value.isascii() and value.isprintable()
    yield "blank", "begins or ends with a blank", lambda value: value == value.strip()
    yield "too_long", f"is longer than {MOST_BYTES} bytes", lambda value: len(value.encode()) <= MOST_BYTES
    if variable.codelist:
        known = terminology.codelist(variable.codelist)
        yield "term", f"is not a term of {variable.codelist}", known.terms.__contains__
    if variable.name.endswith("DTC"):
        yield "iso8601", "is not an ISO 8601 date", timing.is_instant
    if variable.name.endswith(specs.DURATIONS):
        yield "iso8601", "is not an ISO 8601 duration", timing.is_duration
    if variable.name.endswith(("TESTCD", "PARAMCD")):
        yield "test_code", "is not a test code", lambda value: TEST_CODE.fullmatch(value) is not None
    if variable.name.endswith("TEST") and len(variable.name) == 6 and variable.name != WHOLE_CRITERION:
        yield "too_long", "is a test name of more than 40 characters", lambda value: len(value) <= 40


FLAGS = ("LOBXFL", "BLFL", "DRVFL", "DTHFL")
"""How a flag ends that is Y or null (SDTMIG 3.4 section 4.5.9; SDTM v2.0 on --DRVFL)."""


def _of_dataset(name: str, variable: Variable) -> Iterator[tuple[str, str, Callable[[str], bool]]]:
    """What is asked of a variable by the dataset that it stands in, or by what it is for."""
    named = {"DOMAIN": name, "RDOMAIN": name.removeprefix("SUPP") if name.startswith("SUPP") else None}.get(variable.name)
    if named:
        yield "domain", f"is not {named}", named.__eq__
    if variable.name.endswith(FLAGS):
        yield "flag", "is no Y", "Y".__eq__
    if variable.name == "QLABEL":
        yield "too_long", "is a label of more than 40 characters", lambda value: len(value) <= 40


def _refused(
    name: str, variable: str, column: Column, distinct: list[str], code: str, detail: str, accepts: Callable[[str], bool]
) -> Iterator[Finding]:
    """The texts of a column that are not empty and not accepted, each at its first row."""
    for value in distinct:
        if value != "" and not accepts(value):
            rows = column.index[column == value]
            yield Finding(name, int(rows[0]) + 1, variable, code, f"{value[:60]!r} {detail}", count=len(rows))


def tests(frame: pd.DataFrame) -> pd.DataFrame:
    """The codes of tests or parameters beside their names, each pair once at its first row; no column where there are none."""
    columns = [column for column in frame.columns if column[2:] in ("TESTCD", "TEST") or column in ("PARAMCD", "PARAM")]
    return frame[columns if len(columns) == 2 else []].drop_duplicates()


def one_to_one(name: str, pairs: pd.DataFrame) -> Iterator[Finding]:
    """The codes and names among `tests` that have more than one counterpart."""
    for column in pairs.columns:
        for place, value in pairs[column][pairs[column].duplicated()].items():
            yield Finding(name, int(str(place)) + 1, column, "one_to_one", f"{value!r} has more than one counterpart")


def _sequence(name: str, frame: pd.DataFrame) -> Iterator[Finding]:
    sequence = f"{name}SEQ"
    keys = ["TSPARMCD", sequence] if name == "TS" else ["USUBJID", sequence]
    if sequence not in frame:
        return
    uncounted = (frame[sequence] < 1) | (frame[sequence] % 1 != 0)
    for place in frame.index[uncounted]:
        yield Finding(name, int(place) + 1, sequence, "sequence", f"{frame.loc[place, sequence]:g} is no number of a record")
    twice = frame.duplicated(keys)
    for place in frame.index[twice]:
        yield Finding(name, int(place) + 1, sequence, "not_unique", f"{' and '.join(map(str, frame.loc[place, keys]))} twice")


def _terms_by_value(name: str, frame: pd.DataFrame) -> Iterator[Finding]:
    """The values that are no terms of the list that another variable decides on: of a qualifier, a finding of a wide form."""
    for variable, values in value_level.value_lists(name, frame).items():
        for value, codelist in values.codelists.items():
            if codelist and name != "DS":  # whether a disposition has the category of its term, the site says
                cells = frame[variable][frame[values.deciding[0]] == value]
                known = terminology.codelist(codelist)
                what = f"is not a term of {codelist} ({value})"
                distinct = cells.unique().tolist()
                yield from _refused(name, variable, cells, distinct, "term", what, known.terms.__contains__)


def _subjects(name: str, frame: pd.DataFrame, datasets: Datasets) -> Iterator[Finding]:
    list_ = specs.dataset(name).standard.subjects
    if "USUBJID" not in frame:
        return
    if name == list_:
        for column in ("USUBJID", "SUBJID"):
            for place in frame.index[frame.duplicated(column)]:
                yield Finding(name, int(place) + 1, column, "not_unique", f"{frame.loc[place, column]} has more than one row")
        return
    known = set(datasets[list_]["USUBJID"]) if list_ in datasets else set()
    own = frame["USUBJID"]
    yield from _refused(
        name, "USUBJID", own, own.unique().tolist(), f"not_in_{list_.lower()}", f"is not in {list_}", known.__contains__
    )


def _study(name: str, frame: pd.DataFrame, datasets: Datasets) -> Iterator[Finding]:
    """Every row is of the study that the list of subjects is of."""
    people = datasets.get(specs.dataset(name).standard.subjects)
    known = set() if people is None or "STUDYID" not in people else set(people["STUDYID"][:1])
    if known and "STUDYID" in frame:
        own = frame["STUDYID"]
        yield from _refused(name, "STUDYID", own, own.unique().tolist(), "study", "is another study", known.__contains__)
