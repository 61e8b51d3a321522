"""
An endpoint as records of ADEFF: what was observed, criterion by criterion, and beside it the analysis values where they differ.

An endpoint that could not be evaluated keeps its observed record, without a value and with what was missing; where the casebook
imputed a non-response, that has a record of its own (DTYPE = NRI). ANL01FL marks the record of the value by the composite
strategy, ANL02FL that of the value by the treatment policy. An endpoint that does not apply has no analysis value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cdisc.adam.verdicts import Said
from cdisc.columns import ascii_text
from cdisc.dates import UNKNOWN
from cdisc.files.xpt import MOST_BYTES

ANSWERS = {"met": "Y", "not_met": "N"}
"""What an endpoint says where it could be evaluated."""
NUMBERS = {"Y": 1.0, "N": 0.0, "": UNKNOWN}
HOLDS: Mapping[bool | None, str] = {True: "Y", False: "N", None: ""}
TREATMENT_POLICY = "TREATMENT POLICY"
DERIVED = {"imputed": "NRI", "intercurrent failure": "COMPOSITE", "observed": TREATMENT_POLICY}
"""The derivation type of an analysis value that is not the observed record's, by what it rests on."""
NOT_APPLICABLE = "not_applicable"

Row = dict[str, Any]


def rows(said: Said) -> Iterator[Row]:
    """The observed record of an endpoint, and one of each analysis value that is another."""
    answer = ANSWERS.get(said.value, "")
    made = {"": _value(answer) | {"NEREAS": reason(said)} | _criteria(said)}
    for flag, response, basis in (("ANL01FL", said.response, said.basis), ("ANL02FL", said.policy, said.policy_basis)):
        analysed = HOLDS[response]
        if analysed and basis:
            kind = "" if basis != "imputed" and analysed == answer else DERIVED[basis]
            row = made.setdefault(kind, _value(analysed) | {"DTYPE": kind})
            row[flag] = "Y"
            row.setdefault("ANLBASIS", basis.upper())
    yield from made.values()


def _value(answer: str) -> Row:
    return {"AVALC": answer, "AVAL": NUMBERS[answer]}


def _criteria(said: Said) -> Row:
    each = list(enumerate(said.criteria, 1))
    texts = {f"CRIT{n}": words[:1].upper() + words[1:] for n, (words, _) in each}
    return texts | {f"CRIT{n}FL": HOLDS[holds] for n, (_, holds) in each}


def reason(said: Said) -> str:
    """Why a verdict has no value: what was missing, as far as one value can hold it; empty where it has one."""
    if said.value == NOT_APPLICABLE:
        return "DOES NOT APPLY"
    return listed(said.missing) if said.value == "not_evaluable" else ""


def listed(words: Iterable[str]) -> str:
    """Words joined by semicolons in at most the bytes of one value, the rest of them counted."""
    each = [ascii_text(word) for word in words]
    for many in range(len(each), -1, -1):
        more = [] if many == len(each) else [f"and {len(each) - many} more"]
        text = "; ".join(each[:many] + more)
        if len(text) <= MOST_BYTES:
            return text
    return ""
