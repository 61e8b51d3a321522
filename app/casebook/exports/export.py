"""A data cut as a package of files: SDTM and ADaM with their metadata, the same bytes each time it is asked for."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

from sqlalchemy import Connection

from app.casebook import cut
from app.casebook.exports import frames
from app.casebook.exports.deviations import deviations
from app.casebook.studies import library
from app.errors import Conflict, Fault
from cdisc import package
from cdisc.findings import Refused
from cdisc.package import Progress

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The stamp of every file in a zip: the wall clock would make two exports of one cut differ."""


def untold(words: str, done: int, total: int | None) -> None:
    """Nobody is told how far an export has come."""


def export(
    connection: Connection,
    study_id: str,
    cut_name: str,
    build: str,
    out: Path,
    *,
    ndjson: bool = False,
    core: Path | None = None,
    progress: Progress = untold,
) -> package.Manifest:
    """
    Write the package of a cut below `out`, which must be empty or absent.

    Refused (409) where the exporter's own gate finds something: nothing is written then, and each finding names dataset,
    row and variable. `core`: the command of the CDISC CORE engine, whose findings go into the package; None: it is not asked.
    """
    taken = cut.named(connection, study_id, cut_name)
    study = library.study(connection, study_id, taken["study_version"])
    trial = cut.trial(connection, study, taken, build)
    rows = frames.blocks(connection, study_id, taken["cut_id"])
    blocks = (block | {"derived_deviation": deviations(study.document, block)} for block in rows)
    try:
        return package.build(blocks, trial, out, ndjson=ndjson, core=core, progress=progress)
    except Refused as refused:
        faults = [Fault(f"/{f.dataset}/{f.row}/{f.variable}", f.code, f.words) for f in refused.findings]
        words = f"The package of {study_id} at cut {cut_name} breaks the exporter's own gate in {len(faults)} places"
        raise Conflict("gate_refused", words, faults=faults) from None


def zipped(folder: Path, archive: Path, progress: Progress = untold) -> None:
    """One zip of a package, files in order of their names, without a wall clock."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zip_:
        for number, path in enumerate(paths, start=1):
            about = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
            about.compress_type, about.file_size = zipfile.ZIP_DEFLATED, path.stat().st_size
            with path.open("rb") as file, zip_.open(about, "w") as packed:
                shutil.copyfileobj(file, packed)
            progress("zip", number, len(paths))
