"""
Rows -> what the rules know of the person: who it is, what was consented to, how the criteria of entry were answered; and of
what was written about it, the texts that no package can carry.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from app.casebook.facts.rows import Rows, source, truth
from app.casebook.ledger import Row
from app.rules.facts import Consent, EntryAnswer, Unspelt
from app.rules.subjects import wording
from app.tables import CAPTURED
from app.tables.base import fields
from cdisc import columns

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
        "entry_answers": tuple(_entry_answers(rows)),
        "unspelt": tuple(_unspelt(rows)),
    }


def _entry_answers(rows: Rows) -> Iterator[EntryAnswer]:
    days = {row["record_id"]: row["svstdtc"] for row in rows.get("visit", ())}
    for row in rows.get("eligibility", ()):
        at = row["iedtc"] or days.get(row["visit_id"])
        yield EntryAnswer(str(row["record_id"]), row["ietestcd"], truth(row["ieorres"]), at, source(row, "eligibility"))


def _unspelt(rows: Rows) -> Iterator[Unspelt]:
    for form in wording.FORMS:
        texts = {name: field.label for name, field in fields(CAPTURED[form]).items() if field.kind == "text"}
        for row in rows.get(form, ()):
            for name, label in texts.items():
                if signs := columns.unspelt(row[name] or ""):
                    yield Unspelt(form, label, signs, source(row, form))


def _consents(dispositions: Sequence[Row]) -> Iterator[Consent]:
    for row in dispositions:
        if row["dsdecod"] in CONSENTS:
            assent = CONSENTS[row["dsdecod"]]
            yield Consent(row["dsstdtc"], row["dssigner"], assent, source(row, "disposition"))
