"""A published table as it was published: no dates, no totals of our own, no guess."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from cdisc.adam.datasets import of_subjects
from cdisc.checks import gate
from cdisc.sdtm import datasets as sdtm
from tests.cdisc import build

TRIAL = build.trial(origin="published")


@cache
def collected() -> dict[str, pd.DataFrame]:
    """One subject of a published table: age, dose as text, a grade, a biopsy, two totals, a duration and a follow-up."""
    at = {"subject_id": "005"}
    entered = {"dscat": "PROTOCOL MILESTONE", "dsdecod": "ENTERED INTO TRIAL", "dsterm": "Entered", "armcd": "DOSE1"}
    totals = [
        {**at, "rptestcd": "SLEDAI2K", "rporres": "14", "rptiming": "BASELINE"},
        {**at, "rptestcd": "SLEDAI2K", "rporres": "10", "rptiming": "AT PRESENT"},
        {**at, "rptestcd": "FOLLOWUP", "rporres": "4", "rporresu": "MONTHS"},
    ]
    return {
        "subject": build.subjects("005", origin="published"),
        "verdict": build.verdicts(),
        "demographics": build.frame("demographics", {**at, "age": 15, "sex": "M"}),
        "disposition": build.frame("disposition", {**at, **entered}),
        "infusion": build.frame("infusion", {**at, "ectrt": "CELLS", "ecoccur": "Y", "ecdostxt": "3*10^9"}),
        "adverse_event": build.frame("adverse_event", {**at, "aespid": "1", "aeterm": "CRS", "aetoxgr": "1"}),
        "medical_history": build.frame("medical_history", {**at, "mhterm": "SLE", "mhdur": "0.67"}),
        "biopsy": build.frame("biopsy", {**at, "mitestcd": "ISNRPSCL", "miorres": "III+III-V"}),
        "reported_result": build.frame("reported_result", *totals),
    }


@cache
def datasets() -> dict[str, pd.DataFrame]:
    """The SDTM of that subject."""
    return sdtm.datasets(collected(), TRIAL)


def test_what_has_no_date_has_no_element_no_study_day_and_no_flag() -> None:
    names = {column for frame in datasets().values() for column in frame.columns}

    assert "SE" not in datasets()
    assert {name for name in names if name.endswith("DY")} <= {"DSSTDY", "VISITDY"}
    assert datasets()["DS"]["DSSTDY"].isna().all()
    assert not {"RSLOBXFL", "RSBLFL"} & names


def test_a_total_as_reported_is_never_taken_for_a_derived_one() -> None:
    totals = datasets()["RS"]

    assert totals[["RSORRES", "RSTPT"]].values.tolist() == [["14", "BASELINE"], ["10", "AT PRESENT"]]
    assert "RSDRVFL" not in totals


def test_an_ambiguous_wording_is_not_normalised() -> None:
    assert datasets()["MI"][["MIORRES", "MISTRESC"]].values.tolist() == [["III+III-V", "III+III-V"]]


def test_what_was_published_is_there_with_its_origin() -> None:
    assert datasets()["EX"]["EXDOSTXT"].tolist() == ["3*10^9"]
    assert datasets()["MH"]["MHDUR"].tolist() == ["P0.67Y"]
    assert dict(datasets()["SUPPDM"][["QNAM", "QVAL"]].values.tolist()) == {"FOLLOWUP": "4 MONTHS", "ORIGIN": "PUBLISHED"}


def test_the_gate_has_nothing_against_it() -> None:
    assert gate.findings(datasets()) == []


def test_a_subject_without_dates_has_its_row_for_analysis_and_the_total_that_was_reported() -> None:
    export = sdtm.built(collected(), TRIAL)

    found = of_subjects(export, sdtm.of_subjects(export))

    assert set(found) == {"ADSL", "ADAE"}
    (one,) = (row for _, row in found["ADSL"].iterrows())
    assert (one["USUBJID"], one["ORIGIN"], one["BSLEDAI"], one["SAFFL"]) == ("TRIAL-01-005", "PUBLISHED", 14.0, "Y")
    assert np.isnan(one["TRTSDT"])
