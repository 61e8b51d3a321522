"""
Which visit counts for what: the baseline of each instrument, the visit of a timepoint, the assessment before it.

Baseline is the last assessment of each instrument, done at least in part, before the first infusion (or, where the study says
so, before the lymphodepletion), by date and time. An assessment of the same day needs its time or the tick that it preceded
the infusion; with neither its order is unknown, and it is passed over and named. A timepoint is answered by the visit in its
window: scheduled before unscheduled, then the nearest to the nominal day, then the later. The previous assessment is the last
visit of any kind before that one which has a SLEDAI-2K form.

Rulings. Each instrument has a baseline of its own. Of two visits at the same distance the later answers the timepoint. Windows
are the study's; where none are published, a study's document lists its own as assumed.

Disputed. An assessment after the start of lymphodepletion may no longer show the disease untouched: it is the baseline by
default where it is the last before the infusion, and `checks` asks about it; a study may take the last before lymphodepletion.

Source: rulings of the study settings (`study.Settings`); Oon S et al. Ann Rheum Dis 2019 (comparison with the previous
assessment).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from app.rules.dates import before, days_between, shifted, sort_key
from app.rules.efficacy import pga
from app.rules.facts import Bilag, Facts, Pga, Sledai, VisitFacts
from app.rules.study import Window
from app.rules.verdict import Evidence, Rule, Truth, Value, Verdict

RULE = Rule("baseline", "1", "Baseline", "Study settings: last assessment of each instrument before treatment")

Form = Sledai | Bilag | Pga


def in_order(visits: Iterable[VisitFacts]) -> list[VisitFacts]:
    """Visits by date and time, then by name, whatever order they came in; one without a year comes last."""
    return sorted(visits, key=_moment)


def _moment(visit: VisitFacts) -> tuple[str, str]:
    return sort_key(visit.at), visit.name


@dataclass(frozen=True, slots=True)
class Baseline:
    """The visit that holds each instrument's baseline, or None; `unordered`: what is missing to put other forms in order."""

    sledai: VisitFacts | None
    bilag: VisitFacts | None
    pga: VisitFacts | None
    unordered: tuple[str, ...] = ()


NO_BASELINE = VisitFacts("baseline", "")
"""Stands for a baseline that there is none of: a visit of which nothing is known."""


def _sledai(visit: VisitFacts) -> Sledai | None:
    form = visit.sledai
    return form if form and any(present is not None for present in form.items.values()) else None


def _bilag(visit: VisitFacts) -> Bilag | None:
    form = visit.bilag
    return form if form and any(grade is not None for grade in form.grades.values()) else None


def _pga(visit: VisitFacts) -> Pga | None:
    return visit.pga if pga.on_0_3(visit.pga) is not None else None


_FORMS: tuple[tuple[str, Callable[[VisitFacts], Form | None]], ...] = (
    ("SLEDAI-2K", _sledai),
    ("BILAG-2004", _bilag),
    ("PGA", _pga),
)


def _precedes(visit: VisitFacts, form: Form, start: str | None, infusion: str | None) -> Truth:
    at = form.at or visit.at
    ordered = before(at, start)
    if ordered is None and start == infusion and days_between(at, start) == 0:
        return form.before_dose
    return ordered


def baseline(facts: Facts) -> Baseline:
    """The baseline of each instrument of a subject; all None before the first infusion."""
    start, infusion = facts.treatment_start, facts.first_infusion
    found: list[VisitFacts | None] = []
    unordered: list[str] = []
    for name, form_of in _FORMS:
        done = [(visit, form) for visit in in_order(facts.visits) if (form := form_of(visit)) is not None]
        order = [(visit, form, _precedes(visit, form, start, infusion)) for visit, form in done if infusion is not None]
        prior = [(sort_key(form.at or visit.at), _moment(visit), visit) for visit, form, first in order if first]
        found.append(max(prior, key=lambda each: each[:2])[2] if prior else None)
        unordered += [f"time or pre-dose tick of {name} at {visit.name}" for visit, _, first in order if first is None]
    return Baseline(found[0], found[1], found[2], tuple(unordered))


def baseline_forms(base: Baseline) -> tuple[tuple[str, VisitFacts | None, Form | None], ...]:
    """Each instrument's name with the visit and the form that are its baseline."""
    visits = (base.sledai, base.bilag, base.pga)
    pairs = zip(_FORMS, visits, strict=True)
    return tuple((name, visit, None if visit is None else form_of(visit)) for (name, form_of), visit in pairs)


def baseline_verdict(facts: Facts) -> Verdict:
    """Which visit holds each instrument's baseline, about the subject; not applicable before the first infusion."""
    if facts.first_infusion is None:
        return Verdict(RULE, "subject", Value.NOT_APPLICABLE)
    base = baseline(facts)
    forms = baseline_forms(base)
    lacking = tuple(f"{name} before treatment" for name, visit, _ in forms if visit is None)
    chosen = tuple(
        Evidence(f"baseline of {name}", visit.name, None, form.at or visit.at, form.source)
        if visit and form
        else Evidence(f"baseline of {name}", None)
        for name, visit, form in forms
    )
    value = Value.COMPUTED if len(lacking) < len(forms) else Value.NOT_EVALUABLE
    return Verdict(RULE, "subject", value, missing=lacking + base.unordered, evidence=chosen)


@dataclass(frozen=True, slots=True)
class Timepoint:
    """
    A timepoint as it stands for one subject.

    `target`: the visit that answers it, None where there is none. `previous`: the assessment before it. `until`: intercurrent
    events that start before this count against it. `treated`: False where it lies before the first infusion.
    """

    name: str
    target: VisitFacts | None = None
    previous: VisitFacts | None = None
    until: str | None = None
    treated: bool = False

    @property
    def visit(self) -> VisitFacts:
        """The target visit or, where there is none, a visit under the timepoint's name of which nothing is known."""
        return self.target or VisitFacts(self.name, "")

    def used(self) -> Evidence:
        """The visit that the timepoint was answered by, as evidence."""
        if self.target is None:
            return Evidence(f"visit used for {self.name}", None)
        return Evidence(f"visit used for {self.name}", self.target.name, None, self.target.at, self.target.source)


def in_window(facts: Facts, window: Window) -> VisitFacts | None:
    """The visit that answers a planned timepoint; days are counted from the first infusion, which is day 0."""
    candidates = [
        (visit.kind != "scheduled", abs(days - window.nominal), visit)
        for visit in reversed(in_order(facts.visits))
        if (days := days_between(facts.first_infusion, visit.at)) is not None
        and window.nominal - window.before <= days <= window.nominal + window.after
    ]
    return min(candidates, key=lambda each: each[:2])[2] if candidates else None


def previous(facts: Facts, target: VisitFacts) -> VisitFacts | None:
    """The last visit of any kind before the target that has a SLEDAI-2K form."""
    earlier = [visit for visit in in_order(facts.visits) if visit.sledai and before(visit.at, target.at)]
    return earlier[-1] if earlier else None


def timepoint(facts: Facts, name: str) -> Timepoint:
    """
    The timepoint of that name: a planned one by its window, any other the visit of that name.

    A timepoint without a visit still has its end, the last midnight of its window, where the first infusion has been given.
    """
    window = next((each for each in facts.settings.windows if each.timepoint == name), None)
    if window is None:
        target = next((visit for visit in in_order(facts.visits) if visit.name == name), None)
    else:
        target = in_window(facts, window)
    if target is not None:
        treated = facts.first_infusion is not None and before(target.at, facts.first_infusion) is not True
        return Timepoint(name, target, previous(facts, target), target.at, treated)
    day_after = None if window is None else shifted(facts.first_infusion, window.nominal + window.after + 1)
    return Timepoint(name, until=day_after and f"{day_after}T00:00", treated=day_after is not None)


def passed(facts: Facts, window: Window) -> bool:
    """Whether no visit can answer a timepoint any more: a later visit has been made, or the subject died before its end."""
    end = window.nominal + window.after
    days = (days_between(facts.first_infusion, visit.at) for visit in facts.visits)
    deaths = (
        days_between(facts.first_infusion, event.start) for event in facts.events if event.type == "DEATH" and event.counts
    )
    return any(day is not None and day > end for day in days) or any(day is not None and day <= end for day in deaths)
