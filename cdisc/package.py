"""
The package: every dataset as a transport file and as Dataset-JSON, define.xml, and a manifest of what is in it and what is not.

The gate comes first: where it finds anything, nothing is written. Two packages of one cut by one build are byte for byte equal.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
import pandas as pd

from cdisc import dataset_json, documents, gate, sdtm, specs, xpt
from cdisc.terminology import CT_VERSION
from cdisc.trial import Trial


@dataclass(frozen=True, slots=True)
class File:
    """One file of a package: its path within it, its rows (None: it has none), the SHA-256 of its bytes."""

    path: str
    rows: int | None
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a package holds, of what, from when; `not_written`: dataset -> why it is not there."""

    study: str
    study_version: int
    title: str
    origin: str
    cut: str
    cut_at: str
    build: str
    standard: str
    terminology: str
    files: tuple[File, ...]
    not_written: dict[str, str]


def build(frames: dict[str, pd.DataFrame], trial: Trial, out: Path) -> Manifest:
    """
    Write a package of one cut to the folder `out`.

    Args:
        frames: The live rows of each captured table at the cut, by table name, with `subject` and `verdict`.
        trial: The study at the cut.
        out: The folder; `sdtm/` and `manifest.json` are written in it.

    Raises:
        gate.Refused: Where a dataset breaks the standard; it carries every finding, and nothing is written.
    """
    datasets = sdtm.datasets(frames, trial)
    findings = gate.findings(datasets)
    if findings:
        raise gate.Refused(findings)
    contents: dict[str, tuple[bytes, int | None]] = {}
    for path, content in documents.encode(datasets, trial).items():
        contents[path] = (content, None)
    for name, frame in datasets.items():
        contents |= _files(name, frame, trial)
    files = tuple(_written(out, path, *contents[path]) for path in sorted(contents))
    manifest = _manifest(trial, files, datasets)
    (out / "manifest.json").write_bytes(orjson.dumps(asdict(manifest), option=orjson.OPT_INDENT_2) + b"\n")
    return manifest


def _files(name: str, frame: pd.DataFrame, trial: Trial) -> dict[str, tuple[bytes, int | None]]:
    variables, about = specs.sent_variables(name, frame), specs.dataset(name)
    folder = about.standard.folder
    return {
        f"{folder}/{name.lower()}.xpt": (xpt.encode(name, about.label, variables, frame, trial.cut_at), len(frame)),
        f"{folder}/dataset-json/{name.lower()}.json": (dataset_json.encode(name, variables, frame, trial), len(frame)),
    }


def _written(out: Path, path: str, content: bytes, rows: int | None) -> File:
    target = out / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return File(path, rows, hashlib.sha256(content).hexdigest())


def _manifest(trial: Trial, files: tuple[File, ...], datasets: dict[str, pd.DataFrame]) -> Manifest:
    absent = [name for name in specs.datasets() if name not in datasets and name != "SUPPQUAL"]
    return Manifest(
        study=trial.study_id,
        study_version=trial.study_version,
        title=trial.title,
        origin=trial.origin,
        cut=trial.cut_name,
        cut_at=trial.cut_at.isoformat(),
        build=trial.build,
        standard="SDTMIG 3.4",
        terminology=f"SDTM CT {CT_VERSION}",
        files=files,
        not_written=dict.fromkeys(absent, "no rows at this cut"),
    )
