"""What a package says of its own conformance, and the guide that a reviewer opens: who was asked what, what was found."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from cdisc import package
from cdisc.checks.conformance import EXPLAINED, NOT_ASKED, EngineFailed, reasons
from tests.cdisc import build

REPORT = {
    "engine": "an-engine==1.0",
    "rules": "sdtmig 3-4, 2026-05-01",
    "ct": "sdtmct-2025-03-28",
    "datasets": ["/some/where/lb.xpt"],
    "define": True,
    "status": {"success": 12, "skipped": 34},
    "findings": [
        {"core_id": "CORE-000741", "dataset": "TS", "message": "PCLASS is not there", "count": 1, "errors": []},
        {"core_id": "CORE-000289", "dataset": "LB", "message": "a limit at a censored result", "count": 7, "errors": []},
        {"core_id": "CORE-999999", "dataset": "VS", "message": "nobody expected this", "count": 2, "errors": []},
    ],
    "engine_errors": [["CORE-000001", "*", "it broke"]],
}


def engine(folder: Path, ends_with: int = 1, report: Any = REPORT) -> Path:
    """A command that speaks as the engine's does: a report where it is asked to, and its exit code."""
    (folder / "said.json").write_text(json.dumps(report), encoding="utf-8")
    command = folder / "check"
    command.write_text(
        f"#!/bin/sh\ntest -f $1/dm.xpt && cp {folder}/said.json $3 && exit {ends_with}\nexit 2\n", encoding="utf-8"
    )
    command.chmod(0o755)
    return command


def made(out: Path, **how: Any) -> tuple[dict[str, Any], str]:
    """The report of the small study's package, and the text of its guide on one line."""
    package.build([build.frames()], how.pop("trial", build.trial()), out, **how)
    return json.loads((out / "conformance.json").read_bytes()), text(out / "csdrg.pdf")


def text(path: Path) -> str:
    """The text of a PDF on one line."""
    return " ".join(" ".join(each.extract_text() for each in PdfReader(BytesIO(path.read_bytes())).pages).split())


@pytest.fixture(scope="module")
def unjudged(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    """The report and the guide of a synthetic study that was put before no engine."""
    return made(tmp_path_factory.mktemp("package"), trial=replace(build.trial(), origin="synthetic"))


def test_an_engine_that_was_not_asked_is_said_so(unjudged: tuple[dict[str, Any], str]) -> None:
    said, guide = unjudged

    assert said["engine"] is None
    assert said["note"] == NOT_ASKED
    assert NOT_ASKED.split(":")[0] in guide


def test_the_gate_tells_what_it_asks(unjudged: tuple[dict[str, Any], str]) -> None:
    said, guide = unjudged

    assert len(said["gate"]["asks"]) > 20
    assert all(asked.endswith(".") for asked in said["gate"]["asks"])
    assert "A study day counts from RFSTDTC" in guide


def test_what_the_engine_finds_stands_with_its_reason_or_with_none(tmp_path: Path) -> None:
    """F4: the same package before the same engine has the same report, wherever it was made, and no place of the machine."""
    said, guide = made(tmp_path / "one", core=engine(tmp_path))
    made(tmp_path / "other", core=engine(tmp_path))

    reasons_ = {(one["rule"], one["dataset"]): one["reason"] for one in said["engine"]["findings"]}
    assert reasons_["CORE-000741", "TS"].startswith("the rule looks for the misspelt parameter PCLASS")
    assert reasons_["CORE-999999", "VS"] is None
    assert [one["rule"] for one in said["engine"]["findings"]] == sorted(one["rule"] for one in said["engine"]["findings"])
    assert (said["engine"]["checks_passed"], said["engine"]["checks_skipped"]) == (12, 34)
    assert said["engine"]["engine_errors"] == [["CORE-000001", "*", "it broke"]]
    assert "an-engine==1.0" in guide
    assert "NOT EXPLAINED" in guide
    for name in ("conformance.json", "csdrg.pdf", "adam/adrg.pdf"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()
    assert b"/some/where" not in (tmp_path / "one" / "conformance.json").read_bytes()


def test_an_engine_that_cannot_run_is_no_report(tmp_path: Path) -> None:
    with pytest.raises(EngineFailed, match="ended with 2"):
        made(tmp_path / "package", core=engine(tmp_path, ends_with=2))


def test_published_rows_have_reasons_of_their_own(tmp_path: Path) -> None:
    rule, dataset = next(iter(reasons(EXPLAINED["published"])))
    report = REPORT | {"findings": [{"core_id": rule, "dataset": dataset, "message": "no date", "count": 1, "errors": []}]}

    said, guide = made(
        tmp_path / "package", trial=replace(build.trial(), origin="published"), core=engine(tmp_path, report=report)
    )

    assert [one["reason"] for one in said["engine"]["findings"]] == [reasons(EXPLAINED["published"])[rule, dataset]]
    assert "PUBLISHED DATA" in guide


def test_the_guide_lists_the_sponsors_codelists_of_what_is_sent_and_no_other(unjudged: tuple[dict[str, Any], str]) -> None:
    _, guide = unjudged

    assert all(
        title in guide for title in ("Category for Adverse Event", "Oxygen Device", "Consent Signed By", "Not coded in WHODrug")
    )
    assert not [title for title in ("Decision on a Dose Level", "Lot Release Status", "End of Study Status") if title in guide]


def test_the_guide_of_the_analysis_datasets_says_where_they_come_from_and_what_is_imputed(tmp_path: Path) -> None:
    made(tmp_path)

    guide = text(tmp_path / "adam/adrg.pdf")

    for said in (
        "ADAE ADSL, AE, SUPPAE",
        "EFFFL ADEFF, ADTTE",
        "ADSL SAFFL Y where any protocol treatment was given",
        "NRI where the analysis value of an endpoint is imputed as a non-response",
        "ADEFF SRI4 SRI-4 Response endpoint sri4",
        "A record comes from a record that is there",
    ):
        assert said in guide


def test_the_guide_names_the_study_its_choices_and_every_dataset(unjudged: tuple[dict[str, Any], str]) -> None:
    _, guide = unjudged

    assert "SYNTHETIC DATA" in guide
    assert build.trial().title in guide
    assert "RFSTDTC, from which study days count, is the first infusion of the study product" in guide
    for name in ("DM", "AE", "LB", "SUPPAE", "RELREC", "TS"):
        assert f" {name} " in guide
    for code, (_, text) in build.trial().criteria.items():
        assert code in guide
        assert text in guide
