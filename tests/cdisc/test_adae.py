"""ADAE: what an episode of cytokine release was treated with stands with the one event that it is."""

from __future__ import annotations

from typing import Any

import numpy as np

from cdisc.adam import adae
from tests.cdisc.analysis import fact, frame, said
from tests.cdisc.test_adam import FIRST, made, record


def episode(rule: str, amount: str | None, *facts: tuple[str, str | None], number: int = 1) -> dict[str, Any]:
    """What the casebook says of an episode of CRS of the first subject."""
    value = "not_evaluable" if amount is None else "computed"
    evidence = tuple(fact(what, told, None) | {"unit": "mg"} for what, told in facts)
    return said("001", rule, f"episode {number}", value, amount=amount, evidence=evidence)


EVENT = (adae.EVENT, "1")


def test_an_event_that_is_an_episode_of_cytokine_release_says_what_it_was_treated_with() -> None:
    doses = (("tocilizumab in all", "400"), ("anakinra in all", "100"))
    told = frame(
        episode("crs_tocilizumab", "2", EVENT, *doses),
        episode("crs_glucocorticoid", None, EVENT, ("dexamethasone in all", "10"), ("prednisone in all", None)),
        episode("crs_intensive_care", "0", EVENT),
        episode("crs_vasopressor", "0.333333", EVENT),
    )
    given = made(analysis=told)[1]
    crs, rash = record("ADAE", FIRST, given, AESPID="1"), record("ADAE", FIRST, given, AESPID="2")

    assert (crs["CRSTOCN"], crs["CRSTOCT"], crs["CRSGCT"]) == (2.0, "tocilizumab 400 mg; anakinra 100 mg", "")
    assert (crs["CRSICUD"], crs["CRSVASH"]) == (0.0, 0.333333)
    assert np.isnan(crs["CRSGCN"])
    assert np.isnan(rash["CRSTOCN"])


def test_an_infusion_reaction_says_after_how_many_minutes_it_began() -> None:
    told = frame(said("001", "infusion_reaction", "1", "computed", amount="95"))

    assert record("ADAE", FIRST, made(analysis=told)[1], AESPID="1")["INFRMIN"] == 95.0


def test_two_episodes_of_one_event_and_an_episode_of_two_events_say_nothing_of_them() -> None:
    for told in (
        frame(episode("crs_vasopressor", "1", EVENT), episode("crs_vasopressor", "2", EVENT, number=2)),
        frame(episode("crs_vasopressor", "1", EVENT, (adae.EVENT, "2"))),
    ):
        assert np.isnan(record("ADAE", FIRST, made(analysis=told)[1], AESPID="1")["CRSVASH"])


def test_an_event_that_may_be_licats_says_when_it_began() -> None:
    late, open_ = (
        said("001", adae.ONSET, "1", "computed", evidence=(fact(adae.CLASS, told, None),)) for told in ("late", None)
    )

    assert record("ADAE", FIRST, made(analysis=frame(late))[1], AESPID="1")["LICONSET"] == "late"
    assert record("ADAE", FIRST, made(analysis=frame(open_))[1], AESPID="1")["LICONSET"] == ""
