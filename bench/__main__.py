"""Measure, print the ratios first, write bench/REPORT.md."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from uuid import uuid4

from rich.console import Console
from rich.progress import Progress
from sqlalchemy import text

from app import logs
from bench import derive, exporting, report, results, saving
from tests.servers import Server, SqliteServer, postgres

REPORT = Path(__file__).parent / "REPORT.md"
VISITS = 20


def main() -> None:
    """Measure both databases, the rules and the export."""
    asked = _asked()
    logs.configure("console", quiet=True)
    lines = ["# How fast", "", *report.conditions(asked.saves), ""]
    with _servers() as servers, Progress(console=Console(stderr=True), transient=True) as bar:
        for name, server in servers.items():
            task = bar.add_task(f"Saving on {name}", total=asked.saves + saving.WARM)
            lines += report.saving(name, saving.measure(server, asked.saves, partial(bar.advance, task)))
        task = bar.add_task(f"Deriving {asked.subjects} subjects", total=asked.saves + 2 * asked.subjects)
        advance = partial(bar.advance, task)
        share = derive.share(servers["SQLite"], asked.saves, advance)
        lines += report.deriving(share, derive.whole(asked.subjects, VISITS, advance))
        task = bar.add_task(f"Exporting {asked.subjects} subjects", total=asked.subjects)
        lines += report.exporting(
            asked.subjects, *exporting.measure(servers["SQLite"], asked.subjects, partial(bar.advance, task))
        )
        task = bar.add_task(f"Exporting {asked.results:,} results", total=asked.results // results.OF_SUBJECT)
        lines += report.results(results.measure(servers["SQLite"], asked.results, partial(bar.advance, task)))
    REPORT.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--subjects", type=int, default=1000, help="subjects of the study derived and exported, 20 visits each")
    parser.add_argument("--saves", type=int, default=100, help="forms recorded and corrected in each way")
    parser.add_argument("--results", type=int, default=1_000_000, help="laboratory results exported in both ways")
    return parser.parse_args()


@contextmanager
def _servers() -> Iterator[dict[str, Server]]:
    """SQLite, and PostgreSQL as the tests find or start one, with whether its commits wait for the disk."""
    with tempfile.TemporaryDirectory() as folder, postgres(uuid4().hex) as server:
        with server.admin.connect() as connection:
            release, fsync = (connection.scalar(text(f"SHOW {name}")) for name in ("server_version", "fsync"))
        yield {"SQLite": SqliteServer(Path(folder)), f"PostgreSQL {release}, fsync {fsync}": server}


if __name__ == "__main__":
    main()
