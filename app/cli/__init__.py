"""
The `casebook` command, one module for each kind of command; `casebook --help` lists them as they stand there.

    serving     serve, migrate, token, revoke: the service, its database, and who may come in
    studies     seed, import, draft: how a study comes in
    data        cut, export, records, odm, diff: what leaves
    checking    verify, resettle, evaluate: whether what is kept stands, and what the rules say of it

What touches clinical data goes through the API, in process and with a token of its own that ends with the command
(`service.acting`); only migrate, diff, verify, resettle and token touch the database themselves.
"""

from __future__ import annotations

import typer

from app.cli import checking, data, serving, studies
from app.cli.terminal import complain, complaints
from app.errors import Problem
from seed.client import Refused

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Casebook: clinical-trial data capture, from visit to SDTM.",
)
for room in (serving, studies, data, checking):
    app.add_typer(room.app)


def main() -> None:
    """Run the command; a refusal is words on standard error and exit 1, never a trace."""
    try:
        app()
    except Problem as problem:
        complaints.print(f"{problem.title}: {problem.detail}", style="red", highlight=False)
    except Refused as refused:
        complain(str(refused), refused.problem)
    else:
        return
    raise SystemExit(1)
