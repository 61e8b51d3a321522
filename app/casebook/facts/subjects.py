"""Rows -> what the rules know of the person: who it is, and what was consented to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from app.casebook.facts.rows import Rows, source
from app.casebook.ledger import Row
from app.rules.facts import Consent

CONSENTS = {"INFORMED CONSENT OBTAINED": False, "INFORMED ASSENT OBTAINED": True}
"""The milestones of consent, and whether each is an assent."""


def person(rows: Rows) -> dict[str, Any]:
    """The facts of the person by their names in `Facts`; a table that was not read leaves its facts empty."""
    told: Row = next(iter(rows.get("demographics", ())), {})
    return {
        "birth": told.get("brthdtc"),
        "age_years": told.get("age"),
        "sex": told.get("sex"),
        "consents": tuple(_consents(rows.get("disposition", ()))),
    }


def _consents(dispositions: Sequence[Row]) -> Iterator[Consent]:
    for row in dispositions:
        if row["dsdecod"] in CONSENTS:
            assent = CONSENTS[row["dsdecod"]]
            yield Consent(row["dsstdtc"], row["dssigner"], assent, source(row, "disposition"))
