"""
Rows of findings -> measurements: which test, in which specimen and unit, is which quantity that a rule asks for.

`quantities.csv` says it: one row a form, test code and quantity; an empty specimen, agent or unit asks for none in particular,
several stand apart by a space; of several rows that fit a result the first counts. `ctcae`: the terms that the quantity is
graded by. A result that no row fits, that was not done or that has no date is none of them: its specimen or day is never guessed.
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

COLUMNS = {"laboratory": "lb", "immunogenicity": "is", "flow_cytometry": "cp", "vital_sign": "vs"}
"""The forms of findings, each with the letters that its columns begin with."""
NUMBER = re.compile(r"([<>]?)\s*(-?[0-9]+(?:\.[0-9]+)?)")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity, and what a result of its test must say to be one; nothing in a place: anything."""

    name: str
    specimens: frozenset[str]
    agent: str
    units: frozenset[str]
    terms: tuple[str, ...]

    def fits(self, specimen: str | None, agent: str | None, unit: str | None) -> bool:
        """Whether a result is of this quantity."""
        return all(
            not wanted or said in wanted
            for wanted, said in ((self.specimens, specimen), ({self.agent} - {""}, agent), (self.units, unit))
        )


@cache
def quantities() -> Mapping[tuple[str, str], tuple[Quantity, ...]]:
    """The quantities of each form and test code, in the order of the table."""
    found: dict[tuple[str, str], tuple[Quantity, ...]] = {}
    with (Path(__file__).parent / "quantities.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            terms = tuple(filter(None, row["ctcae"].split("; ")))
            words = (frozenset(row[name].split()) for name in ("specimen", "unit"))
            specimens, units = words
            one = Quantity(row["quantity"], specimens, row["agent"], units, terms)
            key = (row["form"], row["test"])
            found[key] = (*found.get(key, ()), one)
    return found


def measurements(rows: Mapping[str, Sequence[Row]]) -> tuple[Measurement, ...]:
    """The results of the findings among live rows by table name that are of a quantity."""
    return tuple(one for form in COLUMNS for row in rows.get(form, ()) if (one := _measurement(form, row)) is not None)


def _measurement(form: str, row: Row) -> Measurement | None:
    of = COLUMNS[form]
    reported, at, unit = row[f"{of}orres"], row[f"{of}dtc"], row[f"{of}orresu"]
    candidates = quantities().get((form, row[f"{of}testcd"]), ())
    about = (row.get(f"{of}spec"), row.get(f"{of}bdagnt"), unit)
    quantity = next((each for each in candidates if each.fits(*about)), None)
    if quantity is None or reported is None or at is None or row[f"{of}stat"] is not None:
        return None
    number = NUMBER.fullmatch(reported)
    return Measurement(
        id=str(row["record_id"]),
        quantity=quantity.name,
        at=at,
        reported=reported,
        value=Decimal(number[2]) if number else None,
        qualifier=(number[1] or None) if number else None,
        unit=unit,
        lower=row.get(f"{of}ornrlo"),
        upper=row.get(f"{of}ornrhi"),
        assay=", ".join(filter(None, (row.get(f"{of}nam"), row.get(f"{of}method")))) or None,
        terms=quantity.terms,
        source=Source(form, str(row["record_id"]), row["version"]),
    )
