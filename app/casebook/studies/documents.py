"""
A study's design as a document, as it is read and checked; the other kind of document is an instrument, see `instruments`.

A document is TOML. What it leaves out is unknown and stays unknown: a fact that is not public is written as a null flavour,
never guessed. Once published a version is never changed; an amendment is the next version.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from app.casebook import values
from app.casebook.studies.criteria import Criterion
from app.casebook.studies.parts import Code, Exact, Line, Part, Text, Version, read


class Identity(Part):
    """Who the study is. `origin` tells collected data from synthetic and from a published table entered as published."""

    id: Code
    version: Version
    title: Line
    protocol: Line
    origin: Literal["collected", "synthetic", "published"]
    summary: Text
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    subject_pattern: str = Field(default=r"^[A-Z0-9][A-Z0-9-]{0,19}$", description="What a subject's code looks like")
    amendment: Text | None = Field(default=None, description="Why this version follows the one before")


class Fact(Part):
    """One trial summary parameter (TS): its value, or the ISO 21090 null flavour that says why there is none."""

    parm: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,8}$")]
    value: Line | None = None
    null: Literal["NI", "NA", "UNK", "NAV", "ASKU", "NASK", "PINF", "NINF", "OTH", "MSK"] | None = None
    code: Line | None = Field(default=None, description="TSVALCD, where a dictionary codes the value")
    dictionary: Line | None = None
    dictionary_version: Line | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.value is None) == (self.null is None):
            raise ValueError(f"fact {self.parm} needs a value or a null flavour, not both")
        return self


class Epoch(Part):
    name: Line
    note: Line | None = None


class Element(Part):
    """A planned element (TE) with the rules that start and end it."""

    etcd: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,8}$")]
    element: Annotated[str, values.line(40)]
    starts: Line
    ends: Line | None = None
    duration: Annotated[str, StringConstraints(pattern=r"^P")] | None = None
    begins_with: Literal["consent", "lymphodepletion", "first_infusion", "last_infusion", "apheresis"]


class ArmElement(Part):
    etcd: str
    epoch: str


class Arm(Part):
    """A planned arm or cohort: the dose level it stands for, and its path through the elements."""

    armcd: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9-]{1,20}$")]
    arm: Line
    dose_level: Line | None = None
    path: tuple[ArmElement, ...]


class Tier(Part):
    """One weight tier, half-open: from `min_kg` up to but not including `max_kg` (null: no limit)."""

    tier: Line
    min_kg: Exact
    max_kg: Exact | None = None
    dose: Exact


class DoseLevel(Part):
    """One dose level; `dose` in the study's unit, per kg where that is the basis; null where tiers say it or nobody does."""

    level: Line
    dose: Exact | None = None
    tiers: tuple[Tier, ...] = ()

    @model_validator(mode="after")
    def _tiers_meet(self) -> Self:
        for tier in self.tiers:
            if tier.max_kg is not None and tier.max_kg <= tier.min_kg:
                raise ValueError(f"tier {tier.tier} ends at {tier.max_kg} kg before it begins at {tier.min_kg} kg")
        for lower, upper in zip(self.tiers, self.tiers[1:], strict=False):
            if lower.max_kg != upper.min_kg:
                raise ValueError(f"dose level {self.level}: tiers {lower.tier} and {upper.tier} overlap or leave a gap")
        return self


class Dosing(Part):
    """How the product is dosed: basis, unit, whether a dose is per infusion or cumulative, and when infusions are planned."""

    basis: Literal["flat", "per_kg", "weight_tier", "unknown"]
    unit: Line
    cells: Literal["total", "car_positive", "unknown"]
    per: Literal["infusion", "cumulative", "unknown"]
    infusions: int = Field(ge=1, le=100)
    planned_days: tuple[int, ...] | None = Field(default=None, description="Study days of the infusions; null: not public")
    form: Line = "INJECTION, SUSPENSION"
    route: Line = "INTRAVENOUS"
    levels: tuple[DoseLevel, ...] = Field(min_length=1)
    tolerance: Exact | None = Field(
        default=None, ge=0, lt=1, description="Part of a planned dose by which the one given may differ; null: not said"
    )
    assumed: tuple[Line, ...] = Field(default=(), description="What of this is assumed and not from a public source")


class Product(Part):
    """The study product; what is not public is null."""

    name: Line
    description: Line
    source: Literal["allogeneic", "autologous"]
    target: Line
    vector: Line | None = None
    integrating: bool | None = None


class Lymphodepletion(Part):
    """The planned conditioning; doses null where not public."""

    drugs: tuple[Line, ...] = Field(min_length=1)
    dose_mg_m2: dict[str, Exact] = Field(default_factory=dict)
    planned_days: dict[str, tuple[int, ...]] = Field(default_factory=dict)
    assumed: tuple[Line, ...] = Field(default=(), description="What of this is assumed and not from a public source")


class PlannedVisit(Part):
    """A planned visit: its day after the anchor (the anchor is day 0), its window, its epoch, and the forms it asks for."""

    visit: Annotated[str, values.line(40)]
    visitnum: Exact
    day: int | None = None
    before: int = Field(default=0, ge=0)
    after: int = Field(default=0, ge=0)
    anchor: Literal["first_infusion", "last_infusion", "consent", "lymphodepletion"] = "first_infusion"
    epoch: Line
    timepoint: bool = Field(default=False, description="Whether endpoints are reported at this visit")
    assumed: bool = Field(default=False, description="Whether its day and window are assumed and not from a public source")
    forms: tuple[str, ...] = Field(description="Captured forms by path; assessments as assessments/INSTRUMENT")
    starts: Line | None = None


class Endpoints(Part):
    """Endpoint settings; each is a decision of the study, shown to its users."""

    baseline: Literal["before_first_infusion", "before_lymphodepletion"] = "before_first_infusion"
    look_back_days: int = Field(default=30, ge=1, le=366, description="Days that SLEDAI-2K looks back")
    pga_scale: Literal["0-3", "0-10cm", "0-100mm"] = "0-3"
    pga_worsening: Exact = Decimal("0.30")
    sri_points: int = Field(default=4, ge=4, le=8)
    sri_also: tuple[Annotated[int, Field(ge=4, le=8)], ...] = Field(
        default=(), description="Points of further responder indices that are reported beside it"
    )
    maintenance_maxima: dict[Line, Exact] = Field(
        default_factory=dict,
        description="Highest standard doses of background therapy in mg a day by agent, where they are not those of adults",
    )
    paediatric: bool = True
    b_cells_depleted_below: Exact | None = Field(default=None, description="B cells in 10^6/L; null: the study does not say")
    b_cells_reconstituted_from: Exact | None = Field(default=None, description="B cells in 10^6/L, in two consecutive counts")
    failure_events: tuple[Line, ...] = (
        "RESCUE_GLUCOCORTICOID",
        "GLUCOCORTICOID_INCREASE_FOR_SLE",
        "IMMUNOSUPPRESSANT_INCREASE_FOR_SLE",
        "PROHIBITED_MEDICATION",
        "STUDY_TREATMENT_DISCONTINUATION",
        "DEATH",
    )
    further: tuple[Literal["doris_2017", "renal_response", "sri_before_lymphodepletion"], ...] = Field(
        default=(), description="Endpoints beyond the usual ones that are reported as well"
    )
    assumed: tuple[Line, ...] = ()


class Toxicity(Part):
    """Toxicity settings: CTCAE version, what treatment-emergent means, and the observation schedule."""

    ctcae_version: Literal["5.0", "6.0"] = "5.0"
    emergent_from: Literal["apheresis", "lymphodepletion", "infusion"] = Field(
        default="lymphodepletion", description="The start from which an adverse event is called treatment-emergent"
    )
    haematotoxicity_from: Literal["first_infusion", "last_infusion"] = Field(
        default="first_infusion", description="Day 0 of ICAHT, of neutrophils and of platelets"
    )
    further: tuple[Literal["crs_lee_2014", "icaht", "iechs_screen", "licats"], ...] = Field(
        default=(), description="Scales and screens beyond the usual ones that are derived as well"
    )
    observation_days: tuple[int, ...] = Field(
        default=(), description="Days after each infusion on which CRS and ICANS are asked"
    )
    assumed: tuple[Line, ...] = ()


class ChecklistItem(Part):
    """One item of the checklist of dose-limiting toxicity, in words that an investigator can answer."""

    code: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{0,7}$")]
    text: Line


class DoseLimiting(Part):
    """Dose-limiting toxicity: its window, where the window is anchored (`rules.dlt` says what that means), its checklist."""

    window_days: int | None = Field(default=None, ge=1, le=366)
    anchor: Literal["first_infusion", "each_infusion", "last_infusion"] | None = None
    outside_counts: bool = Field(default=False, description="Whether a toxicity counts that began outside the window")
    items: tuple[ChecklistItem, ...] = ()
    assumed: tuple[Line, ...] = ()


class Escalation(Part):
    """How dose levels follow each other. A design recommends and the committee decides; `none`: the design is not public."""

    design: Literal["three_plus_three", "boin", "keyboard", "none"] = "none"
    target: Exact | None = Field(
        default=None, gt=0, lt=1, description="Target rate of dose-limiting toxicity, of BOIN and keyboard"
    )
    cohort_size: int = Field(default=3, ge=1, le=12)
    six_to_declare: bool = Field(
        default=True, description="Whether 3+3 declares a maximum tolerated dose from six subjects only"
    )
    accelerated: bool = Field(
        default=False,
        description="Whether 3+3 begins with one subject a level, until the first DLT or the second moderate toxicity",
    )
    stagger_days: int | None = Field(
        default=None, ge=1, le=366, description="Days for which the first subject of a level is alone; null: none asked for"
    )
    count_backfill: bool = Field(
        default=False, description="Whether subjects who fill a level behind the one that is escalated count for the design"
    )
    least_dose_fraction: Exact | None = Field(
        default=None, gt=0, le=1, description="Part of the planned dose that a subject without toxicity must have had to count"
    )
    assumed: tuple[Line, ...] = ()


Gate = Literal["refuse", "query", "off"]
GateName = Literal[
    "enrolment",
    "decision",
    "lot",
    "level",
    "identity",
    "toxicity",
    "weight_tier",
    "cytopenia",
    "infection",
    "thaw",
    "dose",
    "dlt",
]


class Gates(Part):
    """
    What stands between a subject and a dose that is recorded as given, or an arm: each gate refuses, asks a query, or is off.

    `enrolment`: no committee decision opens the level of the arm. `decision`: none opens the level of the dose at that time.
    `lot`: unknown, not released, expired, another subject's. `level`: not that of the subject's arm. `identity`: not
    checked by two persons. `toxicity`: CRS or ICANS of at least `toxicity_grade` when last observed. `weight_tier`: the
    weight has moved into another tier. `cytopenia`: blood counts below the limits stated. `infection`: one is active.
    `thaw`: longer from the end of thawing to the start. `dose`: above the one stated for the level, and its tolerance. `dlt`: a
    dose-limiting toxicity is open. `unknown_stops`: the gates for which unknown is as good as flagged.
    """

    enrolment: Gate = "refuse"
    decision: Gate = "refuse"
    lot: Gate = "refuse"
    level: Gate = "refuse"
    identity: Gate = "refuse"
    toxicity: Gate = "refuse"
    weight_tier: Gate = "query"
    cytopenia: Gate = "query"
    infection: Gate = "query"
    thaw: Gate = "query"
    dose: Gate = "refuse"
    dlt: Gate = "refuse"
    unknown_stops: tuple[GateName, ...] = ()
    toxicity_grade: int = Field(default=2, ge=1, le=4)
    neutrophils_least: Exact | None = Field(default=None, gt=0, description="In 10^9/L; null: the study does not say")
    platelets_least: Exact | None = Field(default=None, gt=0, description="In 10^9/L; null: the study does not say")
    haemoglobin_least: Exact | None = Field(default=None, gt=0, description="In g/L; null: the study does not say")
    counts_within_days: int | None = Field(default=None, ge=0, le=366, description="How old a count may be; null: of any age")
    thaw_minutes_most: int | None = Field(default=None, ge=1, le=1440, description="Null: the study does not say")
    assumed: tuple[Line, ...] = ()


class Protection(Part):
    """
    Whom a study protects in particular: ages in completed years. `guardian_below`: a guardian consents; `assent_from`: a child
    assents; `adult_from`: the subject consents, and consents anew. A female of `pregnancy_test_from` has a negative pregnancy
    test within `pregnancy_test_days` before the first dose; null: none is asked for. `follow_up_years`: of long-term follow-up,
    never told by what the product is.
    """

    guardian_below: int = Field(default=18, ge=0, le=25)
    assent_from: int | None = Field(default=None, ge=0, le=25)
    adult_from: int = Field(default=18, ge=14, le=25)
    pregnancy_test_from: int | None = Field(default=None, ge=0, le=60)
    pregnancy_test_days: int | None = Field(default=None, ge=0, le=366)
    follow_up_years: Annotated[int, Field(ge=1, le=50)] | Literal["unknown"] | None = None
    assumed: tuple[Line, ...] = ()


class ReportClock(Part):
    """An authority, committee or hospital that has expedited reports, and within how many calendar days of awareness."""

    authority: Line
    fatal_days: int = Field(default=7, ge=0, le=90, description="Fatal or life-threatening")
    other_days: int = Field(default=15, ge=0, le=90)


class Site(Part):
    siteid: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,10}$")]
    name: Line
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class StudyDocument(Part):
    """A study, whole; `agreement` says whether its parts agree with each other."""

    study: Identity
    facts: tuple[Fact, ...]
    epochs: tuple[Epoch, ...] = Field(min_length=1)
    elements: tuple[Element, ...] = Field(min_length=1)
    arms: tuple[Arm, ...] = Field(min_length=1)
    product: Product
    dosing: Dosing
    lymphodepletion: Lymphodepletion | None = None
    visits: tuple[PlannedVisit, ...] = Field(min_length=1)
    criteria: tuple[Criterion, ...]
    endpoints: Endpoints = Endpoints()
    toxicity: Toxicity = Toxicity()
    dlt: DoseLimiting = DoseLimiting()
    escalation: Escalation = Escalation()
    gates: Gates = Gates()
    protection: Protection = Protection()
    report_clocks: tuple[ReportClock, ...] = Field(
        default=(), description="Who has expedited reports, and when; none: as ICH E2A says, 7 and 15 days"
    )
    sites: tuple[Site, ...] = Field(min_length=1)
    instruments: dict[Code, Version] = Field(description="Instrument id -> version in force")
    reasons: dict[Code, Line] = Field(min_length=1, description="Reasons for change: code -> words; OTHER needs a text")


def read_study(source: str) -> StudyDocument:
    """A study document from TOML; raises `pydantic.ValidationError` naming what is wrong, ValueError where it is not TOML."""
    return read(StudyDocument, source)


def checksum(source: str) -> str:
    """The SHA-256 of a document as it was sent."""
    return hashlib.sha256(source.encode()).hexdigest()
