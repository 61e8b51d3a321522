"""What a check of the package says: where, and what; and which of it keeps the package from being written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Datasets = dict[str, pd.DataFrame]
WHOLE_DATASET = 0
"""The row of a finding about a dataset or variable as a whole; rows of data count from 1."""


@dataclass(frozen=True, slots=True)
class Finding:
    """
    One thing that breaks the standard: where, and what; `row` 0 stands for the whole variable or dataset. `count`: in how
    many rows it stands, of which `row` is the first.

    `collected`: the data say it of themselves, as they were entered (an end before its start). It is reported with the
    package and answered by a query; what the exporter made wrong keeps the package from being written.
    """

    dataset: str
    row: int
    variable: str
    code: str
    detail: str
    collected: bool = False
    count: int = 1

    @property
    def words(self) -> str:
        """What it is, and how often."""
        return self.detail if self.count < 2 else f"{self.detail} (and {self.count - 1} more)"


def at(name: str, variable: str, bad: npt.ArrayLike, code: str, detail: str, collected: bool = False) -> Iterator[Finding]:
    """One finding for all the rows of a dataset that are at fault: the first one, and how many."""
    rows = np.flatnonzero(bad)
    if len(rows):
        yield Finding(name, int(rows[0]) + 1, variable, code, detail, collected, len(rows))


class Refused(Exception):
    """The package is not written; `findings` says why, one by one."""

    def __init__(self, findings: list[Finding]) -> None:
        first = findings[0]
        where = f"{first.dataset} row {first.row} {first.variable}"
        super().__init__(f"{len(findings)} findings, the first in {where}: {first.code}: {first.words}")
        self.findings = findings
