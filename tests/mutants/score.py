"""What the mutants of each module came to, and at which text of the module they were counted."""

from __future__ import annotations

import ast
import csv
from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from hashlib import sha256
from pathlib import Path

RULES = Path("app/rules")
SCORE = Path(__file__).with_suffix(".csv")


@dataclass(frozen=True, slots=True)
class Score:
    """One module of the rules: how many of its mutants the tests killed, are listed as equivalent, or survived."""

    module: str
    killed: int
    listed: int
    survived: int
    digest: str


def digest(path: Path) -> str:
    """
    The first twelve digits of the SHA-256 of a module's text but for its imports, of which no mutant is made.

    A score holds for the text with the same one, wherever the modules that it names have moved.
    """
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    for node in ast.parse(text).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            lines[node.lineno - 1 : node.end_lineno] = [""] * ((node.end_lineno or node.lineno) - node.lineno + 1)
    return sha256("".join(lines).encode()).hexdigest()[:12]


def named(path: Path) -> str:
    """A module of the rules by its place among them, as `efficacy/sledai.py`."""
    return path.relative_to(RULES).as_posix()


def scores() -> list[Score]:
    """The modules that were counted, by name."""
    with SCORE.open(encoding="utf-8", newline="") as file:
        return [
            Score(row["module"], int(row["killed"]), int(row["listed"]), int(row["survived"]), row["digest"])
            for row in csv.DictReader(file)
        ]


def count(path: Path, counted: str, outcomes: Mapping[str, int]) -> None:
    """
    Put what a module came to in the place of what it came to before.

    `counted` is the digest of the text that the mutants were made from. A mutant that was listed and killed counts as killed.
    """
    killed = outcomes.get("killed", 0) + outcomes.get("wrongly listed", 0)
    new = Score(named(path), killed, outcomes.get("listed", 0), outcomes.get("survived", 0), counted)
    rows = {score.module: score for score in scores()} | {new.module: new}
    with SCORE.open("w", encoding="utf-8", newline="") as file:
        written = csv.writer(file, lineterminator="\n")
        written.writerow(field.name for field in fields(Score))
        written.writerows(astuple(rows[module]) for module in sorted(rows))
