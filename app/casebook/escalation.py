"""
The dose levels of a study: who counts toward each, and what the design of the study document recommends.

Everything is read at one position of the ledger, now or at a cut, and counted at the date of the latest data there: the wall
clock closes no window. A level is the dose level of the subject's first infusion, else that of the subject's arm.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from app.casebook import access, ledger, marks
from app.casebook.facts import dosing as dosed
from app.casebook.facts.rows import truth
from app.casebook.facts.safety import SUSPECTED
from app.casebook.ledger import Actor, Position, Row
from app.casebook.studies.library import Study
from app.rules import dates
from app.rules.dosing import committee, dlt, recommend
from app.rules.dosing.dlt import Standing
from app.rules.dosing.escalation import Recommendation
from app.rules.dosing.stagger import Stagger, stagger
from app.rules.facts import Given, LevelDecision
from app.rules.verdict import all_of
from app.tables import dosing, safety, subjects
from app.tables.base import Captured, table

READ: Mapping[str, type[Captured]] = {
    "infusion": dosing.Infusion,
    "disposition": subjects.Disposition,
    "visit": subjects.Visit,
    "toxicity_observation": safety.ToxicityObservation,
    "dlt_assessment": safety.DltAssessment,
    "adverse_event": safety.AdverseEvent,
}
DATED = {"infusion": "ecstdtc", "visit": "svstdtc", "toxicity_observation": "fadtc", "dlt_assessment": "dltdtc"}
"""The dates of which the latest is that of the data."""
MODERATE_FROM = 2
"""The least grade of a moderate toxicity."""
REGISTERED = table(subjects.Subject)


@dataclass(frozen=True, slots=True)
class Counted:
    """
    A treated subject with the level it belongs to (None: not one of the study's), its first infusion, and where it stands.

    `replaces`: the subject in whose place it entered; `replaced_by`: the one who entered in its place. `backfill`: it fills a
    level behind the one that is escalated. `moderate`: it had a toxicity in its window that is moderate, or may be.
    """

    subject_id: str
    level: str | None
    started: str | None
    count: dlt.Count
    backfill: bool
    moderate: bool
    replaces: str | None
    replaced_by: str | None


@dataclass(frozen=True, slots=True)
class Level:
    """One dose level: its subjects, its stagger, its recommendation, and the decision that speaks of it."""

    level: str
    subjects: tuple[Counted, ...]
    stagger: Stagger | None
    recommendation: Recommendation | None
    decision: LevelDecision | None
    open: bool


def levels(connection: Connection, study: Study, at: Position) -> tuple[str | None, list[Level]]:
    """The date of the latest data at a position, and the dose levels, the lowest first."""
    rows = {name: ledger.live(connection, form, study.id, None, at) for name, form in READ.items()}
    decided = dosed.decisions(ledger.live(connection, dosing.CommitteeDecision, study.id, None, at))
    latest = _latest(rows)
    counted = tuple(_counted(study, rows, latest))
    names = study.settings.levels
    each = {name: tuple(one for one in counted if one.level == name) for name in names}
    counts = [_tally(_for_design(study, each[name])) for name in names]
    advice = recommend.recommendations(_plan(study), counts, _came_down(study, decided))
    found = []
    for name, recommended in zip(names, advice, strict=True):
        standing = committee.in_force(decided, names, name, latest) if latest else None
        is_open = standing is not None and committee.opens(standing, names, name) is True
        alone = stagger(study.document.escalation.stagger_days, {one.subject_id: one.started for one in each[name]})
        found.append(Level(name, each[name], alone, recommended, standing, is_open))
    return latest, found


def _for_design(study: Study, subjects: Iterable[Counted]) -> list[Counted]:
    """The subjects that the design counts: those who fill a level from behind only where the document says so."""
    return [one for one in subjects if study.document.escalation.count_backfill or not one.backfill]


def recommendation(connection: Connection, study: Study, level: str, at: Position) -> tuple[str, str]:
    """The rule, and what it recommends for a level at a position, in words that a decision keeps."""
    _, found = levels(connection, study, at)
    of = next(each for each in found if each.level == level)
    if of.recommendation is None:
        return study.document.escalation.design, _silent(study, of)
    rule, decision = of.recommendation.rule, of.recommendation.decision
    return f"{rule.id} {rule.version}", f"{decision}: {of.recommendation.because}"


def _silent(study: Study, level: Level) -> str:
    if level.subjects:
        return f"none: the study document of {study.id} states no design"
    return f"none: nobody was treated at dose level {level.level}"


def shown(connection: Connection, who: Actor, study: Study, at: Position) -> dict[str, Any]:
    """The dose levels as a client sees them: counts of the whole study, the subjects of the caller's sites."""
    latest, found = levels(connection, study, at)
    sites = select(REGISTERED.c.subject_id, REGISTERED.c.siteid).where(REGISTERED.c.study_id == study.id)
    in_scope = {row.subject_id for row in connection.execute(sites) if access.in_scope(who, row.siteid)}
    document = study.document
    signed = {each.decision: _signatures(connection, study, each.decision, at) for each in found if each.decision}
    return {
        "study": study.id,
        "version": study.version,
        "design": document.escalation.design,
        "at": latest,
        "assumed": [*document.dlt.assumed, *document.escalation.assumed],
        "backfill_counts": document.escalation.count_backfill,
        "levels": [_shown(study, level, in_scope, signed) for level in found],
    }


def _signatures(connection: Connection, study: Study, decision: LevelDecision, at: Position) -> list[dict[str, Any]]:
    """The signatures of a decision as it stands at a position: name, role, instant and meaning."""
    record, version = (decision.source.record, decision.source.version) if decision.source else ("", 0)
    given = marks.signatures(connection, study.id, UUID(record), at)
    told = ("name", "role", "at", "meaning")
    return [{name: one[name] for name in told} for one in given if one["record_version"] == version]


def _shown(
    study: Study, level: Level, in_scope: Collection[str], signed: Mapping[LevelDecision, list[dict[str, Any]]]
) -> dict[str, Any]:
    counted = _for_design(study, level.subjects)
    stands = Counter(one.count.standing for one in counted)
    advice, decision = level.recommendation, level.decision
    return {
        "level": level.level,
        "treated": len(counted),
        "backfill": sum(one.backfill for one in level.subjects),
        "dlt_outside_window": sum(bool(one.count.outside) for one in level.subjects),
        "stagger": level.stagger and _stagger(level.stagger, in_scope),
        "evaluable": stands[Standing.EVALUABLE] + stands[Standing.DLT],
        **{each.value: stands[each] for each in (Standing.PENDING, Standing.UNASSESSED, Standing.NOT_EVALUABLE, Standing.DLT)},
        "recommendation": advice
        and {
            "rule": advice.rule.id,
            "rule_version": advice.rule.version,
            "decision": advice.decision.value,
            "because": advice.because,
        },
        "decision": decision
        and {
            "doselvl": decision.level,
            "decision": decision.decision,
            "effdtc": decision.effective,
            "signatures": signed[decision],
        },
        "open": level.open,
        "subjects": [_subject(one, in_scope) for one in level.subjects if one.subject_id in in_scope],
    }


def _stagger(alone: Stagger, in_scope: Collection[str]) -> dict[str, Any]:
    """The stagger of a level; who started and who was early is named at the caller's sites alone."""
    return {
        "first": alone.first if alone.first in in_scope else None,
        "until": alone.until,
        "early": [subject for subject in alone.early if subject in in_scope],
        "unknown": [subject for subject in alone.unknown if subject in in_scope],
    }


def _subject(one: Counted, in_scope: Collection[str]) -> dict[str, Any]:
    count = one.count
    return {
        "subject_id": one.subject_id,
        "standing": count.standing.value,
        "window_closes": count.closes,
        "because": count.because,
        "outside_window": list(count.outside),
        "first_infusion": one.started,
        "backfill": one.backfill,
        "replaces": one.replaces,
        "replaced": one.replaced_by is not None,
        "replaced_by": one.replaced_by if one.replaced_by in in_scope else None,
    }


def _plan(study: Study) -> recommend.Plan:
    stated = study.document.escalation
    target = stated.target or Decimal(0)
    return recommend.Plan(stated.design, target, stated.cohort_size, stated.six_to_declare, stated.accelerated)


def _tally(subjects: Collection[Counted]) -> recommend.Tally:
    stands = Counter(one.count.standing for one in subjects)
    return recommend.Tally(
        treated=stands.total(),
        evaluable=stands[Standing.EVALUABLE] + stands[Standing.DLT],
        pending=stands[Standing.PENDING] + stands[Standing.UNASSESSED],
        dlt=stands[Standing.DLT],
        moderate=sum(one.moderate for one in subjects),
    )


def _came_down(study: Study, decided: Iterable[LevelDecision]) -> set[int]:
    """The levels (1 the lowest) below those that the committee has de-escalated from."""
    names = study.settings.levels
    return {names.index(each.level) for each in decided if each.decision == "DE_ESCALATE" and each.level in names}


def _latest(rows: Mapping[str, list[Row]]) -> str | None:
    """The latest date of the data that is complete to the day."""
    days = (dates.day(row[column]) for name, column in DATED.items() for row in rows[name])
    return max((day.isoformat() for day in days if day is not None), default=None)


def _counted(study: Study, rows: Mapping[str, list[Row]], latest: str | None) -> Iterator[Counted]:
    """Every treated subject, by code."""
    by_subject: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for name, found in rows.items():
        for row in found:
            by_subject[row["subject_id"]][name].append(row)
    document = study.document
    window = dlt.Window(
        document.dlt.window_days,
        document.dlt.anchor,
        document.dosing.infusions,
        document.escalation.least_dose_fraction,
        document.dlt.outside_counts,
    )
    entries = {subject_id: _entry(own["disposition"]) for subject_id, own in by_subject.items()}
    replaced = {entry["dsreplid"]: subject_id for subject_id, entry in sorted(entries.items()) if entry.get("dsreplid")}
    for subject_id in sorted(by_subject):
        own, entry = by_subject[subject_id], entries[subject_id]
        if given := dosed.doses(document.dosing, own["infusion"]):
            exposed = _exposed(study, own, replaced=subject_id in replaced)
            yield Counted(
                subject_id,
                level=_level(study, own, given[0]),
                started=given[0].at,
                count=dlt.count(window, exposed, latest),
                backfill=entry.get("dsbkfill") == "Y",
                moderate=any(
                    not dlt.outside(window, exposed, row["aestdtc"]) for row in filter(_moderate, own["adverse_event"])
                ),
                replaces=entry.get("dsreplid"),
                replaced_by=replaced.get(subject_id),
            )


def _moderate(event: Row) -> bool:
    """Whether an event is, or may be, of grade 2 or more and from the product."""
    grave = None if event["aetoxgr"] is None else int(event["aetoxgr"]) >= MODERATE_FROM
    return all_of((grave, SUSPECTED.get(event["aerel"] or ""))) is not False


def _entry(dispositions: Iterable[Row]) -> Row:
    """The last entry of a subject into an arm; nothing where there is none."""
    entered = sorted((row for row in dispositions if row["armcd"] is not None), key=dosed.entered)
    return entered[-1] if entered else {}


def _level(study: Study, own: Mapping[str, list[Row]], first: Given) -> str | None:
    arms = dosed.arms(study, own["disposition"])
    return first.level or (arms[-1].level if arms else None)


def _exposed(study: Study, own: Mapping[str, list[Row]], *, replaced: bool) -> dlt.Exposed:
    onsets = {row["aespid"]: row["aestdtc"] for row in own["adverse_event"]}
    given = (row for row in own["infusion"] if row["ecoccur"] == "Y")
    return dlt.Exposed(
        doses=tuple(dlt.Infused(row["ecstdtc"], _fraction(row, dosed.planned(study.document.dosing, row))) for row in given),
        ended=any(row["dsscat"] == "STUDY TREATMENT" for row in own["disposition"]),
        adjudications=tuple(
            dlt.Adjudicated(row["dltdtc"], truth(row["dltyn"]), row["aespid"], onsets.get(row["aespid"]))
            for row in own["dlt_assessment"]
        ),
        replaced=replaced,
    )


def _fraction(infusion: Row, of_document: Decimal | None) -> Decimal | None:
    """The part of its planned dose that an infusion gave: of the dose planned for it, else of the document's."""
    given, planned = infusion["ecdose"], infusion["ecpdose"] or of_document
    return None if given is None or not planned else given / planned
