"""
Dataset-JSON: valid against CDISC's schema, the same values as the frame, in step with define.xml.

`dataset.schema.json` is CDISC's schema of version 1.1 as cdisc-rules-engine 0.17.1 distributes it (MIT licence).
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pandas as pd
import pytest

from cdisc import specs
from cdisc.files import dataset_json
from cdisc.sdtm import datasets as sdtm
from tests.cdisc import build

HERE = Path(__file__).parent
SCHEMA = json.loads((HERE / "dataset.schema.json").read_text())


@cache
def datasets() -> dict[str, pd.DataFrame]:
    """The datasets of the small study."""
    return sdtm.datasets(build.frames(), build.trial())


def encoded(name: str) -> bytes:
    """One dataset as it is written."""
    frame = datasets()[name]
    return dataset_json.encode(name, specs.sent_variables(name, frame), frame, build.trial())


def test_every_dataset_is_valid_against_the_schema() -> None:
    validator = jsonschema.validators.validator_for(SCHEMA)(SCHEMA)

    faults = {name: [fault.message for fault in validator.iter_errors(json.loads(encoded(name)))] for name in datasets()}

    assert faults == {name: [] for name in datasets()}
    assert not validator.is_valid({"name": "DM"})


def test_it_is_the_one_that_was_reviewed() -> None:
    golden = json.loads((HERE / "golden" / "ae.json").read_text())

    assert golden == json.loads(encoded("AE"))


@pytest.mark.parametrize("name", ["AE", "DM", "LB", "RS", "SUPPAE", "TS"])
def test_the_rows_are_those_of_the_frame_with_null_for_missing(name: str) -> None:
    frame, found = datasets()[name], json.loads(encoded(name))
    columns = [column["name"] for column in found["columns"]]

    assert found["records"] == len(frame)
    assert columns == frame.columns.tolist()
    for row, values in zip(frame.itertuples(index=False, name=None), found["rows"], strict=True):
        assert [plain(value) for value in row] == values


def plain(value: Any) -> Any:
    """A cell as JSON has it."""
    return None if value == "" or value != value else value


def test_whole_numbers_are_whole_and_times_come_from_the_cut() -> None:
    found = json.loads(encoded("AE"))
    types = {column["name"]: column["dataType"] for column in found["columns"]}

    assert (types["AESEQ"], types["AESTDY"], types["AETERM"], types["AESTDTC"]) == ("integer", "integer", "string", "string")
    assert found["datasetJSONCreationDateTime"] == "2025-06-30T12:00:05"
    assert [column["keySequence"] for column in found["columns"] if "keySequence" in column] == [1, 4, 3, 2]
