"""
ADTTE: from the first infusion to the first response, state or toxicity of a kind, or to the last day without one.

A response counts where it was observed and is analysed as one. A subject is censored at the last assessment at which the
endpoint was evaluated, of a toxicity at the end of what is known of the subject. Source: ADaM Basic Data Structure for
Time-to-Event Analyses 1.0.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from cdisc import specs, timing
from cdisc.adam.adae import QUERIES
from cdisc.adam.source import Source
from cdisc.dates import UNKNOWN, day_number, relative_day
from cdisc.specs import Parameter

Row = dict[str, Any]


def rows(source: Source) -> pd.DataFrame:
    """One record a parameter of each subject whose first infusion is dated; endpoints as far as the study derives them."""
    starts = {who: start for who, start in source.starts().items() if start == start}
    made = [row for one in specs.analysed("ADTTE") for row in _PARAMETERS[one.kind](source, one, starts)]
    base = pd.DataFrame(made, columns=list(dict.fromkeys(["USUBJID", *(name for row in made for name in row)])))
    return base.assign(STUDYID=source.export.trial.study_id, **source.copied("ADTTE", base))


def _record(who: str, one: Parameter, start: float, at: float, said: Row) -> Row:
    day = relative_day(at, start)
    head = {"USUBJID": who, "PARAMCD": one.paramcd, "PARAM": one.name, "STARTDT": start}
    return head | {"ADT": at, "ADY": day, "AVAL": day} | said


def _states(source: Source, one: Parameter, starts: dict[str, float]) -> Iterator[Row]:
    rule = next(each.source for each in specs.analysed("ADEFF") if each.paramcd == one.source)
    if rule not in source.export.trial.endpoints:
        return
    found = source.of("ADEFF")
    found = found[(found["PARAMCD"] == one.source) & (found["DTYPE"] == "") & (found["AVALC"] != "") & found["ADT"].notna()]
    by_subject = dict(iter(found.sort_values("ADT", kind="stable").groupby("USUBJID")))
    for who, start in starts.items():
        yield _state(who, one, start, by_subject.get(who, found.iloc[:0]))


def _state(who: str, one: Parameter, start: float, seen: pd.DataFrame) -> Row:
    reached = seen[(seen["AVALC"] == "Y") & (seen["ANL01FL"] == "Y")]
    if len(reached):
        first = reached.iloc[0]
        event = {"CNSR": 0, "EVNTDESC": first["PARAM"].upper(), "CNSDTDSC": ""}
        return _record(who, one, start, first["ADT"], event | _from("ADEFF", "ADT", first["ASEQ"]))
    none = {"CNSR": 1, "EVNTDESC": "NOT REACHED BY THE LAST ASSESSMENT"}
    if seen.empty:
        censored = none | {"EVNTDESC": "NOT EVALUATED BY THE CUT", "CNSDTDSC": "FIRST INFUSION"}
        return _record(who, one, start, start, censored | _from("ADSL", "TRTSDT", UNKNOWN))
    last = seen.iloc[-1]
    return _record(who, one, start, last["ADT"], none | {"CNSDTDSC": "LAST EVALUATION"} | _from("ADEFF", "ADT", last["ASEQ"]))


def _from(dataset: str, variable: str, seq: float) -> Row:
    return {"SRCDOM": dataset, "SRCVAR": variable, "SRCSEQ": seq}


def _events(source: Source, one: Parameter, starts: dict[str, float]) -> Iterator[Row]:
    people = source.of("DM")
    ends = {who: day_number(end) for who, end in zip(people["USUBJID"], people["RFPENDTC"], strict=True)}
    found = source.of("ADAE")
    found = found[found[one.source] != ""]
    began = zip(found["USUBJID"], found["AESTDTC"], strict=True)
    counts = [timing.before(at, source.export.by_usubjid[who].reference) is not True for who, at in began]
    found = found[pd.Series(counts, index=found.index, dtype="bool")]
    by_subject = dict(iter(found.sort_values("ASTDT", kind="stable").groupby("USUBJID")))
    for who, start in starts.items():
        yield _event(who, one, start, ends.get(who, UNKNOWN), by_subject.get(who, found.iloc[:0]))


def _event(who: str, one: Parameter, start: float, end: float, seen: pd.DataFrame) -> Row:
    _, name = QUERIES[one.source]
    undated = seen[seen["ASTDT"].isna()]
    if len(undated):
        event = {"CNSR": 0, "EVNTDESC": f"{name}, OF AN INCOMPLETE DATE", "CNSDTDSC": ""}
        return _record(who, one, start, UNKNOWN, event | _from("ADAE", "AESTDTC", undated.iloc[0]["AESEQ"]))
    if len(seen):
        first = seen.iloc[0]
        event = {"CNSR": 0, "EVNTDESC": name, "CNSDTDSC": ""}
        return _record(who, one, start, first["ASTDT"], event | _from("ADAE", "ASTDT", first["AESEQ"]))
    none = {"CNSR": 1, "EVNTDESC": f"NO {name} BY THE LAST CONTACT", "CNSDTDSC": "END OF PARTICIPATION OR LAST CONTACT"}
    return _record(who, one, start, end, none | _from("DM", "RFPENDTC", UNKNOWN))


_PARAMETERS = {"state": _states, "event": _events}
