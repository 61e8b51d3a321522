"""The parameters that a study document sets for the rules; every default is a ruling, stated where it is used."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True, slots=True)
class Window:
    """A planned timepoint: its nominal day since the first infusion (day 0), and the days allowed before and after it."""

    timepoint: str
    nominal: int
    before: int
    after: int


ASSUMED_WINDOWS = (
    Window("M1", 30, 7, 7),
    Window("M2", 60, 7, 7),
    Window("M3", 90, 14, 14),
    Window("M4", 120, 14, 14),
    Window("M6", 180, 21, 21),
)
"""Assumed, not from a protocol: a study document states its own."""


@dataclass(frozen=True, slots=True)
class Settings:
    """
    What a study decides about its endpoints.

    `baseline`: last non-missing per instrument before the first infusion, or before the lymphodepletion.
    `failure_events`: the intercurrent events that the composite strategy counts, where adjudicated to count.
    `paediatric`: whether childhood LLDAS and remission are reported beside the adult definitions.
    `b_cells_depleted_below`, `b_cells_reconstituted_from`: counts in 10^6/L; None: the study does not say, and none is assumed.
    """

    windows: tuple[Window, ...] = ASSUMED_WINDOWS
    baseline: Literal["before_first_infusion", "before_lymphodepletion"] = "before_first_infusion"
    look_back_days: int = 30
    sri_points: int = 4
    pga_worsening: Decimal = Decimal("0.30")
    paediatric: bool = True
    failure_events: frozenset[str] = field(
        default_factory=lambda: frozenset(
            {
                "RESCUE_GLUCOCORTICOID",
                "GLUCOCORTICOID_INCREASE_FOR_SLE",
                "PROHIBITED_MEDICATION",
                "STUDY_TREATMENT_DISCONTINUATION",
                "DEATH",
            }
        )
    )
    ctcae_version: str = "5.0"
    b_cells_depleted_below: Decimal | None = None
    b_cells_reconstituted_from: Decimal | None = None
