"""How a study comes in: those that ship with their cohort, one from its archive, one begun from another system's forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from app.casebook.access import Role
from app.casebook.odm import draft
from app.cli.service import StudyName, acting
from app.cli.terminal import console, working

app = typer.Typer()


@app.command()
def seed(
    summary: Annotated[Path, typer.Option(help="Where the summary goes")] = Path("var/demo/summary.json"),
) -> None:
    """Open the studies that ship, load the published rows and the synthetic cohort through the API, print what follows."""
    from seed import demo, load  # the cohort and its statistics, which no other command needs

    with acting(Role.DATA_MANAGER, Role.MEDICAL_MONITOR, Role.COORDINATOR) as people:
        with working("Entering the cohort") as bar:
            task = bar.task_ids[0]
            load.load(*people, progress=lambda done, all_: bar.update(task, completed=done, total=all_))
        rows = demo.cohort(people[0])
    console.print(demo.cohort_table(rows), demo.totals_table(rows))
    summary.parent.mkdir(parents=True, exist_ok=True)
    summary.write_text(json.dumps(demo.summary(rows), indent=2) + "\n", encoding="utf-8")
    console.print(f"The summary is in {summary}")


@app.command(name="import")
def import_(
    study: StudyName,
    file: Annotated[Path, typer.Argument(metavar="FILE.xml", exists=True, dir_okay=False, help="The archive of the study")],
) -> None:
    """Import a study's archive in ODM where the study is empty: every act again, with whose it was and when."""
    with acting(Role.DATA_MANAGER) as (client,), working(f"Importing {study}"):
        done = client.import_odm(study, file.read_bytes())
    counted = ", ".join(f"{number} {name}" for name, number in done.items() if name != "study")
    console.print(f"{study}: {counted}", highlight=False)


@app.command(name="draft")
def draft_(
    file: Annotated[Path, typer.Argument(metavar="FILE.xml", exists=True, dir_okay=False, help="Forms defined in ODM 1.3.2")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the drafts go: study.toml, and one file an instrument")],
) -> None:
    """Begin a study document from the forms that another system defines in ODM; tell what it lacks, and what it left."""
    made = draft.draft(file.read_bytes())
    out.mkdir(parents=True, exist_ok=True)
    for name, text_ in {"study": made.study, **made.instruments}.items():
        (out / f"{name}.toml").write_text(text_, encoding="utf-8")
    for words, lines in (("lacks", made.lacks), ("leaves", made.left)):
        for line in lines:
            console.print(f"{words} {line}", highlight=False, markup=False, soft_wrap=True)
    console.print(f"{1 + len(made.instruments)} drafts in {out}", highlight=False)
