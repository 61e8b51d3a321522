"""Electrocardiogram, physical examination, comments and a derived deviation of a subject of the small study."""

from __future__ import annotations

from typing import Any

import pandas as pd


def examined(subject: str) -> dict[str, list[dict[str, Any]]]:
    """An interval in seconds, an interpretation, a finding of the skin; comments on an infusion, an observation, nothing."""
    at = {"subject_id": subject}
    screening = {**at, "visit_id": f"{subject} SCREENING"}
    return {
        "ecg": [
            {**screening, "egtestcd": "QTCFAG", "egorres": "0.402", "egorresu": "s", "egpos": "SUPINE", "egdtc": "2025-01-06"}
            | {"egmethod": "12 LEAD STANDARD"},
            {**screening, "egtestcd": "INTP", "egorres": "NORMAL", "egclsig": "N", "egdtc": "2025-01-06"},
        ],
        "physical_examination": [
            {**screening, "petestcd": "SKIN", "peorres": "Malar rash", "peloc": "FACE", "pedtc": "2025-01-06"},
            {**at, "visit_id": f"{subject} M1", "petestcd": "SKIN", "pestat": "NOT DONE", "pereasnd": "In a hurry"}
            | {"pedtc": "2025-02-18"},
        ],
        "descriptor_exclusion": [
            {**screening, "descript": "HEMATURIA", "exclreas": "MENSES", "excldtc": "2025-01-06"},
        ],
        "comment": [
            {**at, "coval": "Doses were drawn from one bag", "corecord": "infusion-1"},
            {**at, "coval": "Seen at home", "corecord": "toxicity_observation-1"},
            {**at, "coval": "The family moves in spring", "codtc": "2025-01-06"},
        ],
    }


def deviated(study: str, subject: str) -> pd.DataFrame:
    """A deviation that nobody reported, as the cut derived it."""
    words = "M1 took place 29 days from the first infusion, outside 30 to 32"
    about = {"study_id": study, "subject_id": subject, "record_id": f"{subject} derived 1", "dvstdtc": "2025-02-18"}
    said = {"dvterm": words, "dvdecod": "VISIT OUT OF WINDOW", "dvderiv": "Y", "dvbasis": "Window of the study document"}
    return pd.DataFrame([about | said], dtype=object)
