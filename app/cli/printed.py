"""What the `casebook` command prints as a table: rows of a listing, verdicts that moved, cases that differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal

from rich.markup import escape
from rich.table import Column, Table

from app.casebook.history import text
from app.casebook.listing import Listing
from app.casebook.resettle import Resettled
from app.casebook.settle import WITHDRAWN
from app.evaluate import cases as bench

CHANGE = ("subject", "domain", "variable", "topic", "event", "change", "old", "new", "actor", "at", "reason_code")
"""What is printed of what changed between two cuts; a file has more."""
HOLDS = {True: "yes", False: "no", None: "unknown"}


def rows(found: Listing, names: tuple[str, ...]) -> Table:
    """Some columns of a listing."""
    table, places = Table(*(Column(name, overflow="fold") for name in names)), [found.columns.index(name) for name in names]
    for row in found.rows:
        table.add_row(*(escape(text(row[place])) for place in places))
    return table


def answers(found: Iterable[Resettled]) -> Iterator[Table]:
    """The verdicts that say something else now, with the criteria that moved in those that stood and stand."""
    table = Table("Rule", "Version", "Subject", "About", "From", "To", "Criteria", title="Answers that moved")
    for one in found:
        for moved in (each for each in one.moved if each.says_more):
            said = _said(moved.before, moved.amount_before), _said(moved.after, moved.amount_after)
            version = f"{moved.version_before or '-'} > {moved.version_after}"
            stands = moved.before is not None and moved.after != WITHDRAWN
            criteria = (f"{key}: {HOLDS[was]} > {HOLDS[is_]}" for key, (was, is_) in moved.criteria.items() if stands)
            table.add_row(moved.rule, version, one.subject_id, moved.about, *said, "\n".join(criteria))
    if table.rows:
        yield table


def _said(value: str | None, amount: Decimal | None) -> str:
    return (value or "-") + ("" if amount is None else f" {amount:f}")


def restated(found: Iterable[Resettled]) -> Iterator[str]:
    """Verdicts that say what they said before under another version of their rule, or on other evidence: counted by rule."""
    same = Counter(
        (moved.rule, moved.version_before, moved.version_after) for one in found for moved in one.moved if not moved.says_more
    )
    for (rule, before, after), count in sorted(same.items()):
        yield f"{rule} {before} > {after}: {count} with the same answer"


def differences(differing: list[bench.Difference]) -> Table:
    """The cases of the bench that came out otherwise than expected."""
    table = Table("Case", "Key", "Expected", "Found", title="Where the rules differ from what was expected")
    for row in differing:
        table.add_row(*map(escape, (row.case, row.key, str(row.expected), str(row.found))))
    return table
