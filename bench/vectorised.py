"""
A study as arrays, and the verdicts on it as whole-array arithmetic: the floor beneath `derive.verdicts`.

Complete data alone: nothing is missing, so that no third truth, no evidence, no reason and no version is carried along. The
same study is made into the facts that the rules read, and both must say the same before either is timed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.rules.efficacy.bilag import DOMAINS
from app.rules.efficacy.sledai import CLINICAL, MAJOR_ORGAN, WEIGHTS
from app.rules.facts import Background, Bilag, Dose, Event, Facts, Pga, Sledai, VisitFacts
from app.rules.study import Settings, Window

Numbers = NDArray[np.int64]
Truths = NDArray[np.bool_]

GRADES = "EDCBA"
SEVERITY = np.array([0, 0, 1, 2, 3])
DOSES = np.array([0, 25, 50, 75, 100, 150])
POINTS = np.array(list(WEIGHTS.values()))
MAJOR, OF_CLINICAL = (np.array([key in keys for key in WEIGHTS]) for keys in (MAJOR_ORGAN, CLINICAL))
INFUSED = date(2025, 3, 3)
DAYS_APART = 30
AGENT = Dose("mycophenolate mofetil", Decimal(1000))


@dataclass(frozen=True, slots=True)
class Cohort:
    """
    Subjects by visits, the first visit their baseline.

    `items`: SLEDAI-2K descriptors; `grades`: index into `GRADES` by BILAG domain; `mark`: PGA in hundredths on 0 to 3; `dose`:
    prednisone in tenths of mg a day; `beyond`: haemolysis, gut; `steady`, `tolerated`: background therapy; `fails`: the visit
    from which on an intercurrent failure counts, the number of visits where none does.
    """

    items: Truths
    grades: Numbers
    mark: Numbers
    dose: Numbers
    beyond: Truths
    steady: Truths
    tolerated: Truths
    fails: Numbers


def cohort(subjects: int, visits: int, seed: int = 5601) -> Cohort:
    """A study in which some respond and some do not, the same for the same seed."""
    random = np.random.default_rng(seed)
    lasting = random.beta(0.4, 1.2, (subjects, 1)) * np.ones(visits)
    lasting[:, 0] = 1
    active = random.random((subjects, visits, len(DOMAINS))) < 0.15 * lasting[..., None]
    marks = 200 * lasting + random.normal(10, 20, (subjects, visits))
    return Cohort(
        items=random.random((subjects, visits, len(POINTS))) < 0.2 * lasting[..., None],
        grades=np.where(active, random.integers(2, 5, active.shape), random.integers(0, 2, active.shape)),
        mark=np.clip(marks.astype(np.int64), 0, 300),
        dose=random.choice(DOSES, (subjects, visits)),
        beyond=random.random((subjects, visits, 2)) < 0.02 * lasting[..., None],
        steady=random.random((subjects, visits)) < 0.9,
        tolerated=random.random((subjects, visits)) < 0.95,
        fails=np.where(random.random(subjects) < 0.2, random.integers(1, visits, subjects), visits),
    )


def said(of: Cohort) -> dict[str, NDArray[Any]]:
    """SLEDAI-2K in points at every visit; SRI-4, LLDAS and DORIS at every visit after the baseline, met or not."""
    total = of.items @ POINTS
    then, now, before = slice(0, 1), slice(1, None), slice(0, -1)
    severity = SEVERITY[of.grades]
    new = _risen(severity[:, now], severity[:, then])
    worse = (new.sum(axis=2) > 1) | (new & (severity[:, now] == 3)).any(axis=2)
    held = np.arange(1, total.shape[1]) < of.fails[:, None]
    risen = _risen(severity[:, now], severity[:, before]).any(axis=2)
    appeared = (of.items[:, now] & ~of.items[:, before]).any(axis=2) | (of.beyond[:, now] & ~of.beyond[:, before]).any(axis=2)
    low = (total <= 4) & ~(of.items & MAJOR).any(axis=2) & ~of.beyond.any(axis=2) & (of.mark <= 100) & (of.dose <= 75)
    quiet = (of.items @ (POINTS * OF_CLINICAL) == 0) & (of.mark < 50) & (of.dose <= 50) & of.steady
    return {
        "sledai2k": total,
        "sri4": (total[:, then] - total[:, now] >= 4) & ~worse & (of.mark[:, now] - of.mark[:, then] < 30) & held,
        "lldas": low[:, now] & of.tolerated[:, now] & ~appeared & ~risen,
        "doris": quiet[:, now],
    }


def _risen(now: Numbers, then: Numbers) -> Truths:
    return (now >= 2) & (then < 3) & (now > then)


def facts(of: Cohort) -> list[Facts]:
    """The same study as the rules read it, a subject at a time."""
    visits = of.mark.shape[1]
    settings = Settings(windows=tuple(Window(f"V{n}", DAYS_APART * n, 7, 7) for n in range(1, visits)), paediatric=False)
    return [_subject(of, subject, settings) for subject in range(len(of.fails))]


def _subject(of: Cohort, subject: int, settings: Settings) -> Facts:
    visits, fails = of.mark.shape[1], int(of.fails[subject])
    events = (Event("RESCUE_GLUCOCORTICOID", _day(DAYS_APART * fails - 1), True),) if fails < visits else ()
    return Facts(
        settings,
        f"SYN-{subject:04}",
        first_infusion=f"{_day(0)}T10:00",
        visits=tuple(_visit(of, subject, number) for number in range(visits)),
        events=events,
    )


def _visit(of: Cohort, subject: int, number: int) -> VisitFacts:
    here = (subject, number)
    dose, (haemolysis, gut) = Decimal(int(of.dose[here])) / 10, of.beyond[here].tolist()
    return VisitFacts(
        f"V{number}",
        f"{_day(DAYS_APART * number if number else -1)}T09:00",
        sledai=Sledai(dict(zip(WEIGHTS, of.items[here].tolist(), strict=True))),
        bilag=Bilag({domain: GRADES[grade] for domain, grade in zip(DOMAINS, of.grades[here], strict=True)}),
        pga=Pga(Decimal(int(of.mark[here])) / 100, "0-3"),
        glucocorticoids=(Dose("prednisone", dose),) if dose else (),
        background=Background((AGENT,), bool(of.steady[here]), None, bool(of.tolerated[here]), False),
        haemolytic_anaemia=haemolysis,
        gi_activity=gut,
    )


def _day(offset: int) -> str:
    return (INFUSED + timedelta(days=offset)).isoformat()
