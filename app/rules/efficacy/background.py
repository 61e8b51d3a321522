"""
Background therapy of a visit: antimalarials, immunosuppressants and biologics; the study product is never one of them.

Stable means unchanged, or changed for side effects, adherence, weight or to build up to the target dose. Ruling: a change for
which no such reason is recorded is not one of these, and not stable. The daily maxima are adult ones, and a study may set its
own by agent. An agent without a maximum (a biologic, a calcineurin inhibitor) is within its standard dose where it was well
tolerated.

Source: Golder V et al. Arthritis Res Ther 2016;18:260, table 3 (maxima); Smith EMD et al. Clin Immunol 2024;263:110214
(changes that count as stable).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from app.rules.exact import plain
from app.rules.facts import Background, Dose, VisitFacts
from app.rules.verdict import Criterion, Evidence, Truth, all_of, answered, not_

MOST_MG_PER_DAY: Mapping[str, Fraction] = {
    "hydroxychloroquine": Fraction(400),
    "azathioprine": Fraction(200),
    "mycophenolate mofetil": Fraction(3000),
    "mycophenolic acid": Fraction(2160),
    "leflunomide": Fraction(20),
    "methotrexate": Fraction(30, 7),
}
ADULT: Mapping[str, Decimal] = {}
"""The maxima of a study that sets none of its own."""
ANTIMALARIALS = frozenset({"hydroxychloroquine", "chloroquine", "mepacrine", "quinacrine"})
STABLE_REASONS = frozenset({"side_effect", "adherence", "weight", "building_to_target"})
NOT_RECORDED = Background()


def generic(drug: str) -> str:
    """A drug's name in lower case, words apart by one space."""
    return " ".join(drug.lower().replace("_", " ").split())


def mg_per_day(agent: Dose) -> Fraction | None:
    """The milligrams a day of an agent; None where its dose or the days between two are not known."""
    if agent.mg is None or agent.interval_days is None or agent.interval_days <= 0:
        return None
    return Fraction(agent.mg) / Fraction(agent.interval_days)


def _of(visit: VisitFacts) -> Background:
    return visit.background or NOT_RECORDED


def _within(agent: Dose, maxima: Mapping[str, Decimal]) -> Truth:
    own = {generic(drug): Fraction(most) for drug, most in maxima.items()}
    most, taken = {**MOST_MG_PER_DAY, **own}.get(generic(agent.drug)), mg_per_day(agent)
    if most is None:
        return True
    return None if taken is None else taken <= most


def _stable(background: Background) -> Truth:
    reason = (background.change_reason or "").lower().replace(" ", "_")
    return True if reason in STABLE_REASONS else background.stable


Question = tuple[Evidence, Truth]
"""What was asked and answered, with the answer that the criterion needs in the second place."""


def _asked(what: str, answer: Truth, visit: VisitFacts) -> Evidence:
    return answered(f"{what} at {visit.name}", answer, visit.at, _of(visit).source)


def _agents(visit: VisitFacts) -> tuple[Evidence, ...]:
    agents = _of(visit).agents
    if agents is None:
        return (Evidence(f"background agents at {visit.name}", None),)
    return tuple(Evidence(agent.drug, plain(agent.mg), "mg", visit.at, agent.source) for agent in agents)


def _criterion(key: str, visit: VisitFacts, asked: list[Question], agents: Truth = True) -> Criterion:
    holds = all_of((agents, *(truth for _, truth in asked)))
    lacking = [fact.what for fact, truth in asked if truth is None]
    lacking += [f"doses of background agents at {visit.name}"] if agents is None else []
    return Criterion(key, holds, (*(fact for fact, _ in asked), *_agents(visit)), tuple(lacking))


def stable(key: str, visit: VisitFacts) -> Criterion:
    """Background therapy is stable, or was changed for a reason that leaves it so."""
    holds = _stable(_of(visit))
    return _criterion(key, visit, [(_asked("stable background therapy", holds, visit), holds)])


def standard_maintenance(
    key: str, visit: VisitFacts, *, asks_stability: bool, maxima: Mapping[str, Decimal] = ADULT
) -> Criterion:
    """
    Well tolerated standard doses without another investigational drug; for a child, stable as well. `maxima`: mg a day by
    agent, in place of those of adults.
    """
    background = _of(visit)
    investigational = background.other_investigational
    asked = [
        (_asked("well tolerated background therapy", background.well_tolerated, visit), background.well_tolerated),
        (_asked("other investigational drug", investigational, visit), not_(investigational)),
    ]
    if asks_stability:
        truth = _stable(background)
        asked.append((_asked("stable background therapy", truth, visit), truth))
    doses = None if background.agents is None else all_of(_within(agent, maxima) for agent in background.agents)
    return _criterion(key, visit, asked, doses)


def none_but_antimalarials(key: str, visit: VisitFacts) -> Criterion:
    """No immunosuppressant and no biologic; an antimalarial is allowed; unknown where the agents are not recorded."""
    agents = _of(visit).agents
    others = None if agents is None else [agent for agent in agents if generic(agent.drug) not in ANTIMALARIALS]
    return _criterion(key, visit, [], None if others is None else not others)
