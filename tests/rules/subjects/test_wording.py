"""A text that no package can carry is asked about, and nothing else is."""

from __future__ import annotations

from app.rules.derive import verdicts
from app.rules.explain import sentences
from app.rules.facts import Unspelt
from app.rules.verdict import Source, Value, Verdict
from tests.rules import build
from tests.rules.cases import cases


def told(cell: str) -> tuple[Unspelt, ...]:
    """Texts as `record form label signs`, apart by a semicolon."""
    words = (each.split() for each in cell.split("; ") if each)
    return tuple(Unspelt(form, label, tuple(signs), Source(form, record, 1)) for record, form, label, signs in words)


def shown(verdict: Verdict) -> str:
    """A question as `record: label signs`, each text after the other."""
    texts = (f"{fact.what.split()[2]} {fact.value}" for fact in verdict.evidence if fact.source)
    return f"{verdict.about}: {' '.join(texts)}"


@cases("wording")
def test_a_text_that_no_package_can_carry_is_asked_about(case: dict[str, str]) -> None:
    found = verdicts(build.facts(unspelt=told(case["texts"])), [f"check_wording_{case['form']}"])

    assert case["asked"] == "; ".join(map(shown, found))
    assert {Value.FLAGGED} >= {verdict.value for verdict in found}


def test_the_question_says_which_signs_and_what_to_do() -> None:
    [found] = verdicts(build.facts(unspelt=told("R1 comment Comment 皮疹")), ["check_wording_comment"])

    assert sentences(found) == [
        "Text of a comment that no package can carry needs an answer.",
        "Write the text anew in English, or in Latin letters; its history keeps what was written first.",
        "signs of Comment that cannot be sent: 皮 疹.",
    ]
