"""B2: a check asks and never changes a value; where it does not apply it says nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from app.rules import checks
from app.rules.derive import verdicts
from app.rules.facts import Bilag, Facts, Given, GradedEvent, Pga, Sledai, Toxicity, VisitFacts
from app.rules.study import Settings
from app.rules.verdict import Source, Value, Verdict
from tests.rules import build
from tests.rules.cases import TRUTHS, cases

SAYS = {"yes": [Value.FLAGGED], "no": [Value.CLEAR], "": [Value.NOT_EVALUABLE], "nothing": []}


def shown(verdict: Verdict) -> list[tuple[str, str | None]]:
    """What a verdict shows, with its value."""
    return [(fact.what, fact.value) for fact in verdict.evidence]


def values(found: Iterable[Verdict]) -> list[Value]:
    """What verdicts say."""
    return [verdict.value for verdict in found]


def observation(text: str) -> Toxicity:
    """An observation that differs as `field=value` says."""
    pairs = (word.partition("=") for word in text.split())
    return build.seen(at="2025-03-14T08:00", **{field: typed(field, cell) for field, _, cell in pairs})


def typed(field: str, cell: str) -> Any:
    """A cell as the type of its field."""
    if field == "hypotension":
        return TRUTHS[cell]
    if field == "capd":
        return build.capd(int(cell.removesuffix("?")), cell.count("?"))
    if field in ("age_years", "baseline_capd"):
        return int(cell) if cell else None
    return cell if field == "o2_device" else Decimal(cell) if cell else None


@cases("checks")
def test_an_observation_raises_a_question(case: dict[str, str]) -> None:
    known = build.facts(birth="2013-03", toxicity=(observation(case["differs"]),))
    found = verdicts(known, [case["rule"]])

    assert SAYS[case["flagged"]] == values(found)
    assert all((verdict.value is Value.NOT_EVALUABLE) == bool(verdict.missing) for verdict in found)
    assert all(verdict.about == "T1" and verdict.evidence[0].source for verdict in found)


@cases("event_checks")
def test_an_event_is_asked_about_what_it_says_of_itself(case: dict[str, str]) -> None:
    """B2: seriousness beside its criteria, the end beside the start."""
    answers = (TRUTHS[word.replace("?", "")] for word in case["criteria"].split())
    event = GradedEvent(
        *("AE1", "Headache", 1, None, case["start"] or None, case["end"] or None, Source("adverse_event", "R1", 1)),
        serious=TRUTHS[case["serious"]],
        criteria=dict(zip(("death", "hospital"), answers, strict=True)),
    )
    found = verdicts(build.facts(adverse_events=(event,)), [case["rule"]])

    assert SAYS[case["flagged"]] == values(found)
    assert all((verdict.value is Value.NOT_EVALUABLE) == bool(verdict.missing) for verdict in found)
    assert all("AE1" == verdict.about and verdict.evidence[0].source for verdict in found)


def baseline_at(*at: str) -> Facts:
    """A subject whose three baseline forms were made at these times, conditioned from 26 February at 10:00."""
    forms = VisitFacts(
        "BL",
        "2025-02-25",
        sledai=Sledai(dict.fromkeys(build.WEIGHTS, False), at[0]),
        bilag=Bilag(dict.fromkeys(("renal",), "A"), at[1]),
        pga=Pga(Decimal(1), "0-3", at[2]),
    )
    return build.facts(forms, lymphodepletion_start="2025-02-26T10:00")


@pytest.mark.parametrize(
    ("at", "conditioned", "scattered"),
    [
        (("2025-02-25T09:00",) * 3, Value.CLEAR, Value.CLEAR),
        (("2025-02-26T10:00",) * 3, Value.CLEAR, Value.CLEAR),
        (("2025-02-26T10:01",) * 3, Value.FLAGGED, Value.CLEAR),
        (("2025-02-25", "2025-02-25T09:00", "2025-02-27"), Value.FLAGGED, Value.FLAGGED),
        (("2025-02-26",) * 3, Value.NOT_EVALUABLE, Value.CLEAR),
        (("2025-02-25", "2025-02", "2025-02-25"), Value.NOT_EVALUABLE, Value.NOT_EVALUABLE),
    ],
)
def test_a_baseline_is_made_on_one_day_and_before_the_lymphodepletion(
    at: tuple[str, ...], conditioned: Value, scattered: Value
) -> None:
    known = baseline_at(*at)

    assert [conditioned] == values(checks.conditioned_baseline(known))
    assert [scattered] == values(checks.scattered_baseline(known))


@pytest.mark.parametrize(
    ("at", "late", "missing"),
    [
        (("2025-02-25", "2025-02-25", "2025-02-27"), ["PGA"], []),
        (("2025-02-25", "2025-02", "2025-02-25"), ["BILAG-2004"], ["BILAG-2004"]),
    ],
)
def test_the_baselines_that_are_or_may_be_late_are_shown(at: tuple[str, ...], late: list[str], missing: list[str]) -> None:
    (found,) = checks.conditioned_baseline(baseline_at(*at))

    assert ["start of lymphodepletion", *(f"baseline of {name}" for name in late)] == [what for what, _ in shown(found)]
    assert tuple(f"time of the baseline of {name}" for name in missing) == found.missing


@pytest.mark.parametrize(("at", "said"), [("2025-02-25", Value.CLEAR), ("2025-02-24", Value.FLAGGED)])
def test_two_instruments_are_made_on_one_day_and_one_alone_is(at: str, said: Value) -> None:
    both = baseline_at("2025-02-25", at, "2025-02-25").visits[0]

    assert [said] == values(checks.scattered_baseline(build.facts(replace(both, pga=None))))
    assert [] == values(checks.scattered_baseline(build.facts(replace(both, pga=None, bilag=None))))


def test_without_infusion_or_lymphodepletion_there_is_no_baseline_to_ask_about() -> None:
    known = baseline_at(*("2025-02-25T09:00",) * 3)

    assert [] == values(checks.conditioned_baseline(replace(known, lymphodepletion_start=None)))
    assert [] == values(checks.conditioned_baseline(replace(known, first_infusion=None)))
    assert [] == values(checks.scattered_baseline(replace(known, first_infusion=None)))
    before = replace(known, settings=Settings(baseline="before_lymphodepletion"))
    assert [] == values(checks.conditioned_baseline(before))


def infused(id_: str, cell: str) -> Given:
    """An infusion: when and which number; `-` is not recorded."""
    at, number = (None if word == "-" else word for word in cell.split())
    return Given(id_, at, number=int(number) if number else None, source=Source("infusion", id_, 1))


@cases("infusion_checks")
def test_an_infusion_is_recorded_once(case: dict[str, str]) -> None:
    known = build.facts(doses=(infused("I1", case["first"]), infused("I2", case["second"])))
    (second,) = verdicts(known, ["check_infusion_twice"])

    assert SAYS[case["flagged"]] == [second.value]
    assert "I2" == second.about
    assert len(second.evidence) == (2 if case["flagged"] == "yes" else 1)


def test_an_infusion_is_named_by_its_number() -> None:
    doses = (infused("I1", "2025-03-03 1"), infused("I2", "2025-03-06 2"), infused("I3", "2025-03-09 -"))
    named = [one.evidence[0].what for one in verdicts(build.facts(doses=doses), ["check_infusion_twice"])]

    assert ["infusion 2", "infusion without a number"] == named


def test_an_age_is_not_held_against_an_unknown_birth_date() -> None:
    assert [] == values(checks.ages(build.facts(toxicity=(build.seen(),))))


@pytest.mark.parametrize(
    ("mark", "scale", "said"),
    [
        ("0", "0-3", [Value.CLEAR]),
        ("3", "0-3", [Value.CLEAR]),
        ("3.01", "0-3", [Value.FLAGGED]),
        ("-0.1", "0-3", [Value.FLAGGED]),
        ("2.0 0-10cm", "0-3", [Value.FLAGGED]),
        ("100 0-100mm", "0-100mm", [Value.CLEAR]),
        ("100.5 0-100mm", "0-100mm", [Value.FLAGGED]),
        ("?", "0-3", []),
        ("-", "0-3", []),
    ],
)
def test_a_pga_lies_on_its_scale_and_on_that_of_the_study(mark: str, scale: Any, said: list[Value]) -> None:
    found = list(checks.marks(build.facts(build.m3(mark=mark), settings=Settings(pga_scale=scale))))

    assert said == values(found)
    assert all(("M3", "2025-06-01T09:00") == (verdict.about, verdict.evidence[0].at) for verdict in found)


def test_a_pga_is_asked_about_on_its_own_form() -> None:
    form = Pga(Decimal(4), "0-3", "2025-06-02", source=Source("assessment", "P1", 1))
    [found] = checks.marks(build.facts(replace(build.m3(), pga=form)))

    assert ("P1", "2025-06-02") == (found.about, found.evidence[0].at)
    assert [("PGA as marked", "4"), ("scale of the study", "0-3")] == shown(found)
