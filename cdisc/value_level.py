"""
Value-level metadata: what a variable holds where others have certain values, of SDTM by test code, of ADaM by parameter.

A result is defined for each test (of a laboratory test for each specimen, of an autoantibody for each antigen), a qualifier for
each QNAM, a disposition for each category. Source: CDISC Define-XML 2.1, ValueListDef and WhereClauseDef.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import odmlib.define_2_1.model as define
import pandas as pd

from cdisc import specs
from cdisc.coding import Column
from cdisc.results import plain
from cdisc.specs import Variable

RESULTS = ("ORRES", "ORRESU", "STRESC", "STRESN", "STRESU")
BESIDE = {"LB": "LBSPEC", "IS": "ISBDAGNT"}
"""What tells tests of one code apart."""
WIDE = ("toxicity_observation", "lupus_review", "dlt_assessment", "event_grade")
"""The forms that ask many findings at once."""
DISPOSITIONS = {"PROTOCOL MILESTONE": "PROTMLST", "DISPOSITION EVENT": "NCOMPLT", "OTHER EVENT": "OTHEVENT"}
PARAMETER = ("PARAMCD",)
_CRITERION = re.compile(r"(CRIT\d+)(FL)?")
"""A criterion of an endpoint in words, and the flag that says whether it was met."""
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class ValueList:
    """
    How one variable is defined value by value of others, `deciding`.

    `codelists`: by the first deciding value, the codelist of its values where it has one; `codelist`: of all others. `alone`:
    the values have nothing in common, so that the variable as such has neither codelist nor origin. `described`: the variable
    whose text beside a value says what the value means; empty: nothing more is said.
    """

    deciding: tuple[str, ...]
    codelists: Mapping[str, str] = field(default_factory=dict)
    codelist: str = ""
    alone: bool = False
    described: str = ""

    def cases(self, column: Column, frame: pd.DataFrame) -> Iterator[tuple[tuple[tuple[str, str], ...], Column]]:
        """Each combination of deciding values for which the column has values: what decides (name, value), and its cells."""
        filled = column.notna() & (column != "")
        for values, cells in column[filled].groupby([frame[name][filled] for name in self.deciding], sort=True):
            decided = zip(self.deciding, map(str, values), strict=True)
            yield tuple((name, value) for name, value in decided if value), cells


def value_lists(dataset: str, frame: pd.DataFrame) -> dict[str, ValueList]:
    """The variables of a dataset that are defined value by value, by their names."""
    if dataset.startswith("SUPP"):
        of_qualifiers = {s.qnam: s.codelist for s in specs.supplements() if s.dataset == dataset[4:]}
        return {"QVAL": ValueList(("QNAM",), of_qualifiers, alone=True, described="QLABEL")}
    if dataset == "DS":
        return {"DSDECOD": ValueList(("DSCAT",), DISPOSITIONS, alone=True)}
    lists = _by_parameter(dataset) if "PARAMCD" in frame else _results(dataset, frame)
    return {name: values for name, values in lists.items() if name in frame}


def _by_parameter(dataset: str) -> dict[str, ValueList]:
    answers = {one.paramcd: "NY" for one in specs.analysed(dataset) if one.kind == "endpoint"}
    found = {"AVAL": ValueList(PARAMETER), "AVALC": ValueList(PARAMETER, answers)}
    for variable in specs.variables(dataset):
        if criterion := _CRITERION.fullmatch(variable.name):
            found[variable.name] = ValueList(PARAMETER, codelist=variable.codelist, described=criterion[1])
    return found


def _results(dataset: str, frame: pd.DataFrame) -> dict[str, ValueList]:
    test = f"{dataset}TESTCD"
    if dataset == "IE" or test not in frame:
        return {}
    deciding = tuple(name for name in (test, BESIDE.get(dataset, "")) if name in frame)
    answers = {wide.testcd: wide.codelist for table in WIDE for wide in specs.wide_findings(table, dataset)}
    units = {variable.name: variable.codelist for variable in specs.variables(dataset)}
    names = [f"{dataset}{result}" for result in RESULTS]
    return {
        name: ValueList(deciding, answers if name.endswith("ORRES") else {}, units[name]) for name in names if name in units
    }


def criteria(rows: pd.DataFrame) -> list[str]:
    """The criteria in words that the records of one endpoint were held against, in their order; none of a measure."""
    named = [name for name in rows if (found := _CRITERION.fullmatch(str(name))) and not found[2]]
    told = (next((words for words in rows[name].unique() if words), "") for name in named)
    return [words for words in told if words]


def is_number(text: str) -> bool:
    """Whether a text is a plain number: digits, perhaps with a sign and decimals."""
    return _NUMBER.fullmatch(text) is not None


def decimals(value: str | float) -> int:
    """The digits after the point of a number, in a text or not."""
    written = value if isinstance(value, str) else plain(Decimal(repr(float(value))))
    return len(written.partition(".")[2])


def item(oid: str, variable: Variable, cells: Column, *, is_date: bool) -> Any:
    """One value of a variable as an ItemDef: a date, or integer, float or text by what occurs, with its length and decimals."""
    if is_date:
        return define.ItemDef(OID=oid, Name=variable.name, DataType="partialDatetime")
    written = [value if isinstance(value, str) else plain(Decimal(repr(value))) for value in cells.unique().tolist()]
    made = define.ItemDef(OID=oid, Name=variable.name, DataType="text", Length=max(map(len, written)))
    if all(map(is_number, written)):
        most = max(map(decimals, written))
        made.DataType = "float" if most else "integer"
        if most:
            made.SignificantDigits = most
    return made
