"""B5: treatment of lupus raised after the infusion is asked about until an intercurrent event tells of it, live."""

from __future__ import annotations

from seed.client import Body
from tests.casebook import build
from tests.casebook.build import Service

RULE = "check_treatment_raised"
PREDNISONE = {"cmtrt": "Prednisone", "cmdecod": "PREDNISONE", "cmcat": "GLUCOCORTICOID", "cmdosu": "mg", "cmdosfrq": "QD"}
REVIEW = {"haemolys": "N", "giactiv": "N", "bgstable": "Y", "bgtolrtd": "Y", "othinvst": "N"}


def taken(mg: str, since: int, until: int | None = None, **more: str) -> Body:
    """Prednisone by mouth at one dose."""
    ends = {"cmongo": "Y"} if until is None else {"cmongo": "N", "cmendtc": build.day(until)}
    return PREDNISONE | {"cmroute": "ORAL", "cmdose": mg, "cmstdtc": build.day(since)} | ends | more


def states(answer: Body) -> list[str]:
    """The queries of the rule that a write opened or closed."""
    return [one["state"] for one in answer["queries"] if one["rule"] == RULE]


def test_a_rise_is_asked_about_until_an_event_tells_of_it(responder: Service) -> None:
    """What treats an adverse event is no rise; the event closes the query before it is adjudicated, and leaves SRI-4 open."""
    for visit, day in (("BASELINE", -6), ("M3", 90)):
        build.enter(responder, "lupus-reviews", REVIEW | {"visit": visit, "rvdtc": build.day(day)})
    build.enter(responder, "adverse-events", {"aespid": "AE-CRS", "aeterm": "CRS", "aestdtc": build.day(88)})
    steady = build.enter(responder, "medications", [taken("10", -100, 60), taken("10", 61), taken("60", 88, cmaeno="AE-CRS")])
    raised = build.enter(responder, "medications", taken("20", 70))
    event = {"icetype": "GLUCOCORTICOID_INCREASE_FOR_SLE", "icestdtc": build.day(70)}
    told = build.enter(responder, "intercurrent-events", event)

    assert [[], ["open"], ["closed"]] == [states(answer) for answer in (steady, raised, told)]
    assert "prednisone equivalent for lupus at M3: 30 mg a day." in next(
        one["text"] for one in raised["queries"] if one["rule"] == RULE
    )
    assert ("met", "not_evaluable") == build.moved(told)["sri4", "M3"]


def test_a_raised_immunosuppressant_is_an_event_by_which_the_responder_indices_fail(responder: Service) -> None:
    event = {"icetype": "IMMUNOSUPPRESSANT_INCREASE_FOR_SLE", "icestdtc": build.day(40), "icecount": "Y"}

    assert ("met", "not_met") == build.moved(build.enter(responder, "intercurrent-events", event))["sri4", "M3"]
