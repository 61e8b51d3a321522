"""
Everything the rules say about one subject, and what each rule reads.

The order is: measures of each visit, the baseline, toxicity, flares, the laboratory, adverse events, the checks, the gates,
result by result what the laboratory says, the endpoints at each timepoint. A verdict depends on the facts alone: not on the
order in which they came, not on a clock, not on which other rules are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Generic, ParamSpec

from app.rules import checks
from app.rules.dosing import gates
from app.rules.efficacy import (
    assessments,
    bilag_checks,
    bilag_forms,
    crosscheck,
    endpoints,
    flare,
    pga,
    raised,
    sledai,
    steroids,
    ticks,
    visits,
)
from app.rules.facts import Facts, Measurement
from app.rules.laboratory import conversion, ctcae, egfr, series
from app.rules.safety import (
    clocks,
    crs,
    crs_days,
    crs_lee,
    crs_treatment,
    death,
    effector,
    emergent,
    episodes,
    hyperinflammation,
    icaht,
    icaht_platelets,
    icans,
    iechs,
    infusion_reaction,
    investigator,
    licats,
    licats_onset,
    pregnancy,
)
from app.rules.study import Settings
from app.rules.subjects import consent, eligibility, wording
from app.rules.verdict import Rule, Verdict

Asked = ParamSpec("Asked")


@dataclass(frozen=True)
class Step(Generic[Asked]):
    """Rules that are answered together: the captured tables that each of them depends on, and what answers them."""

    reads: Mapping[Rule, frozenset[str]]
    say: Callable[Asked, Iterable[Verdict]]

    @cached_property
    def ids(self) -> frozenset[str]:
        """The rules by their ids."""
        return frozenset(rule.id for rule in self.reads)


def _measures(facts: Facts) -> Iterator[Verdict]:
    for visit in visits.in_order(facts.visits):
        if visit.sledai is not None:
            yield sledai.sledai2k(visit)
            yield sledai.csledai(visit)
            yield sledai.nonlab_sledai(visit)
        if visit.pga is not None:
            yield pga.pga(visit)
        yield steroids.prednisone(visit)


def _baseline(facts: Facts) -> Iterator[Verdict]:
    """Nothing is said of the baseline of a subject of whom no instrument was ever recorded."""
    if any(visit.sledai or visit.bilag or visit.pga for visit in facts.visits):
        yield visits.baseline_verdict(facts)


def _flares(facts: Facts) -> Iterator[Verdict]:
    """What changed since the previous assessment."""
    for visit in visits.in_order(facts.visits):
        then = visits.previous(facts, visit)
        if then is not None and visit.sledai is not None:
            yield flare.selena_flare(visit, then)
        if then is not None and then.bilag is not None and visit.bilag is not None:
            yield flare.bilag_flare(visit, then)


_FORMS = frozenset({"assessment", "visit"})
_BASELINE = _FORMS | {"infusion", "lymphodepletion"}
_OBSERVED = frozenset({"toxicity_observation"})
_COGNITION = _OBSERVED | {"assessment", "infusion"}
_EVENTS = frozenset({"adverse_event"})
_DRUGS = _OBSERVED | _EVENTS | {"medication"}
_GRADED = _EVENTS | {"event_grade"}
_MEASURED = frozenset({"laboratory", "infusion", "lymphodepletion"})
_PERSON = frozenset({"disposition", "demographics"})
_TREATED = frozenset({"visit", "medication", "lupus_review"})
_FOR_TICKS = _MEASURED | {"immunogenicity", "vital_sign", "adverse_event", "descriptor_exclusion"}
_FOR_GATES: Mapping[str, frozenset[str]] = {
    "enrolment": frozenset({"disposition", "committee_decision"}),
    "decision": frozenset({"infusion", "committee_decision"}),
    "lot": frozenset({"infusion", "product_lot"}),
    "level": frozenset({"infusion", "disposition"}),
    "identity": frozenset({"infusion"}),
    "toxicity": _COGNITION,
    "weight_tier": frozenset({"infusion", "vital_sign", "visit"}),
    "cytopenia": frozenset({"infusion", "laboratory"}),
    "infection": frozenset({"infusion", "prespecified_event", "adverse_event"}),
    "thaw": frozenset({"infusion"}),
    "dose": frozenset({"infusion"}),
    "dlt": _EVENTS | {"infusion", "dlt_assessment"},
}

_STEPS: tuple[Step[Facts], ...] = (
    Step({**dict.fromkeys((*sledai.RULES, pga.RULE), _FORMS), steroids.RULE: _TREATED}, _measures),
    Step(dict.fromkeys(bilag_forms.RULES, _FORMS), bilag_forms.grades),
    Step({visits.RULE: _BASELINE}, _baseline),
    Step(
        dict.fromkeys((crs.RULE, episodes.RULE, episodes.HIGHEST_RULE), _OBSERVED),
        lambda facts: episodes.crs_course(facts.toxicity),
    ),
    Step({crs_lee.RULE: _OBSERVED}, lambda facts: crs_lee.observed(facts.toxicity)),
    Step({crs_days.RULE: _OBSERVED | {"infusion"}}, crs_days.crs_days),
    Step(
        {
            **dict.fromkeys((crs_treatment.TOCILIZUMAB, crs_treatment.GLUCOCORTICOID, crs_treatment.VASOPRESSOR), _DRUGS),
            crs_treatment.INTENSIVE_CARE: _OBSERVED | _EVENTS | {"healthcare_encounter", "prespecified_event"},
        },
        crs_treatment.crs_treatment,
    ),
    Step(dict.fromkeys((icans.RULE, icans.HIGHEST_RULE), _COGNITION), lambda facts: icans.icans_course(facts.toxicity)),
    Step({flare.SELENA_RULE: _FORMS | _TREATED | {"vital_sign"}, flare.BILAG_RULE: _FORMS}, _flares),
    Step({conversion.B_CELLS_RULE: frozenset({"flow_cytometry", "infusion"})}, series.b_cells),
    Step({conversion.DNA_RULE: frozenset({"immunogenicity", "infusion", "lymphodepletion"})}, series.seroconversion),
    Step({conversion.COMPLEMENT_RULE: _MEASURED}, series.normal_complement),
    Step({icaht.RULE: frozenset({"laboratory", "infusion"})}, effector.haematotoxicity),
    Step({icaht_platelets.RULE: frozenset({"laboratory", "infusion"})}, effector.thrombocytopenia),
    Step({iechs.RULE: _MEASURED | _EVENTS | {"biopsy"}}, hyperinflammation.hyperinflammation),
    Step({licats.RULE: _EVENTS | {"flow_cytometry"}}, effector.local_toxicities),
    Step({licats_onset.RULE: _EVENTS | {"flow_cytometry", "infusion"}}, licats_onset.licats_onset),
    Step({crosscheck.RULE: _FORMS | _FOR_TICKS}, ticks.checks),
    Step(dict.fromkeys(emergent.RULES.values(), _GRADED | {"procedure", "lymphodepletion", "infusion"}), emergent.flags),
    Step({checks.SERIOUS: _EVENTS}, checks.seriousness),
    Step({checks.EVENT_DATES: _EVENTS}, checks.event_dates),
    Step({clocks.RULE: _EVENTS}, clocks.expedited_reports),
    Step({clocks.SITE: _EVENTS}, clocks.sponsor_told),
    Step({eligibility.ENTRY: _FORMS | {"eligibility"}}, eligibility.entry_scores),
    Step({infusion_reaction.ONSET: _EVENTS | {"infusion"}}, infusion_reaction.onsets),
    Step({infusion_reaction.LATE: _EVENTS | {"infusion"}}, infusion_reaction.late),
    Step({infusion_reaction.BESIDE_CRS: _EVENTS}, infusion_reaction.beside_crs),
    Step({consent.GUARDIAN: _PERSON}, consent.guardian_consent),
    Step({consent.ASSENT: _PERSON}, consent.assent),
    Step({consent.ADULT: _PERSON | {"visit"}}, consent.adult_consent),
    Step({pregnancy.TEST: _MEASURED | {"demographics"}}, pregnancy.pregnancy_tests),
    Step({pregnancy.DUE: _MEASURED | {"demographics"}}, pregnancy.pregnancy_test_due),
    Step({death.EVENT: _EVENTS | {"disposition"}}, death.fatal_events),
    Step({death.CAUSE: _EVENTS | {"disposition", "death_detail"}}, death.causes),
    Step({death.AFTER: frozenset({"disposition", "visit", "infusion"})}, death.after_death),
    Step({death.DAY: _EVENTS | {"disposition"}}, death.days),
    Step({investigator.CRS: _OBSERVED | _EVENTS}, investigator.crs_grades),
    Step({investigator.CRS_LEE: _OBSERVED | _EVENTS}, investigator.crs_lee_grades),
    Step({investigator.ICANS: _COGNITION | _EVENTS}, investigator.icans_grades),
    Step({investigator.LICATS_GRADE: _EVENTS | {"flow_cytometry"}}, investigator.licats_grades),
    Step({investigator.ICAHT: _EVENTS | {"laboratory", "infusion"}}, investigator.icaht_grades),
    Step({investigator.COURSE: _GRADED}, investigator.grades_over_time),
    Step(dict.fromkeys(bilag_checks.RULES, _FORMS), bilag_checks.checks),
    Step(dict.fromkeys(assessments.RULES, _FORMS), assessments.checks),
    Step({raised.RULE: _BASELINE | _TREATED | {"intercurrent_event"}}, raised.raised),
    Step({checks.CONDITIONED: _BASELINE}, checks.conditioned_baseline),
    Step({checks.SCATTERED: _BASELINE}, checks.scattered_baseline),
    Step({checks.PGA_MARK: _FORMS}, checks.marks),
    Step({checks.AGE: _OBSERVED | {"demographics"}}, checks.ages),
    Step({checks.SLOW_CANNULA: _OBSERVED}, checks.slow_cannulas),
    Step({checks.PRESSURE: _OBSERVED}, checks.hypotension_flags),
    Step({checks.CAPD: _COGNITION}, checks.positive_capd),
    Step({checks.TWICE: frozenset({"infusion"})}, checks.infusions_twice),
    *(Step({rule: frozenset({form})}, partial(wording.wording, form)) for form, rule in wording.RULES.items()),
    *(Step({gate.rule: _FOR_GATES[name]}, partial(gates.gate, name)) for name, gate in gates.GATES.items()),
)
_OF_RESULTS: tuple[Step[Facts, Iterable[Measurement]], ...] = (
    Step(dict.fromkeys(ctcae.RULES.values(), _MEASURED), series.grades),
    Step(dict.fromkeys((egfr.SCHWARTZ, egfr.CKD_EPI), _MEASURED | {"vital_sign", "demographics"}), series.filtration),
)
_TOGETHER = (*(step.reads for step in _STEPS), *(step.reads for step in _OF_RESULTS), endpoints.READS)
_EVERY = {rule: read for reads in _TOGETHER for rule, read in reads.items()}

RULES: Mapping[str, Rule] = {rule.id: rule for rule in _EVERY}
"""Every rule in force by its id."""
READS: Mapping[str, frozenset[str]] = {rule.id: read for rule, read in _EVERY.items()}
"""The captured tables that each rule depends on, by rule id."""
OF_RESULTS = frozenset(rule.id for step in _OF_RESULTS for rule in step.reads)
"""
The rules that speak of laboratory results one by one: what they say of one rests on it and on what was before the treatment.
New results that `series.stand_alone` therefore move nothing that these rules said of any other.
"""
FURTHER: Mapping[str, frozenset[str]] = {
    **{name: frozenset(own) for name, own in endpoints.FURTHER.items()},
    "crs_lee_2014": frozenset({crs_lee.RULE.id, investigator.CRS_LEE.id}),
    "icaht": frozenset({icaht.RULE.id, icaht_platelets.RULE.id, investigator.ICAHT.id}),
    "iechs_screen": frozenset({iechs.RULE.id}),
    "licats": frozenset({licats.RULE.id, licats_onset.RULE.id, investigator.LICATS_GRADE.id}),
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
    results = sorted((one for one in facts.results if records is None or one.id in records), key=lambda one: one.id)
    said = (
        *(verdict for step in _STEPS if step.ids & asked for verdict in step.say(facts)),
        *(verdict for step in _OF_RESULTS if step.ids & asked for verdict in step.say(facts, results)),
    )
    return (*(verdict for verdict in said if verdict.rule.id in asked), *endpoints.decided(facts, asked))
