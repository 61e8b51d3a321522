"""
The published study as the ledger holds it: eleven rows as published, and nothing concluded from them (B4, B7).

The published table has no items, no PGA and no BILAG, so that no endpoint can follow from it; that what the synthetic cohort
derives repeats the published numbers is tested where the cohort is loaded whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Select, select

from app.casebook.database import reading
from app.tables import Base
from seed.kn5601 import published
from seed.kn5601.people import rows
from tests.casebook import build
from tests.casebook.build import Service
from tests.servers import Database

NUMBERS = [row["subject"] for row in rows("published")]
TABLES = Base.metadata.tables
RECORD, REPORTED = TABLES["record"], TABLES["reported_result"]


@pytest.fixture
def table(fresh: Callable[[], Database]) -> Iterator[Service]:
    """A service in which the published table was entered."""
    with build.opened(fresh().engine, published.STUDY) as running:
        published.load(running.site, lambda: None)
        yield running


def kept(service: Service, statement: Select[Any]) -> list[tuple[Any, ...]]:
    """The rows that a statement finds in the ledger."""
    with reading(service.engine) as connection:
        return [tuple(row) for row in connection.execute(statement)]


def test_nothing_is_concluded_from_the_published_rows(table: Service) -> None:
    """B7: no verdict of any rule was ever stored, not even one that says it cannot be evaluated, and no query asked."""
    assert [] == kept(table, select(TABLES["verdict"].c.rule))
    assert [] == kept(table, select(TABLES["query"].c.text))
    assert {} == {number: said for number in NUMBERS if (said := build.verdicts(table, number, published.STUDY))}


def test_the_published_totals_are_results_as_reported_each_with_where_it_stands(table: Service) -> None:
    """B4: never an assessment, never a derived total."""
    of = REPORTED.join(RECORD, RECORD.c.record_id == REPORTED.c.record_id)
    columns = (REPORTED.c.subject_id, REPORTED.c.rptestcd, REPORTED.c.rptiming, REPORTED.c.rporres, RECORD.c.origin)
    told = kept(table, select(*columns).select_from(of))
    sources = kept(table, select(RECORD.c.source).where(RECORD.c.form == "reported_result"))

    assert sorted(told) == sorted(
        (row["subject"], *what, row[column], "published")
        for row in rows("published")
        for column, what in {
            "sledai2k_baseline": ("SLEDAI2K", "BASELINE"),
            "sledai2k_at_present": ("SLEDAI2K", "AT PRESENT"),
            "followup_months": ("FOLLOWUP", "AT PRESENT"),
        }.items()
    )
    assert all(source.startswith(published.ABSTRACT) for (source,) in sources)
    assert [] == kept(table, select(TABLES["assessment"].c.record_id))


def test_every_published_value_says_that_it_was_published(table: Service) -> None:
    origins = {origin for (origin,) in kept(table, select(RECORD.c.origin))}
    unsourced = kept(table, select(RECORD.c.form).where(RECORD.c.source.is_(None)))

    assert {"published", "published_text_inferred"} == origins
    assert [] == unsourced


def test_003_stays_a_gap(table: Service) -> None:
    subjects = [subject["subject_id"] for subject in table.get(f"/studies/{published.STUDY}/subjects")["subjects"]]

    assert ["001", "002", *(f"{number:03}" for number in range(4, 13))] == subjects
