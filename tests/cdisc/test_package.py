"""The package on disk: what is in it, that it is the data, and that it is always the same bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from cdisc import package, specs
from cdisc.findings import Refused
from cdisc.gathering import NAMES
from cdisc.sdtm import datasets as sdtm
from cdisc.trial import Trial
from tests.cdisc import build

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of the small study."""
    out = tmp_path_factory.mktemp("package")
    package.build([build.frames()], build.trial(), out)
    return out


@pytest.fixture(scope="module")
def datasets() -> dict[str, pd.DataFrame]:
    """The frames that the package was written from."""
    return sdtm.datasets(build.frames(), build.trial())


def files(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by its path within it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_two_packages_of_one_cut_are_byte_for_byte_equal(folder: Path, tmp_path: Path) -> None:
    """F4: exporting the same cut again gives identical files."""
    package.build([build.frames()], build.trial(), tmp_path)

    assert files(folder) == files(tmp_path)


@pytest.mark.parametrize("subjects", [1, 2])
def test_the_files_do_not_show_in_which_blocks_the_subjects_came(folder: Path, tmp_path: Path, subjects: int) -> None:
    """F4: whatever was in memory at a time, the bytes are the same; findings and what is sent are of the whole study."""
    package.build(blocks(build.frames(), subjects), build.trial(), tmp_path)

    assert files(folder) == files(tmp_path)


def blocks(frames: dict[str, pd.DataFrame], size: int) -> Iterator[dict[str, pd.DataFrame]]:
    """The frames of a study so many subjects at a time, with what belongs to the study in each."""
    known = sorted(frames["subject"]["subject_id"])
    for start in range(0, len(known), size):
        chosen = ["", *known[start : start + size]]
        yield {name: frame[frame["subject_id"].isin(chosen)] for name, frame in frames.items()}


def refused(frames: dict[str, pd.DataFrame], trial: Trial, out: Path) -> list[tuple[str, int, str, str]]:
    """What the gate finds in a study that comes one subject at a time."""
    with pytest.raises(Refused) as refusal:
        package.build(blocks(frames, 1), trial, out)
    return [(found.dataset, found.row, found.variable, found.code) for found in refusal.value.findings]


def test_a_bad_value_is_named_once_at_its_row_of_the_whole(tmp_path: Path) -> None:
    frames = build.frames()
    frames["demographics"].loc[[1, 2], "sex"] = "X"

    assert refused(frames, build.trial(), tmp_path) == [("DM", 2, "SEX", "term")]


def test_a_test_with_two_names_is_found_though_they_stand_in_different_blocks(tmp_path: Path) -> None:
    frames, trial = build.frames(), build.trial()
    (item,) = build.PGA.items
    misnamed = replace(build.PGA, items=(replace(item, testcd="S2KRASH"),))
    frames["assessment"].loc[frames["assessment"]["instrument"] == "PGA", "subject_id"] = "002"

    found = refused(frames, replace(trial, instruments=trial.instruments | {("PGA", 1): misnamed}), tmp_path)

    assert [("RS", "RSTESTCD", "one_to_one")] == [(dataset, variable, code) for dataset, _, variable, code in found]


def test_transport_files_read_back_are_the_frames(folder: Path, datasets: dict[str, pd.DataFrame]) -> None:
    for name, frame in datasets.items():
        found, about = pyreadstat.read_xport(folder / "sdtm" / f"{name.lower()}.xpt")

        assert found.columns.tolist() == frame.columns.tolist()
        for column in frame.columns:
            assert_same(frame[column], found[column])
        assert about.file_label == specs.dataset(name).label
        assert about.column_labels == [variable.label for variable in specs.sent_variables(name, frame)]


def assert_same(expected: Any, actual: Any) -> None:
    """Numbers with their gaps, texts with theirs."""
    if pd.api.types.is_numeric_dtype(expected):
        np.testing.assert_array_equal(expected.to_numpy(), actual.to_numpy(dtype=np.float64))
    else:
        assert expected.tolist() == actual.tolist()


def test_the_manifest_names_every_file_with_its_hash_and_rows(folder: Path, datasets: dict[str, pd.DataFrame]) -> None:
    """F5: counts by dataset, study version, build, cut; and what is not there, with the reason."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    listed = {file["path"]: file for file in manifest["files"]}
    written = {path: content for path, content in files(folder).items() if path != "manifest.json"}

    assert {path: hashlib.sha256(content).hexdigest() for path, content in written.items()} == {
        path: file["sha256"] for path, file in listed.items()
    }
    assert listed["sdtm/lb.xpt"]["rows"] == listed["sdtm/dataset-json/lb.json"]["rows"] == len(datasets["LB"])
    assert (manifest["study"], manifest["study_version"], manifest["cut"], manifest["build"]) == (
        "TRIAL-01",
        1,
        "interim",
        "test",
    )
    assert manifest["cut_at"] == "2025-06-30T12:00:05+00:00"
    assert manifest["standard"] == "SDTMIG 3.4, ADaMIG 1.3"
    assert manifest["not_written"] == {"DD": "no rows at this cut"}


def test_a_dataset_without_rows_is_not_written_and_the_manifest_says_why(tmp_path: Path) -> None:
    """F5: what is absent is said."""
    frames = build.frames() | {"biopsy": build.frame("biopsy"), "assessment": build.frame("assessment")}

    manifest = package.build([frames], build.trial(), tmp_path)

    assert manifest.not_written == dict.fromkeys(("MI", "RS", "QS", "DD"), "no rows at this cut")
    assert not (tmp_path / "sdtm" / "mi.xpt").exists()


def test_every_table_is_there_with_all_its_columns_whatever_the_data(tmp_path: Path) -> None:
    """A script that reads the CSV or the Parquet of one cut reads those of the next: a study without a subject has them all."""
    package.build([{name: frame.iloc[:0] for name, frame in build.frames().items()}], build.trial(), tmp_path)

    for name in NAMES:
        expected, where = [variable.name for variable in specs.variables(name)], specs.dataset(name).standard.folder
        assert pd.read_csv(tmp_path / f"csv/{where}/{name.lower()}.csv").columns.tolist() == expected
        assert pd.read_parquet(tmp_path / f"parquet/{where}/{name.lower()}.parquet").columns.tolist() == expected


def test_newline_delimited_dataset_json_has_the_same_metadata_and_rows(tmp_path: Path) -> None:
    package.build([build.frames()], build.trial(), tmp_path, ndjson=True)

    for path in (tmp_path / "sdtm/dataset-json").glob("*.json"):
        whole = json.loads(path.read_bytes())
        head, *rows = [json.loads(line) for line in path.with_suffix(".ndjson").read_bytes().splitlines()]
        assert head | {"rows": rows} == whole


def test_a_study_without_subjects_sends_its_design(tmp_path: Path) -> None:
    frames = {name: frame.iloc[:0] for name, frame in build.frames().items()}

    package.build([frames], build.trial(), tmp_path)

    assert {path.stem for path in tmp_path.glob("sdtm/*.xpt")} == {"ta", "te", "tv", "ti", "ts"}


def test_a_package_that_breaks_the_standard_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    frames = build.frames()
    frames["adverse_event"].loc[0, "aeterm"] = "\N{CJK UNIFIED IDEOGRAPH-767C}\N{CJK UNIFIED IDEOGRAPH-71B1}"

    with pytest.raises(Refused) as refused:
        package.build([frames], build.trial(), tmp_path)

    assert [(found.dataset, found.variable, found.code) for found in refused.value.findings] == [("AE", "AETERM", "ascii")]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "most"), [("core-allow.txt", 8), ("core-allow-published.txt", 20)])
def test_what_the_judge_may_find_is_short_named_and_reasoned(name: str, most: int) -> None:
    lines = [line for line in (ROOT / "cdisc" / name).read_text().splitlines() if line and not line.startswith("#")]

    assert 0 < len(lines) <= most
    for line in lines:
        (rule, dataset), reason = line.split("#")[0].split(), line.split("#")[1].strip()
        assert rule.startswith("CORE-")
        assert dataset in specs.datasets()
        assert len(reason) > 5
