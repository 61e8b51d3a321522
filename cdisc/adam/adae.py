"""
ADAE: every adverse event with its days, whether it was emergent, its causality as analysed, and the queries that it answers.

Source: OCCDS 1.1 (occurrence data structure), section 3.
"""

from __future__ import annotations

import pandas as pd

from cdisc.adam.dates import day_number, relative_days
from cdisc.adam.source import Source
from cdisc.coding import Column
from cdisc.columns import each, number, typed

QUERIES = {"CQ01NAM": ("CRS", "CYTOKINE RELEASE SYNDROME"), "CQ02NAM": ("ICANS", "ICANS")}
"""The customized queries: the category of the events that answer each, and its name."""
RELATED = frozenset({"RELATED", "PROBABLY RELATED", "POSSIBLY RELATED"})
UNRELATED = frozenset({"NOT RELATED", "UNLIKELY RELATED"})


def rows(source: Source) -> pd.DataFrame:
    """The adverse events of AE."""
    events = source.of("AE")
    base = events[["STUDYID", "USUBJID"]].assign(**source.copied("ADAE", events))
    for name, origin, day in (("ASTDT", "AESTDTC", "ASTDY"), ("AENDT", "AEENDTC", "AENDY")):
        base[name] = each(base[origin], day_number, "float64")
        base[day] = relative_days(base[name], base["TRTSDT"])
    causes = zip(base["AEREL"], base["AERELLD"], strict=True)
    base["AREL"] = typed([causality(frozenset(said)) for said in causes], base.index, "str")
    return base.assign(AETOXGRN=number(base["AETOXGR"]), **_queries(base))


def causality(said: frozenset[str]) -> str:
    """RELATED where any answer says so, NOT RELATED where all do; empty where the answers leave it open."""
    if said & RELATED:
        return "RELATED"
    return "NOT RELATED" if said <= UNRELATED else ""


def _queries(base: pd.DataFrame) -> dict[str, Column]:
    return {
        name: typed([query if told == category else "" for told in base["AECAT"]], base.index, "str")
        for name, (category, query) in QUERIES.items()
    }
