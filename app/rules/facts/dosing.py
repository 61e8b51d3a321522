"""What is known of doses: those given, the lots, the levels with their decisions, the arms and the weights."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from app.rules.verdict import Source, Truth


@dataclass(frozen=True, slots=True)
class Given:
    """
    One infusion recorded as given. `at`: its start; `thawed`: the end of thawing; `weight_kg`: what its dose rests on.

    `amount`: the dose in `unit`. `stated`: whether the study document states a dose for its level, and `planned` which, in the
    same unit; None: the unit is another, or the weight is not known. `coi`: the chain of identity as read at the bedside.
    `number`: which infusion of the subject it is.
    """

    id: str
    at: str | None
    level: str | None = None
    lot: str | None = None
    weight_kg: Decimal | None = None
    identity_checked: Truth = None
    thawed: str | None = None
    source: Source | None = None
    amount: Decimal | None = None
    unit: str | None = None
    stated: bool = False
    planned: Decimal | None = None
    coi: str | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Limiting:
    """A toxicity as adjudicated to be dose-limiting or not; `event`: its adverse event (None: none named), with its times."""

    event: str | None
    limiting: Truth
    began: str | None
    ended: str | None = None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Lot:
    """
    A lot of the product. `status`: as released; `subject`: whose it is, where it is one subject's own; `coi`: its chain of
    identity.
    """

    number: str
    status: str
    released: str | None = None
    expires: str | None = None
    subject: str | None = None
    coi: str | None = None
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
