"""
The kinds of adverse event that a rule asks for: an event is of one by its category, or by what it is called.

The category is the investigator's (`aecat`); the names are those of the dictionary or of the report, in any case of letters.
What a drug was given for is read against the same names.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.rules.facts import GradedEvent


@dataclass(frozen=True, slots=True)
class Kind:
    """The events in a category, and those that are called by one of its names wherever they were put."""

    category: str
    names: frozenset[str] = frozenset()

    def __contains__(self, event: GradedEvent) -> bool:
        return event.category == self.category or self.called(event.term)

    def called(self, words: str) -> bool:
        """Whether these words are a name of the kind."""
        return words.upper() in self.names

    def of(self, events: Iterable[GradedEvent]) -> list[GradedEvent]:
        """Those of some events that are of the kind, in the order of their numbers."""
        return sorted((event for event in events if event in self), key=lambda event: event.id)


CRS = Kind("CRS", frozenset({"CRS", "CYTOKINE RELEASE SYNDROME"}))
ICANS = Kind("ICANS", frozenset({"ICANS", "IMMUNE EFFECTOR CELL-ASSOCIATED NEUROTOXICITY SYNDROME"}))
INFUSION_REACTION = Kind("INFUSION REACTION", frozenset({"INFUSION REACTION", "INFUSION RELATED REACTION"}))
LICATS = Kind("LICATS")
ICAHT = Kind("ICAHT")
CYTOPENIA = Kind("CYTOPENIA")
