"""
ADLB: every laboratory result as an analysis value, beside its baseline, its range and its grade.

The unit of a parameter is that of its test and stands in its name. A censored result is analysed as the limit that it lies
beyond and says so; no change is counted to it or from it. Source: ADaMIG 1.3 section 3.3 (BDS).
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

import pandas as pd

from cdisc import timing, units
from cdisc.adam.baseline import change
from cdisc.adam.source import Source
from cdisc.columns import as_float, cell_text, each
from cdisc.columns import rows as side_by_side
from cdisc.dates import UNKNOWN, day_number, relative_days

GRADES = ("ctcae_lab_5", "ctcae_lab_6")
"""The rules that grade a result by itself."""


class Parameter(NamedTuple):
    """A test of a specimen as a parameter; `unit`: the one that its values are in, empty where the test has none of its own."""

    paramcd: str
    param: str
    unit: str


class Value(NamedTuple):
    """A result as it is analysed."""

    aval: float
    dtype: str
    srcvar: str


class Baseline(NamedTuple):
    """The baseline record of a parameter: its place among the rows, its value (NaN: none to compare with), range and date."""

    place: int
    value: float
    indicator: str
    at: str


NONE = Baseline(-1, UNKNOWN, "", "")


def rows(source: Source) -> pd.DataFrame:
    """The results of LB; what was not done has no record."""
    found = source.export.built.get("LB", source.of("LB").assign(_record=""))
    found = found[found["LBSTRESC"] != ""].reset_index(drop=True)
    base = found[["STUDYID", "USUBJID"]].assign(**source.copied("ADLB", found), SRCDOM="LB", ATOXGR=_grades(source, found))
    named = [parameter(*test) for test in side_by_side(found["LBTESTCD"], found["LBTEST"], found["LBSPEC"])]
    results = side_by_side(found["LBSTRESC"], found["LBSTRESN"], found["LBSTRESU"])
    values = [analysed(*result, one.unit) for result, one in zip(results, named, strict=True)]
    base = base.assign(PARAMCD=[one.paramcd for one in named], PARAM=[one.param for one in named])
    base = base.assign(**{name: [getattr(one, name.lower()) for one in values] for name in ("AVAL", "DTYPE", "SRCVAR")})
    base["ADT"] = each(base["LBDTC"], day_number, "float64")
    base["ADY"] = relative_days(base["ADT"], base["TRTSDT"])
    return _beside_baseline(base.assign(_flag=found["LBBLFL"]))


@cache
def parameter(testcd: str, test: str, specimen: str) -> Parameter:
    """The parameter of a test; of another specimen than the usual one, with the specimen in its code and name."""
    known, measure = units.measures("LB", testcd, ""), units.measure("LB", testcd, specimen)
    usual = known[0].specimen if known else specimen
    unit = cell_text(measure.unit) if measure else ""
    name = f"{test} ({unit})" if unit else test
    if not specimen or specimen == usual:
        return Parameter(testcd, name, unit)
    return Parameter(f"{testcd[:7]}{specimen[0]}", f"{specimen.capitalize()} {name}", unit)


@lru_cache(timing.KEPT)
def analysed(text: str, number: float, unit: str, of_parameter: str) -> Value:
    """A standard result as it is analysed; without a value where it is a text, or in another unit than its parameter."""
    censored = as_float(text.lstrip("<>=")) if text[0] in "<>" else UNKNOWN
    if of_parameter and unit != of_parameter:
        return Value(UNKNOWN, "", "LBSTRESC")
    if censored == censored:
        return Value(censored, "LIMIT", "LBSTRESC")
    return Value(number, "", "LBSTRESN" if number == number else "LBSTRESC")


def _grades(source: Source, found: pd.DataFrame) -> list[str]:
    """The grade of each result, empty where it is not one grade or none was given."""
    said = source.export.table("verdict")
    graded = said[said["rule"].isin(GRADES)] if len(said) else said
    ranges = side_by_side(*(graded[name] for name in ("about", "lowest", "highest"))) if len(graded) else ()
    grades = {record: cell_text(as_float(lowest)) for record, lowest, highest in ranges if lowest == highest}
    return [grades.get(record, "") for record in found["_record"]]


def _beside_baseline(base: pd.DataFrame) -> pd.DataFrame:
    keys = list(side_by_side(base["USUBJID"], base["PARAMCD"]))
    told = side_by_side(base["_flag"], base["AVAL"], base["DTYPE"], base["ANRIND"], base["LBDTC"])
    found: dict[tuple[str, str], Baseline] = {}
    for place, (key, (flag, value, dtype, indicator, at)) in enumerate(zip(keys, told, strict=True)):
        if flag == "Y" and at >= found.get(key, NONE).at:
            found[key] = Baseline(place, UNKNOWN if dtype else value, indicator, at)
    of = [found.get(key, NONE) for key in keys]
    values = zip(of, side_by_side(base["AVAL"], base["DTYPE"], base["LBDTC"]), strict=True)
    return base.assign(
        ABLFL=["Y" if one.place == place else "" for place, one in enumerate(of)],
        BASE=[one.value for one in of],
        BNRIND=[one.indicator for one in of],
        CHG=[_change(one, *value) for one, value in values],
    )


def _change(base: Baseline, value: float, dtype: str, at: str) -> float:
    return change(value, base.value) if not dtype and timing.before(base.at, at) is True else UNKNOWN
