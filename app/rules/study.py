"""The parameters that a study document sets for the rules; every default is a ruling, stated where it is used."""

from __future__ import annotations

from collections.abc import Mapping
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


Gate = Literal["refuse", "query", "off"]


@dataclass(frozen=True, slots=True)
class Tier:
    """One weight tier of a dose level, half-open: from `least_kg` up to but not including `below_kg` (None: no limit)."""

    name: str
    least_kg: Decimal
    below_kg: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ReportClock:
    """Within how many calendar days of awareness an authority has a report: fatal or life-threatening, and any other."""

    authority: str
    fatal_days: int
    other_days: int


E2A = ReportClock("the authorities (ICH E2A)", 7, 15)


@dataclass(frozen=True, slots=True)
class ScoreLimit:
    """What an entry criterion asks of a score (`SLEDAI-2K`, or `PGA` on 0 to 3): above `limit`, or on it where `included`."""

    instrument: str
    limit: Decimal
    included: bool

    @property
    def words(self) -> str:
        """The limit in words."""
        return f"{self.instrument} of {self.limit} or more" if self.included else f"{self.instrument} above {self.limit}"


@dataclass(frozen=True, slots=True)
class GradeLimit:
    """What an entry criterion asks of BILAG-2004: at least so many grades A, or at least so many grades B."""

    a_grades: int
    b_grades: int

    @property
    def words(self) -> str:
        """The limit in words."""
        return f"BILAG-2004 with {self.a_grades} A or {self.b_grades} B"


@dataclass(frozen=True, slots=True)
class Settings:
    """
    What a study decides about its endpoints.

    `baseline`: last non-missing per instrument before the first infusion, or before the lymphodepletion.
    `look_back_days`: of SLEDAI-2K. `sri_points`: n of the responder index; `sri_also`: of those that are reported beside it.
    `maintenance_maxima`: mg a day by agent, where the study sets other maxima of background therapy than those of `background`.
    `failure_events`: the intercurrent events that the composite strategy counts, where adjudicated to count.
    `paediatric`: whether childhood LLDAS and remission are reported beside the adult definitions.
    `b_cells_depleted_below`, `b_cells_reconstituted_from`: counts in 10^6/L; None: the study does not say, and none is assumed.
    `further`: the rules beyond the usual ones that it asks for, by the names of `derive.FURTHER`.
    `guardian_below`, `adult_from`, `assent_from`: completed years below which a guardian consents, from which the subject does,
    and from which a child assents (None: the study does not say). `pregnancy_test_from`, `pregnancy_test_days`: the age from
    which, and the days before the first dose within which, a female has a negative test; None: none is asked for.
    `report_clocks`: who has expedited reports, and when. `haematotoxicity_from`: day 0 of ICAHT.
    `emergent_from`: the anchor from which an adverse event is called treatment-emergent.
    `gates`: what each gate of a dose does, by its name; one that is not named is off. `toxicity_grade`: the least open grade
    that the gate of toxicity stops. `unknown_stops`: the gates that are flagged where what they need is not known.
    `count_limits`: the least neutrophils and platelets in 10^9/L and haemoglobin in g/L, those that the study states;
    `count_days`: how old a count may be, None: of any age. `thaw_minutes`: the most from the end of thawing to the start, None:
    the study does not say. `dose_tolerance`: the part of a dose by which one given may exceed it. `levels`: the dose levels,
    the lowest first; `tiers`: by dose level. `entry`: what criteria ask of the scores at entry, by their short names.
    """

    windows: tuple[Window, ...] = ASSUMED_WINDOWS
    baseline: Literal["before_first_infusion", "before_lymphodepletion"] = "before_first_infusion"
    look_back_days: int = 30
    sri_points: int = 4
    sri_also: tuple[int, ...] = ()
    pga_scale: Literal["0-3", "0-10cm", "0-100mm"] = "0-3"
    pga_worsening: Decimal = Decimal("0.30")
    paediatric: bool = True
    failure_events: frozenset[str] = field(
        default_factory=lambda: frozenset(
            {
                "RESCUE_GLUCOCORTICOID",
                "GLUCOCORTICOID_INCREASE_FOR_SLE",
                "IMMUNOSUPPRESSANT_INCREASE_FOR_SLE",
                "PROHIBITED_MEDICATION",
                "STUDY_TREATMENT_DISCONTINUATION",
                "DEATH",
            }
        )
    )
    guardian_below: int = 18
    assent_from: int | None = None
    adult_from: int = 18
    pregnancy_test_from: int | None = None
    pregnancy_test_days: int | None = None
    report_clocks: tuple[ReportClock, ...] = (E2A,)
    further: frozenset[str] = frozenset()
    ctcae_version: str = "5.0"
    emergent_from: Literal["apheresis", "lymphodepletion", "infusion"] = "lymphodepletion"
    haematotoxicity_from: Literal["first_infusion", "last_infusion"] = "first_infusion"
    maintenance_maxima: Mapping[str, Decimal] = field(default_factory=dict)
    b_cells_depleted_below: Decimal | None = None
    b_cells_reconstituted_from: Decimal | None = None
    gates: Mapping[str, Gate] = field(default_factory=dict)
    toxicity_grade: int = 2
    unknown_stops: frozenset[str] = frozenset()
    count_limits: Mapping[str, Decimal] = field(default_factory=dict)
    count_days: int | None = None
    thaw_minutes: int | None = None
    dose_tolerance: Decimal = Decimal(0)
    levels: tuple[str, ...] = ()
    tiers: Mapping[str, tuple[Tier, ...]] = field(default_factory=dict)
    autologous: bool = False
    entry: Mapping[str, ScoreLimit | GradeLimit] = field(default_factory=dict)
