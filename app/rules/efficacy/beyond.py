"""What SLEDAI-2K does not ask of a visit, and what remission does not look at: told beside it where it is active."""

from __future__ import annotations

from app.rules.efficacy import bilag
from app.rules.facts import VisitFacts
from app.rules.verdict import Evidence, Truth, answered


def beyond(visit: VisitFacts) -> tuple[tuple[str, Truth], ...]:
    """What SLEDAI-2K does not ask and LLDAS does, in words, with its answers."""
    return ("haemolytic anaemia", visit.haemolytic_anaemia), ("gastrointestinal activity", visit.gi_activity)


def warnings(visit: VisitFacts) -> tuple[Evidence, ...]:
    """A BILAG A or B, haemolytic anaemia and activity of the gut at a visit, after a word of warning; nothing where none is."""
    domains = [domain for domain in bilag.DOMAINS if bilag.grade(visit, domain) in bilag.ACTIVE]
    active = [what for what, truth in beyond(visit) if truth]
    found = [bilag.shown(visit, domain) for domain in domains]
    found += [answered(f"{what} at {visit.name}", True, visit.at, visit.review_source) for what in active]
    return (Evidence("warning", "The definition does not look at it, and there is activity beside it"), *found) if found else ()
