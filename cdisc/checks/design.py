"""
What the plan of the trial says of itself, and whether subjects lived what it plans: arms, elements, epochs, visits.

Sources: SDTMIG 3.4 sections 4.4, 5.3 and 7.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from cdisc import specs
from cdisc.checks.reading import general, or_blank, where
from cdisc.columns import each, rows
from cdisc.findings import WHOLE_DATASET, Datasets, Finding
from cdisc.findings import at as _at


def elements(datasets: Datasets) -> Iterator[Finding]:
    """Elements are those of TE under its names, in an arm (TA) as in a subject (SE) (SDTMIG 3.4 sections 5.3 and 7.2)."""
    plan = datasets.get("TE")
    named = {} if plan is None else dict(rows(plan["ETCD"], plan["ELEMENT"]))
    for name in ("TA", "SE"):
        if name in datasets:
            frame = datasets[name]
            unknown = where(lambda code: code not in named and code != "UNPLAN", frame["ETCD"])
            yield from _at(name, "ETCD", unknown, "element", "is no element of TE")
            told = frame["ETCD"], or_blank(frame, "ELEMENT")
            misnamed = where(lambda code, said: code in named and said not in ("", named[code]), *told)
            yield from _at(name, "ELEMENT", misnamed, "element", "is not the name that TE gives to the element")


def order_of_elements(datasets: Datasets) -> Iterator[Finding]:
    """The elements of a subject follow each other without a gap (SDTMIG 3.4 section 5.3)."""
    frame = datasets.get("SE")
    if frame is not None:
        following = frame.groupby("USUBJID")["SESTDTC"].shift(-1)
        bad = [isinstance(begun, str) and end != begun for end, begun in rows(frame["SEENDTC"], following)]
        yield from _at("SE", "SEENDTC", bad, "element", "is not the start of the next element")


def planned_elements(datasets: Datasets) -> Iterator[Finding]:
    """An element is lived in the order and the epoch in which some arm plans it (SDTMIG 3.4 sections 5.3 and 7.2)."""
    frame, plan = datasets.get("SE"), datasets.get("TA")
    step = ("TAETORD", "ETCD", "EPOCH")
    if frame is not None and plan is not None and set(step) <= set(frame):
        known = set(rows(*(plan[column] for column in step)))
        bad = where(lambda *lived: lived not in known and lived[1] != "UNPLAN", *(frame[column] for column in step))
        yield from _at("SE", "TAETORD", bad, "planned_element", "is no step of an arm in that epoch")


def arms(datasets: Datasets) -> Iterator[Finding]:
    """An arm has one name, and a visit that is planned for one arm names one of TA (SDTMIG 3.4 section 7; FB0902, CG0293)."""
    plan, visits = datasets.get("TA"), datasets.get("TV")
    if plan is not None:
        names = plan[["ARMCD", "ARM"]].drop_duplicates()
        twice = plan.index.isin(names.index[names["ARMCD"].duplicated() | names["ARM"].duplicated()])
        yield from _at("TA", "ARM", twice, "arm", "is another name of one arm, or the name of another")
    if plan is not None and visits is not None and "ARMCD" in visits:
        known = {"", *plan["ARMCD"]}
        yield from _at("TV", "ARMCD", where(lambda arm: arm not in known, visits["ARMCD"]), "arm", "is no arm of TA")


def criteria(datasets: Datasets) -> Iterator[Finding]:
    """A criterion that was not met is one of TI, in its words (SDTMIG 3.4 section 7.4)."""
    frame, plan = datasets.get("IE"), datasets.get("TI")
    said = ("IETESTCD", "IETEST", "IECAT")
    if frame is not None and plan is not None:
        known = set(rows(*(plan[column] for column in said)))
        bad = where(lambda *criterion: criterion not in known, *(frame[column] for column in said))
        yield from _at("IE", "IETESTCD", bad, "criterion", "is no criterion that TI has in these words")


def epochs(datasets: Datasets) -> Iterator[Finding]:
    """An epoch is one that the subject lived, by SE (SDTMIG 3.4 section 4.4.5)."""
    return _of_subject(datasets, "EPOCH", "SE", "epoch", "is no epoch that SE has of the subject")


def _of_subject(datasets: Datasets, variable: str, list_: str, code: str, words: str) -> Iterator[Finding]:
    """What a dataset says of a subject in a variable is what the dataset that lists them (SE, SV) has of the subject."""
    listed = datasets.get(list_)
    known = set() if listed is None else set(rows(listed["USUBJID"], listed[variable]))
    for name, frame in general(datasets):
        if variable in frame and name != list_:
            told = frame["USUBJID"], frame[variable]
            bad = where(lambda who, value: value == value and value != "" and (who, value) not in known, *told)
            yield from _at(name, variable, bad, code, words)


def visits(datasets: Datasets) -> Iterator[Finding]:
    """A visit has one number and one name, the planned ones those of TV, with its day (SDTMIG 3.4 section 4.4.7)."""
    plan = datasets.get("TV")
    planned = {} if plan is None else dict(rows(plan["VISITNUM"], plan["VISIT"]))
    numbers = {name: number for number, name in planned.items()}
    days = {} if plan is None or "VISITDY" not in plan else dict(rows(plan["VISITNUM"], plan["VISITDY"]))
    for name, frame in general(datasets):
        if {"VISIT", "VISITNUM"} <= set(frame):
            told = frame["VISITNUM"], frame["VISIT"]
            bad = where(lambda number, visit: not _agrees(number, visit, planned, numbers), *told)
            yield from _at(name, "VISITNUM", bad, "visit", "is not the number of the visit of that name")
        if {"VISITDY", "VISITNUM"} <= set(frame):
            due, said = each(frame["VISITNUM"], lambda number: days.get(number, math.nan), "float64"), frame["VISITDY"]
            bad = (due != said) & (due.notna() | said.notna())
            yield from _at(name, "VISITDY", bad, "visit", "is not the day for which TV plans the visit")


def subject_visits(datasets: Datasets) -> Iterator[Finding]:
    """What belongs to a visit belongs to one that SV has of the subject (SDTMIG 3.4 section 5.5)."""
    return _of_subject(datasets, "VISITNUM", "SV", "subject_visit", "is no visit that SV has of the subject")


def _agrees(number: float, visit: str, planned: dict[float, str], numbers: dict[str, float]) -> bool:
    if math.isnan(number) or not visit:
        return math.isnan(number) and not visit
    return planned.get(number, visit) == visit and numbers.get(visit, number) == number


def parameters(datasets: Datasets) -> Iterator[Finding]:
    """Every parameter that is required is there, with a value or the reason for none, never both (SDTMIG 3.4 section 7.4)."""
    frame = datasets.get("TS")
    if frame is None:
        return
    for absent in sorted(set(specs.parameters()) - set(frame["TSPARMCD"])):
        yield Finding("TS", WHOLE_DATASET, "TSPARMCD", "parameter", f"{absent} is required and absent", collected=True)
    if "TSVAL" in frame:
        bad = (frame["TSVAL"] == "") == (or_blank(frame, "TSVALNF") == "")
        yield from _at("TS", "TSVAL", bad, "null_flavour", "has both a value and a null flavour, or neither")
