"""
SDTM datasets and verdicts to analysis datasets, subject by subject.

Nothing in them follows from another subject, so the datasets of a study are those of its blocks, one after another. A dataset
without rows is not sent; ADSL has every subject of DM. Sources: ADaM 2.1, ADaMIG 1.3, OCCDS 1.1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from cdisc.adam import adae, adeff, adlb, adsl, adtte
from cdisc.adam.source import Source, complete
from cdisc.findings import Datasets
from cdisc.sdtm.export import Export

MADE: Mapping[str, Callable[[Source], pd.DataFrame]] = {
    "ADSL": adsl.rows,
    "ADAE": adae.rows,
    "ADLB": adlb.rows,
    "ADEFF": adeff.rows,
    "ADTTE": adtte.rows,
}
"""What makes each analysis dataset, in an order in which each finds the ones that it rests on."""


def of_subjects(export: Export, sdtm: Datasets) -> Datasets:
    """The rows of some subjects in every analysis dataset in which they have any, each with all its variables."""
    source = Source(export, sdtm)
    for name, make in MADE.items():
        source.made[name] = complete(name, make(source))
    return {name: frame for name, frame in source.made.items() if len(frame)}
