"""
The export's specification, as its tables in `specs/` say it: which datasets, which variables, and how each is made.

`datasets.csv`: label, class (with its subclass after a slash), structure, natural key; the class tells the standard, SDTM or
ADaM. `variables.csv`: the standard's order, label, type, role (SDTM), core (`Model`: of SDTM 2.0, permitted by the model though
not in the IG's table; `Cond`: of ADaM, required where its condition holds). `mapping.csv`: one row a variable of one part of a
dataset, naming an algorithm; part `*` is the dataset as a whole. `supplements.csv`: what goes to SUPP--. `wide_findings.csv`:
columns of a form that become one finding each. `notes.csv`: the origin of a variable where its algorithm does not say it, and
its method, its comment, or the variable that it copies (origin `Predecessor`). `parameters.csv`: what TS must say of any
trial. `summary_terms.csv`: the dictionary that a parameter of TS is stated in, and of CDISC's terminology which list.
`analysis.csv`: the parameters of ADaM, and the rule (of a time to an event: parameter or query) that each comes from. An
empty cell: none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

import pandas as pd

from cdisc import terminology
from cdisc.terminology import rows

DATE_FORMAT = "DATE9."
"""How SAS shows a numeric date."""
DURATIONS = ("DUR", "EVLINT")
"""How the names of variables end that hold ISO 8601 durations."""
PREDECESSOR = "Predecessor"
"""The origin of a variable that is a copy; its note names the variable copied."""
WHOLE = "*"
"""The part of the mapping that is computed on a dataset once all its parts are together."""


@dataclass(frozen=True, slots=True)
class Standard:
    """
    A standard that datasets follow. `folder`: where a package keeps them; `subjects`: the dataset that lists the subjects;
    `terminology`: the sets of controlled terms that its define.xml cites.
    """

    folder: str
    name: str
    version: str
    purpose: str
    subjects: str
    terminology: tuple[str, ...]


SDTM = Standard("sdtm", "SDTMIG", "3.4", "Tabulation", "DM", ("SDTM",))
ADAM = Standard("adam", "ADaMIG", "1.3", "Analysis", "ADSL", ("SDTM", "ADaM"))
STANDARDS = (SDTM, ADAM)
"""The standards of a package, in the order in which it holds them."""
ANALYSIS = ("SUBJECT LEVEL ANALYSIS DATASET", "OCCURRENCE DATA STRUCTURE", "BASIC DATA STRUCTURE")
"""The classes of ADaM; every other is of SDTM."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset's metadata; `keys`: the variables, in order, that sort its rows and tell them apart."""

    name: str
    label: str
    group: str
    subclass: str
    structure: str
    keys: tuple[str, ...]

    @property
    def standard(self) -> Standard:
        """The standard that the dataset follows."""
        return ADAM if self.group in ANALYSIS else SDTM


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

    @property
    def is_date(self) -> bool:
        """Whether it is a numeric date, in days since 1960-01-01 (ADaMIG 1.3 section 3.1.2: the suffix DT)."""
        return self.type == "Num" and self.name.endswith("DT")


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
def _datasets() -> Mapping[str, Dataset]:
    found = {}
    for row in rows("datasets"):
        group, _, subclass = row["class"].partition("/")
        keys = tuple(row["keys"].split())
        found[row["dataset"]] = Dataset(row["dataset"], row["label"], group, subclass, row["structure"], keys)
    return found


@cache
def datasets(standard: Standard = SDTM) -> Mapping[str, Dataset]:
    """The datasets of a standard by name, in the order in which a package lists them; SUPPQUAL stands for every SUPP--."""
    return {name: dataset for name, dataset in _datasets().items() if dataset.standard == standard}


def dataset(name: str) -> Dataset:
    """A dataset's metadata; SUPPAE and the like follow from SUPPQUAL."""
    if not name.startswith("SUPP"):
        return _datasets()[name]
    return replace(_datasets()["SUPPQUAL"], name=name, label=f"Supplemental Qualifiers for {name[4:]}")


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
def _steps() -> tuple[Step, ...]:
    return tuple(Step(**row) for row in rows("mapping"))


@cache
def steps(name: str) -> tuple[Step, ...]:
    """The mapping of a dataset, parts first, then what is computed on the whole."""
    return tuple(step for step in _steps() if step.dataset == name)


@cache
def supplements() -> tuple[Supplement, ...]:
    """All supplemental qualifiers."""
    return tuple(Supplement(**row) for row in rows("supplements"))


@cache
def _wide_findings() -> tuple[WideFinding, ...]:
    return tuple(WideFinding(**row) for row in rows("wide_findings"))


@cache
def wide_findings(table: str, name: str) -> tuple[WideFinding, ...]:
    """The columns of `table` that become findings of the dataset `name`."""
    return tuple(finding for finding in _wide_findings() if (finding.table, finding.dataset) == (table, name))


@dataclass(frozen=True, slots=True)
class Note:
    """
    Where a variable comes from, and what a reader must know: the method where it is derived, the variable copied where it has a
    predecessor (`DM.SEX`), else a comment.
    """

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


def value_note(name: str, value: str) -> Note | None:
    """The note on one value of a dataset: a test, a parameter, a qualifier; None where it has none of its own."""
    return _notes().get((name, value))


@cache
def parameters() -> tuple[str, ...]:
    """The trial summary parameters that are required, or required where they apply (SDTMIG 3.4, appendix C1)."""
    return tuple(row["parm"] for row in rows("parameters"))


@dataclass(frozen=True, slots=True)
class Reference:
    """The dictionary of a value of TS (TSVCDREF), its version, and the value's code there; each empty where there is none."""

    dictionary: str = ""
    version: str = ""
    code: str = ""


@cache
def _dictionaries() -> Mapping[str, tuple[str, str]]:
    return {row["parm"]: (row["reference"], row["codelist"]) for row in rows("summary_terms")}


def reference(parm: str, value: str) -> Reference:
    """The dictionary of a trial summary value, by its parameter; none for a value that is no term of the parameter's list."""
    dictionary, name = _dictionaries().get(parm, ("", ""))
    if not name:
        return Reference(dictionary)
    term = terminology.codelist(name).terms.get(value)
    return Reference(dictionary, terminology.CT_VERSION, term.code) if term and term.code else Reference()


@dataclass(frozen=True, slots=True)
class Parameter:
    """
    A parameter of an analysis dataset. `kind`: a measure or an endpoint of the rule `source`; the time to a state (a parameter
    of ADEFF) or to an event (a query of ADAE). `instrument`: whose baseline a measure has, by record or by visit; `record`:
    which record of SDTM holds its value, the derived total of its assessment or the one item; empty: none.
    """

    dataset: str
    paramcd: str
    kind: str
    source: str
    instrument: str
    record: str

    @property
    def name(self) -> str:
        """The name that belongs to the code."""
        return terminology.decode(f"{self.dataset}PRM", self.paramcd)


@cache
def analysed(dataset: str) -> tuple[Parameter, ...]:
    """The parameters of an analysis dataset, in the order in which the specification lists them."""
    return tuple(Parameter(**row) for row in rows("analysis") if row["dataset"] == dataset)
