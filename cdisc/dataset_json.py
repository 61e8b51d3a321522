"""
Dataset-JSON 1.1: one file a dataset, its columns and its rows.

Times come from the cut, never from a clock. A numeric date (ADaM) is written as its ISO 8601 day, to be read back as an
integer. Source: CDISC Dataset-JSON 1.1, table of attributes.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import orjson
import pandas as pd

from cdisc import specs
from cdisc.specs import DATE_FORMAT, Variable
from cdisc.trial import Trial

VERSION = "1.1.0"
ZERO = date(1960, 1, 1)
"""The day from which numeric dates count."""
WHOLE_NUMBERS = ("SEQ", "DY", "ORD", "TPTNUM")
"""How the names of numeric variables end that hold whole numbers."""


def is_whole(variable: Variable) -> bool:
    """Whether a numeric variable holds whole numbers by its meaning."""
    return variable.type == "Num" and (variable.name.endswith(WHOLE_NUMBERS) or variable.name == "AGE")


def data_type(variable: Variable) -> str:
    """The Dataset-JSON data type of a variable; dates of SDTM stay text, since they may be partial."""
    if variable.type == "Char":
        return "string"
    if variable.is_date:
        return "date"
    return "integer" if is_whole(variable) else "float"


def _column(dataset: str, variable: Variable, frame: pd.DataFrame) -> dict[str, Any]:
    column: dict[str, Any] = {
        "itemOID": f"IT.{dataset}.{variable.name}",
        "name": variable.name,
        "label": variable.label,
        "dataType": data_type(variable),
    }
    if variable.type == "Char":
        column["length"] = max(1, int(frame[variable.name].str.len().max()))
    if variable.is_date:
        column |= {"targetDataType": "integer", "displayFormat": DATE_FORMAT}
    keys = specs.dataset(dataset).keys
    if variable.name in keys:
        column["keySequence"] = [key for key in keys if key in frame].index(variable.name) + 1
    return column


def _cells(variable: Variable, frame: pd.DataFrame) -> list[Any]:
    values = frame[variable.name].tolist()
    if variable.type == "Char":
        return [value or None for value in values]
    if variable.is_date:
        return [None if value != value else (ZERO + timedelta(value)).isoformat() for value in values]
    if is_whole(variable):
        return [None if value != value else int(value) for value in values]
    return [None if value != value else value for value in values]


def encode(dataset: str, variables: tuple[Variable, ...], frame: pd.DataFrame, trial: Trial) -> bytes:
    """One dataset as the bytes of a Dataset-JSON file; an empty text and a missing number are null."""
    envelope = {
        "datasetJSONCreationDateTime": f"{trial.cut_at:%Y-%m-%dT%H:%M:%S}",
        "datasetJSONVersion": VERSION,
        "fileOID": f"{trial.study_id}.{trial.cut_name}.{dataset}",
        "dbLastModifiedDateTime": f"{trial.cut_at:%Y-%m-%dT%H:%M:%S}",
        "originator": "Casebook",
        "sourceSystem": {"name": "Casebook", "version": trial.build},
        "studyOID": f"STUDY.{trial.study_id}",
        "metaDataVersionOID": f"MDV.{trial.study_id}.{trial.study_version}",
        "metaDataRef": "../define.xml",
        "itemGroupOID": f"IG.{dataset}",
        "records": len(frame),
        "name": dataset,
        "label": specs.dataset(dataset).label,
        "columns": [_column(dataset, variable, frame) for variable in variables],
        "rows": list(zip(*(_cells(variable, frame) for variable in variables), strict=True)),
    }
    return orjson.dumps(envelope)
