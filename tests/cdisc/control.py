"""
The negative control: the faults of `faults.csv`, seeded into the package of the small study.

A judge that finds nothing in a good package may be blind. Every fault must be found: by the exporter's gate (`gate`: the code
of its finding) and, where the CDISC CORE engine has a rule for it, by the engine too (`core`). Faults with the same number
under `package` do not touch each other and go before the engine together. `python -m tests.cdisc.control CHECK` asks it.
"""

from __future__ import annotations

import csv
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from cdisc import specs
from cdisc.columns import complete
from cdisc.define import define_xml
from cdisc.files import xpt
from cdisc.sdtm import datasets as sdtm
from tests.cdisc import build

Datasets = dict[str, pd.DataFrame]
FAULTS = Path(__file__).parent / "faults.csv"
FOUND = re.compile(r"(CORE-\d{6})\s+(\w+)")


@dataclass(frozen=True, slots=True)
class Fault:
    """
    One fault: what it is, what is done where, who must find it and, where it shows elsewhere, where.

    `row` counts from 1, or is the first where some variables have some values: `VSTESTCD=TEMP;VISIT=M1`.
    """

    fault: str
    dataset: str
    act: str
    variable: str
    row: str
    value: str
    gate: str
    package: str
    core: str

    def found_by_gate(self) -> tuple[str, str]:
        """The code of the gate's finding and its dataset."""
        return self._said(self.gate)

    def found_by_engine(self) -> tuple[str, str]:
        """The rule of the engine's finding and its dataset."""
        return self._said(self.core)

    def _said(self, words: str) -> tuple[str, str]:
        code, _, elsewhere = words.partition(" ")
        return code, elsewhere or self.dataset


@cache
def faults() -> tuple[Fault, ...]:
    """All faults, in the order of their file."""
    with FAULTS.open(encoding="utf-8", newline="") as file:
        return tuple(Fault(**row) for row in csv.DictReader(file))


@cache
def good() -> Datasets:
    """The datasets of the small study, in which nobody finds anything."""
    return sdtm.datasets(build.frames(), build.trial())


@cache
def define() -> bytes:
    """The define.xml of the small study."""
    return define_xml.encode(good(), build.trial())


def seeded(*faults: Fault) -> Datasets:
    """The small study with some faults in it."""
    datasets = {name: frame.copy() for name, frame in good().items()}
    for fault in faults:
        datasets[fault.dataset] = ACTS[fault.act](datasets.get(fault.dataset, pd.DataFrame()), fault)
    return datasets


def _row(frame: pd.DataFrame, row: str) -> int:
    if row.isdigit():
        return int(row) - 1
    named = (condition.split("=") for condition in row.split(";"))
    return int(pd.concat([frame[name] == value for name, value in named], axis=1).all(axis=1).to_numpy().nonzero()[0][0])


def _put(frame: pd.DataFrame, fault: Fault) -> pd.DataFrame:
    text = "x" * int(fault.value[1:]) if fault.value.startswith("*") else fault.value
    number = pd.api.types.is_numeric_dtype(frame[fault.variable]) if fault.variable in frame else False
    frame[fault.variable] = frame.get(fault.variable, "")
    frame.loc[_row(frame, fault.row), fault.variable] = float(text) if number else text
    known = [variable.name for variable in specs.variables(fault.dataset) if variable.name in frame]
    return frame[known]


def _repeated(frame: pd.DataFrame, fault: Fault) -> pd.DataFrame:
    again = frame.iloc[[_row(frame, fault.row)]]
    if fault.variable:
        again = again.assign(**{fault.variable: float(fault.value)})
    return pd.concat([frame, again], ignore_index=True)


def _inserted(frame: pd.DataFrame, fault: Fault) -> pd.DataFrame:
    """A dataset that the small study has not, of one row: `value` names its variables and values as `row` does."""
    said = dict(each.split("=") for each in fault.value.split(";"))
    return complete(specs.variables(fault.dataset), said, frame.index.union([0]))


def _without_subject(frame: pd.DataFrame, fault: Fault) -> pd.DataFrame:
    return frame[frame["USUBJID"] != frame.loc[_row(frame, fault.row), "USUBJID"]].reset_index(drop=True)


ACTS: dict[str, Callable[[pd.DataFrame, Fault], pd.DataFrame]] = {
    "put": _put,
    "drop": lambda frame, fault: frame.drop(columns=fault.variable),
    "add": lambda frame, fault: frame.assign(**{fault.variable: fault.value}),
    "retype": lambda frame, fault: frame.assign(**{fault.variable: frame[fault.variable].astype("str")}),
    "double": lambda frame, fault: pd.concat([frame, frame[[fault.variable]]], axis=1),
    "reorder": lambda frame, fault: frame.iloc[:, ::-1],
    "insert": _inserted,
    "repeat": _repeated,
    "drop_row": lambda frame, fault: frame.drop(index=_row(frame, fault.row)).reset_index(drop=True),
    "remove": lambda frame, fault: frame[frame[fault.variable] != fault.value].reset_index(drop=True),
    "remove_subject": _without_subject,
}


def write(datasets: Datasets, folder: Path) -> None:
    """A package as it would leave without a gate, under the define.xml of the good one; what no standard knows goes as text."""
    trial = build.trial()
    for name, frame in datasets.items():
        known = {variable.name: variable for variable in specs.variables(name)}
        variables = tuple(known.get(column) or _unknown(name, column) for column in map(str, frame))
        content = xpt.encode(name, specs.dataset(name).label, variables, frame, trial.cut_at)
        (folder / f"{name.lower()}.xpt").write_bytes(content)
    (folder / "define.xml").write_bytes(define())


def _unknown(dataset: str, name: str) -> specs.Variable:
    return specs.Variable(dataset, name, "Not of the Model", "Char", role="", core="", codelist="")


def engine_finds(check: str, *faults: Fault) -> set[tuple[str, str]]:
    """What the engine finds with some faults in the package: (rule, dataset)."""
    with tempfile.TemporaryDirectory() as folder:
        write(seeded(*faults), Path(folder))
        said = subprocess.run([check, folder], capture_output=True, text=True, check=False)
    if said.returncode == 2:
        raise RuntimeError(said.stdout + said.stderr)
    return set(FOUND.findall(said.stdout))


def overlooked(check: str) -> list[Fault]:
    """The faults that the engine does not find though it should: what it says of every package does not count."""
    packages = sorted({fault.package for fault in faults()} - {""})
    together = [[fault for fault in faults() if fault.package == package] for package in packages]
    define()  # made once, before the engine is asked of several packages at a time
    with ThreadPoolExecutor(len(together)) as pool:
        found = list(pool.map(lambda some: engine_finds(check, *some), together))
    everywhere = set.intersection(*found)
    return [
        fault
        for some, said in zip(together, found, strict=True)
        for fault in some
        if fault.found_by_engine() not in said - everywhere
    ]


if __name__ == "__main__":
    missed = overlooked(sys.argv[1])
    asked = [fault for fault in faults() if fault.core]
    print(f"negative control: the engine finds {len(asked) - len(missed)} of {len(asked)} seeded faults")
    for fault in missed:
        print(f"  not found: {fault.fault} ({fault.core})")
    sys.exit(1 if missed else 0)
