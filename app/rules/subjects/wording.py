"""
Texts that no package can carry: asked about when they are entered, and not when the package is refused.

| check | asks where |
| --- | --- |
| wording | a text of a record has signs that cannot be spelt in ASCII, such as Chinese ones |

It is asked of the forms on which a site tells something in its own words, each by itself: adverse events, medication, history,
procedures, stays in hospital, disposition, deviations and comments.

Rulings. A text is never refused for its language: what happened is recorded first. Accents are dropped and common signs are
spelt out when a package is made (a micro sign is u), so nothing is asked about them. Where a text is written anew its history
keeps what was written first.

Source: FDA Study Data Technical Conformance Guide (values in ASCII); SAS technical note TS-140 (transport files).
"""

from __future__ import annotations

from collections.abc import Iterator

from app.rules.facts import Facts, Unspelt
from app.rules.verdict import Evidence, Rule, Verdict, check

FORMS = {
    "adverse_event": "an adverse event",
    "medication": "a medication",
    "medical_history": "the medical history",
    "procedure": "a procedure",
    "healthcare_encounter": "a stay in hospital",
    "disposition": "the disposition",
    "protocol_deviation": "a deviation",
    "comment": "a comment",
}
"""The forms that are asked, by their tables, in words."""
_SOURCE = "FDA Study Data Technical Conformance Guide (values in ASCII)"
RULES = {
    form: Rule(f"check_wording_{form}", "1", f"Text of {of} that no package can carry", _SOURCE) for form, of in FORMS.items()
}
ASKED = Evidence("question", "Write the text anew in English, or in Latin letters; its history keeps what was written first")


def wording(form: str, facts: Facts) -> Iterator[Verdict]:
    """The records of one form with texts that no package can carry, in the order of their ids; each about the record."""
    held: dict[str, list[Unspelt]] = {}
    for text in facts.unspelt:
        if text.form == form:
            held.setdefault(text.source.record, []).append(text)
    for record, texts in sorted(held.items()):
        yield check(RULES[form], record, True, (ASKED, *map(_shown, texts)))


def _shown(text: Unspelt) -> Evidence:
    return Evidence(f"signs of {text.what} that cannot be sent", " ".join(text.signs), None, None, text.source)
