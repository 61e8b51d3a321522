"""
The export's specification, as its tables in `specs/` say it: which datasets, which variables, and how each is made.

`datasets.csv`: label, class, structure, natural key. `variables.csv`: SDTMIG 3.4 order, label, type, role, core (`Model`: of
SDTM 2.0, permitted by the model though not in the IG's table). `mapping.csv`: one row a variable of one part of a dataset,
naming an algorithm; part `*` is the dataset as a whole. `supplements.csv`: what goes to SUPP--. `wide_findings.csv`: columns
of a form that become one finding each. `notes.csv`: the origin of a variable where its algorithm does not say it, and its
method or comment. An empty cell: none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import pandas as pd

from cdisc.terminology import rows

WHOLE = "*"
"""The part of the mapping that is computed on a dataset once all its parts are together."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset's metadata; `keys`: the variables, in order, that sort its rows and tell them apart."""

    name: str
    label: str
    group: str
    structure: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable's metadata; `codelist`: the list that binds its values."""

    dataset: str
    name: str
    label: str
    type: str
    role: str
    core: str
    codelist: str


@dataclass(frozen=True, slots=True)
class Step:
    """How one variable of one part of a dataset is made."""

    dataset: str
    part: str
    variable: str
    algorithm: str
    source: str
    argument: str


@dataclass(frozen=True, slots=True)
class Supplement:
    """A captured column that SDTM has no variable for; `codelist` binds its values where it is coded."""

    dataset: str
    part: str
    qnam: str
    qlabel: str
    source: str
    origin: str
    codelist: str


@dataclass(frozen=True, slots=True)
class WideFinding:
    """One column of a form that asks many things at once, as the finding it becomes; its unit is fixed or in a column."""

    table: str
    column: str
    dataset: str
    testcd: str
    category: str
    unit: str
    unit_column: str
    codelist: str


@cache
def datasets() -> Mapping[str, Dataset]:
    """All datasets by name, in the order in which a package lists them; SUPPQUAL stands for every SUPP--."""
    return {
        row["dataset"]: Dataset(row["dataset"], row["label"], row["class"], row["structure"], tuple(row["keys"].split()))
        for row in rows("datasets")
    }


def dataset(name: str) -> Dataset:
    """A dataset's metadata; SUPPAE and the like follow from SUPPQUAL."""
    if not name.startswith("SUPP"):
        return datasets()[name]
    pattern = datasets()["SUPPQUAL"]
    return Dataset(name, f"Supplemental Qualifiers for {name[4:]}", pattern.group, pattern.structure, pattern.keys)


@cache
def _variables() -> Mapping[str, tuple[Variable, ...]]:
    found: dict[str, list[Variable]] = {}
    for row in rows("variables"):
        names = ("dataset", "variable", "label", "type", "role", "core", "codelist")
        found.setdefault(row["dataset"], []).append(Variable(*(row[name] for name in names)))
    return {name: tuple(variables) for name, variables in found.items()}


def variables(name: str) -> tuple[Variable, ...]:
    """The variables of a dataset in the standard's order."""
    return _variables()["SUPPQUAL" if name.startswith("SUPP") else name]


def sent_variables(name: str, frame: pd.DataFrame) -> tuple[Variable, ...]:
    """The variables of a dataset that its frame holds, in the standard's order."""
    return tuple(variable for variable in variables(name) if variable.name in frame)


@cache
def steps(name: str) -> tuple[Step, ...]:
    """The mapping of a dataset, parts first, then what is computed on the whole."""
    return tuple(Step(**row) for row in rows("mapping") if row["dataset"] == name)


@cache
def supplements() -> tuple[Supplement, ...]:
    """All supplemental qualifiers."""
    return tuple(Supplement(**row) for row in rows("supplements"))


@cache
def wide_findings(table: str, name: str) -> tuple[WideFinding, ...]:
    """The columns of `table` that become findings of the dataset `name`."""
    found = (WideFinding(**row) for row in rows("wide_findings"))
    return tuple(finding for finding in found if (finding.table, finding.dataset) == (table, name))


@dataclass(frozen=True, slots=True)
class Note:
    """Where a variable comes from, and what a reader must know: the method where it is derived, else a comment."""

    origin: str
    text: str


@cache
def _notes() -> Mapping[tuple[str, str], Note]:
    return {(row["dataset"], row["variable"]): Note(row["origin"], row["text"]) for row in rows("notes")}


def note(name: str, variable: str) -> Note | None:
    """The note on a variable (of SUPP--: on a qualifier), else on the variables of that name or ending in all datasets."""
    pattern = "SUPPQUAL" if name.startswith("SUPP") else name
    keys = ((name, variable), (pattern, variable), ("*", variable), ("*", f"--{variable[2:]}"))
    return next((_notes()[key] for key in keys if key in _notes()), None)
