"""Where a command speaks: what it tells, what it complains of, and how far it has come."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TimeElapsedColumn

from seed.client import Body

console = Console(width=None if sys.stdout.isatty() else 120)
complaints = Console(stderr=True)


def complain(words: str, problem: Body) -> None:
    """What was refused, and each thing that is wrong."""
    complaints.print(words, style="red", highlight=False)
    for fault in problem.get("errors", []):
        complaints.print(f"  {fault['pointer']}: {fault['detail']}", highlight=False, markup=False)


def working(words: str) -> Progress:
    """A bar on a terminal while something is done; it leaves nothing behind."""
    columns = (SpinnerColumn(), *Progress.get_default_columns(), TimeElapsedColumn())
    progress = Progress(*columns, console=complaints, transient=True)
    progress.add_task(words, total=None)
    return progress


@contextmanager
def following(words: str) -> Iterator[Callable[[Body], None]]:
    """Tells how far a job has come, in subjects and files: a bar on a terminal, elsewhere a line for each step that is seen."""
    if complaints.is_terminal:
        with working(words) as bar:
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
