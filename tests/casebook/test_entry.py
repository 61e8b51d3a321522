"""B2: the answers to the criteria of entry beside the scores that they ask for, live."""

from __future__ import annotations

import pytest

from seed.load import DEMO
from tests.casebook import build
from tests.casebook.build import MISREAD, SUBJECT, Service

ENTRY = "check_entry_score"


@pytest.mark.parametrize(
    ("present", "said", "corrected"),
    [
        (("arthritis", "rash"), "flagged", ("fever",)),
        (("arthritis", "rash", "fever"), "clear", ()),
    ],
)
def test_a_sledai_2k_above_6_is_what_a_criterion_says_it_is(
    service: Service, present: tuple[str, ...], said: str, corrected: tuple[str, ...]
) -> None:
    """Entered after the answer too; a correction of the score opens the query, or closes it, which is about the answer."""
    answers = service.get(f"{build.below()}/eligibility")["records"]
    about = next(record for record in answers if record["ietestcd"] == "INCL03")
    build.visit(service, "SCREENING", -20)
    service.site.correct(DEMO, SUBJECT, "eligibility", about, {"iedtc": build.day(-16)}, MISREAD)
    scored = build.assess(service, "SCREENING", build.sledai(*present))
    change = {"answers": {"fever": bool(corrected)}}
    moved = service.site.correct(DEMO, SUBJECT, "assessments", scored["records"][0], change, MISREAD)

    assert ("not_evaluable", said) == build.moved(scored)[ENTRY, about["record_id"]]
    opened = [scored, moved][said == "clear"]["queries"]
    assert [(about["record_id"], "open")] == [(one["record_id"], one["state"]) for one in opened if one["rule"] == ENTRY]
    assert "INCL03 (SLEDAI-2K above 6): yes." in next(one["text"] for one in opened if one["rule"] == ENTRY)
    after = {"flagged": "clear", "clear": "flagged"}[said]
    assert after == build.verdicts(service)[ENTRY, about["record_id"]]["value"]
