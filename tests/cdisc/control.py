"""
The negative control: faults of `faults.csv`, seeded into the package of the small study.

A judge that finds nothing in a good package may be blind. Every fault must be found: by the exporter's gate (`gate`: the code of
its finding), by the CDISC CORE engine (`core`: its rule), or by both. The faults with the same number under `package` do not
touch each other and are sent to the engine together; without a number the gate alone answers, since the engine does not read
terms, dates or labels, or a file could not be written at all. `python -m tests.cdisc.control CHECK` asks both.
"""

from __future__ import annotations

import csv
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from cdisc import define_xml, gate, sdtm, specs, xpt
from tests.cdisc import build

Datasets = dict[str, pd.DataFrame]
FAULTS = Path(__file__).parent / "faults.csv"
FOUND = re.compile(r"(CORE-\d{6})\s+(\w+)")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: what it is, what is done where (rows count from 1), and who must find it."""

    fault: str
    dataset: str
    act: str
    variable: str
    row: str
    value: str
    gate: str
    package: str
    core: str


@cache
def faults() -> tuple[Fault, ...]:
    """All faults, in the order of their file."""
    with FAULTS.open(encoding="utf-8", newline="") as file:
        return tuple(Fault(**row) for row in csv.DictReader(file))


@cache
def good() -> Datasets:
    """The datasets of the small study, in which nobody finds anything."""
    return sdtm.datasets(build.frames(), build.trial())


def seeded(*faults: Fault) -> Datasets:
    """The small study with some faults in it."""
    datasets = {name: frame.copy() for name, frame in good().items()}
    for fault in faults:
        datasets[fault.dataset] = ACTS[fault.act](datasets[fault.dataset], fault)
    return datasets


def _put(frame: pd.DataFrame, fault: Fault) -> pd.DataFrame:
    text = "x" * int(fault.value[1:]) if fault.value.startswith("*") else fault.value
    number = pd.api.types.is_numeric_dtype(frame[fault.variable]) if fault.variable in frame else False
    frame[fault.variable] = frame.get(fault.variable, "")
    frame.loc[int(fault.row) - 1, fault.variable] = float(text) if number else text
    known = [variable.name for variable in specs.variables(fault.dataset) if variable.name in frame]
    return frame[known]


def _repeated(frame: pd.DataFrame, fault: Fault) -> pd.DataFrame:
    again = frame.iloc[[int(fault.row) - 1]]
    if fault.variable:
        again = again.assign(**{fault.variable: float(fault.value)})
    return pd.concat([frame, again], ignore_index=True)


def _without_subject(frame: pd.DataFrame, fault: Fault) -> pd.DataFrame:
    return frame[frame["USUBJID"] != frame.loc[int(fault.row) - 1, "USUBJID"]].reset_index(drop=True)


ACTS: dict[str, Callable[[pd.DataFrame, Fault], pd.DataFrame]] = {
    "put": _put,
    "drop": lambda frame, fault: frame.drop(columns=fault.variable),
    "add": lambda frame, fault: frame.assign(**{fault.variable: fault.value}),
    "retype": lambda frame, fault: frame.assign(**{fault.variable: frame[fault.variable].astype("str")}),
    "reorder": lambda frame, fault: frame.iloc[:, ::-1],
    "repeat": _repeated,
    "drop_row": lambda frame, fault: frame.drop(index=int(fault.row) - 1).reset_index(drop=True),
    "remove": lambda frame, fault: frame[frame[fault.variable] != fault.value].reset_index(drop=True),
    "remove_subject": _without_subject,
}


def write(datasets: Datasets, folder: Path) -> None:
    """A package as it would be without a gate; what is not of the model is written as text."""
    trial = build.trial()
    for name, frame in datasets.items():
        known = {variable.name: variable for variable in specs.variables(name)}
        other = specs.Variable(name, "", "Not of the Model", "Char", "", "", "")
        variables = tuple(known.get(column, replace_name(other, column)) for column in frame)
        label = specs.dataset(name).label
        (folder / f"{name.lower()}.xpt").write_bytes(xpt.encode(name, label, variables, frame, trial.cut_at))
    (folder / "define.xml").write_bytes(define_xml.encode(good(), trial))


def replace_name(variable: specs.Variable, name: str) -> specs.Variable:
    """A variable under another name."""
    return specs.Variable(variable.dataset, name, *(getattr(variable, each) for each in ("label", "type", "role", "core", "codelist")))


def engine_says(check: str, datasets: Datasets) -> set[tuple[str, str]]:
    """What the engine finds: (rule, dataset)."""
    with tempfile.TemporaryDirectory() as folder:
        write(datasets, Path(folder))
        said = subprocess.run([check, folder], capture_output=True, text=True, check=False)
    print(said.stdout)
    return {(rule, dataset) for rule, dataset in FOUND.findall(said.stdout)}
