"""
What analysis datasets are made from: the SDTM datasets of some subjects, and the analysis datasets made of them so far.

A variable that the specification says is a copy (origin `Predecessor`) is copied here by what its note names: of the record
itself, of its supplemental qualifiers, or of the subject's row in DM or ADSL. All else is a function of its dataset.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import pandas as pd

from cdisc import columns, specs
from cdisc.coding import Column, in_order, is_coded
from cdisc.columns import cell_text, each, typed
from cdisc.findings import Datasets
from cdisc.sdtm.export import Export

PER_SUBJECT = ("DM", "ADSL")
"""The datasets with one row a subject."""


@dataclass
class Source:
    """`sdtm`: the datasets of some subjects as they are sent; `export`: what they came from; `made`: ADaM, one by one."""

    export: Export
    sdtm: Datasets
    made: Datasets = field(default_factory=dict)

    def of(self, dataset: str) -> pd.DataFrame:
        """A dataset that stands, SDTM or ADaM; one without rows, with all its variables, where there is none."""
        found = self.made.get(dataset, self.sdtm.get(dataset))
        return _empty(dataset).copy() if found is None else found

    def starts(self) -> dict[str, float]:
        """TRTSDT by USUBJID, NaN where it is not known."""
        people = self.of("ADSL")
        return dict(zip(people["USUBJID"], people["TRTSDT"], strict=True))

    def copied(self, dataset: str, base: pd.DataFrame) -> dict[str, Column]:
        """The variables of a dataset that are copies, for records with a USUBJID and the variables of their own dataset."""
        found = {}
        for variable in specs.variables(dataset):
            note = specs.note(dataset, variable.name)
            if note and note.origin == specs.PREDECESSOR:
                home, _, name = note.text.partition(".")
                found[variable.name] = self._copy(home, name, base)
        return found

    def _copy(self, home: str, name: str, base: pd.DataFrame) -> Column:
        if home.startswith("SUPP"):
            return self._qualifier(home, name, base)
        if home not in PER_SUBJECT:
            return base[name]
        people = self.of(home)
        values = dict(zip(people["USUBJID"], people[name], strict=True))
        if is_coded(people[name]):
            return each(base["USUBJID"], lambda who: values.get(who, ""), "str")
        return each(base["USUBJID"], lambda who: values.get(who, float("nan")), "float64")

    def _qualifier(self, home: str, name: str, base: pd.DataFrame) -> Column:
        """A supplemental qualifier of each record; of DM, of each subject."""
        said = self.of(home)
        said = said[said["QNAM"] == name]
        values = dict(zip(zip(said["USUBJID"], said["IDVARVAL"], strict=True), said["QVAL"], strict=True))
        key = f"{home[4:]}SEQ"
        records = base[key].map(cell_text) if key in base else [""] * len(base)
        return typed([values.get(key, "") for key in zip(base["USUBJID"], records, strict=True)], base.index, "str")


@cache
def _empty(dataset: str) -> pd.DataFrame:
    return complete(dataset, pd.DataFrame())


def complete(dataset: str, frame: pd.DataFrame) -> pd.DataFrame:
    """A frame with all variables of its dataset, typed, in the standard's order, sorted and numbered; missing ones empty."""
    whole = columns.complete(specs.variables(dataset), {str(name): frame[name] for name in frame}, frame.index)
    if "USUBJID" in whole:
        whole = in_order(whole, specs.dataset(dataset).keys)
    if "ASEQ" in whole:
        whole["ASEQ"] = typed(whole.groupby("USUBJID").cumcount() + 1, whole.index, "float64")
    return whole
