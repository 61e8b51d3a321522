"""
Rows -> Facts: what is known of one subject, now or at a position in the ledger, in the units the rules think in.

One SELECT for each table asked for. A unit that cannot be converted leaves the fact unknown; it is never guessed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection

from app.casebook import ledger
from app.casebook.facts.dosing import dosed
from app.casebook.facts.efficacy import efficacy
from app.casebook.facts.laboratory import measurements
from app.casebook.facts.rows import Instruments, Rows, source
from app.casebook.facts.safety import harm
from app.casebook.facts.subjects import person
from app.casebook.ledger import NOW, Position, Row
from app.casebook.studies import library
from app.casebook.studies.library import Study
from app.rules.facts import Facts
from app.rules.verdict import Source
from app.tables import CAPTURED
from app.tables.base import STUDY_CHAIN

APHERESIS = "APHERESIS"
"""The category of a procedure that collects cells for the product."""


def gather(connection: Connection, study: Study, subject_id: str, tables: Collection[str], at: Position = NOW) -> Facts:
    """What the named tables tell of one subject at a position; a table that is not named leaves its facts empty."""
    return known(connection, study, subject_id, read(connection, study, subject_id, tables, at))


def read(
    connection: Connection, study: Study, subject_id: str, tables: Collection[str], at: Position = NOW
) -> dict[str, list[Row]]:
    """The live rows of the named tables: the subject's, and the study's own where a form belongs to the study."""
    chains = {"subject": subject_id, "study": STUDY_CHAIN}
    forms = {name: CAPTURED[name] for name in sorted(tables)}
    return {name: ledger.live(connection, form, study.id, chains[form.__form__.scope], at) for name, form in forms.items()}


def known(connection: Connection, study: Study, subject_id: str, rows: Rows) -> Facts:
    """Facts from rows that were read, with the documents of the instruments that they name."""
    named = sorted({(row["instrument"], row["instrver"]) for row in rows.get("assessment", ())})
    return facts(study, subject_id, rows, {each: library.instrument(connection, study, *each) for each in named})


def facts(study: Study, subject_id: str, rows: Rows, instruments: Instruments) -> Facts:
    """Facts from live rows by table name; `instruments`: the documents of their assessments, by name and version."""
    given = _given(rows.get("infusion", ()))
    infusions = tuple(row["ecstdtc"] for row in given)
    depletion = _given(rows.get("lymphodepletion", ()))
    collected = _collected(rows.get("procedure", ()))
    return Facts(
        settings=study.settings,
        subject=subject_id,
        first_infusion=infusions[0] if infusions else None,
        infusions=infusions,
        lymphodepletion_start=depletion[0]["ecstdtc"] if depletion else None,
        apheresis=collected[0]["prstdtc"] if collected else None,
        results=measurements(rows),
        sources=_sources(rows.get("demographics", ()), given, depletion, collected),
        **person(rows),
        **efficacy(rows, instruments),
        **harm(rows, infusions[0] if infusions else None, instruments),
        **dosed(study, rows),
    )


def _given(rows: Sequence[Row]) -> list[Row]:
    """Doses that were given and are dated, the first one first."""
    return sorted((row for row in rows if row["ecoccur"] == "Y" and row["ecstdtc"]), key=lambda row: str(row["ecstdtc"]))


def _collected(procedures: Sequence[Row]) -> list[Row]:
    """Aphereses that are dated, the first one first."""
    dated = (row for row in procedures if row["prcat"] == APHERESIS and row["prstdtc"])
    return sorted(dated, key=lambda row: str(row["prstdtc"]))


def _sources(
    persons: Sequence[Row], given: Sequence[Row], depletion: Sequence[Row], collected: Sequence[Row]
) -> dict[str, Source]:
    """Where what is not a visit's stands, by table: the person, the first of each kind of dose, and the first apheresis."""
    stands = {"demographics": persons[:1], "infusion": given[:1], "lymphodepletion": depletion[:1], "procedure": collected[:1]}
    return {form: source(row, form) for form, rows in stands.items() for row in rows}
