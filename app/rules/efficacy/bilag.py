"""
BILAG-2004: nine domains, each graded A to E by the investigator, or not done. The grade is as entered or, where a study
enters items, follows from them (see `bilag_forms`); it is never taken for E where it is missing.

A severe, B moderate, C mild or stable, D inactive but involved before, E never involved. Measured against a reference, a new
A is an A that was not an A then; a new B is a B that was a C, D or E then. From A to A, from A to B and from B to B is nothing
new. Ruling: "no new A or no more than one new B" of the first paper is read as *and*, as later trials print it.

Source: Isenberg DA et al. Rheumatology 2005;44:902-906 (grades); Furie RA et al. Arthritis Rheum 2009;61:1143-1151 and
Furie R et al. Arthritis Rheum 2011;63:3918-3930 (no new A and fewer than two new B).
"""

from __future__ import annotations

from app.rules.facts import VisitFacts
from app.rules.verdict import Criterion, Evidence, Truth

DOMAINS = (
    "constitutional",
    "mucocutaneous",
    "neuropsychiatric",
    "musculoskeletal",
    "cardiorespiratory",
    "gastrointestinal",
    "ophthalmic",
    "renal",
    "haematological",
)
ACTIVE = ("A", "B")
INACTIVE = "D/E"
"""Inactive, where it is not known whether the domain was ever involved; it is neither A nor B, and decides as D and E do."""
INVOLVED = frozenset("ABCD")
"""The grades that say that a domain was active by then."""
_SEVERITY = {grade: place for place, grade in enumerate((INACTIVE, *"EDCBA"))}


def grade(visit: VisitFacts, domain: str) -> str | None:
    """A domain's grade at a visit as entered; None where the domain or the form was not done."""
    return None if visit.bilag is None else visit.bilag.grades.get(domain)


def missing(visit: VisitFacts, domains: tuple[str, ...] = DOMAINS) -> tuple[str, ...]:
    """The domains not done at a visit, in words; the whole form where it was not done."""
    if visit.bilag is None:
        return (f"BILAG-2004 at {visit.name}",)
    return tuple(f"{domain} of BILAG-2004 at {visit.name}" for domain in domains if grade(visit, domain) is None)


def shown(visit: VisitFacts, domain: str) -> Evidence:
    """A domain's grade as evidence."""
    what = f"{domain} of BILAG-2004 at {visit.name}"
    if visit.bilag is None:
        return Evidence(what, None)
    return Evidence(what, grade(visit, domain), None, visit.bilag.at or visit.at, visit.bilag.source)


def risen(now: str | None, then: str | None) -> Truth:
    """
    Whether a domain has risen to A or B since a reference: a new A or a new B.

    Unknown only where the missing grade could decide it: C, D or E now has not risen, whatever it was; after an A nothing can
    rise; a grade that is not one of the five is not known.
    """
    after, prior = _SEVERITY.get(now or ""), _SEVERITY.get(then or "")
    if after is not None and after < _SEVERITY["B"]:
        return False
    if prior == _SEVERITY["A"]:
        return False
    return None if after is None or prior is None else after > prior


def fallen(now: str | None, then: str | None) -> Truth:
    """Whether an active domain (A or B) of the reference has improved: A to B or less, B to C or less; else not asked: True."""
    after, prior = _SEVERITY.get(now or ""), _SEVERITY.get(then or "")
    if prior is not None and prior < _SEVERITY["B"]:
        return True
    if after is not None and after < _SEVERITY["B"]:
        return True
    return None if after is None or prior is None else after < prior


def new_grades(now: VisitFacts, then: VisitFacts) -> tuple[str, ...]:
    """The domains with a new A or a new B since the reference."""
    return tuple(domain for domain in DOMAINS if risen(grade(now, domain), grade(then, domain)))


def no_new_worsening(now: VisitFacts, then: VisitFacts) -> Criterion:
    """
    No new A and at most one new B since the reference visit: false on any new A or two new B; else unknown where any domain
    is missing at either visit.
    """
    new = new_grades(now, then)
    lacking = (*missing(then), *missing(now))
    worsened = len(new) > 1 or any(grade(now, domain) == "A" for domain in new)
    holds: Truth = False if worsened else None if lacking else True
    because = [fact for domain in new for fact in (shown(then, domain), shown(now, domain))]
    return Criterion("no_new_bilag_worsening", holds, tuple(because or map(form_shown, (then, now))), lacking)


def form_shown(visit: VisitFacts) -> Evidence:
    """The nine grades of a visit as evidence, in the order of the domains; `-` was not done."""
    what, form = f"BILAG-2004 at {visit.name}", visit.bilag
    if form is None:
        return Evidence(what, None)
    letters = "".join(form.grades.get(domain) or "-" for domain in DOMAINS)
    return Evidence(what, letters, None, form.at or visit.at, form.source)
