"""
Rows of findings -> measurements: which test, in which specimen and unit, is which quantity that a rule asks for.

`quantities.csv` says it: one row a form, test code and quantity; an empty specimen, agent, unit or category asks for none in
several stand apart by a space; of several rows that fit a result the first counts. `ctcae`: the terms that the quantity is
graded by. A result that no row fits, that was not done or that has no date is none of them: what is not said of it is never
guessed.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from app.casebook.ledger import Row
from app.rules.facts import Measurement
from app.rules.verdict import Source

COLUMNS = {"laboratory": "lb", "immunogenicity": "is", "flow_cytometry": "cp", "vital_sign": "vs", "biopsy": "mi"}
"""The forms of findings, each with the letters that its columns begin with."""
NUMBER = re.compile(r"([<>]?)\s*(-?[0-9]+(?:\.[0-9]+)?)")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity, and what a result of its test must say to be one; nothing in a place: anything."""

    name: str
    specimens: frozenset[str]
    agents: frozenset[str]
    units: frozenset[str]
    categories: frozenset[str]
    terms: tuple[str, ...]

    def fits(self, specimen: str | None, agent: str | None, unit: str | None, category: str | None) -> bool:
        """Whether a result is of this quantity."""
        asked = ((self.specimens, specimen), (self.agents, agent), (self.units, unit), (self.categories, category))
        return all(not wanted or said in wanted for wanted, said in asked)


@cache
def quantities() -> Mapping[tuple[str, str], tuple[Quantity, ...]]:
    """The quantities of each form and test code, in the order of the table."""
    found: dict[tuple[str, str], tuple[Quantity, ...]] = {}
    with (Path(__file__).parent / "quantities.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            terms = tuple(filter(None, row["ctcae"].split("; ")))
            whole = (frozenset({row[name]} - {""}) for name in ("agent", "category"))
            agents, categories = whole
            words = (frozenset(row[name].split()) for name in ("specimen", "unit"))
            specimens, units = words
            one = Quantity(row["quantity"], specimens, agents, units, categories, terms)
            key = (row["form"], row["test"])
            found[key] = (*found.get(key, ()), one)
    return found


@cache
def quantity(
    form: str, test: str, specimen: str | None, agent: str | None, unit: str | None, category: str | None
) -> Quantity | None:
    """The quantity that a result is of; None where it is of none."""
    return next((each for each in quantities().get((form, test), ()) if each.fits(specimen, agent, unit, category)), None)


def measurements(rows: Mapping[str, Sequence[Row]]) -> tuple[Measurement, ...]:
    """The results of the findings among live rows by table name that are of a quantity."""
    return tuple(one for form in COLUMNS for row in rows.get(form, ()) if (one := _measurement(form, row)) is not None)


def _measurement(form: str, row: Row) -> Measurement | None:
    of = COLUMNS[form]
    reported, at, unit = row[f"{of}orres"], row[f"{of}dtc"], row.get(f"{of}orresu")
    found = quantity(form, row[f"{of}testcd"], row.get(f"{of}spec"), row.get(f"{of}bdagnt"), unit, row.get(f"{of}cat"))
    if found is None or reported is None or at is None or row[f"{of}stat"] is not None:
        return None
    number, record = NUMBER.fullmatch(reported), str(row["record_id"])
    return Measurement(
        id=record,
        quantity=found.name,
        at=at,
        reported=reported,
        value=Decimal(number[2]) if number else None,
        qualifier=(number[1] or None) if number else None,
        unit=unit,
        lower=row.get(f"{of}ornrlo"),
        upper=row.get(f"{of}ornrhi"),
        assay=", ".join(filter(None, (row.get(f"{of}nam"), row.get(f"{of}method")))) or None,
        terms=found.terms,
        source=Source(form, record, row["version"]),
    )
