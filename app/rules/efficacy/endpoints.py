"""
The endpoints of a study at each timepoint that its document names.

A timepoint is reported when a visit lies in its window, or none can any more. Where an intercurrent failure has already decided
them, the responder indices are reported before that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from app.rules.efficacy import bicla, doris, doris_2017, lldas, nephritis, renal, sri
from app.rules.efficacy.intercurrent import no_failure
from app.rules.efficacy.visits import Baseline, Timepoint, baseline, passed, timepoint
from app.rules.facts import Facts
from app.rules.study import Settings
from app.rules.verdict import Criterion, Rule, Verdict

_TIMELINE = frozenset({"visit", "infusion", "intercurrent_event", "disposition"})
_RESPONSE = _TIMELINE | {"assessment", "lymphodepletion"}
_STATE = _TIMELINE | {"assessment", "lupus_review", "medication"}
_CHILD = _STATE | {"vital_sign"}

READS: Mapping[Rule, frozenset[str]] = {
    **dict.fromkeys((*sri.RULES.values(), *sri.CLINICAL_RULES.values(), bicla.RULE), _RESPONSE),
    **dict.fromkeys((lldas.RULE, doris.RULE, doris.CHILD_FREE_RULE, doris.DRUG_FREE_RULE, *doris_2017.RULES.values()), _STATE),
    **dict.fromkeys((lldas.CHILD_RULE, doris.CHILD_RULE), _CHILD),
    **dict.fromkeys((renal.CRR_RULE, renal.PERR_RULE), _TIMELINE | {"laboratory", "vital_sign", "demographics"}),
}
"""Every endpoint, and the captured tables that it depends on."""


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


def _renal(rule: str) -> Callable[[_Moment], Verdict]:
    return lambda moment: nephritis.response(rule, moment.facts, moment.at, moment.failure)


FURTHER: Mapping[str, Endpoints] = {
    "doris_2017": {name: _earlier(rule) for name, rule in doris_2017.RULES.items()},
    "renal_response": {rule: _renal(rule) for rule in nephritis.RULES},
}
"""The endpoints that are decided only where a study document asks for them, by the name under which it does."""


def _states(settings: Settings) -> Endpoints:
    childhood = _CHILDHOOD if settings.paediatric else {}
    further = {rule: each for name, own in FURTHER.items() if name in settings.further for rule, each in own.items()}
    return {**_STATES, **childhood, **further}


def endpoints(settings: Settings) -> frozenset[str]:
    """The ids of the rules that decide the endpoints of a study."""
    return frozenset({*_responses(settings.sri_points), *_states(settings)})


def decided(facts: Facts, asked: frozenset[str]) -> Iterator[Verdict]:
    """The endpoints that are asked by the id of their rule, about each timepoint of which something can be said."""
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
