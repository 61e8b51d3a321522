"""Rows -> what the gates of a dose read: the infusions given, the subject's arm and weights, the study's lots and decisions."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from app.casebook.facts.rows import Rows, kilograms, source, truth
from app.casebook.ledger import Row
from app.casebook.studies.documents import DoseLevel, Dosing
from app.casebook.studies.library import Study
from app.rules.dates import sort_key
from app.rules.facts import Arm, Denied, Given, Infection, LevelDecision, Limiting, Lot, Weight

INFECTION = "INFECTION"
"""The category of an adverse event, and the term of a prespecified one."""


def dosed(study: Study, rows: Rows) -> dict[str, Any]:
    """The facts of doses by their names in `Facts`; a table that was not read leaves its facts empty."""
    return {
        "doses": doses(study.document.dosing, rows.get("infusion", ())),
        "arms": arms(study, rows.get("disposition", ())),
        "weights": tuple(_weights(rows)),
        "lots": tuple(_lot(row) for row in rows.get("product_lot", ())),
        "decisions": decisions(rows.get("committee_decision", ())),
        "infections": tuple(_infections(rows)),
        "infections_denied": tuple(_denied(rows)),
        "limiting": tuple(_limiting(rows)),
    }


def doses(dosing: Dosing, infusions: Iterable[Row]) -> tuple[Given, ...]:
    """The infusions recorded as given, the first one first; one without a date last."""
    given = [row for row in infusions if row["ecoccur"] == "Y"]
    return tuple(_given(dosing, row) for row in sorted(given, key=_started))


def _started(row: Row) -> tuple[str, str]:
    return sort_key(row["ecstdtc"]) if row["ecstdtc"] else "~", str(row["record_id"])


def _given(dosing: Dosing, row: Row) -> Given:
    return Given(
        id=str(row["record_id"]),
        at=row["ecstdtc"],
        level=row["doselvl"],
        lot=row["eclot"],
        weight_kg=row["ecwt"],
        identity_checked=truth(row["ecidchk"]),
        thawed=row["ecthwdtc"],
        source=source(row, "infusion"),
        amount=row["ecdose"],
        unit=row["ecdosu"],
        stated=_stated(dosing, row["doselvl"]),
        planned=planned(dosing, row),
        number=row["infusno"],
        coi=row["eccoiid"],
    )


def _stated(dosing: Dosing, level: str | None) -> bool:
    """Whether a study document states a dose for each infusion at a level."""
    known = dosing.basis != "unknown" and dosing.per == "infusion"
    return known and any(each.level == level and (each.dose is not None or each.tiers) for each in dosing.levels)


def planned(dosing: Dosing, infusion: Row) -> Decimal | None:
    """
    The dose that the study document states for one infusion, in the unit in which that was recorded; None where it states none.

    By weight it is that of the weight used for the infusion. A dose per kilogram stands as it is where the unit says so too.
    """
    level = next((each for each in dosing.levels if each.level == infusion["doselvl"]), None)
    if level is None or dosing.basis == "unknown" or dosing.per != "infusion" or infusion["ecdosu"] != dosing.unit:
        return None
    if dosing.basis == "flat" or (dosing.basis == "per_kg" and dosing.unit.endswith("/kg")):
        return level.dose
    return None if infusion["ecwt"] is None else _by_weight(dosing, level, Decimal(infusion["ecwt"]))


def _by_weight(dosing: Dosing, level: DoseLevel, kg: Decimal) -> Decimal | None:
    if dosing.basis == "per_kg":
        return None if level.dose is None else level.dose * kg
    within = (tier.dose for tier in level.tiers if tier.min_kg <= kg and (tier.max_kg is None or kg < tier.max_kg))
    return next(within, None)


def arms(study: Study, dispositions: Iterable[Row]) -> tuple[Arm, ...]:
    """The arms that the subject entered, the last one last, each with the dose level that the study document gives it."""
    levels = {each.armcd: each.dose_level for each in study.document.arms}
    each = sorted((row for row in dispositions if row["armcd"] is not None), key=entered)
    return tuple(
        Arm(str(row["record_id"]), row["armcd"], levels.get(row["armcd"]), row["dsstdtc"], source(row, "disposition"))
        for row in each
    )


def entered(row: Row) -> tuple[str, str]:
    """Where an entry into an arm stands among the others of its subject: by its date, one without a date first."""
    return sort_key(row["dsstdtc"]) if row["dsstdtc"] else "", str(row["record_id"])


def _lot(row: Row) -> Lot:
    own, where = (row["dsubjid"], row["coiid"]), source(row, "product_lot")
    return Lot(row["eclot"], row["lotstat"], row["reldtc"], row["expdtc"], *own, where)


def decisions(rows: Iterable[Row]) -> tuple[LevelDecision, ...]:
    """The decisions of the committee as they were recorded, and whether they are signed."""
    return tuple(
        LevelDecision(row["doselvl"], row["decision"], row["effdtc"], row["signed"], source(row, "committee_decision"))
        for row in rows
    )


def _infections(rows: Rows) -> Iterable[Infection]:
    """The infections among the adverse events and the prespecified events; one that both tell of is told twice."""
    for row in rows.get("adverse_event", ()):
        if row["aecat"] == INFECTION:
            yield Infection(row["aeterm"], row["aestdtc"], row["aeendtc"], source(row, "adverse_event"))
    for row in rows.get("prespecified_event", ()):
        if row["ceterm"] == INFECTION and row["ceoccur"] == "Y":
            yield Infection("infection", row["cestdtc"] or row["cedtc"], row["ceendtc"], source(row, "prespecified_event"))


def _denied(rows: Rows) -> Iterable[Denied]:
    asked = [row for row in rows.get("prespecified_event", ()) if row["ceterm"] == INFECTION and row["cedtc"]]
    none = (row for row in asked if row["ceoccur"] == "N")
    return (Denied(row["cedtc"], source(row, "prespecified_event")) for row in sorted(none, key=_asked))


def _asked(row: Row) -> tuple[str, str]:
    return sort_key(row["cedtc"]), str(row["record_id"])


def _limiting(rows: Rows) -> Iterable[Limiting]:
    """What was adjudicated, with the times of the event that it names; without one it began when it was adjudicated."""
    events = {row["aespid"]: row for row in rows.get("adverse_event", ())}
    for row in rows.get("dlt_assessment", ()):
        event = events.get(row["aespid"])
        began, ended = (event["aestdtc"], event["aeendtc"]) if event else (row["dltdtc"], None)
        yield Limiting(row["aespid"], truth(row["dltyn"]), began, ended, source(row, "dlt_assessment"))


def _weights(rows: Rows) -> Iterable[Weight]:
    """Weights in kilograms with their own date, else that of their visit; one without either, or in no unit, is no fact."""
    visits = {row["record_id"]: row["svstdtc"] for row in rows.get("visit", ())}
    for row in rows.get("vital_sign", ()):
        at = row["vsdtc"] or visits.get(row["visit_id"])
        kg = kilograms(row) if row["vstestcd"] == "WEIGHT" and row["vsstat"] is None else None
        if at is not None and kg is not None:
            yield Weight(at, kg, source(row, "vital_sign"))
