"""
Whether the parts of a study document agree with each other: every name that one part uses is listed in another.

Each function yields what does not agree, in words for the author of the document.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise

from app.casebook.studies.documents import StudyDocument
from app.tables import CAPTURED

ASSESSMENTS = "assessments"
LONG_TERM = "LONG-TERM FOLLOW-UP"
DAYS_A_YEAR = 366


def disagreements(document: StudyDocument) -> list[str]:
    """Everything in which a study document contradicts itself; empty where it does not."""
    return list(chain.from_iterable(part(document) for part in PARTS))


def _twice(document: StudyDocument) -> Iterator[str]:
    listed = {
        "epoch": [epoch.name for epoch in document.epochs],
        "element": [element.etcd for element in document.elements],
        "arm": [arm.armcd for arm in document.arms],
        "dose level": [level.level for level in document.dosing.levels],
        "visit": [visit.visit for visit in document.visits],
        "visit number": [format(visit.visitnum.normalize(), "f") for visit in document.visits],
        "criterion": [criterion.ietestcd for criterion in document.criteria],
        "site": [site.siteid for site in document.sites],
        "item of the checklist": [item.code for item in document.dlt.items],
    }
    for what, names in listed.items():
        yield from (f"{what} {name} is listed twice" for name, times in Counter(names).items() if times > 1)


def _arms(document: StudyDocument) -> Iterator[str]:
    epochs, elements = {epoch.name for epoch in document.epochs}, {element.etcd for element in document.elements}
    levels = {level.level for level in document.dosing.levels}
    for arm in document.arms:
        yield from _unlisted(f"arm {arm.armcd} uses element", (step.etcd for step in arm.path), elements)
        yield from _unlisted(f"arm {arm.armcd} uses epoch", (step.epoch for step in arm.path), epochs)
        if arm.dose_level is not None:
            yield from _unlisted(f"arm {arm.armcd} stands for dose level", [arm.dose_level], levels)


def _visits(document: StudyDocument) -> Iterator[str]:
    epochs = {epoch.name for epoch in document.epochs}
    forms = {form.__form__.path for form in CAPTURED.values() if form.__form__.scope == "subject"} - {ASSESSMENTS}
    asked = forms | {f"{ASSESSMENTS}/{instrument}" for instrument in document.instruments}
    for visit in document.visits:
        yield from _unlisted(f"visit {visit.visit} is in epoch", [visit.epoch], epochs)
        yield from _unlisted(f"visit {visit.visit} asks for the form", visit.forms, asked)
        if visit.timepoint and visit.day is None:
            yield f"visit {visit.visit} is a timepoint without a planned day"


def _criteria(document: StudyDocument) -> Iterator[str]:
    """A criterion asks for the scores of instruments that the study uses, BILAG-2004 as grades or as the items of grades."""
    used = {name.removesuffix("-ITEMS") for name in document.instruments}
    for criterion in document.criteria:
        asked = [criterion.score.instrument] if criterion.score else []
        yield from _unlisted(f"criterion {criterion.ietestcd} asks for the score of", asked, used)


def _dosing(document: StudyDocument) -> Iterator[str]:
    planned, infusions = document.dosing.planned_days, document.dosing.infusions
    if planned is not None and len(planned) != infusions:
        yield f"{len(planned)} infusion days are planned for {infusions} infusions"
    if planned is not None and any(later <= earlier for earlier, later in pairwise(planned)):
        yield "the planned infusion days do not follow each other"
    if document.lymphodepletion is not None:
        drugs = set(document.lymphodepletion.drugs)
        yield from _unlisted("lymphodepletion has a dose of", document.lymphodepletion.dose_mg_m2, drugs)
        yield from _unlisted("lymphodepletion has days of", document.lymphodepletion.planned_days, drugs)


def _dose_finding(document: StudyDocument) -> Iterator[str]:
    """A design needs its parameters; 3+3 is a design of cohorts of three."""
    plan, dlt = document.escalation, document.dlt
    if plan.design in ("boin", "keyboard") and plan.target is None:
        yield f"the design {plan.design} has no target rate"
    if plan.design == "three_plus_three" and plan.cohort_size != 3:
        yield f"the design three_plus_three has cohorts of {plan.cohort_size}"
    if plan.accelerated and plan.design != "three_plus_three":
        yield f"the design {plan.design} has no accelerated titration; 3+3 has"
    if (dlt.window_days is None) != (dlt.anchor is None):
        yield "the window of dose-limiting toxicity needs both its days and its anchor"
    if plan.design != "none" and dlt.window_days is None:
        yield f"the design {plan.design} has no window of dose-limiting toxicity"


def _long_term(document: StudyDocument) -> Iterator[str]:
    """Visits of long-term follow-up need its years, even to say that they are not public, and lie within them."""
    visits = [visit for visit in document.visits if visit.epoch == LONG_TERM]
    years = document.protection.follow_up_years
    if visits and years is None:
        yield f"visits of {LONG_TERM} are planned, and protection.follow_up_years does not say for how many years"
    if isinstance(years, int):
        late = (visit.visit for visit in visits if visit.day is not None and visit.day > years * DAYS_A_YEAR)
        yield from (f"visit {visit} lies after long-term follow-up, of which follow_up_years is {years}" for visit in late)


def _codes(document: StudyDocument) -> Iterator[str]:
    try:
        re.compile(document.study.subject_pattern)
    except re.error as error:
        yield f"subject_pattern is not a regular expression: {error}"


def _unlisted(what: str, names: Iterable[str], listed: set[str]) -> Iterator[str]:
    return (f"{what} {name}, which is not listed" for name in names if name not in listed)


PARTS = (_twice, _arms, _visits, _criteria, _dosing, _dose_finding, _long_term, _codes)
