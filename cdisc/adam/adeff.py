"""
ADEFF: the measures of disease activity and the endpoints that rest on them, as the casebook's rules said them.

Three layers are kept apart. A measure is what was observed; an endpoint says Y, N or, where something is missing, nothing and
why; the analysis value has a record of its own (DTYPE) wherever it is not what was observed. Each record names the rule and
its version, a measure also the record of SDTM that holds it. Source: ADaMIG 1.3 section 3.3 (BDS), ICH E9(R1).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from cdisc import columns, specs, timing
from cdisc.adam import endpoints, verdicts
from cdisc.adam.baseline import change
from cdisc.adam.source import Source
from cdisc.adam.verdicts import Said
from cdisc.columns import as_float, cell_text
from cdisc.dates import UNKNOWN, day_number, relative_day
from cdisc.specs import Parameter

Row = dict[str, Any]


class Visit(NamedTuple):
    """Where a record belongs: the visit's name and number (NaN: none), and the date of the record or visit as entered."""

    name: str
    number: float
    at: str


NO_VISIT = Visit("", UNKNOWN, "")


class Assessment(NamedTuple):
    """An assessment of RS: its visit, and the number of the record that holds its derived total or its one item (NaN: none)."""

    visit: Visit
    total: float
    item: float


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the verdicts: the assessments by their record, the visits by USUBJID and name, TRTSDT by USUBJID."""

    assessments: Mapping[str, Assessment]
    visits: Mapping[tuple[str, str], Visit]
    starts: Mapping[str, float]
    planned: Mapping[str, float]


def rows(source: Source) -> pd.DataFrame:
    """The records of every verdict that is a measure or an endpoint of the specification."""
    known = _known(source)
    said = verdicts.by_subject(source.export.table("analysis"))
    made = [row for subject, each in said.items() for row in _of_subject(source.export.people[subject].usubjid, each, known)]
    base = pd.DataFrame(made, columns=list(dict.fromkeys(["USUBJID", *(name for row in made for name in row)])))
    return base.assign(STUDYID=source.export.trial.study_id, **source.copied("ADEFF", base))


def _known(source: Source) -> Known:
    found = source.export.built.get("RS", source.of("RS").assign(_record=""))
    names = ("_record", "RSSEQ", "RSSTRESN", "RSDRVFL", "VISIT", "VISITNUM", "RSDTC")
    assessments: dict[str, Assessment] = {}
    for record, seq, number, derived, *visit in columns.rows(*(found[name] for name in names)):
        stands = assessments.get(record, Assessment(Visit(*visit), UNKNOWN, UNKNOWN))
        valued = {"total" if derived == "Y" else "item": seq} if number == number else {}
        assessments[record] = stands._replace(**valued)
    visits = source.of("SV")
    told = columns.rows(*(visits[name] for name in ("USUBJID", "VISIT", "VISITNUM", "SVSTDTC")))
    planned = {name: as_float(number) for name, (number, _, _) in source.export.trial.visits.items()}
    return Known(assessments, {(who, visit[0]): Visit(*visit) for who, *visit in told}, source.starts(), planned)


def _of_subject(usubjid: str, said: Iterable[Said], known: Known) -> Iterator[Row]:
    said = list(said)
    first = verdicts.baselines(said)
    amounts = {(one.rule, _of_what(one, known)): as_float(one.amount) for one in said}
    parameters = {one.source: one for one in specs.analysed("ADEFF")}
    for one in said:
        about = parameters.get(one.rule)
        if about is None:
            continue
        head = {"USUBJID": usubjid, "PARAMCD": about.paramcd, "PARAM": about.name}
        head |= {"RULEID": one.rule, "RULEVER": one.rule_version}
        if about.kind == "endpoint":
            yield from (head | _at(usubjid, known, _timepoint(one, known)) | row for row in endpoints.rows(one))
        else:
            measured = _measure(usubjid, one, about, known)
            yield head | measured | _beside(one, first.get(about.instrument, ""), amounts, measured["_at"], known)


def _timepoint(one: Said, known: Known) -> Row:
    """An endpoint's timepoint, and the visit that answered it."""
    used = one.evidence[0] if one.evidence else {"value": None, "at": None}
    planned = known.planned.get(one.about, UNKNOWN)
    return {"AVISIT": one.about, "AVISITN": planned, "VISIT": used["value"] or "", "_at": used["at"] or ""}


def _at(usubjid: str, known: Known, of: Row) -> Row:
    """A visit with the day of its date."""
    day = day_number(of["_at"])
    return of | {"ADT": day, "ADY": relative_day(day, known.starts.get(usubjid, UNKNOWN))}


def _measure(usubjid: str, one: Said, about: Parameter, known: Known) -> Row:
    assessment = known.assessments.get(one.record)
    visit = assessment.visit if assessment else known.visits.get((usubjid, one.about), NO_VISIT)
    amount = cell_text(one.amount)
    value = {"AVAL": as_float(amount), "AVALC": amount, "ANL01FL": "Y" if amount else "", "NEREAS": endpoints.reason(one)}
    of = {"AVISIT": visit.name, "AVISITN": visit.number, "VISIT": visit.name, "_at": visit.at}
    return _at(usubjid, known, of) | value | _held(assessment, about.record)


def _held(assessment: Assessment | None, record: str) -> Row:
    seq = getattr(assessment, record) if assessment and record else UNKNOWN
    return {"SRCDOM": "RS", "SRCVAR": "RSSTRESN", "SRCSEQ": seq} if seq == seq else {}


def _of_what(one: Said, known: Known) -> str:
    """What a measure is of: the record of an assessment, else the visit that it is about."""
    return one.record if one.record in known.assessments else one.about


def _beside(one: Said, baseline: str, amounts: Mapping[tuple[str, str], float], at: str, known: Known) -> Row:
    """A measure beside its baseline: of an assessment the record `baseline`, of a visit the visit of that record."""
    first = known.assessments.get(baseline)
    if first is None:
        return {}
    mine = _of_what(one, known)
    of = baseline if mine in known.assessments else first.visit.name
    value = amounts.get((one.rule, of), UNKNOWN)
    later = timing.before(first.visit.at, at) is True
    flag = "Y" if mine == of else ""
    return {"ABLFL": flag, "BASE": value, "CHG": change(as_float(one.amount), value) if later else UNKNOWN}
