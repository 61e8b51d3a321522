"""What is known from the laboratory, and of height, in the unit reported."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from app.rules.verdict import Evidence, Source


@dataclass(frozen=True, slots=True)
class Measurement:
    """
    One dated result of a quantity that a rule asks for, in the unit reported.

    `id`: its record. `quantity`: its name (`platelets`, `upcr`, `height`). `reported`: in the words of the report; `value`: its
    number, None where it has none; `qualifier`: `<` or `>` of a censored one. `lower`, `upper`: the limits of the laboratory
    that measured it. `assay`: laboratory and method. `terms`: the CTCAE terms that it may be graded by.
    """

    id: str
    quantity: str
    at: str
    reported: str
    value: Decimal | None
    qualifier: str | None = None
    unit: str | None = None
    lower: Decimal | None = None
    upper: Decimal | None = None
    assay: str | None = None
    terms: tuple[str, ...] = ()
    source: Source | None = None

    @property
    def exactly(self) -> Decimal | None:
        """The number where it is known and not censored."""
        return None if self.qualifier else self.value

    def shown(self, what: str | None = None) -> Evidence:
        """The result as evidence, as it was reported."""
        return Evidence(what or self.quantity.replace("_", " "), self.reported, self.unit, self.at, self.source)
