"""The documents that ship: they are read, agree with the standards' limits, and leave unknown what is not public (E1)."""

from __future__ import annotations

from collections import Counter

import pytest
from pydantic import ValidationError

from app.casebook.studies.agreement import disagreements
from app.casebook.studies.documents import StudyDocument, read_study
from app.casebook.studies.instruments import InstrumentDocument, read_instrument
from app.casebook.studies.library import settings
from app.rules import derive
from app.rules.efficacy.bilag import DOMAINS
from app.rules.efficacy.bilag_forms import FOUND, LYMPHODEPLETION, MEASURED
from app.rules.efficacy.bilag_haematology import FINDINGS, LIMITS
from cdisc import specs, terminology
from seed.load import DEMO, STUDIES, instrument_documents, study_document
from tests.rules.build import SCORED_ITEMS


@pytest.fixture(params=STUDIES)
def study(request: pytest.FixtureRequest) -> StudyDocument:
    return read_study(study_document(request.param))


@pytest.fixture(scope="module")
def instruments() -> dict[str, InstrumentDocument]:
    documents = [read_instrument(source) for source in instrument_documents()]
    return {document.id: document for document in documents}


def test_every_study_states_or_leaves_unknown_each_required_trial_summary_parameter(study: StudyDocument) -> None:
    stated = {fact.parm for fact in study.facts}

    assert [parm for parm in specs.parameters() if parm not in stated] == []


def test_trial_summary_parameters_and_dictionaries_are_those_of_the_standard(study: StudyDocument) -> None:
    assert [fact.parm for fact in study.facts if not terminology.is_term("TSPARMCD", fact.parm)] == []
    assert [
        fact.dictionary for fact in study.facts if fact.dictionary and not terminology.is_term("DICTNAM", fact.dictionary)
    ] == []


def test_epochs_forms_and_units_are_terms_of_the_standard(study: StudyDocument) -> None:
    assert [epoch.name for epoch in study.epochs if not terminology.is_term("EPOCH", epoch.name)] == []
    assert terminology.is_term("UNIT", study.dosing.unit)
    assert terminology.is_term("FRM", study.dosing.form)
    assert terminology.is_term("ROUTE", study.dosing.route)


def test_a_document_holds_nothing_that_a_transport_file_cannot_carry(study: StudyDocument) -> None:
    assert study_document(study.study.id).isascii()


def test_every_instrument_in_force_ships_in_that_version(
    study: StudyDocument, instruments: dict[str, InstrumentDocument]
) -> None:
    assert study.instruments.items() <= {(name, document.version) for name, document in instruments.items()}


def test_the_questions_of_a_licensed_form_do_not_ship(instruments: dict[str, InstrumentDocument]) -> None:
    fatigue = instruments["PEDS-FACIT-F"]

    assert (fatigue.domain, fatigue.total, len(fatigue.items)) == ("QS", None, 13)
    assert "registration" in str(fatigue.licence)
    assert {item.label.rpartition(", ")[2] for item in fatigue.items} == {"as marked from 0 to 4"}


def test_what_the_abstract_does_not_say_of_kn5601_is_not_in_its_document() -> None:
    published = read_study(study_document("KN5601"))

    assert published.study.origin == "published"
    assert published.dosing.basis == published.dosing.per == published.dosing.cells == "unknown"
    assert published.dosing.planned_days is None
    assert published.lymphodepletion is not None
    assert not published.lymphodepletion.dose_mg_m2
    assert not any(level.tiers for level in published.dosing.levels)


def test_the_demo_says_synthetic_first_and_lists_what_it_assumes() -> None:
    demo = read_study(study_document("KN5601-DEMO"))

    assert demo.study.origin == "synthetic"
    assert demo.study.title.startswith("SYNTHETIC")
    assert demo.dosing.planned_days == (1, 4, 7, 10, 13, 16)
    assert any("not public" in line for line in demo.dosing.assumed)


def test_sys6020_has_neither_a_dose_nor_a_lymphodepletion() -> None:
    other = read_study(study_document("SYS6020-SLE"))

    assert other.product.source == "autologous"
    assert [level.dose for level in other.dosing.levels] == [None]
    assert other.lymphodepletion is None
    assert other.dosing.infusions == 1
    assert not other.endpoints.paediatric


def test_test_codes_and_names_are_one_to_one_over_all_instruments(instruments: dict[str, InstrumentDocument]) -> None:
    pairs = [(item.testcd, item.test) for document in instruments.values() for item in document.items]
    pairs += [(document.total.testcd, document.total.test) for document in instruments.values() if document.total]

    assert [code for code, times in Counter(code for code, _ in pairs).items() if times > 1] == []
    assert [name for name, times in Counter(name for _, name in pairs).items() if times > 1] == []
    assert [(code, name) for code, name in pairs if len(code) > 8 or len(name) > 40] == []


def test_the_weights_of_sledai_2k_sum_to_its_maximum_of_105(instruments: dict[str, InstrumentDocument]) -> None:
    weights = [item.weight for item in instruments["SLEDAI-2K"].items]

    assert Counter(weights) == {8: 8, 4: 6, 2: 7, 1: 3}
    assert sum(weight for weight in weights if weight) == 105


def test_the_form_of_bilag_2004_items_asks_all_that_the_rules_read(instruments: dict[str, InstrumentDocument]) -> None:
    """97 items, whether each domain was ever involved, and whether low counts are due to lymphodepletion."""
    entered, form = instruments["BILAG-2004"], instruments["BILAG-2004-ITEMS"]
    beside = {LYMPHODEPLETION, *(f"{domain}_ever" for domain in DOMAINS)}
    asked = {item.key: item.unit for item in form.items}

    assert (97, beside) == (len(asked.keys() - beside), beside & asked.keys())
    assert {*SCORED_ITEMS, *FOUND, *FINDINGS, *LIMITS, *MEASURED} == asked.keys() - beside
    assert {(each.key, each.testcd, each.test) for each in form.grades} == {
        (item.key, item.testcd, item.test) for item in entered.items
    }


def test_the_first_four_items_of_capd_are_scored_in_reverse(instruments: dict[str, InstrumentDocument]) -> None:
    points = [[answer.points for answer in item.answers] for item in instruments["CAPD"].items]

    assert points == [[4, 3, 2, 1, 0]] * 4 + [[0, 1, 2, 3, 4]] * 4


def test_ice_has_ten_items_of_one_point(instruments: dict[str, InstrumentDocument]) -> None:
    assert {(str(item.least), str(item.most)) for item in instruments["ICE"].items} == {("0", "1")}
    assert len(instruments["ICE"].items) == 10


def test_every_study_agrees_with_itself(study: StudyDocument) -> None:
    assert disagreements(study) == []


def test_a_document_can_ask_for_every_rule_beyond_the_usual_ones() -> None:
    """What a study asks for is what the rules run for it, and a document that names another rule is refused."""
    efficacy = 'further = ["doris_2017", "renal_response", "sri_before_lymphodepletion"]'
    safety = 'further = ["crs_lee_2014", "icaht", "iechs_screen", "licats"]'
    source = study_document("KN5601-DEMO").replace("[endpoints]\n", f"[endpoints]\n{efficacy}\n")
    asking = read_study(source.replace("[toxicity]\n", f"[toxicity]\n{safety}\n"))

    assert set(derive.FURTHER) == settings(asking).further
    assert frozenset(derive.RULES) == derive.in_force(settings(asking))
    assert not settings(read_study(study_document("KN5601-DEMO"))).further
    with pytest.raises(ValidationError):
        read_study(source.replace("renal_response", "another_response"))


@pytest.mark.parametrize(
    ("years", "words"),
    [
        ("", "visits of LONG-TERM FOLLOW-UP are planned, and protection.follow_up_years does not say for how many years"),
        ('follow_up_years = "unknown"', None),
        ("follow_up_years = 2", None),
        ("follow_up_years = 1", "visit M6 lies after long-term follow-up, of which follow_up_years is 1"),
    ],
)
def test_long_term_follow_up_has_its_years_from_the_document_and_from_nothing_else(years: str, words: str | None) -> None:
    """Even that they are not public is said: no class of product stands for a number of years."""
    source = study_document(DEMO).replace('"FOLLOW-UP"', '"LONG-TERM FOLLOW-UP"').replace("day = 180", "day = 400")
    document = read_study(source.replace("[[elements]]", f"[protection]\n{years}\n\n[[elements]]", 1))

    assert ([] if words is None else [words]) == disagreements(document)


def test_how_long_kn5601_is_followed_is_not_public_and_is_not_guessed() -> None:
    assert "unknown" == read_study(study_document("KN5601")).protection.follow_up_years
