"""
Whether an adverse event emerged after a treatment began: one flag each from apheresis, lymphodepletion and the first infusion.

An event has emerged where it began or worsened on the anchor or after it. The study says which anchor is meant by
"treatment-emergent"; where a subject did not have it, the next that took place counts in its stead, in the order above.

Rulings. A worsening is recorded as an event of its own, which begins with it, or with the event: by the grades that it went
through, else by the date of the last worsening. By its grades an event worsened where one from the anchor on is above the one
that held before it; where none of them is from before the anchor, the grade that held then is not known. An event that is not
said to have worsened did not where its highest grade is 1: nothing is milder. One that ended before the anchor did not emerge.
Dates too partial to put start, worsening and anchor in order leave the flag open, and so does a worsening that is dated and
denied; of an anchor that has not taken place, or is not dated, nothing is said. No end of the period is applied.

Source: ICH E9 1998, glossary, treatment emergent (recalled, to be verified); three flags apart are a ruling.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.rules.dates import before, sort_key
from app.rules.facts import EventGrade, Facts, GradedEvent
from app.rules.verdict import Criterion, Evidence, Rule, Truth, Verdict, answered, any_of, judge, not_

_SOURCE = "ICH E9 1998, glossary (recalled, unverified)"
ANCHORS = {"apheresis": "apheresis", "lymphodepletion": "start of lymphodepletion", "infusion": "first infusion"}
"""The anchors in the order of a course, with what each is called."""
MILDEST = 1
"""The grade from which no event can have worsened to itself."""
RULES = {
    "apheresis": Rule("emergent_apheresis", "1", "Emergence after apheresis", _SOURCE),
    "lymphodepletion": Rule("emergent_lymphodepletion", "1", "Emergence after lymphodepletion", _SOURCE),
    "infusion": Rule("emergent_infusion", "1", "Emergence after the first infusion", _SOURCE),
    "treatment": Rule("treatment_emergent", "1", "Treatment emergence as the study counts it", _SOURCE),
}


def course(facts: Facts, event: str) -> list[EventGrade]:
    """The grades that an event went through, in order of time; `event`: its `GradedEvent.id`."""
    own = (one for one in facts.event_grades if one.event == event)
    return sorted(own, key=lambda one: (sort_key(one.at), one.id))


def since(event: GradedEvent, grades: Sequence[EventGrade], anchor: str) -> Truth:
    """Whether an event began or worsened on an anchor or after it; `grades`: those that it went through, in order of time."""
    began, worsened = not_(before(event.start, anchor)), _rose(grades, anchor) if grades else _worsened(event, anchor)
    return False if before(event.end, anchor) else any_of((began, worsened))


def _rose(grades: Sequence[EventGrade], anchor: str) -> Truth:
    """Whether a grade from an anchor on is above the one that held before it, over every order that the dates leave open."""
    order = [before(one.at, anchor) for one in grades]
    places = range(order.count(True), len(order) - order.count(False) + 1)
    said = {_above(grades, place) for place in places}
    return said.pop() if len(said) == 1 else None


def _above(grades: Sequence[EventGrade], place: int) -> Truth:
    """Whether a grade from a place on is above the one before it."""
    highest = max((one.grade for one in grades[place:]), default=MILDEST)
    if place == 0:
        return False if highest == MILDEST else None
    return highest > grades[place - 1].grade


def _worsened(event: GradedEvent, anchor: str) -> Truth:
    """Whether the last worsening of an event lies on an anchor or after it."""
    if event.worsened_at is not None:
        return None if event.worsened is False else not_(before(event.worsened_at, anchor))
    mildest = event.worsened is None and event.grade == MILDEST
    return False if event.worsened is False or mildest else None


def anchors(facts: Facts) -> dict[str, Evidence]:
    """The anchors that took place, in order, by name."""
    at = {"apheresis": facts.apheresis, "lymphodepletion": facts.lymphodepletion_start, "infusion": facts.first_infusion}
    forms = {"apheresis": "procedure"}
    return {
        name: Evidence(words, at[name], None, at[name], facts.sources.get(forms.get(name, name)))
        for name, words in ANCHORS.items()
        if at[name] is not None
    }


def flags(facts: Facts) -> Iterator[Verdict]:
    """The flags of each event, about the event, from each anchor that took place and from the one that the study means."""
    found = anchors(facts)
    order = list(ANCHORS)
    meant = order[order.index(facts.settings.emergent_from) :]
    first = next((found[name] for name in meant if name in found), None)
    for event in sorted(facts.adverse_events, key=lambda event: event.id):
        grades = course(facts, event.id)
        yield from (_flag(RULES[name], event, grades, anchor) for name, anchor in found.items())
        if first is not None:
            yield _flag(RULES["treatment"], event, grades, first)


def _flag(rule: Rule, event: GradedEvent, grades: Sequence[EventGrade], anchor: Evidence) -> Verdict:
    at = anchor.at or ""
    began = Evidence(f"start of {event.term}", event.start, None, event.start, event.source)
    ended = Evidence(f"end of {event.term}", event.end, None, event.end, event.source)
    asked = "whether {} worsened after the {}" if before(event.start, at) else "whether {} began on the {} or after it"
    missing = (asked.format(event.term, anchor.what),)
    because = (began, *_worsening(event, grades), ended, anchor)
    criterion = Criterion("emerged", since(event, grades, at), because, missing)
    return judge(rule, event.id, (criterion,))


def _worsening(event: GradedEvent, grades: Sequence[EventGrade]) -> tuple[Evidence, ...]:
    """The grades that the event went through, else what was said of a worsening; nothing where it was not asked."""
    if grades:
        return tuple(Evidence(f"{event.term} from {one.at} on", str(one.grade), "grade", one.at, one.source) for one in grades)
    said = answered(f"worsening of {event.term}", event.worsened, event.start, event.source)
    last = Evidence(f"last worsening of {event.term}", event.worsened_at, None, event.worsened_at, event.source)
    return tuple(fact for fact in (said, last) if fact.value is not None)
