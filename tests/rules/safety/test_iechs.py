"""The screening flag of IEC-HS: ferritin and a second sign, and never a grade."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from app.rules.facts import GradedEvent
from app.rules.safety.hyperinflammation import hyperinflammation
from app.rules.safety.iechs import HyperinflammationLabs, iechs_screen
from app.rules.verdict import Source, Value, rests_on
from tests.rules import build
from tests.rules.cases import cases
from tests.rules.given import given
from tests.rules.measured import measured

QUIET = HyperinflammationLabs(
    Decimal(100), Decimal(300), Decimal(400), Decimal(30), Decimal(40), Decimal(40), Decimal(3), Decimal(2), False, False
)


@cases("iechs")
def test_the_flag(case: dict[str, str]) -> None:
    inputs = given(case["inputs"])
    if "ferritin" in inputs and "ferritin_baseline" not in inputs:
        inputs["ferritin_baseline"] = Decimal(400)
    verdict = iechs_screen(replace(QUIET, **inputs))

    assert case["value"] == verdict.value
    assert tuple(filter(None, [case["missing"]])) == verdict.missing
    assert verdict.amount is None


def reported(cell: str) -> tuple[GradedEvent, ...]:
    """The cytopenia that a case tells of."""
    event = GradedEvent("AE1", "Low platelets", 3, "CTCAE", None, None, Source("adverse_event", "R1", 1), category="CYTOPENIA")
    return (replace(event, **given(cell)),) if cell else ()


@cases("iechs_ferritin")
def test_a_ferritin_is_screened_with_the_results_of_its_day(case: dict[str, str]) -> None:
    known = build.facts(results=measured(case["results"], date(2025, 3, 3)), adverse_events=reported(case["event"]))
    found = list(hyperinflammation(known))

    assert [case["says"]] * bool(case["says"]) == [verdict.value for verdict in found]
    assert [case["missing"].split()] * bool(case["says"]) == [list(verdict.missing) for verdict in found]
    assert all(rests_on(verdict) for verdict in found)


def test_one_cytopenia_of_two_that_resists_is_a_sign_and_both_are_shown() -> None:
    low = measured("-6 platelets 60 10^9/L 150 -; 7 ferritin 401 ug/L - 150; 7 platelets 55 10^9/L 150 -", date(2025, 3, 3))
    one, other = (reported(f"refractory={said}; start=2025-03-05")[0] for said in ("no", "yes"))
    (verdict,) = hyperinflammation(build.facts(results=low, adverse_events=(one, replace(other, id="AE2"))))

    assert Value.FLAGGED is verdict.value
    assert ["no", "yes"] == [fact.value for fact in verdict.evidence if fact.what == "Low platelets resists treatment"]
