"""What is known of harm: observations after an infusion, adverse events, infections, deaths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from app.rules.verdict import Source, Truth


@dataclass(frozen=True, slots=True)
class Toxicity:
    """
    One observation after an infusion: everything that grading CRS and ICANS asks. Temperature in degrees Celsius; pressures
    in mmHg; flow in L/min; `vasopressors` running now; `given` antipyretic or anticytokine drugs since the last observation.
    `ice`: the ten ICE items 1 or 0 by key; `capd`: the eight CAPD items in points by key; None: that form was not done.
    `rass`: agitation and sedation on the Richmond scale, -5 to 4. `organ_toxicity`, `transaminitis`: CTCAE grades, the first
    without the second.
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
    rass: int | None = None
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
    day on which the sponsor became aware of it. `worsened`: while it lasted, last on `worsened_at`. `site_aware`: when the site
    became aware of it. `difference`: why the grade
    is not the computed one, in words. `refractory`: whether a cytopenia resists transfusion or growth factor.
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
    site_aware: str | None = None
    difference: str | None = None
    refractory: Truth = None


@dataclass(frozen=True, slots=True)
class EventGrade:
    """The grade of an adverse event from a date on, in the event's scale; `event`: which one, as `GradedEvent.id`."""

    id: str
    event: str
    at: str
    grade: int
    source: Source | None = None


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
class Often:
    """So many times in every so many days; in every 0 days: so many times and no more."""

    times: int
    every_days: int

    def within(self, days: int) -> int:
        """How many times in so many days, the first of which is one of them."""
        return ((days - 1) // self.every_days + 1) * self.times


@dataclass(frozen=True, slots=True)
class Treatment:
    """
    A drug beside the study treatment, or a stay in intensive care, as recorded.

    `name`: a drug's in lower case. `kind`: the category of a drug, or `INTENSIVE CARE`. `dose`: of one administration, in
    `unit`. `event`: the adverse event that it was for, as `GradedEvent.id`; `indication`: in words.
    """

    id: str
    name: str
    kind: str | None
    start: str | None
    end: str | None
    dose: Decimal | None = None
    unit: str | None = None
    often: Often | None = None
    event: str | None = None
    indication: str | None = None
    source: Source | None = None

    @property
    def dated(self) -> tuple[str | None, str | None]:
        """When it began and when it ended."""
        return self.start, self.end


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to whether something was, as given on a day."""

    at: str
    yes: Truth
    source: Source | None = None
