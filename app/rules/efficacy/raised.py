"""
Treatment of lupus that was raised since the baseline, of which no intercurrent event tells.

A responder index fails by the intercurrent events that were recorded and adjudicated, and by nothing else: a rise in treatment
that nobody recorded as one would leave a responder who was rescued. A check holds the treatment at each assessment after the
first infusion beside that at the baseline and asks where the sum of glucocorticoids is higher, where an antimalarial,
immunosuppressant or biologic is new, or where one of them has a higher dose a day.

Rulings. Nothing is asked where an event of that kind was recorded by then, whether or not it counts; nor of other agents than
glucocorticoids where the lupus review gives a reason that leaves therapy stable (see `background`). A drug that is given for an
adverse event is none for lupus: CRS and ICANS are treated so. A dose is compared with the one at the baseline, not with the one
before it: a taper that was halted is no rise. Where the treatment at the baseline is not known it cannot be said to have risen.

Source: ICH E9(R1) 2019, section A.3; Morand EF et al. N Engl J Med 2020;382:211-221 (restricted medication); which rise is
asked about is a ruling of the trial's design.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.rules.dates import before
from app.rules.efficacy.background import STABLE_REASONS, generic, mg_per_day
from app.rules.efficacy.steroids import prednisone_mg_per_day
from app.rules.efficacy.visits import baseline, baseline_forms, in_order
from app.rules.exact import plain
from app.rules.facts import Dose, Facts, VisitFacts
from app.rules.verdict import Evidence, Rule, Truth, Verdict, any_of, check

RULE = Rule("check_treatment_raised", "1", "Treatment of lupus raised since the baseline", "ICH E9(R1) 2019, section A.3")
OF_GLUCOCORTICOIDS = frozenset({"RESCUE_GLUCOCORTICOID", "GLUCOCORTICOID_INCREASE_FOR_SLE", "CRS_TREATMENT"})
OF_AGENTS = frozenset({"PROHIBITED_MEDICATION", "IMMUNOSUPPRESSANT_INCREASE_FOR_SLE"})
"""The intercurrent events that tell of a rise in glucocorticoids, and of one in other agents."""


def _for_lupus(doses: tuple[Dose, ...] | None) -> tuple[Dose, ...] | None:
    return None if doses is None else tuple(dose for dose in doses if dose.event is None)


def _agents(visit: VisitFacts) -> tuple[Dose, ...] | None:
    return None if visit.background is None else _for_lupus(visit.background.agents)


def _glucocorticoids(visit: VisitFacts) -> Evidence:
    """The sum for lupus in mg of prednisone a day, without a value where it is not known."""
    doses = _for_lupus(visit.glucocorticoids)
    source = next((dose.source for dose in doses or ()), None)
    what = f"prednisone equivalent for lupus at {visit.name}"
    return Evidence(what, plain(prednisone_mg_per_day(doses)), "mg a day", visit.at, source)


def _agent(agent: Dose, visit: VisitFacts) -> Evidence:
    return Evidence(f"{agent.drug} at {visit.name}", plain(mg_per_day(agent)), "mg a day", visit.at, agent.source)


def _more_glucocorticoid(now: VisitFacts, then: VisitFacts) -> Truth:
    after, prior = (prednisone_mg_per_day(_for_lupus(visit.glucocorticoids)) for visit in (now, then))
    if after == 0:
        return False
    return None if after is None or prior is None else after > prior


def _before(agent: Dose, then: VisitFacts) -> list[Dose]:
    """The same drug among the agents of an earlier visit."""
    return [each for each in _agents(then) or () if generic(each.drug) == generic(agent.drug)]


def _more(agent: Dose, then: VisitFacts) -> Truth:
    """Whether an agent is new since a visit, or has a higher dose a day."""
    if _agents(then) is None:
        return None
    prior = [mg_per_day(each) for each in _before(agent, then)]
    after, known = mg_per_day(agent), [each for each in prior if each is not None]
    if not prior:
        return True
    return None if after is None or len(known) < len(prior) else after > max(known)


def _told(facts: Facts, visit: VisitFacts, types: frozenset[str]) -> bool:
    """Whether an event of some types was recorded that may have started by a visit."""
    return any(event.type in types and before(visit.at, event.start) is not True for event in facts.events)


def _explained(visit: VisitFacts) -> bool:
    return visit.background is not None and visit.background.change_reason in STABLE_REASONS


def raised(facts: Facts) -> Iterator[Verdict]:
    """Each assessment after the first infusion beside the baseline, about its visit; nothing without a baseline."""
    then = next((visit for _, visit, _ in baseline_forms(baseline(facts)) if visit), None)
    for now in in_order(facts.visits):
        if then is not None and now.sledai is not None and before(now.at, facts.first_infusion) is False:
            yield _raised(facts, now, then)


def _raised(facts: Facts, now: VisitFacts, then: VisitFacts) -> Verdict:
    steroid = False if _told(facts, now, OF_GLUCOCORTICOIDS) else _more_glucocorticoid(now, then)
    agents = () if _told(facts, now, OF_AGENTS) or _explained(now) else _agents(now)
    each = [(agent, _more(agent, then)) for agent in agents or ()]
    flagged = any_of((steroid, None if agents is None else False, *(truth for _, truth in each)))
    sums = (_glucocorticoids(then), _glucocorticoids(now))
    asked = [agent for agent, truth in each if truth is not False]
    doses = [fact for agent in asked for fact in (*(_agent(one, then) for one in _before(agent, then)), _agent(agent, now))]
    lacking = [fact.what for fact in sums if fact.value is None and steroid is None]
    lacking += [f"background agents at {now.name}"] if agents is None else []
    lacking += [f"{agent.drug} at {then.name} and {now.name}" for agent, truth in each if truth is None]
    question = Evidence("question", "Record the intercurrent event with its adjudication, or correct the treatment")
    return check(RULE, now.name, flagged, (*([question] if flagged else []), *sums, *doses), lacking)
