"""B2: who filled in the forms of instruments, and whether one was filled in twice; a check asks and never changes a form."""

from __future__ import annotations

from app.rules.derive import verdicts
from app.rules.explain import sentences
from app.rules.facts import Assessed
from app.rules.verdict import Source, Value, Verdict
from tests.rules import build
from tests.rules.cases import cases

SAYS = {"yes": Value.FLAGGED, "no": Value.CLEAR, "": Value.NOT_EVALUABLE}


def form(id_: str, at: str | None, **differs: str | bool | None) -> Assessed:
    """A BILAG-2004 of an assessor who has to be trained, unless something else is said."""
    known: dict[str, str | bool | None] = {"instrument": "BILAG-2004", "visit": "M3", "assessor": "INV-1", "trained": "2024-11"}
    known |= {"asks_training": True, "one_a_visit": True, "derived": False}
    known |= {"score": differs.get("instrument", "BILAG-2004")}
    return Assessed(id=id_, at=at, source=Source("assessment", id_, 1), **(known | differs))  # type: ignore[arg-type]


def asked(rule: str, *forms: Assessed) -> list[Verdict]:
    """What a check says of some forms."""
    return list(verdicts(build.facts(assessments=forms), [rule]))


@cases("assessor_training")
def test_an_assessor_was_trained_before_the_assessment(case: dict[str, str]) -> None:
    [found] = asked("check_assessor_training", form("R1", case["assessed"] or None, trained=case["trained"] or None))

    assert ("R1", SAYS[case["flagged"]]) == (found.about, found.value)
    assert (found.value is Value.NOT_EVALUABLE) == bool(found.missing)


def test_nothing_is_said_of_an_instrument_that_asks_for_no_training() -> None:
    assert [] == asked("check_assessor_training", form("R1", "2025-06-01", asks_training=False, trained=None))


def test_every_form_is_asked_about_by_itself_the_earlier_first() -> None:
    forms = (form("R3", "2025-06-01"), form("R1", "2025-06-01"), form("R2", "2025-03"), form("R4", None))

    assert ["R4", "R2", "R1", "R3"] == [verdict.about for verdict in asked("check_assessor_training", *forms)]


def test_the_question_names_the_assessment_its_assessor_and_the_training() -> None:
    [found] = asked("check_assessor_training", form("R1", "2025-06-01", trained=None))

    assert sentences(found) == [
        "Training of the assessor on 2025-06-01 needs an answer.",
        "BILAG-2004 assessed: 2025-06-01.",
        "assessor: INV-1.",
        "training of the assessor: not recorded.",
    ]


def told(cell: str) -> list[Assessed]:
    """Forms as `instrument visit date`, apart by a semicolon; `-` is none. Their records are R1, R2, in this order."""
    words = [[None if word == "-" else word for word in each.split()] for each in cell.split("; ")]
    return [form(f"R{number}", at, visit=visit, **of(str(name))) for number, (name, visit, at) in enumerate(words, 1)]


def of(instrument: str) -> dict[str, str | bool]:
    """What a document says of its instrument: a form of items gives the score of the one without."""
    score, derived = instrument.removesuffix("-ITEMS"), instrument.endswith("-ITEMS")
    return {"instrument": instrument, "score": score, "derived": derived, "one_a_visit": instrument != "ICE"}


def records(verdict: Verdict) -> str:
    """The records that a verdict shows, in its order."""
    return " ".join(fact.source.record for fact in verdict.evidence if fact.source)


@cases("second_forms")
def test_a_visit_has_one_form_of_an_instrument(case: dict[str, str]) -> None:
    found = asked("check_second_form", *told(case["forms"]))

    assert case["asked"] == "; ".join(map(records, found))
    assert [records(verdict).split()[0] for verdict in found] == [verdict.about for verdict in found]
    assert {Value.FLAGGED} >= {verdict.value for verdict in found}


def test_the_question_names_every_form_with_its_date_and_the_one_that_counts() -> None:
    [found] = asked("check_second_form", *told("PGA M3 2025-06-02; PGA M3 2025-06-01"))

    assert sentences(found) == [
        "Second form of an instrument at a visit on 2025-06-02 needs an answer.",
        "Withdraw the form that was made in error, or say why there are two.",
        "PGA at M3 that counts: 2025-06-02.",
        "PGA at M3 that does not count: 2025-06-01.",
    ]
