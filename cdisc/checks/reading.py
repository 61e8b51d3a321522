"""How a check reads a package: the datasets of subjects, what DM says of each of them, what stands side by side in a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import pandas as pd

from cdisc.coding import Column
from cdisc.columns import of_rows, rows
from cdisc.findings import Datasets, Finding

Check: TypeAlias = Callable[[Datasets], Iterator[Finding]]
"""What asks a package one thing; the first words of its description say what."""


def general(datasets: Datasets) -> Iterator[tuple[str, pd.DataFrame]]:
    """The datasets of the general observation classes with DM, SV and SE: a two-letter code and subjects."""
    return ((name, frame) for name, frame in datasets.items() if len(name) == 2 and "USUBJID" in frame)


def of_people(datasets: Datasets, variable: str) -> dict[str, str]:
    """What DM says of each subject by one of its variables; nothing where it has no such variable."""
    people = datasets.get("DM", pd.DataFrame(columns=["USUBJID", variable]))
    return dict(rows(people["USUBJID"], people[variable])) if variable in people else {}


def where(holds: Callable[..., bool], *columns: Column) -> Column:
    """Row by row whether something holds of the values that stand side by side."""
    return of_rows(holds, "bool", *columns)


def or_blank(frame: pd.DataFrame, column: str) -> Column:
    """A column of text; empty where the dataset has none of that name."""
    return frame[column] if column in frame else pd.Series("", index=frame.index)
