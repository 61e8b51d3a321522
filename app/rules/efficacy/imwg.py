"""
Response of multiple myeloma by the IMWG criteria of 2016.

PD: a rise of 25 % or more from the lowest value that is also 5 g/L or more of serum M-protein or 200 mg or more in the
urine of 24 hours, or a new plasmacytoma; confirmed. CR: immunofixation negative in serum and urine, below 5 % plasma cells in
the marrow, no plasmacytoma. sCR: CR with a normal free light chain ratio and no clonal cells. VGPR: seen by immunofixation
alone, or serum down by 90 % with less than 100 mg in the urine. PR: serum down by 50 %, and urine down by 90 % or below 200 mg.
MR: serum down by 25 %, and urine down by 50 % or as in PR. Else stable disease.

Rulings. The response is the best that is certain: one that a missing input leaves open is named beside it. A component that was
not measurable at baseline (0) and is not now asks for nothing. A progression that was not confirmed is not one. Minimal
residual disease is another scale.

Source: Kumar S et al. Lancet Oncol 2016;17:e328-e346, table 4, as reprinted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from app.rules.verdict import Rule, Truth, all_of, any_of

RULE = Rule("imwg", "1", "IMWG response", "Kumar S et al. Lancet Oncol 2016;17:e328-e346, table 4")
NO_PLASMACYTOMA, NEW_PLASMACYTOMA = "NONE", "NEW"
SERUM_RISE, URINE_RISE = Decimal(5), Decimal(200)


@dataclass(frozen=True, slots=True)
class Component:
    """M-protein at baseline, at its lowest and now: serum in g/L, urine in mg a day."""

    baseline: Decimal | None
    lowest: Decimal | None
    current: Decimal | None

    def down(self, percent: int) -> Truth:
        """Whether it fell by so many percent since baseline; nothing to fall where it is 0 at both."""
        if self.baseline is None or self.current is None:
            return None
        return Fraction(self.current) * 100 <= Fraction(self.baseline) * (100 - percent)

    def below(self, amount: int) -> Truth:
        """Whether it is below an amount now."""
        return None if self.current is None else self.current < amount

    def risen(self, least: Decimal) -> Truth:
        """Whether it rose by a quarter of the lowest value, and by so much."""
        if self.lowest is None or self.current is None:
            return None
        rise = self.current - self.lowest
        return rise >= least and Fraction(rise) * 4 >= Fraction(self.lowest)


@dataclass(frozen=True, slots=True)
class Myeloma:
    """One assessment. `immunofixation`: POSITIVE or NEGATIVE, serum and urine together; `plasmacytoma`: NONE, PRESENT, NEW."""

    serum: Component
    urine: Component
    immunofixation: str | None = None
    marrow_percent: Decimal | None = None
    normal_light_chain_ratio: Truth = None
    no_clonal_cells: Truth = None
    plasmacytoma: str | None = None
    confirmed: Truth = None


@dataclass(frozen=True, slots=True)
class Response:
    """The best response that is certain, and better ones (or a progression) that a missing input leaves open."""

    certain: str | None
    possible: tuple[str, ...]


def _criteria(seen: Myeloma) -> Iterator[tuple[str, Truth]]:
    """Each response with whether its criteria hold, in order of precedence."""
    serum, urine = seen.serum, seen.urine
    fixed = None if seen.immunofixation is None else seen.immunofixation == "NEGATIVE"
    tumour = None if seen.plasmacytoma is None else seen.plasmacytoma == NO_PLASMACYTOMA
    new = None if seen.plasmacytoma is None else seen.plasmacytoma == NEW_PLASMACYTOMA
    few = None if seen.marrow_percent is None else seen.marrow_percent < 5
    complete = all_of((fixed, few, tumour))
    unseen = all_of(part.current == 0 if part.current is not None else None for part in (serum, urine))
    urine_partly = any_of((urine.down(90), urine.below(200)))
    yield "PD", all_of((any_of((serum.risen(SERUM_RISE), urine.risen(URINE_RISE), new)), seen.confirmed))
    yield "sCR", all_of((complete, seen.normal_light_chain_ratio, seen.no_clonal_cells))
    yield "CR", complete
    yield "VGPR", any_of((unseen, all_of((serum.down(90), urine.below(100)))))
    yield "PR", all_of((serum.down(50), urine_partly))
    yield "MR", all_of((serum.down(25), any_of((urine.down(50), urine_partly))))


def imwg(seen: Myeloma) -> Response:
    """The response of one assessment; none is certain while a progression can be neither shown nor excluded."""
    each = list(_criteria(seen))
    place = next((place for place, (_, holds) in enumerate(each) if holds), len(each))
    response = "SD" if place == len(each) else each[place][0]
    possible = tuple(name for name, holds in each[:place] if holds is None)
    return Response(None if "PD" in possible else response, possible)
