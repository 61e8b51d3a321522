"""The deviations of a cut: derived from its rows and the study document, beside those that a person reported."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from app.casebook.exports.deviations import deviations
from app.casebook.studies.documents import DoseLevel, StudyDocument, Tier, read_study
from app.rules.subjects import deviations as rules
from cdisc import terminology
from seed.load import DEMO, study_document
from tests.cdisc.build import frame, verdicts

FIRST = "2025-03-03T10:00"
Told = list[tuple[str, str]]


@pytest.fixture(scope="module")
def document() -> StudyDocument:
    return read_study(study_document(DEMO))


def found(document: StudyDocument, unwritten: tuple[str, ...] = (), **rows: list[dict[str, Any]]) -> Told:
    """Coded term and words of what is derived of one subject infused on 3 March; of visits `unwritten` there is no record."""
    written = [*unwritten, *(row["visit"] for row in rows.get("visit", []))]
    came = [{"visit": each.visit, "svoccur": "Y"} for each in document.visits if each.visit not in written]
    rows = rows | {"visit": [*rows.get("visit", []), *came]}
    given = {"infusno": 1, "ecoccur": "Y", "ecstdtc": FIRST, "doselvl": "3*10^9", "ecdosu": "10^9 Therapeutic Cells"}
    all_: dict[str, list[dict[str, Any]]] = {"infusion": [given | {"record_id": "I-1", "ecdose": "3.0"}], "verdict": []} | rows
    tables = ("visit", "infusion", "lymphodepletion", "disposition", "eligibility", "protocol_deviation")
    frames = {name: frame(name, *({"subject_id": "001", **row} for row in all_.get(name, []))) for name in tables}
    made = deviations(document, frames | {"verdict": verdicts(*({"subject_id": "001", **row} for row in all_["verdict"]))})
    return list(zip(made["dvdecod"], made["dvterm"], strict=True))


def test_every_coded_term_is_one_that_an_export_takes() -> None:
    for term in (rules.VISIT, rules.MISSED, rules.DOSE, rules.GATE, rules.ELIGIBILITY):
        assert terminology.is_term("DVDECOD", term)


def test_nothing_is_derived_of_what_went_as_planned(document: StudyDocument) -> None:
    came = [{"visit": "M1", "svoccur": "Y", "svstdtc": "2025-04-02"}, {"visit": "UNSCHEDULED 10.01", "svoccur": "Y"}]
    entered = [{"dsdecod": "ENTERED INTO TRIAL", "dsstdtc": "2025-02-20", "armcd": "DOSE3"}]

    assert found(document, visit=came, disposition=entered, eligibility=[{"ietestcd": "INCL01", "ieorres": "Y"}]) == []


def test_a_visit_outside_its_window_and_a_dose_beyond_the_tolerance(document: StudyDocument) -> None:
    half = {"infusno": 2, "ecoccur": "Y", "ecstdtc": "2025-03-06T10:00", "doselvl": "3*10^9", "ecdose": "1.5"}
    first = {"infusno": 1, "ecoccur": "Y", "ecstdtc": FIRST}
    late = [{"visit": "M1", "svoccur": "Y", "svstdtc": "2025-04-20"}]

    told = found(document, visit=late, infusion=[first, half | {"ecdosu": document.dosing.unit}])

    assert told == [
        ("VISIT OUT OF WINDOW", "M1 took place 48 days from the first infusion, outside 23 to 37"),
        ("DOSE NOT AS PLANNED", "Infusion 2: 1.5 given, 3 planned"),
    ]


def test_a_visit_that_did_not_take_place_while_the_subject_was_in_the_study(document: StudyDocument) -> None:
    stopped = {"dscat": "DISPOSITION EVENT", "dsscat": "STUDY TREATMENT", "dsdecod": "ADVERSE EVENT", "dsstdtc": "2025-03-05"}
    followed = {"dscat": "OTHER EVENT", "dsdecod": "STILL IN FOLLOW-UP", "dsstdtc": "2025-06-01"}
    died = {"dscat": "DISPOSITION EVENT", "dsscat": "STUDY PARTICIPATION", "dsdecod": "DEATH", "dsstdtc": "2025-06-10"}
    m2 = [("VISIT NOT DONE", "M2 did not take place by 67 days from the first infusion")]
    m3 = [("VISIT NOT DONE", "M3 did not take place by 104 days from the first infusion")]

    assert found(document, ("INFUSION 2", "M2", "M3"), disposition=[stopped, followed]) == m2
    assert found(document, ("INFUSION 2", "M2", "M3"), disposition=[stopped, died]) == m2
    assert found(document, ("M2",), disposition=[stopped]) == []
    assert found(document, visit=[{"visit": "M3", "svoccur": "N"}], disposition=[stopped]) == m3


def test_an_infusion_against_a_gate_and_an_entry_against_a_criterion(document: StudyDocument) -> None:
    entered = [{"record_id": "D-1", "dsdecod": "ENTERED INTO TRIAL", "dsstdtc": "2025-02-20", "armcd": "DOSE3"}]
    flags = [
        {"rule": "gate_cytopenia", "about": "I-1", "value": "flagged"},
        {"rule": "gate_lot", "about": "I-1", "value": "clear"},
        {"rule": "gate_enrolment", "about": "D-1", "value": "flagged"},
        {"rule": "check_age", "about": "I-1", "value": "flagged"},
    ]

    told = found(document, disposition=entered, verdict=flags, eligibility=[{"ietestcd": "EXCL01", "ieorres": "Y"}])

    assert told == [
        ("GATE NOT MET", "Infusion 1 was given although a gate was not met: Blood counts before the infusion"),
        (
            "GATE NOT MET",
            "The arm was entered although a gate was not met: Committee decision that opens the dose level of the arm",
        ),
        ("ELIGIBILITY NOT MET", "Entered into the trial with EXCL01 met"),
    ]


def test_an_infusion_without_a_number_is_told_without_one(document: StudyDocument) -> None:
    half = {"ecoccur": "Y", "ecstdtc": FIRST, "doselvl": "3*10^9", "ecdose": "1.5", "ecdosu": document.dosing.unit}

    assert found(document, infusion=[half]) == [("DOSE NOT AS PLANNED", "An infusion: 1.5 given, 3 planned")]


def test_a_dose_by_weight_is_held_against_its_tier_and_one_per_kilogram_against_the_weight(document: StudyDocument) -> None:
    light = Tier(tier="light", min_kg=Decimal(10), max_kg=Decimal(30), dose=Decimal(1))
    heavy = Tier(tier="heavy", min_kg=Decimal(30), dose=Decimal(2))
    levels = (DoseLevel(level="1*10^9", tiers=(light, heavy)),)
    given = {"infusno": 1, "ecoccur": "Y", "ecstdtc": FIRST, "doselvl": "1*10^9", "ecdose": "1", "ecdosu": document.dosing.unit}

    def told(basis: str, kg: str | None, levels: tuple[DoseLevel, ...] = levels, unit: str = str(given["ecdosu"])) -> Told:
        dosing = document.dosing.model_copy(update={"basis": basis, "levels": levels, "unit": unit})
        return found(document.model_copy(update={"dosing": dosing}), infusion=[given | {"ecwt": kg, "ecdosu": unit}])

    assert [told("weight_tier", kg) for kg in ("29.9", "9", None)] == [[], [], []]
    assert told("weight_tier", "30") == [("DOSE NOT AS PLANNED", "Infusion 1: 1 given, 2 planned")]
    per_kg = (DoseLevel(level="1*10^9", dose=Decimal("0.03")),)
    assert [told("per_kg", kg, per_kg) for kg in ("33", "37", None)] == [[], [], []]
    assert told("per_kg", "40", per_kg) == [("DOSE NOT AS PLANNED", "Infusion 1: 1 given, 1.20 planned")]
    assert told("per_kg", "30") == told("unknown", "30") == []
    assert told("per_kg", None, per_kg, "10^6/kg") == [("DOSE NOT AS PLANNED", "Infusion 1: 1 given, 0.03 planned")]
    assert told("per_kg", None, (DoseLevel(level="1*10^9", dose=Decimal(2)),)) == []


def test_what_a_person_reported_is_not_counted_twice(document: StudyDocument) -> None:
    late = [{"visit": "M1", "svoccur": "Y", "svstdtc": "2025-04-20"}]
    reported = {"dvterm": "M1 late, holidays", "dvdecod": "VISIT OUT OF WINDOW"}

    assert found(document, visit=late, protocol_deviation=[reported | {"dvstdtc": "2025-04"}]) == []
    assert len(found(document, visit=late, protocol_deviation=[reported | {"dvstdtc": "2025-05-02"}])) == 1


def test_what_the_document_assumes_is_called_assumed(document: StudyDocument) -> None:
    late = {"subject_id": "001", "visit": "M1", "svoccur": "Y", "svstdtc": "2025-04-20"}
    given = {"subject_id": "001", "ecoccur": "Y", "ecstdtc": FIRST}
    tables = {name: frame(name) for name in ("lymphodepletion", "disposition", "eligibility", "protocol_deviation")}
    frames: dict[str, pd.DataFrame] = tables | {"visit": frame("visit", late), "infusion": frame("infusion", given)}

    made, *_ = deviations(document, frames | {"verdict": verdicts()}).to_dict("records")

    assert made["dvbasis"] == "Window of the study document, counted from the first infusion; assumed: not public"
    assert (made["dvderiv"], made["dvstdtc"]) == ("Y", "2025-04-20")
