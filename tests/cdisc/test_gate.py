"""The gate finds what it is there for, seeded one fault at a time into a good package."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pandas as pd
import pytest

from cdisc import gate, sdtm, specs
from tests.cdisc import build

Datasets = dict[str, pd.DataFrame]


@cache
def good() -> Datasets:
    """The datasets of the small study."""
    return sdtm.datasets(build.frames(), build.trial())


def put(dataset: str, variable: str, value: str | float, row: int = 1) -> Callable[[Datasets], None]:
    """Seed one value; rows count from 1."""

    def seed(datasets: Datasets) -> None:
        datasets[dataset].loc[row - 1, variable] = value

    return seed


def add(dataset: str, variable: str) -> Callable[[Datasets], None]:
    """Seed a variable that the dataset does not have."""

    def seed(datasets: Datasets) -> None:
        datasets[dataset][variable] = "x"

    return seed


def drop(dataset: str, variable: str) -> Callable[[Datasets], None]:
    """Take a variable away."""

    def seed(datasets: Datasets) -> None:
        del datasets[dataset][variable]

    return seed


def retype(dataset: str, variable: str) -> Callable[[Datasets], None]:
    """Send numbers as text."""

    def seed(datasets: Datasets) -> None:
        datasets[dataset][variable] = datasets[dataset][variable].astype("str")

    return seed


def reverse(dataset: str) -> Callable[[Datasets], None]:
    """Turn the order of the variables round."""

    def seed(datasets: Datasets) -> None:
        datasets[dataset] = datasets[dataset].iloc[:, ::-1]

    return seed


FAULTS = {
    "a sequence number twice": (put("AE", "AESEQ", 1.0, row=2), ("AE", 2, "AESEQ", "not_unique")),
    "a subject who is not in DM": (put("AE", "USUBJID", "TRIAL-01-999"), ("AE", 1, "USUBJID", "not_in_dm")),
    "a missing variable": (drop("DM", "COUNTRY"), ("DM", 0, "COUNTRY", "absent")),
    "a missing required value": (put("DM", "SUBJID", ""), ("DM", 1, "SUBJID", "required")),
    "a variable outside the model": (add("VS", "VSMOOD"), ("VS", 0, "VSMOOD", "not_in_model")),
    "a term outside a closed list": (put("DM", "SEX", "Male", row=2), ("DM", 2, "SEX", "term")),
    "a synonym of a term": (put("AE", "AEOUT", "RESOLVED", row=2), ("AE", 2, "AEOUT", "term")),
    "a unit that was not mapped": (put("LB", "LBORRESU", "mg/mg"), ("LB", 1, "LBORRESU", "term")),
    "a date that is none": (put("AE", "AESTDTC", "2014-13-45"), ("AE", 1, "AESTDTC", "iso8601")),
    "a date of another format": (put("DM", "RFSTDTC", "01JAN2014"), ("DM", 1, "RFSTDTC", "iso8601")),
    "a duration in words": (put("MH", "MHDUR", "2 years"), ("MH", 1, "MHDUR", "iso8601")),
    "a sign that is not ASCII": (put("AE", "AETERM", "\N{GREATER-THAN OR EQUAL TO} 38 C"), ("AE", 1, "AETERM", "ascii")),
    "a text that is too long": (put("AE", "AETERM", "x" * 201, row=2), ("AE", 2, "AETERM", "too_long")),
    "a test code that starts with a digit": (put("RS", "RSTESTCD", "2K"), ("RS", 1, "RSTESTCD", "test_code")),
    "a test with two names": (put("RS", "RSTEST", "Another", row=4), ("RS", 4, "RSTESTCD", "one_to_one")),
    "a name of 41 characters": (put("RS", "RSTEST", "x" * 41), ("RS", 1, "RSTEST", "too_long")),
    "numbers sent as text": (retype("VS", "VSSTRESN"), ("VS", 0, "VSSTRESN", "type")),
    "variables in another order": (reverse("SV"), ("SV", 0, "", "order")),
    "a subject twice in DM": (put("DM", "USUBJID", "TRIAL-01-001", row=2), ("DM", 2, "USUBJID", "not_unique")),
    "a term of a qualifier": (put("SUPPAE", "QVAL", "MAYBE", row=4), ("SUPPAE", 4, "QVAL", "term")),
    "a parameter twice": (put("TS", "TSPARMCD", "ADAPT", row=1), ("TS", 2, "TSSEQ", "not_unique")),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_seeded_fault_is_found_where_it_is(fault: str) -> None:
    seed, expected = FAULTS[fault]
    datasets = {name: frame.copy() for name, frame in good().items()}

    seed(datasets)

    assert expected in [(found.dataset, found.row, found.variable, found.code) for found in gate.findings(datasets)]


def test_a_label_that_a_transport_file_would_cut_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = tuple(
        replace(variable, label="x" * 41) if variable.name == "AGE" else variable for variable in specs.variables("DM")
    )
    monkeypatch.setattr(specs, "variables", lambda name: wrong)

    found = gate.findings({"DM": good()["DM"]})

    assert [(finding.variable, finding.code) for finding in found] == [("AGE", "too_long")]


def test_a_good_package_has_no_findings() -> None:
    assert gate.findings(good()) == []


def test_a_bad_value_is_named_once_with_its_first_row() -> None:
    datasets = {name: frame.copy() for name, frame in good().items()}
    datasets["LB"]["LBDTC"] = "yesterday"

    found = [finding for finding in gate.findings(datasets) if finding.dataset == "LB"]

    assert [(finding.row, finding.code, finding.detail) for finding in found] == [
        (1, "iso8601", "'yesterday' is not an ISO 8601 date")
    ]


def test_a_refusal_says_how_many_findings_there_are_and_the_first() -> None:
    refused = gate.Refused([gate.Finding("DM", 1, "SEX", "term", "'Male' is not a term of SEX")])

    assert str(refused) == "1 findings, the first in DM row 1 SEX: term: 'Male' is not a term of SEX"
