"""The kinds of adverse event: by the category, or by what the event is called."""

from __future__ import annotations

import pytest

from app.rules.facts import GradedEvent
from app.rules.safety import kinds


def event(id_: str, term: str, category: str | None) -> GradedEvent:
    return GradedEvent(id_, term, 1, None, None, None, category=category)


@pytest.mark.parametrize(
    ("term", "category", "of"),
    [
        ("Fever", "CRS", {"CRS"}),
        ("Cytokine release syndrome", None, {"CRS"}),
        ("crs", "OTHER", {"CRS"}),
        ("Immune effector cell-associated neurotoxicity syndrome", None, {"ICANS"}),
        ("ICANS", "CRS", {"CRS", "ICANS"}),
        ("Infusion related reaction", None, {"INFUSION REACTION"}),
        ("Rash", "LICATS", {"LICATS"}),
        ("LICATS", None, set()),
        ("Neutropenia", "ICAHT", {"ICAHT"}),
        ("Neutropenia", "CYTOPENIA", {"CYTOPENIA"}),
        ("Neutropenia", None, set()),
    ],
)
def test_an_event_is_of_a_kind_by_its_category_or_by_its_name(term: str, category: str | None, of: set[str]) -> None:
    every = (kinds.CRS, kinds.ICANS, kinds.INFUSION_REACTION, kinds.LICATS, kinds.ICAHT, kinds.CYTOPENIA)

    assert of == {kind.category for kind in every if event("AE1", term, category) in kind}


def test_the_events_of_a_kind_stand_in_the_order_of_their_numbers() -> None:
    events = (event("AE3", "CRS", None), event("AE2", "Sepsis", None), event("AE1", "Fever", "CRS"))

    assert ["AE1", "AE3"] == [one.id for one in kinds.CRS.of(events)]
