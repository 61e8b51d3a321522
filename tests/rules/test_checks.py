"""B2: a check asks and never changes a value; where it does not apply it says nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from app.rules import checks
from app.rules.derive import verdicts
from app.rules.efficacy import bilag
from app.rules.facts import Bilag, Facts, GradedEvent, Pga, Sledai, Toxicity, VisitFacts
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


@cases("grade_checks")
def test_the_investigators_crs_grade_is_held_beside_the_observations(case: dict[str, str]) -> None:
    """The investigator's grade is the record; the machine's only asks."""
    pressors = () if case["observed"] == "2" else None
    seen = build.seen(
        temperature_c=Decimal(39),
        hypotension=pressors == (),
        systolic=None,
        vasopressors=pressors,
        adverse_event=case["named"] or None,
    )
    event = GradedEvent(
        "AE1",
        case["term"],
        int(case["investigator"]) if case["investigator"] else None,
        case["scale"] or None,
        case["start"] or None,
        case["end"] or None,
        Source("adverse_event", "R1", 1),
    )
    found = tuple(checks.crs_grades(build.facts(toxicity=(seen,), adverse_events=(event,))))

    assert SAYS[case["flagged"]] == values(found)
    assert all(verdict.about == "AE1" and verdict.evidence[1].value == case["observed"] for verdict in found)


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


def test_the_investigators_icans_grade_is_held_beside_the_observations() -> None:
    event = GradedEvent("AE1", "ICANS", 1, "ASTCT 2019", "2025-03-04", None)
    known = build.facts(toxicity=(build.seen(ice=build.ice(4)),), adverse_events=(event,))

    assert [Value.FLAGGED] == values(checks.icans_grades(known))
    assert [] == values(checks.crs_grades(known))


@pytest.mark.parametrize(
    ("earlier", "later", "flagged"),
    [
        ("EEEEEEEEE", "EEEEEEEEE", False),
        ("DEEEEEEEE", "DEEEEEEEE", False),
        ("DEEEEEEEE", "EEEEEEEEE", True),
        ("AEEEEEEEE", "EEEEEEEEE", True),
        ("?EEEEEEEE", "EEEEEEEEE", False),
        ("AEEEEEEEE", "?EEEEEEEE", False),
    ],
)
def test_a_domain_once_involved_is_never_e_again(earlier: str, later: str, flagged: bool) -> None:
    then, now = build.visit("M2", "2025-05-02", grades=earlier), build.m3(grades=later)
    found = tuple(checks.never_involved(build.facts(now, then, build.visit("SCR", "2025-02-01", grades="-"))))

    assert [Value.FLAGGED if flagged else Value.CLEAR] == values(found)
    assert ["M3"] == [verdict.about for verdict in found]


def test_the_last_grade_that_contradicts_never_is_shown() -> None:
    then = [build.visit(f"M{n}", f"2025-0{n + 3}-02", grades=f"{grade}EEEEEEEE") for n, grade in ((1, "A"), (2, "C"))]
    (found,) = list(checks.never_involved(build.facts(*then, build.visit("M3", "2025-06-01"))))[1:]

    assert [("constitutional of BILAG-2004 at M2", "C"), ("constitutional of BILAG-2004 at M3", "E")] == shown(found)


def test_a_domain_of_which_nobody_knows_whether_it_ever_was_involved_may_be_e_later() -> None:
    """Where items are entered: inactive then, D or E."""
    then = replace(build.visit("M2", "2025-05-02"), bilag=Bilag({**dict.fromkeys(bilag.DOMAINS, "E"), "renal": bilag.INACTIVE}))

    assert [Value.CLEAR] == values(checks.never_involved(build.facts(then, build.m3())))


def test_a_grade_of_unknown_order_is_not_an_earlier_one() -> None:
    one, other = build.visit("A", "2025-06-01", grades="AEEEEEEEE"), build.visit("B", "2025-06-01T09:00")

    assert [Value.CLEAR] == values(checks.never_involved(build.facts(one, other)))


@pytest.mark.parametrize(
    ("grades", "present", "value"),
    [
        ("EEEEEEEAE", "proteinuria", Value.CLEAR),
        ("EEEEEEEAE", "rash", Value.FLAGGED),
        ("EEEEEEEAE", "proteinuria?", Value.NOT_EVALUABLE),
        ("EEEEEEEAE", "hematuria proteinuria?", Value.CLEAR),
        ("EBEEEEEAE", "rash proteinuria?", Value.NOT_EVALUABLE),
        ("EBEEEEEAE", "hematuria?", Value.FLAGGED),
        ("EBEEEEEEE", "vasculitis", Value.CLEAR),
        ("EEEEEEBEE", "visual_disturbance", Value.CLEAR),
        ("BEEEEEEEE", "fever", Value.CLEAR),
    ],
)
def test_an_active_domain_has_a_descriptor_of_its_organ(grades: str, present: str, value: Value) -> None:
    visit = replace(build.m3(present=present), bilag=build.bilag(grades, record="R1"))
    found = tuple(checks.organ_without_descriptor(build.facts(visit)))

    assert [value] == values(found)
    assert (value is Value.NOT_EVALUABLE) == bool(found[0].missing)
    assert "R1" == found[0].about


@pytest.mark.parametrize(
    ("present", "domains"),
    [("rash", ["renal"]), ("rash proteinuria?", ["renal"]), ("hematuria", ["mucocutaneous"]), ("", ["mucocutaneous", "renal"])],
)
def test_the_domains_without_a_descriptor_are_shown(present: str, domains: list[str]) -> None:
    (found,) = checks.organ_without_descriptor(build.facts(build.m3(grades="EBEEEEEAE", present=present)))

    assert [f"{domain} of BILAG-2004 at M3" for domain in domains] == [what for what, _ in shown(found)[:-1]]


@pytest.mark.parametrize(("grades", "present"), [("EEEEEBEEE", ""), ("ECDEEEEEE", ""), ("-", "rash"), ("EEEEEEEAE", "-")])
def test_a_quiet_gastrointestinal_or_missing_form_asks_nothing(grades: str, present: str) -> None:
    assert [] == values(checks.organ_without_descriptor(build.facts(build.m3(grades=grades, present=present))))


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


def test_an_age_is_not_held_against_an_unknown_birth_date() -> None:
    assert [] == values(checks.ages(build.facts(toxicity=(build.seen(),))))
