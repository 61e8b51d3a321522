"""What is known of a subject: what was not recorded is unknown, in every form that a rule reads."""

from __future__ import annotations

from dataclasses import MISSING, fields, is_dataclass
from decimal import Decimal
from importlib import import_module
from pkgutil import walk_packages

import pytest

from app import rules
from app.rules.facts import Dose, Given

MODULES = [import_module(module.name) for module in walk_packages(rules.__path__, "app.rules.")]
TRUTHS = {
    (kind.__qualname__, field.name): field.default
    for module in MODULES
    for kind in vars(module).values()
    if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == module.__name__
    for field in fields(kind)
    if field.type == "Truth" and field.default is not MISSING
}
ABSENT_UNLESS_NAMED = {
    ("RenalFindings", finding)
    for finding in ("accelerated_hypertension", "active_sediment", "active_histology", "nephrotic_syndrome")
}
"""Findings of BILAG-2004 that its form lists only where they are present."""


@pytest.mark.parametrize("place", TRUTHS, ids=".".join)
def test_what_was_not_recorded_is_unknown(place: tuple[str, str]) -> None:
    assert (False if place in ABSENT_UNLESS_NAMED else None) is TRUTHS[place]


def test_a_dose_of_which_nothing_else_is_said_is_taken_by_mouth_every_day() -> None:
    assert (Decimal(1), "oral") == (Dose("prednisone", Decimal(5)).interval_days, Dose("prednisone", None).route)


def test_an_infusion_of_which_nothing_else_is_said_has_no_dose_in_a_document() -> None:
    assert Given("I1", None).stated is False
