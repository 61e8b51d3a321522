"""
LUPUS_ENDPOINTS: a subject's visits and events as facts, and every endpoint of one timepoint by the functions that derive them.

What counts as an intercurrent failure is the adjudication that the case gives: every type of event may count.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from app.evaluate.answers import Answer, holds, told
from app.evaluate.inputs import NOT_DONE, Inputs
from app.rules.dates import shifted
from app.rules.efficacy import bicla, bilag, doris, doris_2017, lldas, sledai, sri, steroids
from app.rules.efficacy.analysis import non_responder_imputed, treatment_policy
from app.rules.efficacy.endpoints import Moment, untouched_baseline
from app.rules.efficacy.intercurrent import no_failure
from app.rules.efficacy.visits import Baseline, Timepoint, baseline, timepoint
from app.rules.exact import decimal
from app.rules.facts import Background, Bilag, Dose, Event, Facts, Pga, Sledai, VisitFacts
from app.rules.study import Settings
from app.rules.subjects import eligibility
from app.rules.verdict import Rule, Value, Verdict

RULE = Rule("lupus_endpoints", "1", "Endpoints of one timepoint", "The rules named in `rules`, each with its own source")
ANALYSED = ("sri4", "lldas", "clldas", "doris")
SCALES = ("0-3", "0-10cm", "0-100mm")


def _sledai(visit: Inputs) -> Sledai | None:
    form = visit.part("sledai2k")
    return None if form is None else Sledai({key: form.truth(key) for key in sledai.WEIGHTS})


def _bilag(visit: Inputs) -> Bilag | None:
    form = visit.part("bilag2004")
    if form is None:
        return None
    grades = {domain: form.word(domain, (*"ABCDE", NOT_DONE)) for domain in bilag.DOMAINS}
    return Bilag({domain: None if grade == NOT_DONE else grade for domain, grade in grades.items()})


def _pga(visit: Inputs) -> Pga | None:
    form = visit.part("pga")
    return None if form is None else Pga(form.number("value"), form.word("scale", SCALES) or "")


def _glucocorticoids(visit: Inputs) -> tuple[Dose, ...] | None:
    doses = visit.parts("glucocorticoids")
    if doses is None:
        return None
    return tuple(
        Dose(
            dose.needed("drug", dose.text("drug")),
            dose.number("dose_mg"),
            dose.number("interval_days"),
            dose.text("route") or "",
        )
        for dose in doses
    )


def _background(visit: Inputs) -> Background | None:
    form = visit.part("immunosuppression")
    if form is None:
        return None
    agents = form.parts("agents")
    doses = None if agents is None else tuple(_daily(agent) for agent in agents)
    return Background(
        doses,
        form.truth("stable"),
        form.text("change_reason"),
        form.truth("well_tolerated"),
        form.truth("other_investigational"),
    )


def _daily(agent: Inputs) -> Dose:
    """An agent's dose, a day's unless its interval says otherwise."""
    interval = agent.number("interval_days")
    drug, mg = agent.needed("drug", agent.text("drug")), agent.number("dose_mg")
    return Dose(drug, mg) if interval is None else Dose(drug, mg, interval)


def _visit(visit: Inputs) -> VisitFacts:
    unscheduled = visit.word("kind", ("scheduled", "unscheduled")) == "unscheduled"
    kind: Literal["scheduled", "unscheduled"] = "unscheduled" if unscheduled else "scheduled"
    return VisitFacts(
        name=visit.needed("visit_id", visit.text("visit_id")),
        at=visit.needed("datetime", visit.moment("datetime")),
        kind=kind,
        sledai=_sledai(visit),
        bilag=_bilag(visit),
        pga=_pga(visit),
        glucocorticoids=_glucocorticoids(visit),
        background=_background(visit),
        weight_kg=visit.number("weight_kg"),
        haemolytic_anaemia=visit.truth("haemolytic_anaemia"),
        gi_activity=visit.truth("gi_activity"),
    )


def _event(event: Inputs) -> Event:
    return Event(
        event.needed("type", event.text("type")),
        event.needed("start", event.moment("start")),
        event.truth("counts_as_ice"),
        event.text("prescribed_at_visit"),
        event.text("detail"),
    )


def _days(subject: Inputs, key: str, start: str | None) -> tuple[str, ...]:
    """The days of doses, from their offsets since the first infusion."""
    listed = subject.values.get(key)
    if listed is not None and not isinstance(listed, list):
        raise subject.refuse(key, "a list of days is expected", "bad_type")
    offsets = Inputs({str(place): day for place, day in enumerate(listed or [])}, subject.at(key))
    days = (shifted(start, offsets.needed(place, offsets.whole(place, least=-36_500))) for place in offsets.values)
    return tuple(sorted(day for day in days if day is not None))


def facts_of(case: Inputs) -> Facts:
    """What a case tells of its subject."""
    subject = case.needed("subject", case.part("subject"))
    age, start = subject.number("age_years", most=150), subject.moment("first_infusion_datetime")
    events = tuple(_event(event) for event in case.parts("events") or [])
    depletion = _days(subject, "lymphodepletion_offsets_days", start)
    return Facts(
        settings=Settings(failure_events=frozenset(event.type for event in events)),
        subject="subject",
        age_years=None if age is None else int(age),
        first_infusion=start,
        infusions=_days(subject, "infusion_offsets_days", start),
        lymphodepletion_start=depletion[0] if depletion else None,
        visits=tuple(_visit(visit) for visit in case.parts("visits") or []),
        events=events,
    )


def _timepoints(facts: Facts) -> set[str]:
    """What a timepoint may be called: as one that is planned, or as a visit."""
    return {window.timepoint for window in facts.settings.windows} | {visit.name for visit in facts.visits}


def _name(visit: VisitFacts | None) -> str | None:
    return None if visit is None else visit.name


def _scores(visit: VisitFacts | None) -> dict[str, Any] | None:
    if visit is None or visit.sledai is None:
        return None
    items = visit.sledai.items
    whole = sledai.score(items)
    return {
        "total": whole.total,
        "known_min": whole.lowest,
        "known_max": whole.highest,
        "csledai": sledai.score(items, sledai.CLINICAL).total,
        "nonlab": sledai.score(items, sledai.NON_LABORATORY).total,
    }


def _endpoint(verdict: Verdict) -> dict[str, Any]:
    """A verdict as the format has it: result and components, none of which stand where it does not apply."""
    components = None if verdict.value is Value.NOT_APPLICABLE else holds(verdict.criteria)
    facts = [fact for criterion in verdict.criteria for fact in criterion.because]
    return {
        "result": str(verdict.value),
        "components": components,
        "because": told(facts),
        "missing": list(verdict.missing),
    }


def endpoints(facts: Facts, at: Timepoint, base: Baseline) -> Mapping[str, Verdict]:
    """The verdicts of one timepoint by their name in the format."""
    failure = no_failure(facts, at)
    moment = Moment(facts, at, base, untouched_baseline(facts), failure)
    return {
        **{f"sri{n}": sri.sri(at, base, failure, points=n) for n in sri.POINTS},
        "sri4_clinical": sri.sri(at, base, failure, clinical=True),
        "sri4_untouched": moment.sri_untouched(4),
        "bicla": bicla.bicla(at, base, failure),
        "lldas": lldas.lldas(at),
        "clldas": lldas.lldas(at, child=True),
        "doris": doris.doris(at),
        "ccr": doris.ccr(at),
        "ccr0": doris.ccr0(at),
        "drug_free_remission": doris.drug_free_remission(at),
        **{name: doris_2017.remission(rule, at) for name, rule in doris_2017.RULES.items()},
    }


def lupus_endpoints(case: Inputs, _: str) -> Answer:
    """LUPUS_ENDPOINTS: everything that the format names, with the sensitivity and drug-free remission beside it."""
    facts = facts_of(case)
    name = case.needed("timepoint", case.word("timepoint", _timepoints(facts)))
    at, base = timepoint(facts, name), baseline(facts)
    said, failure = endpoints(facts, at, base), no_failure(facts, at)
    mg = None if at.target is None else steroids.prednisone_mg_per_day(at.target.glucocorticoids)
    shown = {key: _endpoint(verdict) for key, verdict in said.items() if key not in {f"sri{n}" for n in sri.POINTS[1:]}}
    result = {
        "target_visit": _name(at.target),
        "baseline_visits": {"sledai": _name(base.sledai), "bilag": _name(base.bilag), "pga": _name(base.pga)},
        "previous_visit": _name(at.previous),
        "sledai2k": _scores(at.target),
        "sledai2k_drop": sri.fall(base.sledai, at.target),
        "sri_n": {str(n): str(said[f"sri{n}"].value) for n in sri.POINTS},
        "prednisone_equivalent_mg_per_day": None if mg is None else decimal(mg),
        **shown,
        "analysis_nri": {key: non_responder_imputed(said[key], failure).response for key in ANALYSED},
        "analysis_treatment_policy": {key: treatment_policy(said[key]).response for key in ANALYSED},
        "eligible_sledai_gt_6": holds(eligibility.active_enough(base.sledai).criteria)["sledai2k_above_6"],
        "rules": {verdict.rule.id: verdict.rule.version for verdict in said.values()},
    }
    return Answer(RULE, result)
