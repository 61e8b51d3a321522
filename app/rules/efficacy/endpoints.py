"""
The endpoints of a study at each timepoint that its document names.

A timepoint is reported when a visit lies in its window, or none can any more. Where an intercurrent failure has already decided
them, the responder indices are reported before that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

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
_RENAL = _TIMELINE | {"laboratory", "vital_sign", "demographics", "medication", "lupus_review"}

READS: Mapping[Rule, frozenset[str]] = {
    **dict.fromkeys((*(rule for rules in sri.TABLES for rule in rules.values()), bicla.RULE), _RESPONSE),
    **dict.fromkeys((lldas.RULE, doris.RULE, doris.CHILD_FREE_RULE, doris.DRUG_FREE_RULE, *doris_2017.RULES.values()), _STATE),
    **dict.fromkeys((lldas.CHILD_RULE, doris.CHILD_RULE), _CHILD),
    **dict.fromkeys((renal.CRR_RULE, renal.PERR_RULE), _RENAL),
}
"""Every endpoint, and the captured tables that it depends on."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A timepoint with all that its endpoints compare; `untouched`: the baseline before the lymphodepletion."""

    facts: Facts
    at: Timepoint
    base: Baseline
    untouched: Baseline
    failure: Criterion

    def sri(self, points: int, *, clinical: bool = False) -> Verdict:
        """A responder index of so many points, or its modified form."""
        worsening = self.facts.settings.pga_worsening
        return sri.sri(self.at, self.base, self.failure, points=points, clinical=clinical, worsening=worsening)

    def sri_untouched(self, points: int) -> Verdict:
        """The index measured from the baseline before the lymphodepletion."""
        found = replace(self, base=self.untouched).sri(points)
        return replace(found, rule=sri.UNTOUCHED_RULES[points])

    def lldas(self, *, child: bool = False) -> Verdict:
        """LLDAS, or its childhood form, by the study's maxima of background therapy."""
        return lldas.lldas(self.at, child=child, maxima=self.facts.settings.maintenance_maxima)


Endpoints = Mapping[str, Callable[[Moment], Verdict]]

_STATES: Endpoints = {
    "lldas": lambda moment: moment.lldas(),
    "doris": lambda moment: doris.doris(moment.at),
    "drug_free_remission": lambda moment: doris.drug_free_remission(moment.at),
}
_CHILDHOOD: Endpoints = {
    "clldas": lambda moment: moment.lldas(child=True),
    "ccr": lambda moment: doris.ccr(moment.at),
    "ccr0": lambda moment: doris.ccr0(moment.at),
}


def _index(points: int) -> Endpoints:
    return {
        sri.RULES[points].id: lambda moment: moment.sri(points),
        sri.CLINICAL_RULES[points].id: lambda moment: moment.sri(points, clinical=True),
    }


def _untouched(points: int) -> Callable[[Moment], Verdict]:
    return lambda moment: moment.sri_untouched(points)


def _earlier(rule: Rule) -> Callable[[Moment], Verdict]:
    return lambda moment: doris_2017.remission(rule, moment.at)


def _renal(rule: str) -> Callable[[Moment], Verdict]:
    return lambda moment: nephritis.response(rule, moment.facts, moment.at, moment.failure)


UNTOUCHED = "sri_before_lymphodepletion"
FURTHER: Mapping[str, Endpoints] = {
    "doris_2017": {name: _earlier(rule) for name, rule in doris_2017.RULES.items()},
    "renal_response": {rule: _renal(rule) for rule in nephritis.RULES},
    UNTOUCHED: {rule.id: _untouched(points) for points, rule in sri.UNTOUCHED_RULES.items()},
}
"""The endpoints that are decided only where a study document asks for them, by the name under which it does."""


def _responses(settings: Settings) -> Endpoints:
    """The responder indices: the study's own, those that it reports beside it, and BICLA."""
    points = dict.fromkeys((settings.sri_points, *settings.sri_also))
    found = {rule: each for one in points for rule, each in _index(one).items()}
    own = sri.UNTOUCHED_RULES[settings.sri_points].id
    found |= {own: FURTHER[UNTOUCHED][own]} if UNTOUCHED in settings.further else {}
    return {**found, bicla.RULE.id: lambda moment: bicla.bicla(moment.at, moment.base, moment.failure)}


def _states(settings: Settings) -> Endpoints:
    childhood = _CHILDHOOD if settings.paediatric else {}
    asked = [own for name, own in FURTHER.items() if name in settings.further and name != UNTOUCHED]
    return {**_STATES, **childhood, **{rule: each for own in asked for rule, each in own.items()}}


def endpoints(settings: Settings) -> frozenset[str]:
    """The ids of the rules that decide the endpoints of a study."""
    return frozenset({*_responses(settings), *_states(settings)})


def untouched_baseline(facts: Facts) -> Baseline:
    """The last assessment of each instrument before the lymphodepletion, whatever the study takes for its baseline."""
    return baseline(replace(facts, settings=replace(facts.settings, baseline="before_lymphodepletion")))


def decided(facts: Facts, asked: frozenset[str]) -> Iterator[Verdict]:
    """The endpoints that are asked by the id of their rule, about each timepoint of which something can be said."""
    responses, states = _responses(facts.settings), _states(facts.settings)
    if not asked & {*responses, *states}:
        return
    base, untouched = baseline(facts), untouched_baseline(facts)
    for window in facts.settings.windows:
        at = timepoint(facts, window.timepoint)
        moment = Moment(facts, at, base, untouched, no_failure(facts, at))
        due = at.target is not None or passed(facts, window)
        reported = {**responses, **states} if due else responses if moment.failure.holds is False else {}
        yield from (endpoint(moment) for rule, endpoint in reported.items() if rule in asked)
