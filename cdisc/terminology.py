"""
Controlled terms: what a coded field may say, and what it means.

`specs/codelists.csv` has one row a codelist (CDISC's from SDTM CT 2025-03-28 under their NCI codes, the sponsor's own, ISO's);
`specs/terms.csv` one row a term. A list may be made of others (`includes`), or hold the names that belong to the codes of
another (`names_of`: LBTEST to LBTESTCD), which keeps test code and test name one to one by construction.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

SPECS = Path(__file__).parent / "specs"
CT_VERSION = "2025-03-28"
"""The version of SDTM controlled terminology that the lists were taken from."""
ADAM_CT_VERSION = "2025-03-28"
"""The version of ADaM controlled terminology: the lists of origin `CDISC ADaM`."""


@dataclass(frozen=True, slots=True)
class Term:
    """A submission value, its NCI code (None: the sponsor's own term), what it means, and how sources also write it."""

    value: str
    code: str | None
    decode: str
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Codelist:
    """
    A codelist by the name that fields and variables use. `code`: its NCI code, None where it has none; `origin`: CDISC,
    sponsor or the ISO standard; `extensible`: whether a sponsor may add terms.
    """

    name: str
    code: str | None
    title: str
    extensible: bool
    origin: str
    terms: Mapping[str, Term]
    synonyms: Mapping[str, str]


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of one specification file, each a dict by column; an empty cell is an empty string."""
    with (SPECS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@cache
def _terms_by_list() -> Mapping[str, tuple[Term, ...]]:
    found: dict[str, list[Term]] = defaultdict(list)
    for row in rows("terms"):
        synonyms = tuple(row["synonyms"].split(";")) if row["synonyms"] else ()
        found[row["codelist"]].append(Term(row["value"], row["code"] or None, row["decode"], synonyms))
    return {name: tuple(terms) for name, terms in found.items()}


@cache
def _lists() -> Mapping[str, dict[str, str]]:
    return {row["codelist"]: row for row in rows("codelists")}


def _terms_of(row: dict[str, str]) -> tuple[Term, ...]:
    if row["names_of"]:
        return tuple(Term(term.decode, term.code, term.decode) for term in _terms_by_list()[row["names_of"]])
    if row["includes"]:
        return tuple(term for part in row["includes"].split() for term in _terms_by_list()[part])
    return _terms_by_list()[row["codelist"]]


@cache
def codelist(name: str) -> Codelist:
    """A codelist with its terms; KeyError where no specification names it."""
    row = _lists()[name]
    found = _terms_of(row)
    return Codelist(
        name=name,
        code=row["code"] or None,
        title=row["name"],
        extensible=row["extensible"] == "Yes",
        origin=row["origin"],
        terms=MappingProxyType({term.value: term for term in found}),
        synonyms=MappingProxyType({synonym: term.value for term in found for synonym in term.synonyms}),
    )


@cache
def names() -> frozenset[str]:
    """The names of all codelists."""
    return frozenset(_lists())


@cache
def terms(name: str) -> tuple[str, ...]:
    """The submission values of a codelist, in the order of the specification."""
    return tuple(codelist(name).terms)


def extensible(name: str) -> bool:
    """Whether the standard lets a sponsor add terms to the codelist; adding one is a row in `terms.csv`, never free entry."""
    return codelist(name).extensible


def is_term(name: str, value: str) -> bool:
    """Whether `value` may be entered: a submission value, or a way of writing one that CT lists (`mg/mg` for `g/g`)."""
    known = codelist(name)
    return value in known.terms or value in known.synonyms


def submission_value(name: str, value: str) -> str:
    """`value` as it is sent: `mg/mg` goes as `g/g`, the same quantity. KeyError where the codelist knows neither."""
    known = codelist(name)
    return value if value in known.terms else known.synonyms[value]


def decode(name: str, value: str) -> str:
    """What a submission value means, or the test name of a test code. KeyError where the codelist does not hold it."""
    return codelist(name).terms[submission_value(name, value)].decode
