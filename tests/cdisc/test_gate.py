"""The gate finds what it is there for: the faults of `faults.csv`, one at a time in a good package."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdisc import columns, specs
from cdisc.checks import consistency, gate
from cdisc.findings import Finding, Refused
from cdisc.sdtm import datasets as sdtm
from tests.cdisc import build
from tests.cdisc.control import Fault, faults, good, seeded


@pytest.mark.parametrize("fault", faults(), ids=lambda fault: fault.fault)
def test_a_seeded_fault_is_found_where_it_is(fault: Fault) -> None:
    found = {(finding.code, finding.dataset) for finding in gate.findings(seeded(fault))}

    assert fault.found_by_gate() in found


def test_a_finding_names_the_row_the_variable_and_the_value() -> None:
    fault = next(fault for fault in faults() if fault.fault == "an outcome is a synonym")

    assert [str(finding.detail) for finding in gate.findings(seeded(fault))] == ["'RESOLVED' is not a term of OUT"]
    assert [(finding.row, finding.variable) for finding in gate.findings(seeded(fault))] == [(2, "AEOUT")]


@given(st.text(st.characters(exclude_categories=("Cc", "Cs"))))
def test_a_text_has_a_sign_that_cannot_be_spelt_exactly_where_it_would_be_refused(text: str) -> None:
    sent = columns.ascii_text(text)

    assert (sent.isascii() and sent.isprintable()) == (not columns.unspelt(text))


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
    refused = Refused([Finding("DM", 1, "SEX", "term", "'Male' is not a term of SEX")])

    assert str(refused) == "1 findings, the first in DM row 1 SEX: term: 'Male' is not a term of SEX"


@pytest.mark.parametrize(
    ("term", "outcome", "number", "asked"),
    [
        ("ADVERSE EVENT", "RECOVERED/RESOLVED", "1", False),
        ("ADVERSE EVENT", "RECOVERED/RESOLVED", None, True),
        ("ADVERSE EVENT", "RECOVERED/RESOLVED", "99", True),
        ("DEATH", "FATAL", "1", False),
        ("DEATH", "FATAL", None, True),
        ("DEATH", "RECOVERED/RESOLVED", None, False),
        ("COMPLETED", "FATAL", None, False),
    ],
)
def test_an_end_is_related_to_the_adverse_event_that_led_to_it(
    term: str, outcome: str, number: str | None, asked: bool
) -> None:
    """An end by an event names it, and so does a death where an event was fatal."""
    frames = build.frames()
    ended = frames["disposition"].index[frames["disposition"]["dsdecod"] == "COMPLETED"]
    frames["disposition"].loc[ended[0], ["dsdecod", "dsaeno"]] = [term, number]
    frames["adverse_event"].loc[frames["adverse_event"]["aespid"] == "1", "aeout"] = outcome
    made = sdtm.datasets(frames, build.trial())
    links = made["RELREC"][made["RELREC"]["RELID"].str.startswith("AEDS")]

    assert (["AE", "DS"] if number == "1" else []) == sorted(set(links["RDOMAIN"]))
    assert asked == bool(list(consistency.events_of_dispositions(made)))
