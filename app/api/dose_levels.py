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
    """
    Where a treated subject stands toward its level: dlt, evaluable, pending, unassessed or not_evaluable, and why.

    `outside_window`: each adjudicated toxicity that began outside the window. `replaces`: in whose place the subject entered;
    `replaced_by`: who entered in its place, where that is a subject at the caller's sites.
    """

    subject_id: str
    standing: str
    window_closes: str | None
    because: str
    outside_window: list[str]
    first_infusion: str | None
    backfill: bool
    replaces: str | None
    replaced: bool
    replaced_by: str | None


class Stagger(Answer):
    """The first subject of a level, the day from which others may start, who started earlier, and of whom that is not known."""

    first: str | None
    until: str | None
    early: list[str]
    unknown: list[str]


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
    `backfill`: subjects who fill the level from behind, counted beside the others where `backfill_counts`.
    `dlt_outside_window`: subjects with an adjudicated toxicity that began outside the window.
    """

    level: str
    treated: int
    evaluable: int
    pending: int
    unassessed: int
    not_evaluable: int
    dlt: int
    backfill: int
    dlt_outside_window: int
    stagger: Stagger | None
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
    backfill_counts: bool
    levels: list[Level]
