"""
Dataset-JSON 1.1: one file a dataset, its columns and its rows.

Times come from the cut, never from a clock. A numeric date (ADaM) is written as its ISO 8601 day, to be read back as an
integer. Source: CDISC Dataset-JSON 1.1, table of attributes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from io import BytesIO
from typing import Any, BinaryIO

import orjson
import pandas as pd

from cdisc import specs
from cdisc.coding import Coded
from cdisc.dates import ZERO
from cdisc.files.batches import Batch, coded, rows_of_text
from cdisc.files.spool import Profile, profiled
from cdisc.specs import DATE_FORMAT, Variable
from cdisc.trial import Trial

VERSION = "1.1.0"
WHOLE_NUMBERS = ("SEQ", "DY", "ORD", "TPTNUM", "AGE", "CD", "GR1N", "GRN", "CNSR")
"""How the names of numeric variables end that hold whole numbers: numbers, days, codes of MedDRA, groups and grades."""


def is_whole(variable: Variable) -> bool:
    """Whether a numeric variable holds whole numbers by its meaning."""
    return variable.type == "Num" and variable.name.endswith(WHOLE_NUMBERS)


def data_type(variable: Variable) -> str:
    """The Dataset-JSON data type of a variable; dates of SDTM stay text, since they may be partial."""
    if variable.type == "Char":
        return "string"
    if variable.is_date:
        return "date"
    return "integer" if is_whole(variable) else "float"


def _column(dataset: str, variable: Variable, variables: Sequence[Variable], profile: Profile) -> dict[str, Any]:
    column: dict[str, Any] = {
        "itemOID": f"IT.{dataset}.{variable.name}",
        "name": variable.name,
        "label": variable.label,
        "dataType": data_type(variable),
    }
    if variable.type == "Char":
        column["length"] = profile.widths[variable.name]
    if variable.is_date:
        column |= {"targetDataType": "integer", "displayFormat": DATE_FORMAT}
    keys = [key for key in specs.dataset(dataset).keys if key in {each.name for each in variables}]
    if variable.name in keys:
        column["keySequence"] = keys.index(variable.name) + 1
    return column


def _envelope(dataset: str, variables: Sequence[Variable], profile: Profile, trial: Trial) -> bytes:
    """Everything but the rows, as one JSON object."""
    at = f"{trial.cut_at:%Y-%m-%dT%H:%M:%S}"
    envelope = {
        "datasetJSONCreationDateTime": at,
        "datasetJSONVersion": VERSION,
        "fileOID": f"{trial.study_id}.{trial.cut_name}.{dataset}",
        "dbLastModifiedDateTime": at,
        "originator": "Casebook",
        "sourceSystem": {"name": "Casebook", "version": trial.build},
        "studyOID": f"STUDY.{trial.study_id}",
        "metaDataVersionOID": f"MDV.{trial.study_id}.{trial.study_version}",
        "metaDataRef": "../define.xml",
        "itemGroupOID": f"IG.{dataset}",
        "records": profile.rows,
        "name": dataset,
        "label": specs.dataset(dataset).label,
        "columns": [_column(dataset, variable, variables, profile) for variable in variables],
    }
    return orjson.dumps(envelope)


def _cell(variable: Variable, value: Any) -> str:
    """One value as JSON; an empty text and a missing number are null."""
    if value != value or value == "":
        return "null"
    if variable.is_date:
        value = iso_day(value)
    return orjson.dumps(int(value) if is_whole(variable) else value).decode()


def iso_day(days: float) -> str:
    """The day of a numeric date."""
    return (ZERO + timedelta(days)).isoformat()


def _cells(variables: Sequence[Variable], batch: Batch) -> Iterator[Coded]:
    for variable in variables:
        column = batch.columns[variable.name]
        yield Coded(column.codes, column.each(partial(_cell, variable)))


def write(
    file: BinaryIO, dataset: str, variables: Sequence[Variable], profile: Profile, batches: Iterable[Batch], trial: Trial
) -> None:
    """Write one dataset as a Dataset-JSON file: its metadata, then its rows batch by batch."""
    file.write(_envelope(dataset, variables, profile, trial).removesuffix(b"}") + b',"rows":[')
    before = b""
    for batch in batches:
        for text in rows_of_text(list(_cells(variables, batch)), "[", ",", "],"):
            file.write(before)
            file.write(text[:-1])
            before = b","
    file.write(b"]}")


def write_lines(
    file: BinaryIO, dataset: str, variables: Sequence[Variable], profile: Profile, batches: Iterable[Batch], trial: Trial
) -> None:
    """Write one dataset as newline-delimited Dataset-JSON: its metadata on the first line, then a row a line."""
    file.write(_envelope(dataset, variables, profile, trial) + b"\n")
    for batch in batches:
        file.writelines(rows_of_text(list(_cells(variables, batch)), "[", ",", "]\n"))


def encode(dataset: str, variables: Sequence[Variable], frame: pd.DataFrame, trial: Trial) -> bytes:
    """One dataset as the bytes of a Dataset-JSON file; an empty text and a missing number are null."""
    file, batch = BytesIO(), coded(variables, frame)
    write(file, dataset, variables, profiled(dataset, variables, frame, batch), [batch], trial)
    return file.getvalue()
