"""
What is known of one subject, in the units the rules think in. `casebook.facts` makes it from rows; the bench from cases.

Everything is a frozen value. None is *not recorded*; an empty tuple is *recorded: none*. Each fact knows its `source`, so
that a verdict can say which version of which record it rests on. Dates and times are ISO 8601 text, local as captured;
those of visits and observations that rules put in order are complete to the day at least, see `dates`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from app.rules.study import Settings
from app.rules.verdict import Evidence, Source, Truth


@dataclass(frozen=True, slots=True)
class Sledai:
    """The 24 SLEDAI-2K descriptors by key: True present and due to lupus in the look-back, False not, None not assessed."""

    items: Mapping[str, Truth]
    at: str | None = None
    before_dose: Truth = None
    source: Source | None = None
    total_reported: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Bilag:
    """
    The nine BILAG-2004 domain grades A to E by key, as the investigator entered them; None not done. `items`: of a form of
    items in their place, each a score, a finding or a measurement in the unit of its document.
    """

    grades: Mapping[str, str | None]
    at: str | None = None
    before_dose: Truth = None
    source: Source | None = None
    items: Mapping[str, int | bool | Decimal | None] | None = None


@dataclass(frozen=True, slots=True)
class Pga:
    """The physician's global assessment as marked, with its scale (`0-3`, `0-10cm`, `0-100mm`)."""

    mark: Decimal | None
    scale: str
    at: str | None = None
    before_dose: Truth = None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Dose:
    """
    One drug being taken. `drug`: lower-case generic name; `mg`: milligrams per administration, None unknown;
    `interval_days`: days between administrations (0.5 twice daily, 2 alternate days), None unknown; `route`: lower case.
    """

    drug: str
    mg: Decimal | None
    interval_days: Decimal | None = Decimal(1)
    route: str = "oral"
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Background:
    """Background therapy at a visit: agents, whether stable (or why changed), tolerated, and other investigational drugs."""

    agents: tuple[Dose, ...] | None = None
    stable: Truth = None
    change_reason: str | None = None
    well_tolerated: Truth = None
    other_investigational: Truth = None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """The cause other than lupus for which a SLEDAI-2K descriptor is not scored at a visit, in words."""

    reason: str
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """
    One visit that took place. `name`: as the study document or the service names it (`M3`, `UNS1`); `at`: its date or date
    and time; `glucocorticoids`: all systemic and other glucocorticoids being taken that day; `exclusions`: by descriptor.
    """

    name: str
    at: str
    kind: Literal["scheduled", "unscheduled"] = "scheduled"
    sledai: Sledai | None = None
    bilag: Bilag | None = None
    pga: Pga | None = None
    glucocorticoids: tuple[Dose, ...] | None = None
    background: Background | None = None
    weight_kg: Decimal | None = None
    weight_source: Source | None = None
    haemolytic_anaemia: Truth = None
    gi_activity: Truth = None
    review_source: Source | None = None
    exclusions: Mapping[str, Exclusion] = field(default_factory=dict)
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """An intercurrent event as adjudicated: `counts` is the adjudication; `prescribed_at` the visit that prescribed it."""

    type: str
    start: str
    counts: Truth
    prescribed_at: str | None = None
    detail: str | None = None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Toxicity:
    """
    One observation after an infusion: everything that grading CRS and ICANS asks. Temperature in degrees Celsius; pressures
    in mmHg; flow in L/min; `vasopressors` running now; `given` antipyretic or anticytokine drugs since the last observation.
    `ice`: the ten ICE items 1 or 0 by key; `capd`: the eight CAPD items in points by key; None: that form was not done.
    `organ_toxicity`, `transaminitis`: CTCAE grades, the first without the second.
    `adverse_event`: the event that it was made for, as `GradedEvent.id`; None: the one in whose time it lies.
    """

    id: str
    at: str
    age_years: int
    temperature_c: Decimal | None = None
    fever_other_cause: Truth = None
    given: tuple[str, ...] | None = None
    systolic: Decimal | None = None
    hypotension: Truth = None
    hypotension_other_cause: Truth = None
    vasopressors: tuple[str, ...] | None = None
    o2_device: str | None = None
    o2_flow: Decimal | None = None
    fio2: Decimal | None = None
    hypoxia_other_cause: Truth = None
    developmental_delay: Truth = None
    ice: Mapping[str, int | None] | None = None
    ice_not_done_reason: str | None = None
    capd: Mapping[str, int | None] | None = None
    capd_unable: Truth = None
    baseline_capd: int | None = None
    consciousness: str | None = None
    consciousness_other_cause: Truth = None
    seizure: str | None = None
    seizure_minutes: Decimal | None = None
    motor: str | None = None
    icp: str | None = None
    intracranial_haemorrhage: Truth = None
    death: str | None = None
    adverse_event: str | None = None
    constitutional: Truth = None
    high_dose_vasopressor: Truth = None
    organ_toxicity: int | None = None
    transaminitis: int | None = None
    source: Source | None = None
    ice_source: Source | None = None
    capd_source: Source | None = None


@dataclass(frozen=True, slots=True)
class LocalSigns:
    """What grading an event as a local toxicity asks of it beside its stay in hospital; `organ`: where it is."""

    organ: str | None = None
    affected_before: Truth = None
    other_cause: Truth = None
    glucocorticoid_over_a_week: Truth = None
    inner_organ: Truth = None
    intensive_care: Truth = None


@dataclass(frozen=True, slots=True)
class GradedEvent:
    """
    An adverse event with the investigator's grade, as far as the machine's own grading can be held beside it.

    `id`: what observations name it by in `adverse_event`. `term`: its dictionary term, else as reported. `scale`: as entered.
    `criteria`: the criteria of seriousness by name, each yes, no or not recorded. `outcome`: as entered.
    `related`: whether it is suspected to come from the product; `unexpected`: by the reference safety information; `aware`: the
    day on which the sponsor became aware of it. `worsened`: while it lasted, last on `worsened_at`.
    """

    id: str
    term: str
    grade: int | None
    scale: str | None
    start: str | None
    end: str | None
    source: Source | None = None
    serious: Truth = None
    criteria: Mapping[str, Truth] = field(default_factory=dict)
    outcome: str | None = None
    related: Truth = None
    unexpected: Truth = None
    aware: str | None = None
    category: str | None = None
    local: LocalSigns = LocalSigns()
    worsened: Truth = None
    worsened_at: str | None = None


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


@dataclass(frozen=True, slots=True)
class Given:
    """One infusion recorded as given. `at`: its start; `thawed`: the end of thawing; `weight_kg`: what its dose rests on."""

    id: str
    at: str | None
    level: str | None = None
    lot: str | None = None
    weight_kg: Decimal | None = None
    identity_checked: Truth = None
    thawed: str | None = None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot of the product. `status`: as released; `subject`: whose it is, where it is one subject's own."""

    number: str
    status: str
    released: str | None = None
    expires: str | None = None
    subject: str | None = None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class LevelDecision:
    """
    A decision of the safety review committee on a dose level, in force from `effective`, a local date and time. `signed`:
    whether it is signed for approval as it stands.
    """

    level: str
    decision: str
    effective: str
    signed: bool
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Arm:
    """An arm that a subject entered, when, and the dose level that it stands for; None where it stands for none."""

    id: str
    code: str
    level: str | None
    at: str | None = None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Weight:
    """A body weight as measured."""

    at: str
    kg: Decimal
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Infection:
    """An infection as recorded. `began`: its start, else the day of its report; `ended`: None where no end is recorded."""

    name: str
    began: str | None
    ended: str | None = None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Denied:
    """That there was no infection, as it was answered on a day."""

    at: str
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent, or the `assent` of a child, as recorded. `signer`: SUBJECT, PARENT or GUARDIAN."""

    at: str | None
    signer: str | None
    assent: bool
    source: Source | None = None

    @property
    def what(self) -> str:
        """What it is, in words."""
        return "assent" if self.assent else "consent"


@dataclass(frozen=True, slots=True)
class Death:
    """A death as a disposition tells of it."""

    at: str | None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class DeathDetail:
    """A detail of a death in words; `names_cause`: whether it says what the subject died of."""

    what: str
    names_cause: bool
    at: str | None = None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """
    All that the rules may know of one subject.

    `first_infusion`, `lymphodepletion_start` and `apheresis`: local date and time; None where there was none yet. `visits` and
    `results`: in no particular order. `birth`: year or year and month. `sex`: F, M or another term of the codelist.
    `sources`: where what is not a visit's stands, by table name. `doses`, `arms` (in the order of entry) and `weights` are the
    subject's; `lots` and `decisions` are the study's. `infections_denied`, `deaths`: in the order of their days.
    """

    settings: Settings
    subject: str
    birth: str | None = None
    age_years: int | None = None
    sex: str | None = None
    first_infusion: str | None = None
    infusions: tuple[str, ...] = ()
    lymphodepletion_start: str | None = None
    apheresis: str | None = None
    visits: tuple[VisitFacts, ...] = ()
    events: tuple[Event, ...] = ()
    toxicity: tuple[Toxicity, ...] = ()
    adverse_events: tuple[GradedEvent, ...] = ()
    results: tuple[Measurement, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)
    doses: tuple[Given, ...] = ()
    arms: tuple[Arm, ...] = ()
    weights: tuple[Weight, ...] = ()
    lots: tuple[Lot, ...] = ()
    decisions: tuple[LevelDecision, ...] = ()
    infections: tuple[Infection, ...] = ()
    infections_denied: tuple[Denied, ...] = ()
    consents: tuple[Consent, ...] = ()
    deaths: tuple[Death, ...] = ()
    death_details: tuple[DeathDetail, ...] = ()

    @property
    def arm(self) -> Arm | None:
        """The arm that the subject entered last."""
        return self.arms[-1] if self.arms else None
