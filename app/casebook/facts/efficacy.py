"""
Rows -> what the rules know of the disease: visits with the instruments made at them, its treatment, the events that intervene.

What the subject takes on a day comes from the medication records; that nothing is taken must have been said in the lupus
review.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.casebook.facts.rows import EVERY_DAYS, TIMES_A_DAY, Instruments, Rows, document, kilograms, source, truth
from app.casebook.ledger import Row
from app.rules import dates
from app.rules.efficacy.assessments import standing
from app.rules.facts import Assessed, Background, Bilag, Dose, Escalation, Event, Exclusion, Pga, Sledai, VisitFacts
from app.rules.verdict import Truth, all_of
from cdisc import terminology

MILLIGRAMS = {"mg": Decimal(1), "g": Decimal(1000), "ug": Decimal("0.001")}
BACKGROUND = {"ANTIMALARIAL", "IMMUNOSUPPRESSANT", "BIOLOGIC"}
BILAG_ITEMS, FLARE = "BILAG-2004-ITEMS", "SELENA-FLARE"
ESCALATED = (
    "new_immunosuppressant",
    "nsaid_or_antimalarial_added",
    "hospitalised",
    "severe_organ_feature",
    "prednisone_for_lupus",
)
"""What the form of the SELENA flare index asks."""


def efficacy(rows: Rows, instruments: Instruments) -> dict[str, Any]:
    """The facts of the disease by their names in `Facts`; a table that was not read leaves its facts empty."""
    events = (_event(row) for row in rows.get("intercurrent_event", ()))
    return {
        "visits": tuple(_visits(rows)),
        "assessments": tuple(_assessed(rows, instruments)),
        "events": (*events, *_deaths(rows.get("disposition", ()))),
    }


def _assessed(rows: Rows, instruments: Instruments) -> Iterator[Assessed]:
    """Every form of an instrument that was made, at a visit or without one."""
    visits = {row["record_id"]: row for row in rows.get("visit", ())}
    for row in rows.get("assessment", ()):
        visit: Row = visits.get(row["visit_id"], {})
        instrument = document(row, instruments)
        if row["rsstat"] is None:
            yield Assessed(
                id=str(row["record_id"]),
                instrument=row["instrument"],
                score=instrument.category,
                derived=bool(instrument.grades),
                at=row["rsdtc"] or visit.get("svstdtc"),
                visit=visit.get("visit"),
                assessor=row["rsevalid"],
                trained=row["rstrndtc"],
                asks_training=instrument.trained_assessor,
                one_a_visit=not instrument.several_a_visit,
                source=source(row, "assessment"),
            )


def _deaths(dispositions: Sequence[Row]) -> list[Event]:
    """A death is an intercurrent event that always counts (composite failure, never a missing value)."""
    dead = (row for row in dispositions if row["dsdecod"] == "DEATH" and row["dsstdtc"])
    return [Event("DEATH", row["dsstdtc"], True, source=source(row, "disposition")) for row in dead]


def _visits(rows: Rows) -> Sequence[VisitFacts]:
    by_visit: dict[UUID, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for table in ("assessment", "descriptor_exclusion", "lupus_review", "vital_sign"):
        for row in rows.get(table, ()):
            if row["visit_id"] is not None:
                by_visit[row["visit_id"]][table].append(row)
    made = [row for row in rows.get("visit", ()) if row["svoccur"] == "Y" and row["svstdtc"]]
    return [_visit(row, by_visit[row["record_id"]], rows.get("medication", ())) for row in made]


def _visit(visit: Row, own: Mapping[str, list[Row]], medication: Sequence[Row]) -> VisitFacts:
    day = visit["svstdtc"]
    made = [(standing(row["rsdtc"] or day, str(row["record_id"])), row) for row in own["assessment"] if row["rsstat"] is None]
    done = {row["instrument"]: row for _, row in sorted(made, key=lambda each: each[0])}
    review: Row = max(own["lupus_review"], key=lambda row: row["rvdtc"], default={})
    weight: Row = next((row for row in own["vital_sign"] if row["vstestcd"] == "WEIGHT" and row["vsstat"] is None), {})
    return VisitFacts(
        name=visit["visit"],
        at=day,
        kind="scheduled" if visit["svpresp"] == "Y" else "unscheduled",
        sledai=_sledai(done["SLEDAI-2K"], day) if "SLEDAI-2K" in done else None,
        bilag=_bilag(done, day),
        pga=_pga(done["PGA"], day) if "PGA" in done else None,
        glucocorticoids=_glucocorticoids(review, medication, day),
        background=_background(review, medication, day) if review else None,
        weight_kg=kilograms(weight) if weight else None,
        weight_source=source(weight, "vital_sign") if weight else None,
        haemolytic_anaemia=truth(review.get("haemolys")),
        gi_activity=truth(review.get("giactiv")),
        escalation=_escalation(done[FLARE], day) if FLARE in done else Escalation(),
        review_source=source(review, "lupus_review") if review else None,
        exclusions={row["descript"].lower(): _exclusion(row) for row in own["descriptor_exclusion"]},
        source=source(visit, "visit"),
    )


def _exclusion(row: Row) -> Exclusion:
    words = [terminology.decode("S2KEXCL", row["exclreas"]), *([row["exclword"]] if row["exclword"] else [])]
    return Exclusion(": ".join(words), source(row, "descriptor_exclusion"))


def _sledai(row: Row, day: str) -> Sledai:
    return Sledai(row["answers"], row["rsdtc"] or day, truth(row["predose"]), source(row, "assessment"), row["rstotal"])


def _escalation(row: Row, day: str) -> Escalation:
    answers = {name: truth(row["answers"].get(name)) for name in ESCALATED}
    return Escalation(**answers, at=row["rsdtc"] or day, source=source(row, "assessment"))


def _bilag(done: Mapping[str, Row], day: str) -> Bilag | None:
    """The form of grades, else the form of items, as `assessments.second_forms` says where a visit has both."""
    row = done.get("BILAG-2004") or done.get(BILAG_ITEMS)
    if row is None:
        return None
    form = (row["rsdtc"] or day, truth(row["predose"]), source(row, "assessment"))
    if row["instrument"] == BILAG_ITEMS:
        return Bilag({}, *form, {key: _answer(value) for key, value in row["answers"].items()})
    return Bilag({domain: None if grade == "ND" else grade for domain, grade in row["answers"].items()}, *form)


def _answer(value: Any) -> int | bool | Decimal | None:
    """An answer as it is kept: a number with decimals is text, which keeps its digits."""
    return Decimal(value) if isinstance(value, str) else value


def _pga(row: Row, day: str) -> Pga:
    mark, scale = row["answers"].get("score"), row["answers"].get("scale")
    decimal = None if mark is None else Decimal(mark)
    return Pga(decimal, scale or "", row["rsdtc"] or day, truth(row["predose"]), source(row, "assessment"))


def _taken(medication: Sequence[Row], day: str, categories: Collection[str]) -> list[tuple[Row, Truth]]:
    """The drugs of some categories that are, or may be, taken on a day; partial dates may leave it unknown."""
    of = [(row, _on(row, day)) for row in medication if row["cmcat"] in categories]
    return [(row, taken) for row, taken in of if taken is not False]


def _on(row: Row, day: str) -> Truth:
    """
    Whether a medication is taken on a day: begun on it or before, and not ended before it.

    A record without an end that is not said to be ongoing may have ended: unknown.
    """
    ongoing: Truth = True if row["cmongo"] == "Y" else None
    lasts = ongoing if row["cmendtc"] is None else _by(day, row["cmendtc"])
    return all_of((_by(row["cmstdtc"], day), lasts))


def _by(one: str | None, other: str | None) -> Truth:
    """Whether a date lies on the same day as another or before it; None where missing or too partial to say."""
    days = dates.days_between(one, other)
    return dates.before(one, other) if days is None else days >= 0


def _dose(row: Row, taken: Truth) -> Dose:
    """One drug in milligrams and days; what is given several times a day is summed to a day, which keeps it exact."""
    often, factor = row["cmdosfrq"], MILLIGRAMS.get(row["cmdosu"] or "")
    times, days = TIMES_A_DAY.get(often or ""), EVERY_DAYS.get(often or "")
    known = taken is True and row["cmdose"] is not None and factor is not None and (times or days) is not None
    mg = row["cmdose"] * (factor or 0) * (times or 1) if known else None
    route = (row["cmroute"] or "").lower()
    name = (row["cmdecod"] or row["cmtrt"]).lower()
    return Dose(name, mg, Decimal(days or 1), route, source(row, "medication"), row["cmaeno"])


def _glucocorticoids(review: Row, medication: Sequence[Row], day: str) -> tuple[Dose, ...] | None:
    doses = tuple(_dose(row, taken) for row, taken in _taken(medication, day, {"GLUCOCORTICOID"}))
    if doses:
        return doses
    return () if truth(review.get("glucoc")) is False else None


def _background(review: Row, medication: Sequence[Row], day: str) -> Background:
    return Background(
        agents=tuple(_dose(row, taken) for row, taken in _taken(medication, day, BACKGROUND)),
        stable=truth(review.get("bgstable")),
        change_reason=(review["bgchgrea"] or "").lower() or None,
        well_tolerated=truth(review.get("bgtolrtd")),
        other_investigational=truth(review.get("othinvst")),
        source=source(review, "lupus_review"),
    )


def _event(row: Row) -> Event:
    counts = truth(row["icecount"])
    return Event(row["icetype"], row["icestdtc"], counts, row["icevisit"], row["icedesc"], source(row, "intercurrent_event"))
