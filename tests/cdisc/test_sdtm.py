"""The datasets that follow from the frames of a small study, variable by variable where a ruling stands behind it."""

from __future__ import annotations

from functools import cache
from typing import Any

import pandas as pd
import pytest

from cdisc.adam.datasets import of_subjects
from cdisc.sdtm import datasets as sdtm
from tests.cdisc import build

FIRST = f"{build.STUDY}-001"


@cache
def datasets() -> dict[str, pd.DataFrame]:
    """The datasets of the small study."""
    return sdtm.datasets(build.frames(), build.trial())


def where(dataset: str, **values: Any) -> pd.DataFrame:
    """The rows of a dataset in which variables have these values."""
    frame = datasets()[dataset]
    for name, value in values.items():
        frame = frame[frame[name] == value]
    return frame


def one(dataset: str, **values: Any) -> dict[str, Any]:
    """The only such row."""
    found = where(dataset, **values)
    assert len(found) == 1
    return {str(name): value for name, value in found.iloc[0].items()}


def supplement(dataset: str, qnam: str) -> list[str]:
    """The values of a supplemental qualifier in order."""
    found: list[str] = where(f"SUPP{dataset}", QNAM=qnam)["QVAL"].tolist()
    return found


def test_the_reference_starts_with_the_first_infusion_and_the_exposure_with_the_lymphodepletion() -> None:
    row = one("DM", SUBJID="001")

    assert (row["RFSTDTC"], row["RFENDTC"]) == ("2025-01-20T10:00", "2025-01-27T10:30")
    assert (row["RFXSTDTC"], row["RFXENDTC"]) == ("2025-01-15T09:00", "2025-01-27T10:30")
    assert (row["RFICDTC"], row["RFPENDTC"]) == ("2025-01-06", "2025-02-18")


def test_every_registered_subject_is_in_dm_and_a_screen_failure_says_why_it_has_no_arm() -> None:
    assert datasets()["DM"]["SUBJID"].tolist() == ["001", "002", "003"]
    assert one("DM", SUBJID="003")["ARMNRS"] == "SCREEN FAILURE"
    assert one("DM", SUBJID="001")["ARMNRS"] == ""
    assert one("DM", SUBJID="001")["ACTARM"] == "Cells, dose 1"


def test_an_age_is_the_one_collected_or_follows_from_the_month_of_birth() -> None:
    """G3: no full date of birth is needed, and none is made up."""
    assert one("DM", SUBJID="001")["AGE"] == 13
    assert one("DM", SUBJID="002")["AGE"] == 15


def test_an_assigned_subject_who_was_never_treated_says_so_and_has_no_end_of_treatment() -> None:
    """RFENDTC is required of all who are assigned: it is the last contact."""
    frames = build.frames()
    for table in ("infusion", "lymphodepletion"):
        frames[table] = frames[table][frames[table]["subject_id"] != "002"]
    export = sdtm.built(frames, build.trial())
    made = sdtm.of_subjects(export)
    (row,) = (row for row in made["DM"].to_dict("records") if row["SUBJID"] == "002")
    (analysed,) = (row for row in of_subjects(export, made)["ADSL"].to_dict("records") if row["SUBJID"] == "002")

    assert (row["ARMCD"], row["ACTARMCD"], row["ARMNRS"]) == ("DOSE1", "", "ASSIGNED, NOT TREATED")
    assert (row["RFSTDTC"], row["RFXENDTC"]) == ("", "")
    assert row["RFENDTC"] == row["RFPENDTC"] != ""
    assert pd.isna(analysed["TRTEDT"])


def test_elements_meet_each_other_and_the_last_is_open_while_the_subject_is_followed() -> None:
    elements = where("SE", USUBJID=FIRST)

    assert elements["ETCD"].tolist() == ["SCRN", "LD", "CELL", "FU"]
    assert elements["SEENDTC"].tolist()[:-1] == elements["SESTDTC"].tolist()[1:]
    assert elements["SEENDTC"].tolist()[-1] == ""


def test_a_subject_of_whom_only_the_registration_is_known_has_a_row_and_nothing_else() -> None:
    """DM has every registered subject; what is not recorded stays empty, the sex unknown."""
    frames = {name: frame.iloc[:0] for name, frame in build.frames().items()} | {"subject": build.subjects("009")}

    made = sdtm.datasets(frames, build.trial())

    assert made["DM"][["SUBJID", "SEX", "AGEU", "ARMNRS"]].values.tolist() == [["009", "U", "", "NOT ASSIGNED"]]
    assert set(made) == {"DM", "TA", "TE", "TV", "TI", "TS"}


def test_a_day_of_infusion_belongs_to_the_treatment_and_a_date_to_no_epoch_before_consent() -> None:
    assert one("DS", USUBJID=FIRST, DSDECOD="COMPLETED")["EPOCH"] == "TREATMENT"
    assert one("LB", USUBJID=FIRST, LBTESTCD="CREAT", LBDTC="2025-02-18")["EPOCH"] == "FOLLOW-UP"
    assert one("CM", CMTRT="Hydroxychloroquine")["EPOCH"] == ""


def test_a_partial_date_takes_the_epoch_of_its_planned_visit_and_no_study_day() -> None:
    """B8: nothing is imputed."""
    row = one("MI", MIDTC="2025-01")

    assert row["EPOCH"] == "SCREENING"
    assert pd.isna(row["MIDY"])


def test_a_result_keeps_its_digits_beside_the_standard_unit() -> None:
    """B9: original and standard are two values."""
    row = one("LB", LBTESTCD="CREAT", LBDTC="2025-01-06T08:10")

    assert (row["LBORRES"], row["LBORRESU"]) == ("0.90", "mg/dL")
    assert (row["LBSTRESC"], row["LBSTRESU"], row["LBNRIND"]) == ("79.56152758", "umol/L", "NORMAL")
    assert row["LBSTNRHI"] == pytest.approx(88.40169731)


def test_a_specimen_that_the_test_does_not_decide_stays_unknown() -> None:
    frames = build.frames()
    cells = {"subject_id": "001", "lbtestcd": "RBC", "lborres": "4", "lborresu": "/HPF", "lbdtc": "2025-01-06"}
    frames["laboratory"] = build.frame("laboratory", cells, {**cells, "lbspec": "URINE"})

    results = sdtm.datasets(frames, build.trial())["LB"]

    assert results[["LBSPEC", "LBCAT"]].values.tolist() == [["", ""], ["URINE", "URINALYSIS"]]


def test_a_ratio_to_creatinine_has_one_standard_unit_however_it_was_reported() -> None:
    rows = where("LB", LBTESTCD="PROTCRT")

    assert rows["LBORRESU"].tolist() == ["g/g", "g/mol"]
    assert rows["LBSTRESC"].tolist() == ["0.5", "0.4420084866"]
    assert set(rows["LBSTRESU"]) == {"g/g"}


def test_a_measurement_that_was_not_done_has_a_reason_and_no_result() -> None:
    row = one("VS", VSSTAT="NOT DONE")

    assert (row["VSREASND"], row["VSORRES"], row["VSSTRESC"]) == ("Scale broken", "", "")


def test_the_last_result_before_exposure_is_flagged_once_and_never_a_later_one() -> None:
    for dataset in ("LB", "VS", "RS", "CP", "IS"):
        flagged = where(dataset, **{f"{dataset}LOBXFL": "Y"})
        assert len(flagged) > 0
        assert (flagged[f"{dataset}DTC"] < "2025-01-15T09:00").all()
        assert not flagged.duplicated(["USUBJID", f"{dataset}TESTCD"]).any()


@pytest.mark.parametrize(
    ("rule", "flagged"), [("before_first_infusion", "2025-01-17"), ("before_lymphodepletion", "2025-01-06T08:10")]
)
def test_the_baseline_follows_the_rule_of_the_study(rule: str, flagged: str) -> None:
    frames = build.frames()
    between = frames["laboratory"].iloc[[0]].assign(record_id="between", visit_id=None, lbdtc="2025-01-17")
    frames["laboratory"] = pd.concat([frames["laboratory"], between], ignore_index=True)

    results = sdtm.datasets(frames, build.trial(baseline=rule))["LB"]
    creatinine = results[results["LBTESTCD"] == "CREAT"]

    assert creatinine[creatinine["LBBLFL"] == "Y"]["LBDTC"].tolist() == [flagged]
    assert creatinine[creatinine["LBLOBXFL"] == "Y"]["LBDTC"].tolist() == ["2025-01-06T08:10"]


def test_an_assessment_of_the_infusions_day_counts_as_baseline_only_where_it_was_before_it() -> None:
    frames = build.frames()
    row = frames["assessment"].iloc[[0]]
    same_day = [row.assign(record_id=f"at {said}", rsdtc="2025-01-20", predose=said, visit_id=None) for said in ("Y", "N")]
    frames["assessment"] = pd.concat([frames["assessment"], *same_day], ignore_index=True)

    results = sdtm.datasets(frames, build.trial())["RS"]
    baseline = results[(results["RSBLFL"] == "Y") & (results["RSTESTCD"] == "S2KARTH")]

    assert baseline[["RSDTC", "RSTPT"]].values.tolist() == [["2025-01-20", "PRE-DOSE"]]


def test_items_carry_points_and_the_derived_total_its_flag() -> None:
    present, total = one("RS", RSTESTCD="S2KARTH", RSDTC="2025-01-06"), one("RS", RSTESTCD="S2KTOTAL")

    assert (present["RSORRES"], present["RSSTRESC"], present["RSSTRESN"], present["RSEVLINT"]) == ("PRESENT", "4", 4, "-P30D")
    assert (total["RSORRES"], total["RSSTRESC"], total["RSDRVFL"]) == ("", "6", "Y")
    assert "RSEVAL" not in datasets()["RS"]


def test_an_item_without_an_answer_was_not_done_and_is_never_a_zero() -> None:
    """B7: missing is not a no."""
    row = one("RS", RSTESTCD="S2KRASH", RSDTC="2025-02-18")

    assert (row["RSSTAT"], row["RSSTRESC"], row["RSREASND"]) == ("NOT DONE", "", "REASON NOT RECORDED")


def test_a_form_that_was_not_made_is_one_row() -> None:
    assert one("RS", RSTESTCD="RSALL")["RSREASND"] == "Refused"


def test_a_questionnaire_goes_to_qs_by_its_document() -> None:
    row = one("QS", QSTESTCD="FATTIRED")

    assert (row["QSCAT"], row["QSORRES"], row["QSSTRESC"]) == ("FATIGUE", "All of the time", "4")


def test_inputs_of_grading_are_about_their_event_or_about_what_they_screen_for() -> None:
    linked = where("FA", FALNKID="1")

    assert set(linked["FAOBJ"]) == {"Cytokine release syndrome"}
    assert one("FA", FATESTCD="CONSCIOU")["FAOBJ"] == "Immune effector cell-associated neurotoxicity syndrome"
    assert one("FA", FATESTCD="TOXDEATH")["FALNKID"] == ""


def test_a_list_is_a_row_an_entry_and_an_empty_one_says_none() -> None:
    assert where("FA", FATESTCD="CRSTRT")["FAORRES"].tolist() == ["PARACETAMOL", "TOCILIZUMAB"]
    assert where("FA", FATESTCD="PRESSOR")["FAORRES"].tolist() == ["NONE"]


def test_vital_signs_of_an_observation_are_in_vs_and_linked_to_its_findings() -> None:
    row = one("VS", VSTESTCD="SYSBP")

    assert row["VSLNKGRP"] == "OBS-001"
    assert "OBS-001" in set(datasets()["FA"]["FALNKGRP"])
    assert set(where("RELREC", RELID="FAVS")["IDVAR"]) == {"FALNKGRP", "VSLNKGRP"}


def test_related_records_stand_on_both_sides() -> None:
    counts = datasets()["RELREC"].groupby(["USUBJID", "RELID"]).size()

    assert (counts == 2).all()
    assert {"AEFA", "ECEX", "FAVS"} < set(datasets()["RELREC"]["RELID"])
    assert where("RELREC", RDOMAIN="CM")["USUBJID"].tolist() == [FIRST]


def test_a_biopsy_is_related_to_what_was_seen_in_its_tissue() -> None:
    relation = where("RELREC", RELID="PRMI1")

    assert relation[["RDOMAIN", "IDVARVAL"]].values.tolist() == [["MI", "1"], ["PR", "1"]]
    assert one("PR", PRSEQ=1)["PRSPID"] == "P-1"


def test_a_comment_names_the_record_it_is_about_or_the_group_of_its_rows_or_nothing() -> None:
    about = datasets()["CO"][["COVAL", "RDOMAIN", "IDVAR", "IDVARVAL"]].values.tolist()
    given = one("EC", ECMOOD="PERFORMED", USUBJID=FIRST, ECSTDTC="2025-01-20T10:00")

    assert about == [
        ["Doses were drawn from one bag", "EC", "ECSEQ", str(int(given["ECSEQ"]))],
        ["Seen at home", "VS", "VSLNKGRP", "OBS-001"],
        ["The family moves in spring", "", "", ""],
    ]
    assert where("CO", RDOMAIN="")["CODTC"].tolist() == ["2025-01-06"]


def test_a_comment_on_a_record_that_is_gone_is_one_on_the_subject() -> None:
    frames = build.frames()
    frames["infusion"] = frames["infusion"][frames["infusion"]["record_id"] != "infusion-1"]

    comments = sdtm.datasets(frames, build.trial())["CO"]

    assert comments.loc[comments["COVAL"] == "Doses were drawn from one bag", "RDOMAIN"].tolist() == [""]


def test_a_comment_has_the_variables_that_would_name_its_record_though_none_does() -> None:
    """A reader joins by them, the CDISC CORE engine among them."""
    frames = build.frames()
    frames["comment"] = frames["comment"][frames["comment"]["coval"] == "The family moves in spring"]

    assert sdtm.datasets(frames, build.trial())["CO"][["IDVAR", "IDVARVAL"]].values.tolist() == [["", ""]]


def test_the_cause_for_which_a_descriptor_is_not_scored_is_a_finding_about_it() -> None:
    row = one("FA", FATESTCD="EXCLREAS")

    assert (row["FAOBJ"], row["FACAT"], row["FAORRES"], row["VISIT"]) == ("HEMATURIA", "SLEDAI-2K", "MENSES", "SCREENING")


def test_a_derived_deviation_stands_beside_the_reported_ones_and_says_so() -> None:
    derived = one("DV", DVDECOD="VISIT OUT OF WINDOW")

    assert set(datasets()["DV"]["DVDECOD"]) == {"VISIT OUT OF WINDOW", "PROCEDURE NOT DONE"}
    assert where("SUPPDV", QNAM="DVDERIV")["IDVARVAL"].tolist() == [str(int(derived["DVSEQ"]))]
    assert supplement("DV", "DVBASIS") == ["Window of the study document"]


def test_an_electrocardiogram_is_in_its_standard_unit_and_an_examination_in_words() -> None:
    assert one("EG", EGTESTCD="QTCFAG")["EGSTRESN"] == 402
    assert one("EG", EGTESTCD="INTP")["EGSTRESC"] == "NORMAL"
    assert datasets()["PE"]["PESTRESC"].tolist() == ["Malar rash", ""]


def test_doses_are_as_planned_and_as_given_and_exposure_is_what_was_given() -> None:
    assert where("EC", ECMOOD="SCHEDULED")["ECDOSE"].tolist() == [3.0] * 4
    assert set(datasets()["EX"]["EXCAT"]) == {"LYMPHODEPLETION", "INVESTIGATIONAL PRODUCT"}
    assert datasets()["EX"]["EXLNKID"].tolist() == where("EC", ECMOOD="PERFORMED")["ECLNKID"].tolist()
    assert supplement("EC", "LOTVIAB") == ["92.5"] * 4


def test_an_event_says_its_scale_and_what_it_was_related_to() -> None:
    assert supplement("AE", "AETOXSCL") == ["CTCAE", "ASTCT 2019"]
    assert supplement("AE", "AETOXVER") == ["5.0", "2019"]
    assert supplement("AE", "AERELLD") == ["NOT RELATED"]
    assert supplement("AE", "AETRTEM") == ["Y"]
    assert supplement("AE", "AEEMINF") == ["N"]


def test_an_event_without_a_decode_has_the_term_in_upper_case_and_accents_are_spelt_out() -> None:
    row = one("AE", AESPID="2")

    assert (row["AETERM"], row["AEDECOD"]) == ("Rash, naive skin", "RASH, NAIVE SKIN")
    assert (row["AEENRTPT"], row["AEENTPT"]) == ("ONGOING", "LAST CONTACT")
    assert pd.isna(row["AESOCCD"])


def test_only_unmet_criteria_are_sent() -> None:
    assert datasets()["IE"][["USUBJID", "IETESTCD"]].values.tolist() == [[f"{build.STUDY}-003", "EXCL01"]]


def test_a_biopsy_keeps_its_wording_and_its_coded_classes() -> None:
    row = one("MI", MITESTCD="ISNRPSCL")

    assert (row["MIORRES"], row["MISTRESC"]) == ("IV+V", "IV + V")


def test_a_duration_is_sent_with_the_digits_of_its_source() -> None:
    """B9: decimal, as entered."""
    assert one("MH", MHCAT="DISEASE UNDER STUDY")["MHDUR"] == "P2.0Y"


def test_an_unplanned_visit_was_not_prespecified() -> None:
    frames = build.frames()
    extra = {"subject_id": "001", "record_id": "001 extra", "visit": "UNSCHEDULED 4.1", "visitnum": "4.1", "svoccur": "Y"}
    frames["visit"] = pd.concat([frames["visit"], build.frame("visit", extra | {"svstdtc": "2025-03-01"})], ignore_index=True)

    visits = sdtm.datasets(frames, build.trial())["SV"]
    row = visits[visits["VISITNUM"] == 4.1].iloc[0]

    assert (row["SVPRESP"], row["SVOCCUR"], row["VISIT"]) == ("", "", "UNSCHEDULED 4.1")
    assert pd.isna(row["VISITDY"])


def test_the_title_of_a_synthetic_cohort_says_so_and_so_does_every_subject() -> None:
    frames = build.frames() | {"subject": build.subjects("001", "002", "003", origin="synthetic")}

    made = sdtm.datasets(frames, build.trial(origin="synthetic"))

    summary = made["TS"].set_index("TSPARMCD")["TSVAL"]
    assert summary["TITLE"].startswith("SYNTHETIC: ")
    assert (summary["DCUTDTC"], summary["DCUTDESC"]) == ("2025-06-30", "interim")
    assert made["SUPPDM"][["QNAM", "QVAL"]].values.tolist() == [["ORIGIN", "SYNTHETIC"]] * 3


def test_the_order_of_the_rows_that_come_in_does_not_matter() -> None:
    shuffled = {name: frame.iloc[::-1].reset_index(drop=True) for name, frame in build.frames().items()}

    made = sdtm.datasets(shuffled, build.trial())

    for name, frame in datasets().items():
        pd.testing.assert_frame_equal(frame, made[name])


@pytest.mark.parametrize(
    ("parm", "code", "dictionary", "version"),
    [
        ("SEXPOP", "C49636", "CDISC CT", "2025-03-28"),
        ("DOSFRM", "C42995", "CDISC CT", "2025-03-28"),
        ("DOSFRQ", "C64533", "CDISC CT", "2025-03-28"),
        ("AGEMIN", "", "ISO 8601", ""),
        ("FCNTRY", "", "ISO 3166", ""),
        ("AGEMAX", "", "", ""),
        ("TITLE", "", "", ""),
    ],
)
def test_a_fact_of_the_trial_names_its_dictionary_and_its_code_there(
    parm: str, code: str, dictionary: str, version: str
) -> None:
    row = one("TS", TSPARMCD=parm)

    assert (row["TSVALCD"], row["TSVCDREF"], row["TSVCDVER"]) == (code, dictionary, version)


def test_a_dictionary_that_the_document_names_stays() -> None:
    stated = build.design()["TS"].assign(TSVCDREF="A registry", TSVALCD="R-1", TSVCDVER=None)
    found = sdtm.of_trial(build.trial(design={"TS": stated}), {})["TS"]
    told = found.loc[found["TSPARMCD"] == "SEXPOP", ["TSVALCD", "TSVCDREF", "TSVCDVER"]]

    assert told.to_numpy().tolist() == [["R-1", "A registry", ""]]


def test_an_intercurrent_event_is_named_in_words() -> None:
    assert one("CE", CECAT="INTERCURRENT EVENT")["CETERM"] == "Treatment of CRS"
