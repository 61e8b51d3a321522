"""What leaves: data cuts, the package of one, records as plain rows, the archive of a study, what changed between two cuts."""

from __future__ import annotations

import io
import shutil
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from app.casebook import database
from app.casebook.access import Role
from app.casebook.exports import difference
from app.casebook.ledger import Actor
from app.cli import printed
from app.cli.service import StudyName, acting, opened
from app.cli.terminal import complain, console, following, working
from app.errors import Conflict
from app.settings import Settings
from cdisc.package import MANIFEST

app = typer.Typer()
OPERATOR = Actor("command line", Role.DATA_MANAGER)
"""Who reads at the command line: whoever may open the database."""


@app.command()
def cut(study: StudyName, name: Annotated[str, typer.Argument(help="The cut's name; a name is used once")]) -> None:
    """Take a named data cut."""
    with acting(Role.DATA_MANAGER) as (client,):
        taken = client.cut(study, name)
    console.print(f"Cut {name} of {study}: {taken['chains']} chains, {taken['at']}")


@app.command()
def export(
    study: StudyName,
    out: Annotated[Path, typer.Option(help="Where the package goes; one that lies there is replaced")],
    cut: Annotated[str | None, typer.Option(help="The cut to export; without one a new cut is taken and named")] = None,
    ndjson: Annotated[bool, typer.Option("--ndjson", help="Dataset-JSON as newline-delimited files too")] = False,
) -> None:
    """Export the package of a data cut: SDTM and ADaM."""
    _may_be_replaced(out)
    with acting(Role.DATA_MANAGER) as (client,), following(f"Exporting {study}") as told:
        name = cut or f"C{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
        if cut is None:
            client.cut(study, name)
        job = client.follow(client.ask_export(study, name, ndjson=ndjson), told)
        package = client.package(job) if job["state"] == "done" else b""
    if not package:
        complain(f"{study} at cut {name} was not exported: {job['state']}", job["fault"] or {})
        raise typer.Exit(1)
    with zipfile.ZipFile(io.BytesIO(package)) as zip_:
        files = len(zip_.namelist())
        for folder in {name.split("/")[0] for name in zip_.namelist() if "/" in name}:
            shutil.rmtree(out / folder, ignore_errors=True)
        zip_.extractall(out)
    console.print(f"{study} at cut {name}: {files} files in {out}")


def _may_be_replaced(out: Path) -> None:
    """Refuse a place that holds anything but a package: its folders `sdtm`, `csv` and so on would be emptied."""
    if out.exists() and not (out / MANIFEST).is_file() and not (out.is_dir() and next(out.iterdir(), None) is None):
        raise Conflict("not_a_package", f"{out} holds something that is no package: name a new or an empty folder")


@app.command()
def records(
    study: StudyName,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the rows go; a file that lies there is replaced")],
    shape: Annotated[Literal["flat", "long"], typer.Option(help="One row a record, or one row a value")],
    cut: Annotated[str | None, typer.Option(help="The cut to read; without one, the study as it stands")] = None,
    at: Annotated[str | None, typer.Option(metavar="INSTANT", help="The study as it stood then, instead of at a cut")] = None,
    since: Annotated[str | None, typer.Option(metavar="INSTANT", help="Only what was entered or changed from then on")] = None,
    subject: Annotated[list[str] | None, typer.Option(help="A subject (repeat for more); without it, all")] = None,
    form: Annotated[
        list[str] | None, typer.Option(help="A form, such as vital-signs (repeat for more); without it, all")
    ] = None,
    visit: Annotated[str | None, typer.Option(help="The one visit that is asked for, such as M3")] = None,
    format: Annotated[Literal["csv", "json"] | None, typer.Option(help="Without it, as FILE is named; else csv")] = None,  # noqa: A002
) -> None:
    """Write records as plain rows: the bytes that GET .../records/flat or .../records/long answers."""
    kind = format or _named(out)
    asked = {"cut": cut, "at": at, "since": since, "subject": subject, "form": form, "visit": visit}
    with acting(Role.DATA_MANAGER) as (client,), working(f"Reading {study}"):
        rows = client.rows(study, shape, kind, **asked)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(rows)
    console.print(f"{study}: {len(rows)} bytes of {shape} records in {out}", highlight=False)


def _named(out: Path) -> Literal["csv", "json"]:
    return "json" if out.suffix == ".json" else "csv"


@app.command()
def odm(
    study: StudyName,
    out: Annotated[Path, typer.Option(metavar="FILE.xml", help="Where the archive goes; a file that lies there is replaced")],
    cut: Annotated[str | None, typer.Option(help="The cut to archive; without one, the study as it stands")] = None,
) -> None:
    """Write the archive of a study in ODM 1.3.2: its documents, and every act on its data with who, when and why."""
    with acting(Role.DATA_MANAGER) as (client,), working(f"Archiving {study}"):
        archive = client.odm(study, cut)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(archive)
    console.print(f"{study}{f' at cut {cut}' if cut else ''}: {len(archive)} bytes in {out}", highlight=False)


@app.command()
def diff(
    study: StudyName,
    first: Annotated[str, typer.Argument(metavar="CUT1", help="The earlier cut")],
    second: Annotated[str, typer.Argument(metavar="CUT2", help="The later cut")],
    out: Annotated[Path | None, typer.Option(help="Where the rows go: .csv or .json; without it they are printed")] = None,
) -> None:
    """Tell what changed between two data cuts: subject, domain, variable, old, new, who, when and why."""
    with database.reading(opened(Settings())) as connection:
        found = difference.between(connection, OPERATOR, study, first, second)
        if out is not None:
            out.parent.mkdir(parents=True, exist_ok=True)
            found.write(out, _named(out))
        else:
            console.print(printed.rows(found, printed.CHANGE))
