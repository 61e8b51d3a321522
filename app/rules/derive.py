"""
Everything the rules say about one subject, and what each rule reads.

The order is: measures of each visit, the baseline, toxicity, the checks, the gates, the endpoints at each timepoint. A verdict
depends on the facts alone: not on the order in which they came, not on a clock, not on which other rules are asked for.

A timepoint is reported when a visit lies in its window, or none can any more. Where an intercurrent failure has already decided
them, the responder indices are reported before that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from app.rules import bicla, checks, crs, doris, episodes, gates, icans, lldas, pga, sledai, sri, steroids, visits
from app.rules.facts import Facts
from app.rules.intercurrent import no_failure
from app.rules.verdict import Criterion, Rule, Verdict
from app.rules.visits import Baseline, Timepoint, baseline, baseline_verdict, in_order, passed, timepoint

RULES: Mapping[str, Rule] = {
    rule.id: rule
    for rule in (
        sledai.RULE,
        sledai.CLINICAL_RULE,
        pga.RULE,
        steroids.RULE,
        visits.RULE,
        *sri.RULES.values(),
        *sri.CLINICAL_RULES.values(),
        bicla.RULE,
        lldas.RULE,
        lldas.CHILD_RULE,
        doris.RULE,
        doris.CHILD_RULE,
        doris.CHILD_FREE_RULE,
        doris.DRUG_FREE_RULE,
        crs.RULE,
        episodes.RULE,
        episodes.HIGHEST_RULE,
        icans.RULE,
        icans.HIGHEST_RULE,
        *checks.RULES,
        *gates.RULES,
    )
}
"""Every rule in force by its id."""

_FORMS = frozenset({"assessment", "visit"})
_BASELINE = _FORMS | {"infusion", "lymphodepletion"}
_TIMELINE = frozenset({"visit", "infusion", "intercurrent_event", "disposition"})
_RESPONSE = _BASELINE | _TIMELINE
_STATE = _FORMS | _TIMELINE | {"lupus_review", "medication"}
_CHILD = _STATE | {"vital_sign"}
_OBSERVED = frozenset({"toxicity_observation"})
_COGNITION = _OBSERVED | {"assessment", "infusion"}

READS: Mapping[str, frozenset[str]] = {
    "sledai2k": _FORMS,
    "csledai": _FORMS,
    "pga": _FORMS,
    "prednisone": frozenset({"visit", "medication", "lupus_review"}),
    "baseline": _BASELINE,
    **{rule.id: _RESPONSE for rule in (*sri.RULES.values(), *sri.CLINICAL_RULES.values(), bicla.RULE)},
    "lldas": _STATE,
    "clldas": _CHILD,
    "doris": _STATE,
    "ccr": _CHILD,
    "ccr0": _STATE,
    "drug_free_remission": _STATE,
    "crs": _OBSERVED,
    "crs_episode": _OBSERVED,
    "crs_max": _OBSERVED,
    "icans": _COGNITION,
    "icans_max": _COGNITION,
    "check_crs_grade": _OBSERVED | {"adverse_event"},
    "check_icans_grade": _COGNITION | {"adverse_event"},
    "check_bilag_never_involved": _FORMS,
    "check_bilag_organ": _FORMS,
    "check_baseline_conditioned": _BASELINE,
    "check_baseline_days": _BASELINE,
    "check_age": _OBSERVED | {"demographics"},
    "check_high_flow": _OBSERVED,
    "check_hypotension": _OBSERVED,
    "check_capd": _COGNITION,
    "gate_decision": frozenset({"infusion", "committee_decision"}),
    "gate_lot": frozenset({"infusion", "product_lot"}),
    "gate_level": frozenset({"infusion", "disposition"}),
    "gate_identity": frozenset({"infusion"}),
    "gate_toxicity": _COGNITION,
    "gate_weight_tier": frozenset({"infusion", "vital_sign", "visit"}),
}
"""The captured tables that each rule depends on, by rule id."""


def affected(table: str) -> frozenset[str]:
    """The rules to run again after a write to a captured table."""
    return frozenset(rule for rule, read in READS.items() if table in read)


def tables(rules: Iterable[str]) -> frozenset[str]:
    """The captured tables that these rules read."""
    return frozenset[str]().union(*(READS[rule] for rule in rules))


@dataclass(frozen=True, slots=True)
class _Moment:
    """A timepoint with all that its endpoints compare."""

    facts: Facts
    at: Timepoint
    base: Baseline
    failure: Criterion

    def sri(self, *, clinical: bool) -> Verdict:
        """The study's responder index, or its modified form."""
        points, worsening = self.facts.settings.sri_points, self.facts.settings.pga_worsening
        return sri.sri(self.at, self.base, self.failure, points=points, clinical=clinical, worsening=worsening)


Endpoints = Mapping[str, Callable[[_Moment], Verdict]]

_STATES: Endpoints = {
    "lldas": lambda moment: lldas.lldas(moment.at),
    "doris": lambda moment: doris.doris(moment.at),
    "drug_free_remission": lambda moment: doris.drug_free_remission(moment.at),
}
_CHILDHOOD: Endpoints = {
    "clldas": lambda moment: lldas.lldas(moment.at, child=True),
    "ccr": lambda moment: doris.ccr(moment.at),
    "ccr0": lambda moment: doris.ccr0(moment.at),
}


def _responses(points: int) -> Endpoints:
    return {
        sri.RULES[points].id: lambda moment: moment.sri(clinical=False),
        sri.CLINICAL_RULES[points].id: lambda moment: moment.sri(clinical=True),
        bicla.RULE.id: lambda moment: bicla.bicla(moment.at, moment.base, moment.failure),
    }


def _endpoints(facts: Facts, asked: frozenset[str]) -> Iterator[Verdict]:
    responses = _responses(facts.settings.sri_points)
    states = {**_STATES, **_CHILDHOOD} if facts.settings.paediatric else _STATES
    if not asked & {*responses, *states}:
        return
    base = baseline(facts)
    for window in facts.settings.windows:
        at = timepoint(facts, window.timepoint)
        moment = _Moment(facts, at, base, no_failure(facts, at))
        due = at.target is not None or passed(facts, window)
        reported = {**responses, **states} if due else responses if moment.failure.holds is False else {}
        yield from (endpoint(moment) for rule, endpoint in reported.items() if rule in asked)


def _measures(facts: Facts) -> Iterator[Verdict]:
    for visit in in_order(facts.visits):
        if visit.sledai is not None:
            yield sledai.sledai2k(visit)
            yield sledai.csledai(visit)
        if visit.pga is not None:
            yield pga.pga(visit)
        yield steroids.prednisone(visit)


def _baseline(facts: Facts) -> Iterator[Verdict]:
    """Nothing is said of the baseline of a subject of whom no instrument was ever recorded."""
    if any(visit.sledai or visit.bilag or visit.pga for visit in facts.visits):
        yield baseline_verdict(facts)


_STEPS: tuple[tuple[frozenset[str], Callable[[Facts], Iterable[Verdict]]], ...] = (
    (frozenset({"sledai2k", "csledai", "pga", "prednisone"}), _measures),
    (frozenset({"baseline"}), _baseline),
    (frozenset({"crs", "crs_episode", "crs_max"}), lambda facts: episodes.crs_course(facts.toxicity)),
    (frozenset({"icans", "icans_max"}), lambda facts: icans.icans_course(facts.toxicity)),
    (frozenset({"check_crs_grade"}), checks.crs_grades),
    (frozenset({"check_icans_grade"}), checks.icans_grades),
    (frozenset({"check_bilag_never_involved"}), checks.never_involved),
    (frozenset({"check_bilag_organ"}), checks.organ_without_descriptor),
    (frozenset({"check_baseline_conditioned"}), checks.conditioned_baseline),
    (frozenset({"check_baseline_days"}), checks.scattered_baseline),
    (frozenset({"check_age"}), checks.ages),
    (frozenset({"check_high_flow"}), checks.slow_cannulas),
    (frozenset({"check_hypotension"}), checks.hypotension_flags),
    (frozenset({"check_capd"}), checks.positive_capd),
    *((frozenset({rule.id}), partial(gates.gate, name)) for name, (rule, _) in gates.GATES.items()),
)


def verdicts(facts: Facts, rules: Iterable[str] | None = None) -> tuple[Verdict, ...]:
    """
    The verdicts on one subject, at most one of each rule about each thing.

    Args:
        facts: What is known of the subject; for some of the rules, at least what `tables` names for them.
        rules: The ids of the rules to run; None: all. What a rule says does not depend on which others are asked.
    """
    asked = frozenset(RULES) if rules is None else frozenset(rules)
    said = (verdict for ids, step in _STEPS if ids & asked for verdict in step(facts))
    return (*(verdict for verdict in said if verdict.rule.id in asked), *_endpoints(facts, asked))
