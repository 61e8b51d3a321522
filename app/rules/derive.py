"""
Everything the rules say about one subject, and what each rule reads.

The order is: measures of each visit, the baseline, toxicity, flares, the laboratory, adverse events, the checks, the gates,
result by result what the laboratory says, the endpoints at each timepoint. A verdict depends on the facts alone: not on the
order in which they came, not on a clock, not on which other rules are asked for.

A timepoint is reported when a visit lies in its window, or none can any more. Where an intercurrent failure has already decided
them, the responder indices are reported before that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from app.rules import checks
from app.rules.dosing import gates
from app.rules.efficacy import (
    bicla,
    bilag_checks,
    bilag_forms,
    crosscheck,
    doris,
    doris_2017,
    flare,
    lldas,
    nephritis,
    pga,
    renal,
    sledai,
    sri,
    steroids,
    ticks,
    visits,
)
from app.rules.efficacy.intercurrent import no_failure
from app.rules.efficacy.visits import Baseline, Timepoint, baseline, baseline_verdict, in_order, passed, previous, timepoint
from app.rules.facts import Facts
from app.rules.laboratory import conversion, ctcae, egfr, series
from app.rules.safety import (
    clocks,
    crs,
    crs_days,
    crs_lee,
    death,
    effector,
    emergent,
    episodes,
    hyperinflammation,
    icaht,
    icans,
    iechs,
    licats,
    pregnancy,
)
from app.rules.study import Settings
from app.rules.subjects import consent
from app.rules.verdict import Criterion, Rule, Verdict

RULES: Mapping[str, Rule] = {
    rule.id: rule
    for rule in (
        sledai.RULE,
        sledai.CLINICAL_RULE,
        *bilag_forms.RULES,
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
        *doris_2017.RULES.values(),
        renal.CRR_RULE,
        renal.PERR_RULE,
        crs.RULE,
        episodes.RULE,
        episodes.HIGHEST_RULE,
        crs_days.RULE,
        crs_lee.RULE,
        icans.RULE,
        icans.HIGHEST_RULE,
        flare.SELENA_RULE,
        flare.BILAG_RULE,
        *ctcae.RULES.values(),
        egfr.SCHWARTZ,
        egfr.CKD_EPI,
        conversion.B_CELLS_RULE,
        conversion.DNA_RULE,
        conversion.COMPLEMENT_RULE,
        icaht.RULE,
        iechs.RULE,
        licats.RULE,
        crosscheck.RULE,
        *emergent.RULES.values(),
        *checks.RULES,
        *bilag_checks.RULES,
        *consent.RULES,
        clocks.RULE,
        *pregnancy.RULES,
        *death.RULES,
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
_MEASURED = frozenset({"laboratory", "infusion", "lymphodepletion"})
_EMERGENT = frozenset({"adverse_event", "procedure", "lymphodepletion", "infusion"})
_EXPOSED = _MEASURED | {"demographics"}
_COGNITION = _OBSERVED | {"assessment", "infusion"}

READS: Mapping[str, frozenset[str]] = {
    "sledai2k": _FORMS,
    "csledai": _FORMS,
    "pga": _FORMS,
    **dict.fromkeys((rule.id for rule in bilag_forms.RULES), _FORMS),
    "prednisone": frozenset({"visit", "medication", "lupus_review"}),
    "baseline": _BASELINE,
    **{rule.id: _RESPONSE for rule in (*sri.RULES.values(), *sri.CLINICAL_RULES.values(), bicla.RULE)},
    "lldas": _STATE,
    "clldas": _CHILD,
    "doris": _STATE,
    "ccr": _CHILD,
    "ccr0": _STATE,
    "drug_free_remission": _STATE,
    **dict.fromkeys(doris_2017.RULES, _STATE),
    **dict.fromkeys(nephritis.RULES, _TIMELINE | {"laboratory", "vital_sign", "demographics"}),
    "crs": _OBSERVED,
    "crs_episode": _OBSERVED,
    "crs_max": _OBSERVED,
    "crs_lee_2014": _OBSERVED,
    "crs_days": _OBSERVED | {"infusion"},
    "icans": _COGNITION,
    "icans_max": _COGNITION,
    "check_crs_grade": _OBSERVED | {"adverse_event"},
    "check_icans_grade": _COGNITION | {"adverse_event"},
    **dict.fromkeys((rule.id for rule in bilag_checks.RULES), _FORMS),
    "check_baseline_conditioned": _BASELINE,
    "check_baseline_days": _BASELINE,
    "check_age": _OBSERVED | {"demographics"},
    "check_high_flow": _OBSERVED,
    "check_hypotension": _OBSERVED,
    "check_capd": _COGNITION,
    "check_ae_serious": frozenset({"adverse_event"}),
    "check_ae_dates": frozenset({"adverse_event"}),
    "expedited_clock": frozenset({"adverse_event"}),
    "check_guardian_consent": frozenset({"disposition", "demographics"}),
    "check_assent": frozenset({"disposition", "demographics"}),
    "check_adult_consent": frozenset({"disposition", "demographics", "visit"}),
    "check_pregnancy_test": _EXPOSED,
    "check_pregnancy_test_due": _EXPOSED,
    "check_death_event": frozenset({"adverse_event", "disposition"}),
    "check_death_cause": frozenset({"adverse_event", "disposition", "death_detail"}),
    "check_after_death": frozenset({"disposition", "visit", "infusion"}),
    "check_death_day": frozenset({"adverse_event", "disposition"}),
    "selena_flare": _FORMS | {"medication", "lupus_review", "vital_sign"},
    "bilag_flare": _FORMS,
    **{rule.id: _MEASURED for rule in ctcae.RULES.values()},
    **{rule.id: _MEASURED | {"vital_sign", "demographics"} for rule in (egfr.SCHWARTZ, egfr.CKD_EPI)},
    "b_cells": frozenset({"flow_cytometry", "infusion"}),
    "dsdna_conversion": frozenset({"immunogenicity", "infusion", "lymphodepletion"}),
    "complement_normal": _MEASURED,
    "icaht": frozenset({"laboratory", "infusion"}),
    "iechs_screen": _MEASURED | {"biopsy"},
    "licats": frozenset({"adverse_event", "flow_cytometry"}),
    "check_sledai_laboratory": _FORMS
    | {"laboratory", "immunogenicity", "vital_sign", "infusion", "lymphodepletion", "adverse_event", "descriptor_exclusion"},
    **{rule.id: _EMERGENT for rule in emergent.RULES.values()},
    "gate_enrolment": frozenset({"disposition", "committee_decision"}),
    "gate_decision": frozenset({"infusion", "committee_decision"}),
    "gate_lot": frozenset({"infusion", "product_lot"}),
    "gate_level": frozenset({"infusion", "disposition"}),
    "gate_identity": frozenset({"infusion"}),
    "gate_toxicity": _COGNITION,
    "gate_weight_tier": frozenset({"infusion", "vital_sign", "visit"}),
    "gate_cytopenia": frozenset({"infusion", "laboratory"}),
    "gate_infection": frozenset({"infusion", "prespecified_event", "adverse_event"}),
    "gate_thaw": frozenset({"infusion"}),
}
"""The captured tables that each rule depends on, by rule id."""

OF_RESULTS = frozenset(rule.id for rule in (*ctcae.RULES.values(), egfr.SCHWARTZ, egfr.CKD_EPI))
"""
The rules that speak of laboratory results one by one: what they say of one rests on it and on what was before the treatment.
New results that `series.stand_alone` therefore move nothing that these rules said of any other.
"""


FURTHER: Mapping[str, frozenset[str]] = {
    "doris_2017": frozenset(doris_2017.RULES),
    "renal_response": frozenset(nephritis.RULES),
    "crs_lee_2014": frozenset({crs_lee.RULE.id}),
    "icaht": frozenset({icaht.RULE.id}),
    "iechs_screen": frozenset({iechs.RULE.id}),
    "licats": frozenset({licats.RULE.id}),
}
"""The rules that run only where a study document asks for them, by the name under which it does."""
USUAL = Settings()


def in_force(settings: Settings) -> frozenset[str]:
    """The ids of the rules that run in a study: all but those of `FURTHER` that it does not ask for."""
    return frozenset(RULES).difference(*(rules for name, rules in FURTHER.items() if name not in settings.further))


def affected(table: str, settings: Settings = USUAL) -> frozenset[str]:
    """The rules to run again after a write to a captured table in a study."""
    return frozenset(rule for rule in in_force(settings) if table in READS[rule])


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


def _earlier(rule: Rule) -> Callable[[_Moment], Verdict]:
    return lambda moment: doris_2017.remission(rule, moment.at)


_EARLIER: Endpoints = {name: _earlier(rule) for name, rule in doris_2017.RULES.items()}


def _renal(rule: str) -> Callable[[_Moment], Verdict]:
    return lambda moment: nephritis.response(rule, moment.facts, moment.at, moment.failure)


_RENAL: Endpoints = {rule: _renal(rule) for rule in nephritis.RULES}
_FURTHER: Mapping[str, Endpoints] = {"doris_2017": _EARLIER, "renal_response": _RENAL}


def _states(settings: Settings) -> Endpoints:
    childhood = _CHILDHOOD if settings.paediatric else {}
    further = {rule: each for name, own in _FURTHER.items() if name in settings.further for rule, each in own.items()}
    return {**_STATES, **childhood, **further}


def endpoints(settings: Settings) -> frozenset[str]:
    """The ids of the rules that decide the endpoints of a study."""
    return frozenset({*_responses(settings.sri_points), *_states(settings)})


def _endpoints(facts: Facts, asked: frozenset[str]) -> Iterator[Verdict]:
    responses, states = _responses(facts.settings.sri_points), _states(facts.settings)
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


def _flares(facts: Facts) -> Iterator[Verdict]:
    """What changed since the previous assessment; an escalation for lupus is asked nowhere, so that what it decides is open."""
    for visit in in_order(facts.visits):
        then = previous(facts, visit)
        if then is not None and visit.sledai is not None:
            yield flare.selena_flare(visit, then, flare.Escalation())
        if then is not None and then.bilag is not None and visit.bilag is not None:
            yield flare.bilag_flare(visit, then)


_STEPS: tuple[tuple[frozenset[str], Callable[[Facts], Iterable[Verdict]]], ...] = (
    (frozenset({"sledai2k", "csledai", "pga", "prednisone"}), _measures),
    (frozenset(rule.id for rule in bilag_forms.RULES), bilag_forms.grades),
    (frozenset({"baseline"}), _baseline),
    (frozenset({"crs", "crs_episode", "crs_max"}), lambda facts: episodes.crs_course(facts.toxicity)),
    (frozenset({"crs_lee_2014"}), lambda facts: crs_lee.observed(facts.toxicity)),
    (frozenset({"crs_days"}), crs_days.crs_days),
    (frozenset({"icans", "icans_max"}), lambda facts: icans.icans_course(facts.toxicity)),
    (frozenset({"selena_flare", "bilag_flare"}), _flares),
    (frozenset({"b_cells"}), series.b_cells),
    (frozenset({"dsdna_conversion"}), series.seroconversion),
    (frozenset({"complement_normal"}), series.normal_complement),
    (frozenset({"icaht"}), effector.haematotoxicity),
    (frozenset({"iechs_screen"}), hyperinflammation.hyperinflammation),
    (frozenset({"licats"}), effector.local_toxicities),
    (frozenset({"check_sledai_laboratory"}), ticks.checks),
    (frozenset(rule.id for rule in emergent.RULES.values()), emergent.flags),
    (frozenset({"check_ae_serious"}), checks.seriousness),
    (frozenset({"check_ae_dates"}), checks.event_dates),
    (frozenset({"expedited_clock"}), clocks.expedited_reports),
    (frozenset({"check_guardian_consent"}), consent.guardian_consent),
    (frozenset({"check_assent"}), consent.assent),
    (frozenset({"check_adult_consent"}), consent.adult_consent),
    (frozenset({"check_pregnancy_test"}), pregnancy.pregnancy_tests),
    (frozenset({"check_pregnancy_test_due"}), pregnancy.pregnancy_test_due),
    (frozenset({"check_death_event"}), death.fatal_events),
    (frozenset({"check_death_cause"}), death.causes),
    (frozenset({"check_after_death"}), death.after_death),
    (frozenset({"check_death_day"}), death.days),
    (frozenset({"check_crs_grade"}), checks.crs_grades),
    (frozenset({"check_icans_grade"}), checks.icans_grades),
    (frozenset(rule.id for rule in bilag_checks.RULES), bilag_checks.checks),
    (frozenset({"check_baseline_conditioned"}), checks.conditioned_baseline),
    (frozenset({"check_baseline_days"}), checks.scattered_baseline),
    (frozenset({"check_age"}), checks.ages),
    (frozenset({"check_high_flow"}), checks.slow_cannulas),
    (frozenset({"check_hypotension"}), checks.hypotension_flags),
    (frozenset({"check_capd"}), checks.positive_capd),
    *((frozenset({rule.id}), partial(gates.gate, name)) for name, (rule, _, _) in gates.GATES.items()),
)


def _of_results(facts: Facts, asked: frozenset[str], records: Collection[str] | None) -> Iterator[Verdict]:
    results = facts.results if records is None else [one for one in facts.results if one.id in records]
    in_order_ = sorted(results, key=lambda one: one.id)
    if asked & {rule.id for rule in ctcae.RULES.values()}:
        yield from series.grades(facts, in_order_)
    if asked & {egfr.SCHWARTZ.id, egfr.CKD_EPI.id}:
        yield from series.filtration(facts, in_order_)


def verdicts(facts: Facts, rules: Iterable[str] | None = None, records: Collection[str] | None = None) -> tuple[Verdict, ...]:
    """
    The verdicts on one subject, at most one of each rule about each thing.

    Args:
        facts: What is known of the subject; for some of the rules, at least what `tables` names for them.
        rules: The ids of the rules to run; None: all. Those that the study does not ask for never run. What a rule says does
            not depend on which others are asked.
        records: The results that the rules of `OF_RESULTS` speak of; None: all.
    """
    asked = in_force(facts.settings) if rules is None else in_force(facts.settings) & frozenset(rules)
    facts = bilag_forms.completed(facts)
    said = (verdict for ids, step in _STEPS if ids & asked for verdict in step(facts))
    whole = (verdict for verdict in (*said, *_of_results(facts, asked, records)) if verdict.rule.id in asked)
    return (*whole, *_endpoints(facts, asked))
