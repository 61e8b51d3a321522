"""
The deviations from the protocol that follow from the rows of a cut, derived when it is exported and never stored.

Doses are compared where the study document states them for an infusion, flat, by weight tier or per kilogram, in the unit
recorded. A visit that asks for an infusion is not missed once the study treatment has ended. What the document assumes, a
deviation from it says in its basis.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from app.casebook.facts.dosing import planned as planned_dose
from app.casebook.studies.documents import PlannedVisit, StudyDocument
from app.rules.dosing.gates import DOSE
from app.rules.dosing.gates import RULES as GATES
from app.rules.study import Window
from app.rules.subjects import deviations as rules
from app.rules.subjects.deviations import Deviation
from app.rules.verdict import Value
from cdisc.columns import records

Row = Mapping[str, Any]
Rows = Mapping[str, Sequence[Row]]
READ = ("visit", "infusion", "lymphodepletion", "disposition", "eligibility", "protocol_deviation")
COLUMNS = ("study_id", "subject_id", "record_id", "dvterm", "dvdecod", "dvstdtc", "dvderiv", "dvbasis")
TITLES = {rule.id: rule.title for rule in GATES}
IN_THE_STUDY = ("STILL IN FOLLOW-UP",)
"""The dispositions that tell of a subject being followed."""
ASSUMED = "; assumed: not public"


def deviations(document: StudyDocument, frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The frame `derived_deviation` of a block of subjects: one row a deviation that no person reported."""
    of: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    verdicts = frames["verdict"]
    flagged = verdicts[verdicts["rule"].isin(list(TITLES)) & (verdicts["value"] == Value.FLAGGED)]
    for name, frame in {**{name: frames[name] for name in READ}, "verdict": flagged}.items():
        for row in records(frame):
            of[row["subject_id"]][name].append(row)
    made = [_row(document, subject, n, each) for subject in sorted(of) for n, each in enumerate(_new(document, of[subject]), 1)]
    return pd.DataFrame(made, columns=list(COLUMNS), dtype=object)


def _row(document: StudyDocument, subject: str, number: int, found: Deviation) -> Row:
    about = (document.study.id, subject, f"{subject} derived {number}")
    return dict(zip(COLUMNS, (*about, found.words, found.term, found.at, "Y", found.basis), strict=True))


def _new(document: StudyDocument, rows: Rows) -> Iterator[Deviation]:
    entered = [(row["dvdecod"], row["dvstdtc"]) for row in rows["protocol_deviation"]]
    for find in FOUND:
        yield from (each for each in find(document, rows) if each is not None and not rules.reported(each, entered))


def _given(rows: Sequence[Row]) -> list[Row]:
    return sorted((row for row in rows if row["ecoccur"] == "Y" and row["ecstdtc"]), key=lambda row: str(row["ecstdtc"]))


def _anchors(rows: Rows) -> dict[str, str | None]:
    """The day that each anchor of a visit stands for; the last infusion is known once the study treatment has ended."""
    infusions, depletion = _given(rows["infusion"]), _given(rows["lymphodepletion"])
    consent = [
        row["dsstdtc"] for row in rows["disposition"] if row["dsdecod"] == "INFORMED CONSENT OBTAINED" and row["dsstdtc"]
    ]
    ended = any(row["dsscat"] == "STUDY TREATMENT" for row in rows["disposition"])
    return {
        "first_infusion": infusions[0]["ecstdtc"] if infusions else None,
        "last_infusion": infusions[-1]["ecstdtc"] if infusions and ended else None,
        "lymphodepletion": depletion[0]["ecstdtc"] if depletion else None,
        "consent": min(consent, default=None),
    }


def _visits(document: StudyDocument, rows: Rows) -> Iterator[Deviation | None]:
    anchors, planned = _anchors(rows), {visit.visit: visit for visit in document.visits if visit.day is not None}
    for row in rows["visit"]:
        if row["svoccur"] == "Y" and (visit := planned.get(row["visit"])) is not None:
            found = rules.visit(_window(visit), row["svstdtc"], anchors[visit.anchor], _anchored(visit))
            yield _assumed(found, visit.assumed)


def _missed(document: StudyDocument, rows: Rows) -> Iterator[Deviation | None]:
    anchors, told = _anchors(rows), {row["visit"]: row["svoccur"] == "N" for row in rows["visit"]}
    seen = [row["svstdtc"] for row in rows["visit"] if row["svoccur"] == "Y"]
    seen += [row["dsstdtc"] for row in rows["disposition"] if row["dsdecod"] in IN_THE_STUDY or _leaves(row)]
    left = [row["dsstdtc"] for row in rows["disposition"] if _leaves(row)]
    untreated = [row["dsstdtc"] for row in rows["disposition"] if row["dsscat"] == "STUDY TREATMENT"]
    for visit in document.visits:
        if visit.day is not None and told.get(visit.visit, True):
            ended = left + untreated if "infusions" in visit.forms else left
            said = visit.visit in told
            yield _assumed(
                rules.missed(_window(visit), said, anchors[visit.anchor], _anchored(visit), seen, ended), visit.assumed
            )


def _leaves(disposition: Row) -> bool:
    """Whether a disposition ends the time in the study, and not the study treatment alone."""
    ends = disposition["dscat"] == "DISPOSITION EVENT" and disposition["dsscat"] != "STUDY TREATMENT"
    return bool(ends or disposition["dsdecod"] == "DEATH")


def _window(visit: PlannedVisit) -> Window:
    return Window(visit.visit, visit.day or 0, visit.before, visit.after)


def _anchored(visit: PlannedVisit) -> str:
    return visit.anchor.replace("_", " ")


def _doses(document: StudyDocument, rows: Rows) -> Iterator[Deviation | None]:
    for row in _given(rows["infusion"]):
        planned = planned_dose(document.dosing, row)
        given = None if row["ecdose"] is None else Decimal(row["ecdose"])
        found = rules.dose(_called(row), row["ecstdtc"], given, planned, document.dosing.tolerance)
        yield _assumed(found, bool(document.dosing.assumed))


def _called(infusion: Row) -> str:
    return "An infusion" if infusion["infusno"] is None else f"Infusion {infusion['infusno']}"


def _gates(document: StudyDocument, rows: Rows) -> Iterator[Deviation | None]:
    done = {row["record_id"]: (f"{_called(row)} was given", row["ecstdtc"]) for row in _given(rows["infusion"])}
    done |= {row["record_id"]: ("The arm was entered", row["dsstdtc"]) for row in rows["disposition"] if row["armcd"]}
    for verdict in rows["verdict"]:
        told = verdict["rule"] == DOSE.id and document.dosing.tolerance is not None
        if verdict["about"] in done and not told:
            found = rules.against_gate(*done[verdict["about"]], TITLES[verdict["rule"]])
            yield _assumed(found, bool(document.gates.assumed))


def _criteria(document: StudyDocument, rows: Rows) -> Iterator[Deviation | None]:
    kinds = {criterion.ietestcd: criterion.iecat for criterion in document.criteria}
    entered = min((row["dsstdtc"] for row in rows["disposition"] if row["armcd"] and row["dsstdtc"]), default=None)
    for row in rows["eligibility"]:
        yield rules.not_eligible(row["ietestcd"], kinds[row["ietestcd"]], row["ieorres"], entered)


def _assumed(found: Deviation | None, assumed: bool) -> Deviation | None:
    if found is None or not assumed:
        return found
    return Deviation(found.term, found.at, found.words, found.basis + ASSUMED)


FOUND: tuple[Callable[[StudyDocument, Rows], Iterator[Deviation | None]], ...] = (
    _visits,
    _missed,
    _doses,
    _gates,
    _criteria,
)
"""What is looked for, in the order in which it is told."""
