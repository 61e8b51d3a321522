"""ADaM: what the analysis datasets say of the small study, that it is traceable, and that unknown stays unknown."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from cdisc import package, specs, terminology
from cdisc.adam import adae, checks, endpoints
from cdisc.adam.adlb import analysed, parameter
from cdisc.adam.baseline import change
from cdisc.adam.datasets import of_subjects
from cdisc.checks import gate
from cdisc.dates import day_number, relative_day
from cdisc.files import batches, plain
from cdisc.findings import Datasets
from cdisc.sdtm import datasets as sdtm
from cdisc.specs import ADAM, PREDECESSOR
from tests.cdisc import build
from tests.cdisc.analysis import analysis, fact, frame, said

GOLDEN = Path(__file__).parent / "golden" / "adeff.csv"
FIRST, SECOND, THIRD = (f"TRIAL-01-{number}" for number in ("001", "002", "003"))


def made(**changes: Any) -> tuple[Datasets, Datasets]:
    """SDTM and ADaM of the small study; `changes` replace frames."""
    export = sdtm.built(build.frames() | changes, build.trial())
    tabulated = sdtm.of_subjects(export)
    return tabulated, of_subjects(export, tabulated)


@cache
def datasets() -> Datasets:
    """The analysis datasets of the small study."""
    return made()[1]


def record(dataset: str, subject: str, given: Datasets | None = None, **where: Any) -> pd.Series:
    """The one record of a subject that has these values."""
    found = (given or datasets())[dataset]
    found = found[found["USUBJID"] == subject]
    for name, value in where.items():
        found = found[found[name] == value]
    (row,) = [each for _, each in found.iterrows()]
    return row


def test_efficacy_of_one_subject_is_as_it_was_reviewed() -> None:
    """A change of the golden file is a reviewed change of what a statistician reads."""
    own = datasets()["ADEFF"]
    batch = batches.coded(specs.variables("ADEFF"), own[own["USUBJID"] == FIRST])
    plain.write_csv(file := BytesIO(), specs.variables("ADEFF"), [batch])

    assert GOLDEN.read_bytes() == file.getvalue()


def test_every_subject_of_dm_has_one_row_in_adsl_and_a_screen_failure_is_in_no_population() -> None:
    people = datasets()["ADSL"]

    assert people["USUBJID"].tolist() == [FIRST, SECOND, THIRD]
    assert people[["ENRLFL", "SAFFL", "EFFFL"]].to_numpy().tolist() == [["Y", "Y", "Y"], ["Y", "Y", "N"], ["N", "N", "N"]]
    assert people["EOSSTT"].tolist() == ["ONGOING", "ONGOING", ""]
    assert people["TRTSDT"].tolist()[:2] == [day_number("2025-01-20")] * 2
    assert np.isnan(people["TRTSDT"][2])


def test_a_subject_who_left_has_the_day_and_one_who_is_followed_has_none() -> None:
    """EOSDT: of the disposition of study participation; a partial one gives no day."""
    found = {}
    for day in ("2025-05-02", "2025-05"):
        left = {"dscat": "DISPOSITION EVENT", "dsscat": "STUDY PARTICIPATION", "dsdecod": "WITHDRAWAL BY SUBJECT"}
        ended = build.frame("disposition", left | {"subject_id": "002", "dsterm": "Withdrew", "dsstdtc": day})
        people = made(disposition=pd.concat([build.frames()["disposition"], ended], ignore_index=True))[1]["ADSL"]
        found[day] = people[["EOSSTT", "EOSDT"]].fillna(0).to_numpy().tolist()

    assert found["2025-05-02"] == [["ONGOING", 0], ["DISCONTINUED", day_number("2025-05-02")], ["", 0]]
    assert found["2025-05"] == [["ONGOING", 0], ["DISCONTINUED", 0], ["", 0]]


def test_treatment_starts_with_the_product_and_lymphodepletion_has_a_day_of_its_own() -> None:
    one = record("ADSL", FIRST)

    assert (one["TRTSDT"], one["LDSDT"]) == (day_number("2025-01-20"), day_number("2025-01-15"))
    assert (one["BSLEDAI"], one["BPGA"], one["DLTFL"]) == (6.0, 1.5, "N")


def test_what_could_not_be_evaluated_keeps_its_record_and_the_imputed_value_has_one_of_its_own() -> None:
    """Three layers: what was observed, the endpoint, the analysis value with its flag."""
    observed, imputed = record("ADEFF", FIRST, PARAMCD="SRI4", DTYPE=""), record("ADEFF", FIRST, PARAMCD="SRI4", DTYPE="NRI")

    assert (observed["AVALC"], observed["ANL01FL"]) == ("", "")
    assert observed["NEREAS"] == "RASH of SLEDAI-2K at M1; PGA at M1"
    assert [observed[f"CRIT{n}FL"] for n in range(1, 5)] == ["", "Y", "", "Y"]
    assert (imputed["AVALC"], imputed["AVAL"], imputed["ANL01FL"], imputed["ANLBASIS"]) == ("N", 0.0, "Y", "IMPUTED")


def test_a_state_reached_after_an_intercurrent_failure_is_shown_and_not_analysed_as_reached() -> None:
    observed, failed = (record("ADEFF", SECOND, PARAMCD="DORIS", DTYPE=kind) for kind in ("", "COMPOSITE"))

    assert (observed["AVALC"], observed["ANL01FL"]) == ("Y", "")
    assert (failed["AVALC"], failed["ANL01FL"], failed["ANLBASIS"]) == ("N", "Y", "INTERCURRENT FAILURE")
    assert record("ADTTE", SECOND, PARAMCD="TTDORIS")["CNSR"] == 1


def test_an_endpoint_that_does_not_apply_is_not_analysed() -> None:
    one = record("ADEFF", FIRST, PARAMCD="BICLA")

    assert (one["AVALC"], one["ANL01FL"], one["NEREAS"]) == ("", "", "DOES NOT APPLY")


def test_a_measure_names_its_record_in_sdtm_and_a_rule_without_one_its_version() -> None:
    total, clinical = (record("ADEFF", FIRST, PARAMCD=code, AVISIT="SCREENING") for code in ("SLED2K", "CSLED2K"))
    source = made()[0]["RS"]
    (row,) = [each for _, each in source[source["RSSEQ"] == total["SRCSEQ"]].iterrows()]

    assert (row["RSDRVFL"], row["RSSTRESN"], total["AVAL"], total["ABLFL"]) == ("Y", 6.0, 6.0, "Y")
    assert (clinical["SRCDOM"], clinical["RULEID"], clinical["RULEVER"]) == ("", "csledai", "1")


def test_change_is_counted_from_the_baseline_of_the_instrument_and_not_where_a_value_is_missing() -> None:
    clinical, total = (record("ADEFF", FIRST, PARAMCD=code, AVISIT="M1") for code in ("CSLED2K", "SLED2K"))

    assert (clinical["BASE"], clinical["CHG"]) == (6.0, -2.0)
    assert total["BASE"] == 6.0
    assert np.isnan(total["CHG"])
    assert change(1.2, 0.9) == 0.3


def test_a_dose_is_beside_the_dose_at_the_visit_of_the_baseline_of_sledai_2k() -> None:
    before = said("001", "prednisone", "SCREENING", "computed", amount="20", evidence=(fact("prednisone", "20", None),))
    given = made(analysis=pd.concat([analysis(), frame(before)], ignore_index=True))[1]
    first, later = (record("ADEFF", FIRST, given, PARAMCD="GCDOSE", AVISIT=visit) for visit in ("SCREENING", "M1"))

    assert (first["ABLFL"], first["BASE"]) == ("Y", 20.0)
    assert np.isnan(first["CHG"])
    assert (later["ABLFL"], later["AVAL"], later["BASE"], later["CHG"]) == ("", 7.5, 20.0, -12.5)


def test_a_reason_that_is_too_long_counts_what_it_leaves_out() -> None:
    text = endpoints.listed([f"DESCRIPTOR {n:02d} of SLEDAI-2K at M1" for n in range(24)])

    assert len(text) <= 200
    assert text.startswith("DESCRIPTOR 00 of SLEDAI-2K at M1; ")
    assert text.endswith("; and 19 more")
    assert endpoints.listed([]) == ""


def test_a_laboratory_result_is_beside_its_baseline_its_range_and_its_record() -> None:
    one = record("ADLB", FIRST, PARAMCD="CREAT", AVISIT="M1")

    assert (one["PARAM"], one["ANRIND"], one["BNRIND"], one["ADY"]) == ("Creatinine (umol/L)", "HIGH", "NORMAL", 30.0)
    assert one["CHG"] == change(one["AVAL"], one["BASE"])
    assert (one["SRCDOM"], one["SRCVAR"]) == ("LB", "LBSTRESN")


def test_a_censored_result_is_the_limit_and_says_so_and_nothing_is_counted_from_it() -> None:
    one = record("ADLB", FIRST, PARAMCD="CRP")

    assert (one["AVAL"], one["AVALC"], one["DTYPE"]) == (0.5, "<0.5", "LIMIT")
    assert np.isnan(one["BASE"])


def test_a_grade_stands_where_it_is_one_and_not_where_it_is_a_range() -> None:
    graded = {"subject_id": "001", "rule": "ctcae_lab_5", "value": "graded"}
    verdicts = build.verdicts(
        {**graded, "about": "laboratory-1", "lowest": "0", "highest": "0"},
        {**graded, "about": "laboratory-2", "lowest": "1", "highest": "3"},
    )
    found = made(verdict=verdicts)[1]

    assert record("ADLB", FIRST, found, PARAMCD="CREAT", AVISIT="SCREENING")["ATOXGR"] == "0"
    assert record("ADLB", FIRST, found, PARAMCD="CREAT", AVISIT="M1")["ATOXGR"] == ""


def test_a_parameter_is_of_one_specimen_and_one_unit() -> None:
    assert parameter("WBC", "Leukocytes", "BLOOD") == ("WBC", "Leukocytes (10^9/L)", "10^9/L")
    assert parameter("WBC", "Leukocytes", "URINE") == ("WBCU", "Urine Leukocytes (/HPF)", "/HPF")
    assert parameter("XYZ", "Something new", "BLOOD") == ("XYZ", "Something new", "")
    assert np.isnan(analysed("3", 3.0, "mg", "10^9/L").aval)
    assert analysed("3", 3.0, "mg", "").aval == 3.0


def test_a_partial_date_has_no_number_and_nothing_is_imputed() -> None:
    rash = record("ADAE", FIRST, AESPID="2")

    assert rash["AESTDTC"] == "2025-01"
    assert np.isnan(rash["ASTDT"])
    assert np.isnan(rash["ASTDY"])
    assert rash["TRTEMFL"] == ""


def test_an_event_is_emergent_related_and_answers_its_query() -> None:
    crs = record("ADAE", FIRST, AESPID="1")

    assert (crs["TRTEMFL"], crs["AREL"], crs["CQ01NAM"], crs["CQ02NAM"]) == ("Y", "RELATED", "CYTOKINE RELEASE SYNDROME", "")
    assert (crs["ASTDY"], crs["AETOXGRN"]) == (1.0, 2.0)


@pytest.mark.parametrize(
    ("said", "due"),
    [
        ({"NOT RELATED", "POSSIBLY RELATED"}, "RELATED"),
        ({"NOT RELATED", "UNLIKELY RELATED"}, "NOT RELATED"),
        ({"NOT RELATED", ""}, ""),
    ],
)
def test_a_cause_that_nobody_named_is_not_excluded(said: set[str], due: str) -> None:
    assert adae.causality(frozenset(said)) == due


def test_time_runs_from_the_first_infusion_to_the_event_or_to_what_is_known() -> None:
    seen = record("ADTTE", FIRST, PARAMCD="TTCRS")
    none, never, later = (record("ADTTE", FIRST, PARAMCD=code) for code in ("TTICANS", "TTSRI4", "TTLLDAS"))

    assert (seen["AVAL"], seen["CNSR"], seen["SRCDOM"], seen["SRCSEQ"]) == (1, 0, "ADAE", 2)
    assert (none["AVAL"], none["CNSR"], none["SRCVAR"]) == (30, 1, "RFPENDTC")
    assert (never["AVAL"], never["CNSR"], never["EVNTDESC"]) == (1, 1, "NOT EVALUATED BY THE CUT")
    assert (later["AVAL"], later["CNSR"], later["CNSDTDSC"]) == (30, 1, "LAST EVALUATION")


def test_an_event_of_an_incomplete_date_has_no_time() -> None:
    frames = build.frames()
    frames["adverse_event"].loc[0, "aestdtc"] = "2025-01"

    one = record("ADTTE", FIRST, made(**frames)[1], PARAMCD="TTCRS")

    assert np.isnan(one["AVAL"])
    assert (one["CNSR"], one["SRCVAR"]) == (0, "AESTDTC")


def test_a_response_ends_the_time_to_it() -> None:
    used = (fact("visit used for M1", "M1", "2025-02-18"),)
    reached = said("001", "sri4", "M1", "met", evidence=used, response=True, basis="observed")

    one = record("ADTTE", FIRST, made(analysis=frame(reached))[1], PARAMCD="TTSRI4")

    assert (one["AVAL"], one["CNSR"], one["EVNTDESC"]) == (30, 0, "SRI-4 RESPONSE")


def test_an_endpoint_that_the_study_does_not_derive_has_no_time() -> None:
    export = sdtm.built(build.frames(), build.trial(endpoints=frozenset({"sri5"})))

    found = of_subjects(export, sdtm.of_subjects(export))["ADTTE"]

    assert set(found["PARAMCD"]) == {"TTCRS", "TTICANS"}


def test_the_first_day_is_one_and_there_is_no_day_zero() -> None:
    assert [relative_day(day, 10.0) for day in (9.0, 10.0, 11.0)] == [-1.0, 1.0, 2.0]
    assert day_number("1960-01-02") == 1.0
    assert np.isnan(day_number("2025-02"))


def test_every_variable_has_an_origin_and_a_copy_names_a_variable_that_stands() -> None:
    for name in specs.datasets(ADAM):
        for variable in specs.variables(name):
            note = specs.note(name, variable.name)
            assert note is not None, (name, variable.name)
            assert len(variable.name) <= 8
            assert len(variable.label) <= 40
            if note.origin == PREDECESSOR:
                home, _, copied = note.text.partition(".")
                qualifiers = {each.qnam for each in specs.supplements() if home == f"SUPP{each.dataset}"}
                assert copied in {each.name for each in specs.variables(home)} | qualifiers


def test_every_parameter_has_a_name_and_what_it_comes_from_stands() -> None:
    efficacy = {one.paramcd for one in specs.analysed("ADEFF")}

    assert {one.paramcd for one in specs.analysed("ADEFF")} == set(terminology.terms("ADEFFPRM"))
    assert {one.paramcd for one in specs.analysed("ADTTE")} == set(terminology.terms("ADTTEPRM"))
    assert {one.source for one in specs.analysed("ADTTE")} <= efficacy | set(adae.QUERIES)


def test_the_gate_has_nothing_against_it() -> None:
    tabulated, found = made()

    assert gate.values(found, tabulated) == []
    assert checks.findings(tabulated | found) == []


def put(dataset: str, variable: str, value: Any) -> Callable[[Datasets], None]:
    """A fault: a value in the first record of a dataset that has one there."""

    def act(given: Datasets) -> None:
        filled = given[dataset][variable]
        place = filled.index[filled.notna() & (filled != "")][0]
        given[dataset].loc[place, variable] = value

    return act


def imputed_as_a_response(given: Datasets) -> None:
    """A fault: what could not be evaluated is imputed as a response."""
    imputed = given["ADEFF"]["DTYPE"] == "NRI"
    given["ADEFF"].loc[imputed, "AVALC"] = "Y"
    given["ADEFF"].loc[imputed, "AVAL"] = 1.0


def twice(dataset: str) -> Callable[[Datasets], None]:
    """A fault: the records of a dataset stand twice."""

    def act(given: Datasets) -> None:
        given[dataset] = pd.concat([given[dataset]] * 2, ignore_index=True)

    return act


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (lambda given: given.update(ADSL=given["ADSL"].iloc[1:]), "subjects"),
        (put("ADSL", "TRTSDT", 1.0), "treatment"),
        (put("ADLB", "ADY", 0.0), "analysis_day"),
        (put("ADAE", "AENDY", 99.0), "analysis_day"),
        (put("ADEFF", "SRCSEQ", 999.0), "orphan"),
        (put("ADLB", "SRCSEQ", 999.0), "orphan"),
        (put("ADTTE", "SRCSEQ", 999.0), "orphan"),
        (put("ADLB", "CHG", 999.0), "change"),
        (twice("ADLB"), "baseline"),
        (twice("ADEFF"), "analysed"),
        (imputed_as_a_response, "response"),
        (put("ADTTE", "AVAL", 999.0), "time"),
        (put("ADTTE", "CNSR", 2.0), "time"),
        (twice("ADTTE"), "keys"),
    ],
)
def test_a_seeded_fault_is_found(fault: Callable[[Datasets], None], code: str) -> None:
    tabulated, found = made()
    fault(found)

    assert code in {finding.code for finding in checks.findings(tabulated | found)}


def test_other_programs_read_what_was_written(tmp_path: Path) -> None:
    package.build([build.frames()], build.trial(), tmp_path)

    for name, written in datasets().items():
        found, about = pyreadstat.read_xport(tmp_path / "adam" / f"{name.lower()}.xpt", disable_datetime_conversion=True)
        assert about.column_labels == [variable.label for variable in specs.variables(name)]
        assert found.columns.tolist() == written.columns.tolist()
        for column in written.columns:
            if pd.api.types.is_numeric_dtype(written[column]):
                np.testing.assert_array_equal(written[column].to_numpy(), found[column].to_numpy(dtype=np.float64))
            else:
                assert written[column].tolist() == found[column].tolist()


def test_the_verdicts_of_the_small_study_are_those_that_an_export_takes() -> None:
    assert set(analysis()["rule"]) <= {"baseline"} | {one.source for one in specs.analysed("ADEFF")}
