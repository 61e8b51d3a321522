"""A dose and what it rests on, written in the same instant: whichever was first, the other knows of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from typing import Any

import pytest

from tests.casebook import build
from tests.casebook.build import DEMO, OTHER, SUBJECT, Service
from tests.casebook.test_cuts import held

STOP = {"decision": "STOP", "decreas": "Two toxicities", "effdtc": f"{build.day(-1)}T08:00"}
LONG_ENOUGH = 0.3
"""Seconds in which a writer who need not wait would long have been answered."""


def stop(service: Service) -> int:
    """The level is stopped; the status of the answer."""
    service.sponsor.decide(DEMO, build.decision("1*10^9", **STOP))
    return 201


def dose(service: Service, subject: str = SUBJECT) -> int:
    """A dose at that level, recorded as given; the status of the answer."""
    body = build.dose(service, subject=subject)
    return service.send("POST", f"{build.below(subject)}/infusions", body, Idempotency_Key=build.key()).status_code


def gates(service: Service, subject: str) -> list[str]:
    """What the gate of the decision says of the subject's doses."""
    return [one["value"] for (rule, _), one in build.verdicts(service, subject).items() if rule == "gate_decision"]


def in_one_instant(service: Service, table: str, first: Callable[[], Any], second: Callable[[], Any]) -> tuple[Any, Any]:
    """The first act is held after it wrote and before it commits; the second begins meanwhile, and is not answered."""
    with held(service.engine, table) as (standing, let_go), ThreadPoolExecutor(2) as pool:
        began = pool.submit(first)
        assert standing.wait(timeout=10)
        waits = pool.submit(second)
        sleep(LONG_ENOUGH)
        assert not waits.done()
        let_go.set()
        return began.result(timeout=20), waits.result(timeout=20)


def test_a_dose_waits_for_a_decision_that_is_being_written_and_is_refused(service: Service) -> None:

    answers = in_one_instant(service, "committee_decision", lambda: stop(service), lambda: dose(service))

    assert (201, 409) == answers


def test_a_decision_waits_for_a_dose_that_is_being_written_and_asks_about_it(service: Service) -> None:

    answers = in_one_instant(service, "infusion", lambda: dose(service), lambda: stop(service))

    assert (201, 201) == answers
    assert ["flagged"] == gates(service, SUBJECT)


@pytest.mark.parametrize("server", ["postgresql"], indirect=True)
def test_doses_of_two_subjects_do_not_wait_for_each_other(service: Service) -> None:
    build.eligible(service, OTHER)

    with held(service.engine, "infusion") as (standing, let_go), ThreadPoolExecutor(1) as pool:
        began = pool.submit(dose, service, SUBJECT)
        assert standing.wait(timeout=10)
        other = dose(service, OTHER)
        let_go.set()

    assert [201, 201] == [began.result(timeout=20), other]


def test_doses_and_decisions_of_many_at_one_time_all_end_and_agree(service: Service) -> None:
    """No order of the turns leads into a circle, and every gate says in the end what the decisions say."""
    subjects = [build.eligible(service, f"SYN-9{number:02}") for number in range(4)]

    with ThreadPoolExecutor(6) as pool:
        doses = [pool.submit(dose, service, subject) for subject in subjects]
        stops = [pool.submit(stop, service) for _ in range(2)]
        given = [subject for subject, done in zip(subjects, doses, strict=True) if done.result(timeout=60) == 201]
        assert [201, 201] == [done.result(timeout=60) for done in stops]

    assert {subject: ["flagged"] for subject in given} == {subject: gates(service, subject) for subject in given}
