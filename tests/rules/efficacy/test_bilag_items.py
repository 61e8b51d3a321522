"""BILAG-2004 from items: the grades, and what an item that was not done can change."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given as given_
from hypothesis import strategies as st

from app.rules.efficacy.bilag_items import DOMAINS, GRADES, bilag_from_items, items_of
from tests.rules.cases import cases, truth
from tests.rules.given import given, graded


@cases("bilag_items")
def test_a_domain_from_its_items(case: dict[str, str]) -> None:
    inputs = given(case["inputs"])
    scores = {item: None if score is None else int(score) for item, score in inputs.items()}

    assert set(scores) <= set(items_of(case["domain"]))
    graded(case, bilag_from_items(case["domain"], scores, truth(case["ever"])))


def test_the_groups_have_their_published_sizes() -> None:
    sizes = {domain: (len(items.a), len(items.b), len(items.c)) for domain, items in DOMAINS.items()}

    assert (5, 4, 5) == sizes["mucocutaneous"]
    assert (13, 7, 0) == sizes["neuropsychiatric"]
    assert (5, 4, 0) == sizes["gastrointestinal"]
    assert (7, 4, 2) == sizes["ophthalmic"]


domains = st.sampled_from([*DOMAINS, "constitutional"])


@given_(st.data(), domains, st.booleans())
def test_what_was_not_done_never_moves_a_grade_out_of_its_bounds(data: st.DataObject, domain: str, ever: bool) -> None:
    items = items_of(domain)
    scores = {item: data.draw(st.sampled_from([0, 0, 0, 1, 2, 4])) for item in items}
    lost = data.draw(st.sets(st.sampled_from(items), max_size=3))
    whole = bilag_from_items(domain, scores, ever).amount
    partly = bilag_from_items(domain, {**scores, **dict.fromkeys(lost)}, ever)

    assert whole is not None
    assert partly.lowest is not None
    assert partly.highest is not None
    assert partly.lowest <= whole <= partly.highest


@given_(st.data(), domains)
def test_a_worse_item_never_improves_the_grade(data: st.DataObject, domain: str) -> None:
    items = items_of(domain)
    scores = {item: data.draw(st.sampled_from([0, 0, 1, 2, 3])) for item in items}
    worse = data.draw(st.sampled_from(items))
    before, after = (bilag_from_items(domain, each, True).amount for each in (scores, scores | {worse: scores[worse] + 1}))

    assert before is not None
    assert after is not None
    assert before <= after
    assert Decimal(len(GRADES)) > after


def test_items_that_were_not_done_are_named_where_they_leave_the_grade_open() -> None:
    scores = {"pyrexia": None, "weight_loss": 2, "anorexia": 2}

    assert ("pyrexia", "whether the domain was ever active") == bilag_from_items("constitutional", scores, None).missing
