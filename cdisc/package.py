"""
A package: what its parts plan is written file by file, and a manifest says what is in it and what is not.

The gate comes first (`gathering`): where it refuses, nothing is written. Two packages of one cut by one build are byte
for byte equal, however many subjects came in a block.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, Protocol

import orjson
import pandas as pd

from cdisc import documents, specs
from cdisc.checks.conformance import conformance
from cdisc.files import dataset_json, plain, xpt
from cdisc.files.batches import Batch
from cdisc.files.spool import Spool
from cdisc.gathering import NAMES, gathered
from cdisc.guides import adrg, csdrg
from cdisc.sdtm import datasets as sdtm
from cdisc.specs import ADAM, SDTM, STANDARDS, Standard, Variable
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


MANIFEST = "manifest.json"
"""The file by which a folder is known to hold a package."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A file that a package will have: its path within it, its rows (None: it has none), and what writes it."""

    path: str
    rows: int | None
    write: Callable[[BinaryIO], object]


class Progress(Protocol):
    """Who is told how far an export has come: `words` names what was just finished; of subjects the total is not known."""

    def __call__(self, words: str, done: int, total: int | None) -> None: ...


def build(
    blocks: Iterable[Mapping[str, pd.DataFrame]],
    trial: Trial,
    out: Path,
    *,
    ndjson: bool = False,
    core: Path | None = None,
    progress: Progress = lambda words, done, total: None,
) -> Manifest:
    """
    Write a package of one cut to the folder `out`.

    Args:
        blocks: The live rows of each captured table at the cut, by table name, with `subject`, `verdict` and `analysis`: some
            subjects at a time, in the order of their identifiers.
        trial: The study at the cut.
        out: The folder; it and what it holds are made.
        ndjson: Whether Dataset-JSON is written as newline-delimited files too.
        core: The command that puts the package before the CDISC CORE engine; None: only the own gate is asked.
        progress: Told of every block and every file.

    Raises:
        Refused: Where the exporter breaks the standard; it carries every finding, and nothing is written.
        EngineFailed: Where the engine is asked and could not run.
    """
    with tempfile.TemporaryDirectory(prefix="casebook-spool-") as folder:
        datasets, reported = gathered(blocks, trial, Path(folder), lambda done: progress("subjects", done, None))
        planned = [file for standard in STANDARDS for file in of_standard(standard, datasets, trial, ndjson)]
        planned += tables(datasets, NAMES)
        files = []
        for number, file in enumerate(planned, start=1):
            files.append(_written(out, file))
            progress(file.path, number, len(planned))
        found = conformance(reported, trial.build, trial.origin, out / SDTM.folder, core)
        last = {"conformance.json": found.encode(), "csdrg.pdf": csdrg.encode(of(SDTM, datasets), trial, found)}
        if analysed := of(ADAM, datasets):
            last["adam/adrg.pdf"] = adrg.encode(analysed, trial, found)
        for path, content in last.items():
            files.append(_written(out, Planned(path, None, partial(_whole, content))))
    manifest = _manifest(trial, tuple(sorted(files, key=lambda file: file.path)), datasets)
    (out / MANIFEST).write_bytes(orjson.dumps(asdict(manifest), option=orjson.OPT_INDENT_2) + b"\n")
    return manifest


def of_standard(standard: Standard, datasets: Mapping[str, Spool], trial: Trial, ndjson: bool) -> Iterator[Planned]:
    """The datasets of one standard: transport files, Dataset-JSON, and the documents that describe both."""
    mine = of(standard, datasets)
    valued = {name: spool.profile.valued for name, spool in mine.items()}
    sent = {name: sdtm.sent(name, valued) if standard == SDTM else specs.variables(name) for name in mine}
    for name, spool in mine.items():
        yield from _standard_files(spool, sent[name], trial, ndjson)
    shown = {name: spool.profile.witnesses[[each.name for each in sent[name]]] for name, spool in mine.items()}
    for path, content in documents.encode(shown, trial, standard).items():
        yield Planned(path, None, partial(_whole, content))


def of(standard: Standard, datasets: Mapping[str, Spool]) -> dict[str, Spool]:
    """Those of the datasets that follow a standard."""
    return {name: spool for name, spool in datasets.items() if specs.dataset(name).standard == standard}


def _whole(content: bytes, file: BinaryIO) -> None:
    file.write(content)


def _standard_files(spool: Spool, sent: tuple[Variable, ...], trial: Trial, ndjson: bool) -> Iterator[Planned]:
    """One dataset in the forms that its standard is sent in."""
    name, profile, about = spool.name, spool.profile, specs.dataset(spool.name)

    def transport(file: BinaryIO) -> None:
        xpt.write(file, name, about.label, sent, profile.widths, spool.batches(), trial.cut_at)

    def dataset(file: BinaryIO) -> None:
        dataset_json.write(file, name, sent, profile, spool.batches(), trial)

    def lines(file: BinaryIO) -> None:
        dataset_json.write_lines(file, name, sent, profile, spool.batches(), trial)

    folder, stem = about.standard.folder, name.lower()
    yield Planned(f"{folder}/{stem}.xpt", profile.rows, transport)
    yield Planned(f"{folder}/dataset-json/{stem}.json", profile.rows, dataset)
    if ndjson:
        yield Planned(f"{folder}/dataset-json/{stem}.ndjson", profile.rows, lines)


def tables(datasets: dict[str, Spool], names: Iterable[str]) -> Iterator[Planned]:
    """Datasets as CSV and Parquet, those without rows too, each with all its variables."""
    for name in names:
        yield from _plain_files(name, datasets.get(name))


def _plain_files(name: str, spool: Spool | None) -> Iterator[Planned]:
    variables, about, rows = specs.variables(name), specs.dataset(name), spool.profile.rows if spool else 0

    def batches() -> Iterable[Batch]:
        return spool.batches() if spool else ()

    where = f"{about.standard.folder}/{name.lower()}"
    yield Planned(f"csv/{where}.csv", rows, lambda file: plain.write_csv(file, variables, batches()))
    yield Planned(f"parquet/{where}.parquet", rows, lambda file: plain.write_parquet(file, variables, batches(), about.label))


def _written(out: Path, planned: Planned) -> File:
    target = out / planned.path
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        planned.write(file)
    with target.open("rb") as file:
        return File(planned.path, planned.rows, hashlib.file_digest(file, "sha256").hexdigest())


def _manifest(trial: Trial, files: tuple[File, ...], datasets: dict[str, Spool]) -> Manifest:
    known = [name for standard in STANDARDS for name in specs.datasets(standard) if name != "SUPPQUAL"]
    return Manifest(
        study=trial.study_id,
        study_version=trial.study_version,
        title=trial.title,
        origin=trial.origin,
        cut=trial.cut_name,
        cut_at=trial.cut_at.isoformat(),
        build=trial.build,
        standard=", ".join(f"{standard.name} {standard.version}" for standard in STANDARDS),
        terminology=f"SDTM CT {CT_VERSION}",
        files=files,
        not_written=dict.fromkeys((name for name in known if name not in datasets), "no rows at this cut"),
    )
