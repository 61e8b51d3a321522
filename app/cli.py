"""
The `casebook` command: serve, migrate, seed, export, odm, import, draft, cut, diff, verify, resettle, token, evaluate.

What touches clinical data goes through the API, in process and with a token of its own that ends with the command; only
migrate, diff, verify, resettle and token touch the database themselves.
"""

from __future__ import annotations

import io
import json
import shutil
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TimeElapsedColumn
from sqlalchemy import Engine
from starlette.types import ASGIApp

from app import logs, printed
from app.casebook import access, database, difference, draft, verify
from app.casebook.access import Role
from app.casebook.ledger import Actor
from app.casebook.resettle import because, report, resettle
from app.errors import Invalid, NotReady, Problem
from app.evaluate import cases as bench
from app.settings import Settings
from seed.client import Body, Client, Refused

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Casebook: clinical-trial data capture, from visit to SDTM.",
)
console = Console(width=None if sys.stdout.isatty() else 120)
complaints = Console(stderr=True)
StudyName = Annotated[str, typer.Argument(metavar="STUDY", help="The study's identifier, such as KN5601-DEMO")]
OPERATOR = Actor("command line", Role.DATA_MANAGER)
"""Who reads at the command line: whoever may open the database."""
SERVED_ROLES = tuple(role for role in Role if role is not Role.ADMINISTRATOR)


def main() -> None:
    """Run the command; a refusal is words on standard error and exit 1, never a trace."""
    try:
        app()
    except Problem as problem:
        complaints.print(f"{problem.title}: {problem.detail}", style="red", highlight=False)
    except Refused as refused:
        _complain(str(refused), refused.problem)
    else:
        return
    raise SystemExit(1)


def _complain(words: str, problem: Body) -> None:
    """What was refused, and each thing that is wrong."""
    complaints.print(words, style="red", highlight=False)
    for fault in problem.get("errors", []):
        complaints.print(f"  {fault['pointer']}: {fault['detail']}", highlight=False, markup=False)


@contextmanager
def acting(engine: Engine, settings: Settings, *roles: Role) -> Iterator[list[Client]]:
    """Clients of the application in process, one a role, whose tokens end with the command."""
    with database.writing(engine) as connection:
        tokens = [access.issue(connection, "command line", role, study_id=None, sites=None, days=1) for role in roles]
    from fastapi.testclient import TestClient

    try:
        with TestClient(_application(settings, engine), raise_server_exceptions=False) as http:
            yield [Client(http, token) for token in tokens]
    finally:
        with database.writing(engine) as connection:
            for token in tokens:
                access.revoke(connection, token, "command line")


def _application(settings: Settings, engine: Engine) -> ASGIApp:
    """The API, assembled: it takes seconds, for which only the commands that speak to it wait."""
    from app.main import create_app

    return create_app(settings, engine)


def _engine(settings: Settings) -> Engine:
    """The service's database, refused where it is not at the newest migration."""
    engine = database.connect(settings.database_url)
    with database.reading(engine) as connection:
        if not database.at_head(connection):
            raise NotReady("migrations_behind", "the database is not at the newest migration; run `casebook migrate` first")
    return engine


def _bar(words: str) -> Progress:
    columns = (SpinnerColumn(), *Progress.get_default_columns(), TimeElapsedColumn())
    progress = Progress(*columns, console=complaints, transient=True)
    progress.add_task(words, total=None)
    return progress


@contextmanager
def following(words: str) -> Iterator[Callable[[Body], None]]:
    """Tells how far a job has come, in subjects and files: a bar on a terminal, elsewhere a line for each step that is seen."""
    if complaints.is_terminal:
        with _bar(words) as bar:
            task = bar.task_ids[0]
            yield lambda job: bar.update(task, description=job["progress"]["words"] or words, **_counted(job))
    else:
        seen: dict[str, None] = {}

        def line(job: Body) -> None:
            told = f"{words}: {_step(job)}"
            if told not in seen:
                complaints.print(told, highlight=False, markup=False, soft_wrap=True)
            seen[told] = None

        yield line


def _counted(job: Body) -> Body:
    return {"completed": job["progress"]["done"], "total": job["progress"]["total"]}


def _step(job: Body) -> str:
    words, done, total = (job["progress"][name] for name in ("words", "done", "total"))
    counted = f"{done} of {total}" if total else str(done)
    return f"{words}, {counted}" if words and job["state"] == "running" else str(job["state"])


@app.command()
def serve(
    tokens: Annotated[bool, typer.Option(help="Issue and print a token for each role before serving")] = False,
) -> None:
    """Serve the API."""
    settings = Settings()
    logs.configure(settings.log_format)
    engine = _engine(settings)
    if tokens:
        _print_tokens(engine)
    console.print(f"Casebook {settings.build} on http://{settings.host}:{settings.port}/docs")
    sys.stdout.flush()
    uvicorn.run(_application(settings, engine), host=settings.host, port=settings.port, log_config=None, access_log=False)


def _print_tokens(engine: Engine) -> None:
    console.print("Tokens of this demonstration, one a role (valid for a day):")
    with database.writing(engine) as connection:
        for role in SERVED_ROLES:
            token = access.issue(connection, f"demo {role}", role, study_id=None, sites=None, days=1)
            console.print(f"  {role:<15} {token}", highlight=False, soft_wrap=True)


@app.command()
def migrate() -> None:
    """Bring the database to the newest migration, as the owner of its tables."""
    database.upgrade(Settings().owner_database_url, progress=lambda words: console.print(words, highlight=False))
    console.print("The database is at the newest migration.")


@app.command()
def seed(
    summary: Annotated[Path, typer.Option(help="Where the summary goes")] = Path("var/demo/summary.json"),
) -> None:
    """Open the studies that ship, load the published rows and the synthetic cohort through the API, print what follows."""
    from seed import demo, load  # the cohort and its statistics, which no other command needs

    settings = Settings()
    logs.configure(settings.log_format, quiet=True)
    engine = _engine(settings)
    with acting(engine, settings, Role.DATA_MANAGER, Role.MEDICAL_MONITOR, Role.COORDINATOR) as people:
        with _bar("Entering the cohort") as bar:
            task = bar.task_ids[0]
            load.load(*people, progress=lambda done, all_: bar.update(task, completed=done, total=all_))
        rows = demo.cohort(people[0])
    console.print(demo.cohort_table(rows), demo.totals_table(rows))
    summary.parent.mkdir(parents=True, exist_ok=True)
    summary.write_text(json.dumps(demo.summary(rows), indent=2) + "\n", encoding="utf-8")
    console.print(f"The summary is in {summary}")


@app.command()
def cut(study: StudyName, name: Annotated[str, typer.Argument(help="The cut's name; a name is used once")]) -> None:
    """Take a named data cut."""
    settings = Settings()
    logs.configure(settings.log_format, quiet=True)
    with acting(_engine(settings), settings, Role.DATA_MANAGER) as (client,):
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
    settings = Settings()
    logs.configure(settings.log_format, quiet=True)
    with acting(_engine(settings), settings, Role.DATA_MANAGER) as (client,), following(f"Exporting {study}") as told:
        name = cut or f"C{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
        if cut is None:
            client.cut(study, name)
        job = client.follow(client.ask_export(study, name, ndjson=ndjson), told)
        package = client.package(job) if job["state"] == "done" else b""
    if not package:
        _complain(f"{study} at cut {name} was not exported: {job['state']}", job["fault"] or {})
        raise typer.Exit(1)
    shutil.rmtree(out / "sdtm", ignore_errors=True)
    with zipfile.ZipFile(io.BytesIO(package)) as zip_:
        zip_.extractall(out)
        files = len(zip_.namelist())
    console.print(f"{study} at cut {name}: {files} files in {out}")


@app.command()
def odm(
    study: StudyName,
    out: Annotated[Path, typer.Option(metavar="FILE.xml", help="Where the archive goes; a file that lies there is replaced")],
    cut: Annotated[str | None, typer.Option(help="The cut to archive; without one, the study as it stands")] = None,
) -> None:
    """Write the archive of a study in ODM 1.3.2: its documents, and every act on its data with who, when and why."""
    settings = Settings()
    logs.configure(settings.log_format, quiet=True)
    with acting(_engine(settings), settings, Role.DATA_MANAGER) as (client,), _bar(f"Archiving {study}"):
        archive = client.odm(study, cut)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(archive)
    console.print(f"{study}{f' at cut {cut}' if cut else ''}: {len(archive)} bytes in {out}", highlight=False)


@app.command(name="import")
def import_(
    study: StudyName,
    file: Annotated[Path, typer.Argument(metavar="FILE.xml", exists=True, dir_okay=False, help="The archive of the study")],
) -> None:
    """Import a study's archive in ODM where the study is empty: every act again, with whose it was and when."""
    settings = Settings()
    logs.configure(settings.log_format, quiet=True)
    with acting(_engine(settings), settings, Role.DATA_MANAGER) as (client,), _bar(f"Importing {study}"):
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


@app.command()
def diff(
    study: StudyName,
    first: Annotated[str, typer.Argument(metavar="CUT1", help="The earlier cut")],
    second: Annotated[str, typer.Argument(metavar="CUT2", help="The later cut")],
    out: Annotated[Path | None, typer.Option(help="Where the rows go: .csv or .json; without it they are printed")] = None,
) -> None:
    """Tell what changed between two data cuts: subject, domain, variable, old, new, who, when and why."""
    with database.reading(_engine(Settings())) as connection:
        found = difference.between(connection, OPERATOR, study, first, second)
        if out is not None:
            found.write(out, "json" if out.suffix == ".json" else "csv")
        else:
            console.print(
                printed.rows(found, ("subject", "variable", "event", "change", "old", "new", "actor", "at", "reason_code"))
            )


@app.command(name="verify")
def verify_(study: Annotated[str | None, typer.Argument(metavar="[STUDY]")] = None) -> None:
    """Re-read every value, recompute every chain; name the first thing that does not fit and exit 1."""
    engine = _engine(Settings())
    with database.reading(engine) as connection, _bar("Verifying") as bar:
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
    engine, act = _engine(settings), because(reason, by, settings.build)
    with _bar(f"Settling {study} anew") as bar:
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
def token(
    person: Annotated[str, typer.Argument(help="Whose token it is; accounts are personal")],
    role: Annotated[Role, typer.Argument(help="The role it stands for")],
    study: Annotated[str | None, typer.Option(help="The one study it opens; without it, every study")] = None,
    site: Annotated[list[str] | None, typer.Option(help="A site it opens (repeat for more); without it, every site")] = None,
    days: Annotated[int | None, typer.Option(help="How long it lasts", min=1)] = None,
) -> None:
    """Issue a personal token; it is shown this once."""
    settings = Settings()
    lasting = days or settings.token_days
    with database.writing(_engine(settings)) as connection:
        made = access.issue(connection, person, role, study_id=study, sites=site, days=lasting)
    typer.echo(made)


@app.command()
def revoke(person: Annotated[str, typer.Argument(help="Whose tokens end")]) -> None:
    """End every token of a person at once."""
    with database.writing(_engine(Settings())) as connection:
        ended = access.revoke_all(connection, person, "command line")
    console.print(f"{ended} tokens of {person} ended.", highlight=False)


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
