"""What is known of the disease, visit by visit: its indices, its treatment, the events that intervene."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from app.rules.verdict import Source, Truth


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
class Escalation:
    """What changed since the previous visit because of lupus activity, as the SELENA flare index asks; None is not recorded."""

    new_immunosuppressant: Truth = None
    nsaid_or_antimalarial_added: Truth = None
    hospitalised: Truth = None
    severe_organ_feature: Truth = None
    prednisone_for_lupus: Truth = None
    at: str | None = None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Assessed:
    """
    One form of an instrument that was made, whatever its answers. `score`: what it gives, which another instrument may give
    too; `derived`: whether from its items, and not as entered. `at`: its date, without one that of its visit; `visit`: by
    name, None where it belongs to none. `trained`: when the `assessor` was; `asks_training`: whether the instrument asks;
    `one_a_visit`: whether a visit has one form of it at most.
    """

    id: str
    instrument: str
    score: str
    derived: bool
    at: str | None
    asks_training: bool
    one_a_visit: bool
    visit: str | None = None
    assessor: str | None = None
    trained: str | None = None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Dose:
    """
    One drug being taken. `drug`: lower-case generic name; `mg`: milligrams per administration, None unknown;
    `interval_days`: days between administrations (0.5 twice daily, 2 alternate days), None unknown; `route`: lower case;
    `event`: the adverse event that it is given for, None where it is given for none.
    """

    drug: str
    mg: Decimal | None
    interval_days: Decimal | None = Decimal(1)
    route: str = "oral"
    source: Source | None = None
    event: str | None = None


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
    escalation: Escalation = Escalation()
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
