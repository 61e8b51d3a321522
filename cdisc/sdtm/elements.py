"""
The elements of the design as each subject lived them (SE), and the epoch in which a date lies.

Source: SDTMIG 3.4 section 5.3 (SE).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from cdisc import timing
from cdisc.columns import rows
from cdisc.sdtm.people import Subject
from cdisc.trial import Trial


class Step(NamedTuple):
    """A step of an arm: planned order, code and name of its element, epoch."""

    taetord: int
    etcd: str
    name: str
    epoch: str


@dataclass(frozen=True, slots=True)
class Element:
    """An element as it was lived: planned order, code, name, epoch, start, end (empty: not ended)."""

    taetord: int
    etcd: str
    name: str
    epoch: str
    start: str
    end: str
    excludes_its_start: bool


def _starts(person: Subject, etcd: str, epoch: str, trial: Trial) -> str:
    """When an element began for a subject; empty where it has not. Follow-up begins once treatment is known to have ended."""
    match trial.elements.get(etcd):
        case "consent":
            return person.consent
        case "lymphodepletion":
            return min((start for start, _ in person.lymphodepletion if start), default="")
        case "first_infusion":
            return person.reference
        case "last_infusion" if person.off_treatment or epoch in person.epochs_visited:
            return person.last_infusion
        case _:
            return ""


def planned_elements(trial: Trial) -> dict[str, list[Step]]:
    """The steps of each arm in their order, the arms as the design lists them."""
    plan = trial.design["TA"]
    arms: dict[str, list[Step]] = {arm: [] for arm in plan["ARMCD"]}
    ordered = plan.sort_values("TAETORD")
    for arm, order, *step in rows(*(ordered[name] for name in ("ARMCD", "TAETORD", "ETCD", "ELEMENT", "EPOCH"))):
        arms[arm].append(Step(int(order), *step))
    return arms


def lived_elements(person: Subject, plan: Mapping[str, list[Step]], trial: Trial) -> list[Element]:
    """The elements of the subject's arm (before any arm: of the first) that began, each ending where the next begins."""
    steps = plan.get(person.armcd or next(iter(plan), ""), [])
    begun = [(*step, start) for step in steps if (start := _starts(person, step.etcd, step.epoch, trial))]
    ends = [*(start for *_, start in begun[1:]), *([_ended(person)] if begun else [])]
    return [
        Element(*step, end=end, excludes_its_start=trial.elements[step[1]] == "last_infusion")
        for step, end in zip(begun, ends, strict=True)
    ]


def _ended(person: Subject) -> str:
    """When the subject's participation ended: the disposition of it, else death; empty while the subject is followed."""
    ends = [row["dsstdtc"] for row in person.dispositions if row["dsscat"] == "STUDY PARTICIPATION" and row["dsstdtc"]]
    return max(ends, default=person.died_on)


def epoch_at(elements: list[Element], at: str) -> str:
    """
    The epoch in which a date certainly lies: of a partial date, all the days that it may be. Empty before the first element.

    On the day of the last infusion a date without a time belongs to the treatment: the follow-up begins after the infusion.
    """
    found = ""
    for element in elements:
        reached = _reached(element, at)
        found = found if reached is False else element.epoch if reached else ""
    return found


def _reached(element: Element, at: str) -> bool | None:
    """Whether a date is in an element or after it; None where its digits leave that open. A start's day counts as in it."""
    early = timing.before(at, element.start)
    if early is None and timing.day(at) and timing.day(element.start):
        return not element.excludes_its_start
    if early is False:
        return not (element.excludes_its_start and at == element.start)
    return None if early is None else False
