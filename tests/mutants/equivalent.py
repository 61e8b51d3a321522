"""The mutants that no test can notice, each with the reason."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

LIST = Path(__file__).with_suffix(".csv")


@dataclass(frozen=True, slots=True)
class Equivalent:
    """One line of the list: a mutant of a module of the rules, and why every subject gets the same answer from it."""

    module: str
    place: str
    original: str
    mutated: str
    reason: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What names the mutant in its module."""
        return self.place, self.original, self.mutated


def listed() -> list[Equivalent]:
    """The whole list."""
    with LIST.open(encoding="utf-8", newline="") as file:
        return [Equivalent(**row) for row in csv.DictReader(file)]
