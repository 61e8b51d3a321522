"""
CAPD, the Cornell Assessment of Pediatric Delirium: eight observations of a shift, each from 0 to 4 points, 0 to 32 together.

Items 1 to 4 (eye contact, purposeful actions, awareness of surroundings, communication of needs) score in reverse: never 4,
always 0. Items 5 to 8 (restless, inconsolable, underactive, slow to respond) score never 0, always 4. 9 or more is positive.
An item that was not answered leaves the total open by its four points.

Source: Traube C et al. Crit Care Med 2014;42:656-663.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.rules.grades import Domain, Grade
from app.rules.safety.icans import CAPD_ITEMS, POSITIVE_CAPD, total
from app.rules.verdict import Evidence, Rule, Truth

RULE = Rule("capd", "1", "CAPD total", "Traube C et al. Crit Care Med 2014;42:656-663")
WORDS = ("NEVER", "RARELY", "SOMETIMES", "OFTEN", "ALWAYS")
REVERSED = frozenset(CAPD_ITEMS[:4])


def points(item: str, word: str | None) -> int | None:
    """The points of one answer, 0 to 4; None where the item was not answered."""
    if word is None:
        return None
    place = WORDS.index(word)
    return 4 - place if item in REVERSED else place


def capd(answers: Sequence[str | None]) -> Domain:
    """The lowest and highest total of eight answers in the order of the items, with the points of each."""
    scored = {item: points(item, word) for item, word in zip(CAPD_ITEMS, answers, strict=True)}
    because = tuple(Evidence(item, None if scored[item] is None else str(scored[item]), "points") for item in CAPD_ITEMS)
    missing = tuple(item for item in CAPD_ITEMS if scored[item] is None)
    return Domain("capd", Grade(*total(scored, CAPD_ITEMS, 4)), because, missing)


def positive(found: Grade) -> Truth:
    """Whether a total is 9 or more; unknown where its bounds lie on both sides."""
    return True if found.lowest >= POSITIVE_CAPD else False if found.highest < POSITIVE_CAPD else None
