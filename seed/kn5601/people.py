"""
Who is in the synthetic cohort: what was published of each subject beside what the generator makes up.

`published.csv` is the published table, cell by cell; `subjects.csv`, `trajectories.csv` and `reactions.csv` are the choices
of the generator: birth and infusion dates, sizes and background therapy; the descriptors, grades and marks of each visit;
the observations of each reaction. They hold items, doses and dates, no total and no verdict.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

HERE = Path(__file__).parent
INFUSION_DAYS = (0, 3, 6, 9, 12, 15)
"""Days after the first infusion: assumed, as the study document says."""
INFUSION_HOUR = time(10)
SEED = "KN5601-DEMO 1"


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of one data file of the cohort, each a dict by column; an empty cell is an empty string."""
    with (HERE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@dataclass(frozen=True, slots=True)
class Assessed:
    """One efficacy visit: descriptors present, BILAG grades other than E, the mark of the PGA, prednisone in mg/day."""

    visit: str
    day: int
    present: frozenset[str]
    grades: dict[str, str]
    pga: str
    prednisone_mg: str


@dataclass(frozen=True, slots=True)
class Observed:
    """One observation of a reaction, so many hours after an infusion began; `given`: drugs since the one before."""

    infusion: int
    hours: int
    temp: str
    sysbp: str
    diabp: str
    hypotens: str
    oxysat: str
    o2device: str
    o2flow: str | None
    given: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """One synthetic subject; `published` is its row of the published table, whose number the subject stands for."""

    published: dict[str, str]
    siteid: str
    born: str
    first_infusion: date
    height_cm: Decimal
    weight_kg: Decimal
    hydroxychloroquine_mg: str
    mycophenolate_mg: str
    diagnosed: str
    visits: tuple[Assessed, ...]
    reaction: tuple[Observed, ...]

    @property
    def number(self) -> str:
        return self.published["subject"]

    @property
    def subject(self) -> str:
        return f"SYN-{self.number}"

    @property
    def age(self) -> int:
        """Completed years during treatment; the birth months lie far from it."""
        return int(self.published["age"])

    @property
    def dose(self) -> str:
        """The dose of one infusion in 10^9 cells: the published `3*10^9` is `3`."""
        return self.published["dose"].removesuffix("*10^9")

    def day(self, offset: int) -> str:
        """The date so many days after the first infusion."""
        return (self.first_infusion + timedelta(days=offset)).isoformat()

    def moment(self, infusion: int, hours: float = 0) -> str:
        """The minute so many hours after an infusion (1 to 6) began."""
        began = datetime.combine(self.first_infusion + timedelta(days=INFUSION_DAYS[infusion - 1]), INFUSION_HOUR)
        return (began + timedelta(hours=hours)).isoformat(timespec="minutes")

    def dice(self, purpose: str) -> Random:
        """Chance that is the same in every run: seeded by the cohort, the subject and what it is for."""
        return Random(f"{SEED}/{self.subject}/{purpose}")

    @property
    def surface_m2(self) -> Decimal:
        """Body surface area by Mosteller, square root of cm x kg / 3600, to two places."""
        return (self.height_cm * self.weight_kg / 3600).sqrt().quantize(Decimal("0.01"))


def _assessed(row: dict[str, str]) -> Assessed:
    grades = dict(pair.split(":") for pair in row["bilag"].split())
    return Assessed(row["visit"], int(row["day"]), frozenset(row["sledai"].split()), grades, row["pga"], row["prednisone_mg"])


def _observed(row: dict[str, str]) -> Observed:
    return Observed(
        infusion=int(row["infusno"]),
        hours=int(row["hours"]),
        o2flow=row["o2flow"] or None,
        given=tuple(row["given"].split()),
        **{name: row[name] for name in ("temp", "sysbp", "diabp", "hypotens", "oxysat", "o2device")},
    )


def _person(row: dict[str, str], published: dict[str, str]) -> Person:
    number = row["subject"]
    return Person(
        published=published,
        siteid=row["siteid"],
        born=row["born"],
        first_infusion=date.fromisoformat(row["first_infusion"]),
        height_cm=Decimal(row["height_cm"]),
        weight_kg=Decimal(row["weight_kg"]),
        hydroxychloroquine_mg=row["hydroxychloroquine_mg"],
        mycophenolate_mg=row["mycophenolate_mg_twice_daily"],
        diagnosed=row["diagnosed"],
        visits=tuple(_assessed(visit) for visit in rows("trajectories") if visit["subject"] == number),
        reaction=tuple(_observed(seen) for seen in rows("reactions") if seen["subject"] == number),
    )


def people() -> tuple[Person, ...]:
    """The eleven subjects in the order of their numbers; 003 stays a gap."""
    published = {row["subject"]: row for row in rows("published")}
    return tuple(_person(row, published[row["subject"]]) for row in rows("subjects"))
