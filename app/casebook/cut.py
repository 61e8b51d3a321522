"""
Named data cuts, and the study document as the trial design that leaves at one; `frames` reads the rows.

A cut is the last number and hash of every chain of the study, read in one snapshot: nobody waits for it, and because chains
are gapless nothing that commits later can fall in. Its own entry seals the heads, so that a chain cut short shows.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, func, select
from uuid_utils.compat import uuid7

from app.casebook import ledger
from app.casebook.database import lock_chain
from app.casebook.ledger import CUT_HEAD, ENTRY, Act, Position
from app.casebook.studies import crf, library
from app.casebook.studies.documents import StudyDocument
from app.casebook.studies.library import Study
from app.errors import Conflict, NotFound
from app.rules.efficacy.endpoints import endpoints
from app.tables.base import STUDY_CHAIN, table
from app.tables.ledger import Cut
from cdisc import terminology
from cdisc.trial import InstrumentItem, InstrumentMetadata, Trial

CUT = table(Cut)


def cut(connection: Connection, act: Act, study: Study, name: str) -> ledger.Row:
    """
    Take a cut of a study and name it; a name is used once.

    The heads are one SELECT: one snapshot under which every chain stands where it stood, whatever commits meanwhile.
    """
    lock_chain(connection, study.id, STUDY_CHAIN)
    if connection.scalar(select(CUT.c.cut_id).where(CUT.c.study_id == study.id, CUT.c.name == name)):
        raise Conflict("cut_exists", f"Study {study.id} has a cut {name} already; a cut is never taken again")
    head = ledger.head(connection, study.id, STUDY_CHAIN, study.version)
    last = select(ENTRY.c.subject_id, func.max(ENTRY.c.chain_no).label("no")).where(ENTRY.c.study_id == study.id)
    ends = last.group_by(ENTRY.c.subject_id).subquery()
    same = (ENTRY.c.subject_id == ends.c.subject_id) & (ENTRY.c.chain_no == ends.c.no)
    snapshot = select(ENTRY.c.subject_id, ENTRY.c.chain_no, ENTRY.c.hash).join(ends, same).where(ENTRY.c.study_id == study.id)
    cut_id, at = uuid7(), datetime.now(UTC)
    row = {"cut_id": cut_id, "name": name, "at": at, "study_version": study.version}
    heads = [
        {"cut_id": cut_id, "head_subject_id": each.subject_id, "head_no": each.chain_no, "head_hash": each.hash}
        for each in connection.execute(snapshot.order_by(ENTRY.c.subject_id))
    ]
    ledger.append(connection, head, act, "cut", [(CUT, row), *((CUT_HEAD, each) for each in heads)])
    return {"study_id": study.id, "chains": len(heads)} | row


def cuts(connection: Connection, study_id: str) -> list[ledger.Row]:
    """The cuts of a study, oldest first."""
    found = connection.execute(select(CUT).where(CUT.c.study_id == study_id).order_by(CUT.c.at, CUT.c.name))
    return list(found.mappings())


def named(connection: Connection, study_id: str, name: str) -> ledger.Row:
    """A cut by its name; NotFound where the study has none of it."""
    row = connection.execute(select(CUT).where(CUT.c.study_id == study_id, CUT.c.name == name)).mappings().one_or_none()
    if row is None:
        raise NotFound("no_such_cut", f"Study {study_id} has no cut {name}")
    return row


def trial(connection: Connection, study: Study, cut: ledger.Row, build: str) -> Trial:
    """The study document of a cut as the exporter's metadata."""
    document = study.document
    used = library.instruments(connection, study, Position(cut["cut_id"]))
    return Trial(
        study_id=study.id,
        title=document.study.title,
        protocol=document.study.protocol,
        study_version=study.version,
        origin=document.study.origin,
        cut_name=cut["name"],
        cut_at=cut["at"],
        build=build,
        design=design(document),
        arms={arm.armcd: arm.arm for arm in document.arms},
        criteria={c.ietestcd: (c.iecat, c.text) for c in document.criteria},
        visits={v.visit: (str(v.visitnum), v.epoch, _study_day(v.day)) for v in document.visits},
        elements={e.etcd: e.begins_with for e in document.elements},
        treatment=document.product.name,
        baseline=document.endpoints.baseline,
        instruments={(i.id, i.version): _instrument(i) for i in used},
        country=document.study.country,
        crf=crf.crf(document, used),
        ctcae_version=document.toxicity.ctcae_version,
        endpoints=endpoints(study.settings),
    )


def _study_day(day: int | None) -> int | None:
    """The document counts the anchor as day 0; SDTM has no day 0 (SDTMIG 4.4.4)."""
    return None if day is None else day + 1 if day >= 0 else day


def _instrument(instrument: Any) -> InstrumentMetadata:
    items = tuple(
        InstrumentItem(
            key=item.key,
            testcd=item.testcd,
            test=item.test,
            type=item.type,
            answers={a.value: (a.original, a.standard) for a in item.answers},
            points={a.value: a.points for a in item.answers if a.points is not None}
            | ({"true": item.weight, "false": 0} if item.weight else {}),
            unit=item.unit,
        )
        for item in instrument.items.values()
    )
    return InstrumentMetadata(
        instrument.id,
        instrument.version,
        instrument.title,
        instrument.domain,
        instrument.category,
        items,
        instrument.total,
        instrument.look_back_days,
        dict(instrument.grades),
    )


def design(document: StudyDocument) -> dict[str, pd.DataFrame]:
    """TA, TE, TV, TI and TS of a study document, under the IG's variable names (SDTMIG 3.4 section 7)."""
    elements = {element.etcd: element for element in document.elements}
    arms = [
        {
            "ARMCD": arm.armcd,
            "ARM": arm.arm,
            "TAETORD": order,
            "ETCD": step.etcd,
            "ELEMENT": elements[step.etcd].element,
            "TABRANCH": None,
            "TATRANS": None,
            "EPOCH": step.epoch,
        }
        for arm in document.arms
        for order, step in enumerate(arm.path, start=1)
    ]
    each = [
        {"ETCD": e.etcd, "ELEMENT": e.element, "TESTRL": e.starts, "TEENRL": e.ends, "TEDUR": e.duration}
        for e in document.elements
    ]
    visits = [
        {
            "VISITNUM": str(v.visitnum),
            "VISIT": v.visit,
            "VISITDY": _study_day(v.day),
            "ARMCD": None,
            "ARM": None,
            "TVSTRL": v.starts or _starts(v),
            "TVENRL": None,
        }
        for v in document.visits
    ]
    criteria = [
        {"IETESTCD": c.ietestcd, "IETEST": c.text, "IECAT": c.iecat, "TIVERS": str(document.study.version)}
        for c in document.criteria
    ]
    counted: dict[str, int] = {}
    facts = []
    for fact in document.facts:
        counted[fact.parm] = counted.get(fact.parm, 0) + 1
        facts.append(
            {
                "TSSEQ": counted[fact.parm],
                "TSPARMCD": fact.parm,
                "TSPARM": terminology.decode("TSPARMCD", fact.parm),
                "TSVAL": fact.value,
                "TSVALNF": fact.null,
                "TSVALCD": fact.code,
                "TSVCDREF": fact.dictionary,
                "TSVCDVER": fact.dictionary_version,
            }
        )
    made: dict[str, list[dict[str, Any]]] = {"TA": arms, "TE": each, "TV": visits, "TI": criteria, "TS": facts}
    return {name: pd.DataFrame(rows, dtype=object) for name, rows in made.items()}


def _starts(visit: Any) -> str:
    anchor = visit.anchor.replace("_", " ")
    if visit.day is None:
        return f"Start of the visit, after {anchor}"
    return f"{visit.day} days after {anchor}, {visit.before} days before to {visit.after} days after that day"
