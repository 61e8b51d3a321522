"""Whether what is kept stands: the ledger read anew, subjects derived anew, cases of one's own put to the rules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from app.casebook import database, verify
from app.casebook.resettle import because, report, resettle
from app.cli import printed
from app.cli.service import StudyName, opened
from app.cli.terminal import complaints, console, working
from app.errors import Invalid
from app.evaluate import cases as bench
from app.settings import Settings

app = typer.Typer()


@app.command(name="verify")
def verify_(study: Annotated[str | None, typer.Argument(metavar="[STUDY]")] = None) -> None:
    """Re-read every value, recompute every chain; name the first thing that does not fit and exit 1."""
    engine = opened(Settings())
    with database.reading(engine) as connection, working("Verifying") as bar:
        names = [study] if study else verify.studies(connection)
        answers = {
            name: verify.verify(connection, name, lambda chain: bar.update(bar.task_ids[0], description=chain))
            for name in names
        }
    for name, answer in answers.items():
        if isinstance(answer, verify.Flaw):
            complaints.print(str(answer), style="red", highlight=False)
        else:
            console.print(f"{name}: {answer.chains} chains, {answer.entries} entries, {answer.rows} rows fit", highlight=False)
    if any(isinstance(answer, verify.Flaw) for answer in answers.values()):
        raise typer.Exit(1)


@app.command(name="resettle")
def resettle_(
    study: StudyName,
    reason: Annotated[str, typer.Option("--because", metavar="WORDS", help="Why: the reason of every entry that follows")],
    by: Annotated[str, typer.Option(metavar="PERSON", help="Who sets it off")] = "command line",
    out: Annotated[Path | None, typer.Option(help="Where the report of what moved goes, as JSON")] = None,
) -> None:
    """Derive every subject of a study anew under the rules in force, and tell which verdicts moved."""
    settings = Settings()
    engine, act = opened(settings), because(reason, by, settings.build)
    with working(f"Settling {study} anew") as bar:
        task = bar.task_ids[0]
        found = list(resettle(engine, act, study, lambda done, all_: bar.update(task, completed=done, total=all_)))
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps([row for one in found for row in report(one)], indent=1) + "\n", encoding="utf-8")
    for told in (*printed.answers(found), *printed.restated(found)):
        console.print(told, highlight=False)
    moved, queries = sum(len(one.moved) for one in found), sum(one.queries for one in found)
    console.print(f"{moved} verdicts of {len(found)} subjects have a new version; {queries} queries opened or closed")


@app.command()
def evaluate(
    cases: Annotated[typer.FileBinaryRead, typer.Argument(metavar="CASES.json", help="The file of cases; - is standard input")],
    out: Annotated[typer.FileTextWrite, typer.Option(help="Where the results go; - is standard output")] = "-",  # type: ignore[assignment]
) -> None:
    """Evaluate cases with the rules in force: exit 1 where one differs from what it expected, 2 where one has an error."""
    try:
        asked = bench.read(cases.read())
    except Invalid as refusal:
        complaints.print(refusal.detail, style="red", highlight=False, markup=False)
        raise typer.Exit(2) from refusal
    answers = [bench.evaluate(case) for case in asked]
    out.write(json.dumps(bench.results(answers), indent=1) + "\n")
    errors = [answer for answer in answers if "error" in answer]
    for answer in errors:
        words = f"{answer['id']}: {answer['error']['detail']} ({answer['error']['pointer']})"
        complaints.print(words, style="red", highlight=False, markup=False)
    differing = [row for case, answer in zip(asked, answers, strict=True) for row in bench.differences(case, answer)]
    if differing:
        complaints.print(printed.differences(differing))
    raise typer.Exit(2 if errors else 1 if differing else 0)
