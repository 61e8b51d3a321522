"""A data cut as a package of files: SDTM and ADaM with their metadata, the same bytes each time it is asked for."""

from __future__ import annotations

import zipfile
from pathlib import Path

from sqlalchemy import Connection

from app.casebook import cut, frames, library
from app.errors import Conflict, Fault
from cdisc import package
from cdisc.findings import Refused

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The stamp of every file in a zip: the wall clock would make two exports of one cut differ."""


def export(connection: Connection, study_id: str, cut_name: str, build: str, out: Path) -> package.Manifest:
    """
    Write the package of a cut below `out`, which must be empty or absent.

    Refused (409) where the exporter's own gate finds something: nothing is written then, and each finding names dataset,
    row and variable.
    """
    taken = cut.named(connection, study_id, cut_name)
    study = library.study(connection, study_id, taken["study_version"])
    trial = cut.trial(connection, study, taken, build)
    try:
        return package.build(frames.blocks(connection, study_id, taken["cut_id"]), trial, out)
    except Refused as refused:
        faults = [Fault(f"/{f.dataset}/{f.row}/{f.variable}", f.code, f.words) for f in refused.findings]
        words = f"The package of {study_id} at cut {cut_name} breaks the exporter's own gate in {len(faults)} places"
        raise Conflict("gate_refused", words, faults=faults) from None


def zipped(folder: Path, archive: Path) -> None:
    """One zip of a package, files in order of their names, without a wall clock."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zip_:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            zip_.writestr(zipfile.ZipInfo(str(path.relative_to(folder)), EPOCH), path.read_bytes(), zipfile.ZIP_DEFLATED)
