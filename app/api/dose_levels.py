"""What the answer on dose levels looks like."""

from __future__ import annotations

from datetime import datetime

from app.api.models import Answer


class Recommendation(Answer):
    """What the design's rule recommends for a level, by which rule and version, and why."""

    rule: str
    rule_version: str
    decision: str
    because: str


class CountedSubject(Answer):
    """Where a treated subject stands toward its level: dlt, evaluable, pending, unassessed or not_evaluable, and why."""

    subject_id: str
    standing: str
    window_closes: str | None
    because: str


class Signed(Answer):
    """A signature on a decision as it stands: printed name, role, instant and meaning."""

    name: str
    role: str
    at: datetime
    meaning: str


class Decided(Answer):
    """A decision of the committee that spoke of the level, since when, and who signed it."""

    doselvl: str
    decision: str
    effdtc: str
    signatures: list[Signed]


class Level(Answer):
    """
    One dose level, the lowest first. `pending`: the window is open at the date of the latest data; `unassessed`: it has closed
    and nobody has said whether it held a toxicity. `decision`: the one in force at that date; null: none opens the level.
    """

    level: str
    treated: int
    evaluable: int
    pending: int
    unassessed: int
    not_evaluable: int
    dlt: int
    recommendation: Recommendation | None
    decision: Decided | None
    open: bool
    subjects: list[CountedSubject]


class Escalation(Answer):
    """The dose levels of a study at a position of its ledger. `at`: the date of the latest data there; never the clock's."""

    study: str
    version: int
    design: str
    at: str | None
    assumed: list[str]
    levels: list[Level]
