"""
SLEDAI-2K: 24 descriptors, each present because of lupus within the look-back or not; the total is the sum of weights, 0 to 105.

A descriptor that was not assessed leaves the total unknown, between the points already known and those points plus all that
is missing. An incomplete SLEDAI-2K may therefore prove that a threshold was missed; it never proves that one was met.
Clinical SLEDAI-2K leaves out the two serological descriptors (22 remain, 0 to 101); the non-laboratory score leaves out all
eight laboratory descriptors (16 remain, 0 to 83). The two are never both called clinical.

Rulings. The investigator's tick is the score: a laboratory value alone never sets a descriptor, it asks, see `crosscheck`. A
descriptor is scored where lupus explains it; what lymphodepletion, CRS, ICANS, an infection or a drug explains is not scored.

Disputed. Look-back: 10 days in the first index, 30 days in its validation; 30 here unless the study sets another. Arthritis:
two joints here, more than two in SLEDAI and SELENA-SLEDAI. Rash, alopecia, ulcers and proteinuria that persist are scored here
and were not in SLEDAI, which asked for new or recurrent ones.

Source: Gladman DD et al. J Rheumatol 2002;29:288-291, table 1 (weights; arthritis from two joints, persistent activity
counts); Touma Z et al. Lupus 2010;19:49-51 (30-day look-back); van Vollenhoven RF et al. Lupus Sci Med 2021;8:e000538
(clinical SLEDAI: serology left out).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.rules.facts import VisitFacts
from app.rules.verdict import Criterion, Evidence, Rule, Truth, Value, Verdict

RULE = Rule("sledai2k", "1", "SLEDAI-2K", "Gladman DD et al. J Rheumatol 2002;29:288-291, table 1")
CLINICAL_RULE = Rule("csledai", "1", "Clinical SLEDAI-2K", "van Vollenhoven RF et al. Lupus Sci Med 2021;8:e000538")
NON_LABORATORY_RULE = Rule("nonlab_sledai", "1", "Non-laboratory SLEDAI-2K", RULE.source)
RULES = (RULE, CLINICAL_RULE, NON_LABORATORY_RULE)


@dataclass(frozen=True, slots=True)
class Descriptor:
    """One descriptor: its key, its points, and the organ it speaks of."""

    key: str
    weight: int
    organ: str


DESCRIPTORS = (
    Descriptor("seizure", 8, "nervous system"),
    Descriptor("psychosis", 8, "nervous system"),
    Descriptor("organic_brain_syndrome", 8, "nervous system"),
    Descriptor("visual_disturbance", 8, "eye"),
    Descriptor("cranial_nerve_disorder", 8, "nervous system"),
    Descriptor("lupus_headache", 8, "nervous system"),
    Descriptor("cva", 8, "nervous system"),
    Descriptor("vasculitis", 8, "vessels"),
    Descriptor("arthritis", 4, "joints and muscles"),
    Descriptor("myositis", 4, "joints and muscles"),
    Descriptor("urinary_casts", 4, "kidney"),
    Descriptor("hematuria", 4, "kidney"),
    Descriptor("proteinuria", 4, "kidney"),
    Descriptor("pyuria", 4, "kidney"),
    Descriptor("rash", 2, "skin and mucosa"),
    Descriptor("alopecia", 2, "skin and mucosa"),
    Descriptor("mucosal_ulcers", 2, "skin and mucosa"),
    Descriptor("pleurisy", 2, "serosa"),
    Descriptor("pericarditis", 2, "serosa"),
    Descriptor("low_complement", 2, "serology"),
    Descriptor("increased_dna_binding", 2, "serology"),
    Descriptor("fever", 1, "constitution"),
    Descriptor("thrombocytopenia", 1, "blood"),
    Descriptor("leukopenia", 1, "blood"),
)
WEIGHTS: Mapping[str, int] = {descriptor.key: descriptor.weight for descriptor in DESCRIPTORS}
ALL = frozenset(WEIGHTS)
SEROLOGY = frozenset({"low_complement", "increased_dna_binding"})
LAB = SEROLOGY | {"urinary_casts", "hematuria", "proteinuria", "pyuria", "thrombocytopenia", "leukopenia"}
CLINICAL = ALL - SEROLOGY
NON_LABORATORY = ALL - LAB


def of_organs(*organs: str) -> frozenset[str]:
    """The keys of the descriptors that speak of these organs."""
    return frozenset(descriptor.key for descriptor in DESCRIPTORS if descriptor.organ in organs)


MAJOR_ORGAN = of_organs("nervous system", "eye", "vessels", "kidney", "serosa", "constitution")
"""The 15 descriptors that LLDAS excludes: nervous system and eye, vasculitis, urine, serositis, fever."""


@dataclass(frozen=True, slots=True)
class Score:
    """Points known to be there, and points that cannot be excluded."""

    lowest: int
    highest: int

    @property
    def total(self) -> int | None:
        """The score; None where any of its descriptors was not assessed."""
        return self.lowest if self.lowest == self.highest else None


def score(items: Mapping[str, Truth] | None, keys: frozenset[str] = ALL) -> Score:
    """The score in points over some of the descriptors; None: the form was not done, so that each of them is unknown."""
    known = {} if items is None else items
    return Score(
        sum(weight for key, weight in WEIGHTS.items() if key in keys and known.get(key) is True),
        sum(weight for key, weight in WEIGHTS.items() if key in keys and known.get(key) is not False),
    )


def items_of(visit: VisitFacts) -> Mapping[str, Truth]:
    """The answers of a visit's SLEDAI-2K by key; empty where the form was not done."""
    return {} if visit.sledai is None else visit.sledai.items


def missing(visit: VisitFacts, keys: frozenset[str] = ALL) -> tuple[str, ...]:
    """The descriptors that were not assessed at a visit, in words; the whole form where it was not done."""
    if visit.sledai is None:
        return (f"SLEDAI-2K at {visit.name}",)
    absent = (key for key in WEIGHTS if key in keys and visit.sledai.items.get(key) is None)
    return tuple(f"{key.upper()} of SLEDAI-2K at {visit.name}" for key in absent)


def points(visit: VisitFacts, keys: frozenset[str] = ALL, label: str = RULE.title) -> Evidence:
    """A visit's score as evidence; without a value where a descriptor is missing."""
    total = score(items_of(visit), keys).total
    what, value = f"{label} at {visit.name}", None if total is None else str(total)
    if visit.sledai is None:
        return Evidence(what, value, "points")
    return Evidence(what, value, "points", visit.sledai.at or visit.at, visit.sledai.source)


def shown(visit: VisitFacts, key: str) -> Evidence:
    """A descriptor of a visit as evidence: present, absent, or without a value where it was not assessed."""
    basis, present = points(visit), items_of(visit).get(key)
    said = None if present is None else "present" if present else "absent"
    return Evidence(f"{key.upper()} of SLEDAI-2K at {visit.name}", said, None, basis.at, basis.source)


def none(key: str, visit: VisitFacts, keys: frozenset[str], label: str) -> Criterion:
    """None of some descriptors is present: a score of 0 over them."""
    found = score(items_of(visit), keys)
    holds: Truth = False if found.lowest else None if found.total is None else True
    return Criterion(key, holds, (points(visit, keys, label),), missing(visit, keys))


def _verdict(rule: Rule, visit: VisitFacts, keys: frozenset[str]) -> Verdict:
    found, items = score(items_of(visit), keys), items_of(visit)
    present = [key for key in WEIGHTS if key in keys and items.get(key)]
    basis = points(visit, keys, rule.title)
    each = (Evidence(key.upper(), str(WEIGHTS[key]), "points", basis.at, basis.source) for key in present)
    return Verdict(
        rule,
        visit.name if basis.source is None else basis.source.record,
        Value.NOT_EVALUABLE if found.total is None else Value.COMPUTED,
        amount=None if found.total is None else Decimal(found.total),
        lowest=Decimal(found.lowest),
        highest=Decimal(found.highest),
        missing=missing(visit, keys) if found.total is None else (),
        evidence=(basis, *each),
    )


def sledai2k(visit: VisitFacts) -> Verdict:
    """The total in points about the assessment (or the visit, where no record is known), with what it may lie between."""
    return _verdict(RULE, visit, ALL)


def csledai(visit: VisitFacts) -> Verdict:
    """The clinical score in points about the assessment; missing serology does not matter to it."""
    return _verdict(CLINICAL_RULE, visit, CLINICAL)


def nonlab_sledai(visit: VisitFacts) -> Verdict:
    """The score over the 16 descriptors without a laboratory, in points about the assessment."""
    return _verdict(NON_LABORATORY_RULE, visit, NON_LABORATORY)
