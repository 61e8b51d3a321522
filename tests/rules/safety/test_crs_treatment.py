"""What a CRS episode was treated with: counted by its records, never a silent zero, never in another unit."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import permutations

from app.rules.explain import sentences
from app.rules.facts import Answer, GradedEvent, LocalSigns, Often, Toxicity, Treatment
from app.rules.safety.crs_treatment import EVENT, IN_ALL, crs_treatment
from app.rules.verdict import Source, Value, Verdict, rests_on
from tests.rules import build
from tests.rules.cases import cases, truth

FREQUENCIES = {"ONCE": Often(1, 0), "QD": Often(1, 1), "BID": Often(2, 1), "QOD": Often(1, 2)}
RECORD = re.compile(r"(\S+) (\S+) (\S+) (\S+) (\S*)/(\S*)(?: for (\S+))?(?: because (.+?))?(?: as (.+))?")


def treatments(cell: str) -> tuple[Treatment, ...]:
    """`name dose unit frequency start/end for EVENT because INDICATION as KIND`, the last three where they are told."""
    return tuple(treatment(number, text) for number, text in enumerate(filter(None, cell.split("; ")), start=1))


def treatment(number: int, text: str) -> Treatment:
    """One record."""
    match = RECORD.fullmatch(text)
    assert match is not None
    name, dose, unit, often, start, end, event, indication, kind = match.groups()
    return Treatment(
        f"M{number}",
        name,
        kind,
        start or None,
        end or None,
        None if dose in "?-" else Decimal(dose),
        None if unit == "-" else unit,
        FREQUENCIES.get(often),
        event,
        indication,
        Source("medication", f"M{number}", 1),
    )


def episode(given: str = "", running: str = "", day: str = "2025-03-0") -> tuple[Toxicity, ...]:
    """Fever on two evenings and none on the third morning; what was given and ran by the second observation."""
    drugs, pressors = (None if told == "?" else tuple(told.split()) for told in (given, running))
    hot = Decimal(39)
    return (
        build.seen("T1", f"{day}4T08:00", temperature_c=hot),
        build.seen("T2", f"{day}4T20:00", temperature_c=hot, given=drugs, vasopressors=pressors),
        build.seen("T3", f"{day}6T08:00"),
    )


def events(intensive_care: str = "") -> tuple[GradedEvent, ...]:
    """CRS, another event, and CRS by its term alone at another time."""
    own = LocalSigns(intensive_care=truth(intensive_care))
    source = Source("adverse_event", "E1", 1)
    return (
        GradedEvent("AE3", "Cytokine release syndrome", 1, None, "2025-05-01", "2025-05-02"),
        GradedEvent("AE1", "Reaction", 1, None, "2025-03-04T08:00", "2025-03-06T08:00", source, category="CRS", local=own),
        GradedEvent("AE2", "Sepsis", 3, None, "2025-03-04", "2025-03-20"),
    )


def answers(cell: str) -> tuple[Answer, ...]:
    """Days with what was answered on them about intensive care."""
    pairs = (one.split() for one in cell.split("; ") if one)
    return tuple(Answer(day, None if said == "?" else truth(said), Source("prespecified_event", day, 1)) for day, said in pairs)


def told(verdict: Verdict) -> str:
    """The number, its bounds, or its lower bound."""
    if verdict.value is Value.COMPUTED:
        assert verdict.amount == verdict.lowest == verdict.highest
        return str(verdict.amount)
    return f"{verdict.lowest} or more" if verdict.highest is None else f"{verdict.lowest} to {verdict.highest}"


def in_all(verdict: Verdict) -> str:
    """What the doses of each drug come to."""
    sums = (fact for fact in verdict.evidence if fact.what.endswith(IN_ALL))
    return "; ".join(f"{fact.what.removesuffix(IN_ALL)} {fact.value or '?'} {fact.unit}" for fact in sums)


@cases("crs_treatment")
def test_the_treatment_of_an_episode_is_counted(case: dict[str, str]) -> None:
    known = build.facts(
        toxicity=episode(case["given"], case["running"]),
        adverse_events=events(case["intensive"]),
        treatments=treatments(case["records"]),
        intensive_care=answers(case["asked"]),
    )
    (verdict,) = [each for each in crs_treatment(known) if each.rule.id == f"crs_{case['rule']}"]

    assert (case["number"], case["in_all"], case["missing"]) == (told(verdict), in_all(verdict), "; ".join(verdict.missing))
    assert [("AE1", "2025-03-04T08:00")] == [(fact.value, fact.at) for fact in verdict.evidence if fact.what == EVENT]


def test_what_was_for_crs_belongs_to_the_last_episode_that_had_begun() -> None:
    records = treatments(
        "tocilizumab 400 mg ONCE 2025-03-03T12:00/ for AE1; tocilizumab 400 mg ONCE 2025-03-13T12:00/ for AE1;"
        " tocilizumab 400 mg ONCE 2025-03-14T08:00/ for AE1; tocilizumab 400 mg ONCE 2025-03-20T12:00/ for AE1"
    )
    thrice = (*episode(), *episode(day="2025-03-1"), *episode(day="2025-03-2"))
    for some in permutations(records):
        found = crs_treatment(build.facts(toxicity=thrice, adverse_events=events(), treatments=some))
        doses = {each.about: told(each) for each in found if each.rule.id == "crs_tocilizumab"}

        assert {"episode 1": "2", "episode 2": "2", "episode 3": "0"} == doses


def test_a_dose_whose_day_is_not_known_may_belong_to_either_of_two_episodes() -> None:
    twice = (*episode(), *episode(day="2025-03-1"))
    records = treatments("tocilizumab 400 mg ONCE 2025-03/ for AE1")
    found = crs_treatment(build.facts(toxicity=twice, adverse_events=events(), treatments=records))

    assert ["0 to 1", "0 to 1"] == [told(each) for each in found if each.rule.id == "crs_tocilizumab"]


def test_an_episode_that_lasts_has_what_began_in_it_and_no_answer_about_intensive_care() -> None:
    lasting = episode()[:2]
    records = treatments("norepinephrine - - ? 2025-04-04T20:00/2025-04-04T21:00 as VASOPRESSOR")
    known = build.facts(toxicity=lasting, treatments=records, intensive_care=answers("2025-04-20 no"))
    numbers = {each.rule.id: told(each) for each in crs_treatment(known)}

    assert "0 to 1" == numbers["crs_vasopressor"]
    assert "0 or more" == numbers["crs_intensive_care"]


def test_it_is_told_in_sentences_and_rests_on_its_records() -> None:
    records = treatments(
        "norepinephrine - - ? 2025-03-04T20:00/ for AE1 as VASOPRESSOR; dexamethasone 10 mg QD 2025-03-05/2025-03-06 for AE1"
    )
    known = build.facts(toxicity=episode("TOCILIZUMAB"), adverse_events=events("yes"), treatments=records)
    found = {each.rule.id: each for each in crs_treatment(known)}
    doses, hours = found["crs_tocilizumab"], found["crs_vasopressor"]

    assert sentences(hours)[0] == (
        "Time on vasopressors for CRS at episode 1 is 0 hours or more and cannot be evaluated:"
        " end of norepinephrine of 2025-03-04T20:00 missing."
    )
    assert {"norepinephrine: 2025-03-04T20:00 to no recorded end.", "resolution: 2025-03-06T08:00."} <= set(sentences(hours))
    assert {"drugs given: TOCILIZUMAB.", "drugs given: none."} <= set(sentences(doses))
    assert "dexamethasone: 10 mg, 2025-03-05 to 2025-03-06." in sentences(found["crs_glucocorticoid"])
    assert {"medication", "toxicity_observation", "adverse_event"} == {source.form for source in rests_on(hours)}
    assert {"intensive care for the event: yes."} <= set(sentences(found["crs_intensive_care"]))


def test_no_episode_has_no_treatment() -> None:
    assert [] == list(crs_treatment(build.facts(toxicity=(build.seen(),))))
