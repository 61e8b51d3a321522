"""
Which dose levels the decisions of the safety review committee open, and from when.

| decision on a level | what it says |
| --- | --- |
| OPEN, EXPAND, STAY | the level is open |
| ESCALATE | the level above is open; the level itself stays as it was, so that its subjects complete their doses |
| DE_ESCALATE | the level and all above it are closed, the level below is open |
| STOP | the level and all above it are closed |

Rulings. The last decision that speaks of a level decides; of two in force from the same moment the one that closes. An
opening counts where it certainly was in force at a moment, a closing where it may have been: a partial date never opens a
level. Nor does a decision that is not signed, or of which a correction broke the signature; but what closes a level closes it
from the moment it is recorded, so that a signature which is missing or broken never opens one again. A level of which no
decision speaks is not open.

Source: rulings of the trial's design; the decisions are those of a dose-escalation committee's charter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.rules.dates import earliest, latest, sort_key
from app.rules.facts import LevelDecision
from app.rules.verdict import Truth

SAME = frozenset({"OPEN", "EXPAND", "STAY"})


def opens(decision: LevelDecision, levels: Sequence[str], level: str) -> Truth:
    """Whether a decision opens a level (True), closes it (False) or does not speak of it (None); `levels`: the lowest first."""
    if decision.level not in levels or level not in levels:
        return None
    above = levels.index(level) - levels.index(decision.level)
    if decision.decision in SAME:
        return True if above == 0 else None
    if decision.decision == "ESCALATE":
        return True if above == 1 else None
    if above >= 0:
        return False
    return True if decision.decision == "DE_ESCALATE" and above == -1 else None


def in_force(decisions: Iterable[LevelDecision], levels: Sequence[str], level: str, at: str) -> LevelDecision | None:
    """The decision that decides of a level at a moment; None where none speaks of it."""
    spoken = [(opens(each, levels, level), each) for each in decisions]
    found = [(said, each) for said, each in spoken if said is not None and _counts(said, each, at)]
    return max(found, key=lambda pair: (sort_key(pair[1].effective), not pair[0]), default=(None, None))[1]


def unsigned(decisions: Iterable[LevelDecision], levels: Sequence[str], level: str) -> list[LevelDecision]:
    """The decisions that would open a level and are not signed."""
    return [each for each in decisions if not each.signed and opens(each, levels, level)]


def _counts(opening: bool, decision: LevelDecision, at: str) -> bool:
    """In force: certainly and signed, for a decision that opens; possibly, for one that closes."""
    if opening and not decision.signed:
        return False
    from_, to = (latest(decision.effective), earliest(at)) if opening else (earliest(decision.effective), latest(at))
    return from_ is not None and to is not None and from_ <= to
