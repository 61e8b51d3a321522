"""
The BILAG-2004 grades of forms on which items were entered: the nine domains of each, in place of those not entered.

The rules are those of `bilag_items`, `bilag_renal` and `bilag_haematology`, with their rulings; here they are given what a
casebook knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from app.rules.dates import before
from app.rules.efficacy import bilag_haematology, bilag_items, bilag_renal
from app.rules.efficacy.bilag import DOMAINS, INACTIVE, INVOLVED
from app.rules.efficacy.bilag_renal import Measured, RenalFindings
from app.rules.efficacy.visits import in_order
from app.rules.exact import plain
from app.rules.facts import Bilag, Facts, VisitFacts
from app.rules.verdict import Evidence, Truth, Verdict

RULES = (bilag_items.RULE, bilag_renal.RULE, bilag_haematology.RULE)
PROTEIN = ("protein_24h", "upcr", "acr", "dipstick")
MEASURED = {
    "protein_24h": "g/day",
    "upcr": "mg/mmol",
    "acr": "mg/mmol",
    "dipstick": "plus",
    "creatinine": "umol/L",
    "gfr": "mL/min/1.73 m2",
    "systolic": "mmHg",
    "diastolic": "mmHg",
}
"""The renal measurements with their units, as the instrument asks for them."""
FOUND = ("accelerated_hypertension", "active_sediment", "active_histology", "nephrotic_syndrome")
LYMPHODEPLETION = "counts_due_to_lymphodepletion"

Items = Mapping[str, int | bool | Decimal | None]
NOTHING: Items = {}


@dataclass(frozen=True, slots=True)
class Form:
    """A form of items at its visit; `before`: the items of the form before it; `involved`: domains that were active by then."""

    visit: VisitFacts
    bilag: Bilag
    items: Items
    before: VisitFacts | None
    involved: frozenset[str]

    def ever(self, domain: str) -> Truth:
        """Whether a domain was ever active before."""
        return True if domain in self.involved else _truth(self.items, f"{domain}_ever")

    @property
    def prior(self) -> Items:
        """The items of the form before; nothing where there was none."""
        return (self.before and self.before.bilag and self.before.bilag.items) or NOTHING


def completed(facts: Facts) -> Facts:
    """The facts with the grades that follow from items where the form is one of items."""
    derived = {form.visit.name: _letters(verdicts) for form, verdicts in _forms(facts)}
    if not derived:
        return facts
    visits = (_with(visit, derived.get(visit.name)) for visit in facts.visits)
    return replace(facts, visits=tuple(visits))


def grades(facts: Facts) -> Iterator[Verdict]:
    """The grade of each domain of each form of items, about the visit and the domain."""
    for _, verdicts in _forms(facts):
        yield from verdicts.values()


def _with(visit: VisitFacts, letters: Mapping[str, str | None] | None) -> VisitFacts:
    return visit if visit.bilag is None or letters is None else replace(visit, bilag=replace(visit.bilag, grades=letters))


def _forms(facts: Facts) -> Iterator[tuple[Form, dict[str, Verdict]]]:
    """The forms of items in order of time, each with its grades by domain."""
    done: list[tuple[VisitFacts, Mapping[str, str | None]]] = []
    for visit in in_order(facts.visits):
        if visit.bilag is None:
            continue
        letters = visit.bilag.grades
        if visit.bilag.items is not None:
            earlier = [(each, told) for each, told in done if before(each.at, visit.at)]
            form = _form(visit, visit.bilag, visit.bilag.items, earlier)
            found = {domain: _told(form, domain) for domain in DOMAINS}
            letters = _letters(found)
            yield form, found
        done.append((visit, letters))


def _form(
    visit: VisitFacts, bilag: Bilag, items: Items, earlier: Iterable[tuple[VisitFacts, Mapping[str, str | None]]]
) -> Form:
    each = list(earlier)
    involved = frozenset(domain for _, told in each for domain in DOMAINS if told.get(domain) in INVOLVED)
    of_items = [one for one, _ in each if one.bilag is not None and one.bilag.items is not None]
    return Form(visit, bilag, items, of_items[-1] if of_items else None, involved)


def _letters(verdicts: Mapping[str, Verdict]) -> dict[str, str | None]:
    return {domain: _letter(verdict) for domain, verdict in verdicts.items()}


def _letter(verdict: Verdict) -> str | None:
    """The grade; `D/E` where only whether the domain was ever active is open; else None."""
    inactive = verdict.highest == bilag_items.GRADES.index("D")
    return bilag_items.grade_of(verdict) or (INACTIVE if inactive else None)


def _told(form: Form, domain: str) -> Verdict:
    """The verdict on a domain, resting on the form and, where it was held beside it, on the form before."""
    found = _of(domain)(form, domain)
    at, source = form.bilag.at or form.visit.at, form.bilag.source
    facts = tuple(replace(fact, what=_words(fact.what), at=at, source=source) for fact in found.evidence)
    facts += tuple(_measurements(form)) if domain == "renal" else ()
    missing = tuple(_words(name) for name in found.missing)
    return replace(found, about=f"{form.visit.name} {domain}", missing=missing, evidence=facts)


def _words(name: str) -> str:
    """An input in words, without its unit."""
    return name.removesuffix("_g_dl").replace("_", " ")


def _of(domain: str) -> Callable[[Form, str], Verdict]:
    return {"renal": _renal, "haematological": _haematological}.get(domain, _scored)


def _scored(form: Form, domain: str) -> Verdict:
    scores = {item: _score(form.items, item) for item in bilag_items.items_of(domain)}
    return bilag_items.bilag_from_items(domain, scores, form.ever(domain))


def _renal(form: Form, domain: str) -> Verdict:
    measured = {name: _measured(form, name) for name in MEASURED}
    found = {name: _truth(form.items, name) for name in FOUND}
    return bilag_renal.bilag_renal(RenalFindings(**measured, **found), form.ever(domain))  # type: ignore[arg-type]


def _measured(form: Form, name: str) -> Measured:
    made = name in PROTEIN and any(form.items.get(each) is not None for each in PROTEIN)
    return Measured(_number(form.items, name), _number(form.prior, name), asked=not made, first=form.before is None)


def _haematological(form: Form, domain: str) -> Verdict:
    counts = {name: _number(form.items, name) for name in bilag_haematology.LIMITS}
    found = {name: _truth(form.items, name) for name in bilag_haematology.FINDINGS}
    purpura, due = _score(form.items, bilag_haematology.TTP), _truth(form.items, LYMPHODEPLETION)
    return bilag_haematology.bilag_haematology(counts, found, purpura, due, form.ever(domain))


def _measurements(form: Form) -> Iterator[Evidence]:
    """The renal measurements of the form, each with that of the form before."""
    for name, unit in MEASURED.items():
        for visit, word in ((form.visit, ""), (form.before, "previous ")):
            bilag = visit.bilag if visit else None
            number = _number(bilag.items or NOTHING, name) if bilag else None
            if visit and bilag and number is not None:
                what = word + _words(name)
                yield Evidence(what, plain(number), unit, bilag.at or visit.at, bilag.source)


def _score(items: Items, key: str) -> int | None:
    value = items.get(key)
    return None if value is None else int(value)


def _number(items: Items, key: str) -> Decimal | None:
    value = items.get(key)
    return None if value is None else Decimal(value)


def _truth(items: Items, key: str) -> Truth:
    value = items.get(key)
    return None if value is None else bool(value)
