"""The acts of a site in one casebook, in the order in which they happen: enter, correct, withdraw."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seed.client import Body, Reason

UNSCHEDULED = "UNSCHEDULED"
"""Stands for the visit that the service numbered last; the service, not the generator, names unscheduled visits."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A form, or a panel of one form at one visit. `name` lets a later act speak of what was entered."""

    path: str
    body: Body | list[Body]
    name: str = ""

    @property
    def bodies(self) -> list[Body]:
        """The body as a panel: a single form is a panel of one."""
        return self.body if isinstance(self.body, list) else [self.body]


@dataclass(frozen=True, slots=True)
class Correction:
    """A change of the entry called `of`; in a panel, of its record number `row`."""

    of: str
    changes: Body
    why: Reason
    row: int = 0


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """The end of the entry called `of`, which was made in error."""

    of: str
    why: Reason
    row: int = 0


Step = Entry | Correction | Withdrawal
Steps = Iterator[Step]


def at(visit: str, bodies: list[Body]) -> list[Body]:
    """Each body of a panel, at one visit."""
    return [{"visit": visit} | body for body in bodies]
