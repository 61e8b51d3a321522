"""
Rows -> what the rules know of harm: observations after an infusion, adverse events with their grades, deaths.

A temperature in a unit that is neither Celsius nor Fahrenheit is unknown. ICE and CAPD are assessments of their own, and belong
to the observation that lies nearest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.casebook.facts.rows import EVERY_DAYS, TIMES_A_DAY, Instruments, Rows, document, source, truth
from app.casebook.ledger import Row
from app.rules import dates
from app.rules.facts import Answer, Death, DeathDetail, EventGrade, GradedEvent, LocalSigns, Often, Toxicity, Treatment
from app.rules.instrument import points, total

CAUSES = frozenset({"PRCDTH"})
"""The details of a death that name what the subject died of."""
SUSPECTED = {
    **dict.fromkeys(("RELATED", "PROBABLY RELATED", "POSSIBLY RELATED"), True),
    **dict.fromkeys(("NOT RELATED", "UNLIKELY RELATED"), False),
}
"""Whether a causality makes an event a suspected reaction to the product."""
SERIOUS_BY = {
    "aesdth": "death",
    "aeslife": "threat to life",
    "aeshosp": "hospital",
    "aesdisab": "disability",
    "aescong": "congenital anomaly",
    "aesmie": "other medical importance",
}
"""The criteria of a serious event by their field, in words."""
LOCAL = ("aeorgbef", "aeothcau", "aegcweek", "aeinnorg", "aeicu")
"""What is asked of a local toxicity, in the order of `LocalSigns`."""
INTENSIVE_CARE = "INTENSIVE CARE"
"""A term of the prespecified events, and what the name of every stay there holds."""
OFTEN = {
    **{name: Often(times, 1) for name, times in TIMES_A_DAY.items()},
    **{name: Often(1, days) for name, days in EVERY_DAYS.items()},
    "ONCE": Often(1, 0),
}
"""How often a drug is given, by its frequency; one that is not counted (as needed, continuously) is not here."""
ICE_MINUTES = 60
"""An ICE or CAPD belongs to the toxicity observation within an hour of it: they are one bedside visit."""


def harm(rows: Rows, first_infusion: str | None, instruments: Instruments) -> dict[str, Any]:
    """The facts of harm by their names in `Facts`; a table that was not read leaves its facts empty."""
    return {
        "toxicity": tuple(_toxicity(rows, first_infusion, instruments)),
        "adverse_events": tuple(_adverse_event(row) for row in rows.get("adverse_event", ())),
        "event_grades": tuple(_event_grade(row) for row in rows.get("event_grade", ())),
        "deaths": tuple(_died(rows.get("disposition", ()))),
        "treatments": tuple(_treatments(rows)),
        "intensive_care": tuple(_asked(rows.get("prespecified_event", ()))),
        "death_details": tuple(_death_detail(row) for row in rows.get("death_detail", ())),
    }


def _adverse_event(row: Row) -> GradedEvent:
    return GradedEvent(
        id=row["aespid"],
        term=row["aedecod"] or row["aeterm"],
        grade=int(row["aetoxgr"]) if row["aetoxgr"] else None,
        scale=row["aetoxscl"],
        start=row["aestdtc"],
        end=row["aeendtc"],
        source=source(row, "adverse_event"),
        serious=truth(row["aeser"]),
        criteria={words: truth(row[name]) for name, words in SERIOUS_BY.items()},
        outcome=row["aeout"],
        related=SUSPECTED.get(row["aerel"] or ""),
        unexpected=truth(row["aeunexp"]),
        aware=row["aeawdtc"],
        category=row["aecat"],
        local=LocalSigns(row["aeloc"], *(truth(row[name]) for name in LOCAL)),
        worsened=truth(row["aeworse"]),
        worsened_at=row["aewrsdtc"],
        site_aware=row["aesawdtc"],
        difference=row["aegrdrea"],
        refractory=truth(row["aerefrac"]),
    )


def _event_grade(row: Row) -> EventGrade:
    return EventGrade(str(row["record_id"]), row["aespid"], row["fadtc"], int(row["toxgr"]), source(row, "event_grade"))


def _died(dispositions: Sequence[Row]) -> Iterator[Death]:
    told = (row for row in dispositions if row["dsdecod"] == "DEATH")
    for row in sorted(told, key=lambda row: (row["dsstdtc"] or "~", str(row["record_id"]))):
        yield Death(row["dsstdtc"], source(row, "disposition"))


def _death_detail(row: Row) -> DeathDetail:
    words = f"{row['ddtestcd']}: {row['ddorres'] or 'not recorded'}"
    names_cause = row["ddtestcd"] in CAUSES and row["ddorres"] is not None
    return DeathDetail(words, names_cause, row["dddtc"], source(row, "death_detail"))


def _treatments(rows: Rows) -> Iterator[Treatment]:
    """The drugs beside the study treatment, and the stays in intensive care."""
    yield from (_drug(row) for row in rows.get("medication", ()))
    for row in rows.get("healthcare_encounter", ()):
        if "INTENSIVE CARE" in row["hodecod"]:
            dated = (row["hostdtc"], row["hoendtc"])
            where = source(row, "healthcare_encounter")
            yield Treatment(str(row["record_id"]), row["hoterm"], INTENSIVE_CARE, *dated, event=row["hoaeno"], source=where)


def _drug(row: Row) -> Treatment:
    return Treatment(
        id=str(row["record_id"]),
        name=(row["cmdecod"] or row["cmtrt"]).lower(),
        kind=row["cmcat"],
        start=row["cmstdtc"],
        end=row["cmendtc"],
        dose=row["cmdose"],
        unit=row["cmdosu"],
        often=OFTEN.get(row["cmdosfrq"] or ""),
        event=row["cmaeno"],
        indication=row["cmindc"],
        source=source(row, "medication"),
    )


def _asked(prespecified: Sequence[Row]) -> Iterator[Answer]:
    """What was answered of intensive care, with a date."""
    for row in prespecified:
        if row["ceterm"] == INTENSIVE_CARE and row["cedtc"]:
            yield Answer(row["cedtc"], truth(row["ceoccur"]), source(row, "prespecified_event"))


def _toxicity(rows: Rows, first_infusion: str | None, instruments: Instruments) -> Sequence[Toxicity]:
    bedside: dict[str, list[Row]] = defaultdict(list)
    for row in rows.get("assessment", ()):
        if row["instrument"] in ("ICE", "CAPD") and row["rsdtc"] and row["rsstat"] is None:
            bedside[row["instrument"]].append(row)
    before = [r for r in bedside["CAPD"] if first_infusion and dates.before(r["rsdtc"], first_infusion)]
    last = max(before, key=_when, default=None)
    baseline = total(document(last, instruments), last["answers"]) if last else None
    return [_observation(row, bedside, instruments, baseline) for row in rows.get("toxicity_observation", ())]


def _points(row: Row, instruments: Instruments) -> dict[str, int | None]:
    return {key: points(item, row["answers"].get(key)) for key, item in document(row, instruments).items.items()}


def _nearest(row: Row, candidates: Sequence[Row]) -> Row | None:
    near = [(gap, each) for each in candidates if (gap := _minutes(row["fadtc"], each["rsdtc"])) is not None]
    within = [(gap, each) for gap, each in near if gap <= ICE_MINUTES]
    return min(within, key=lambda pair: (pair[0], _when(pair[1])))[1] if within else None


def _when(row: Row) -> tuple[str, str]:
    return row["rsdtc"], str(row["record_id"])


def _minutes(one: str, other: str) -> int | None:
    """The minutes between two local times, without sign; None unless both tell the time."""
    moments = [dates.earliest(text) for text in (one, other) if "T" in text]
    first, second = moments if len(moments) == 2 else (None, None)
    return None if first is None or second is None else int(abs(second - first).total_seconds()) // 60


def _celsius(row: Row) -> Decimal | None:
    if row["temp"] is None:
        return None
    return {"C": row["temp"], "F": (row["temp"] - 32) * 5 / 9}.get(row["tempu"] or "")


def _observation(row: Row, bedside: Mapping[str, list[Row]], instruments: Instruments, baseline_capd: int | None) -> Toxicity:
    ice, delirium = (_nearest(row, bedside[name]) for name in ("ICE", "CAPD"))
    return Toxicity(
        id=str(row["record_id"]),
        at=row["fadtc"],
        age_years=row["age"],
        temperature_c=_celsius(row),
        fever_other_cause=truth(row["feveroth"]),
        given=None if row["given"] is None else tuple(row["given"]),
        systolic=row["sysbp"],
        hypotension=truth(row["hypotens"]),
        hypotension_other_cause=truth(row["hypototh"]),
        vasopressors=None if row["pressors"] is None else tuple(row["pressors"]),
        o2_device=row["o2device"],
        o2_flow=row["o2flow"],
        fio2=row["fio2"],
        hypoxia_other_cause=truth(row["hypoxoth"]),
        developmental_delay=truth(row["devdelay"]),
        ice=ice["answers"] if ice else None,
        ice_not_done_reason=row["icerea"],
        capd=_points(delirium, instruments) if delirium else None,
        capd_unable=truth(row["capduna"]),
        baseline_capd=baseline_capd,
        consciousness=row["conscious"],
        consciousness_other_cause=truth(row["consoth"]),
        seizure=row["seizure"],
        seizure_minutes=row["seizmin"],
        motor=row["motor"],
        icp=row["icp"],
        intracranial_haemorrhage=truth(row["haemorrh"]),
        death=row["death"],
        adverse_event=row["aespid"],
        constitutional=truth(row["constit"]),
        high_dose_vasopressor=truth(row["prshigh"]),
        organ_toxicity=row["orgtox"],
        transaminitis=row["transam"],
        rass=row["rass"],
        source=source(row, "toxicity_observation"),
        ice_source=source(ice, "assessment") if ice else None,
        capd_source=source(delirium, "assessment") if delirium else None,
    )
