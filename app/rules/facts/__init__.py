"""
What is known of one subject, in the units the rules think in. `casebook.facts` makes it from rows; the bench from cases.

Everything is a frozen value. None is *not recorded*; an empty tuple is *recorded: none*. Each fact knows its `source`, so
that a verdict can say which version of which record it rests on. Dates and times are ISO 8601 text, local as captured;
those of visits and observations that rules put in order are complete to the day at least, see `dates`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.rules.facts.dosing import Arm, Given, LevelDecision, Limiting, Lot, Weight
from app.rules.facts.efficacy import Assessed, Background, Bilag, Dose, Escalation, Event, Exclusion, Pga, Sledai, VisitFacts
from app.rules.facts.laboratory import Measurement
from app.rules.facts.safety import (
    Answer,
    Death,
    DeathDetail,
    Denied,
    EventGrade,
    GradedEvent,
    Infection,
    LocalSigns,
    Often,
    Toxicity,
    Treatment,
)
from app.rules.facts.subjects import Consent, EntryAnswer, Unspelt
from app.rules.study import Settings
from app.rules.verdict import Source

__all__ = [
    "Answer",
    "Arm",
    "Assessed",
    "Background",
    "Bilag",
    "Consent",
    "Death",
    "DeathDetail",
    "Denied",
    "Dose",
    "EntryAnswer",
    "Escalation",
    "Event",
    "EventGrade",
    "Exclusion",
    "Facts",
    "Given",
    "GradedEvent",
    "Infection",
    "LevelDecision",
    "Limiting",
    "LocalSigns",
    "Lot",
    "Measurement",
    "Often",
    "Pga",
    "Sledai",
    "Toxicity",
    "Treatment",
    "Unspelt",
    "VisitFacts",
    "Weight",
]


@dataclass(frozen=True, slots=True)
class Facts:
    """
    All that the rules may know of one subject.

    `first_infusion`, `lymphodepletion_start` and `apheresis`: local date and time; None where there was none yet. `visits`,
    `results`, `event_grades`, `assessments`, `entry_answers`, `unspelt`: in no order. `birth`: year or year and month. `sex`:
    F, M or a term of the codelist. `sources`: where what is not a visit's stands, by table name. `doses`, `arms` (in the order
    of entry) and `weights` are the subject's; `lots` and `decisions` are the study's. `infections_denied`, `deaths`: in the
    order of their days. `treatments` and the answers about `intensive_care`: in no particular order.
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
    assessments: tuple[Assessed, ...] = ()
    events: tuple[Event, ...] = ()
    toxicity: tuple[Toxicity, ...] = ()
    adverse_events: tuple[GradedEvent, ...] = ()
    event_grades: tuple[EventGrade, ...] = ()
    results: tuple[Measurement, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)
    doses: tuple[Given, ...] = ()
    arms: tuple[Arm, ...] = ()
    weights: tuple[Weight, ...] = ()
    lots: tuple[Lot, ...] = ()
    decisions: tuple[LevelDecision, ...] = ()
    infections: tuple[Infection, ...] = ()
    infections_denied: tuple[Denied, ...] = ()
    limiting: tuple[Limiting, ...] = ()
    consents: tuple[Consent, ...] = ()
    entry_answers: tuple[EntryAnswer, ...] = ()
    unspelt: tuple[Unspelt, ...] = ()
    deaths: tuple[Death, ...] = ()
    death_details: tuple[DeathDetail, ...] = ()
    treatments: tuple[Treatment, ...] = ()
    intensive_care: tuple[Answer, ...] = ()

    @property
    def arm(self) -> Arm | None:
        """The arm that the subject entered last."""
        return self.arms[-1] if self.arms else None

    @property
    def treatment_start(self) -> str | None:
        """The date and time that baselines must precede: by the study's choice, the lymphodepletion where there was one."""
        if self.settings.baseline == "before_lymphodepletion" and self.lymphodepletion_start is not None:
            return self.lymphodepletion_start
        return self.first_infusion
