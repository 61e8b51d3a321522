"""A correction of an instrument: only the items that change are sent, and the others stay as they are."""

from __future__ import annotations

from tests.casebook import build
from tests.casebook.build import DEMO, MISREAD, SUBJECT, Service


def test_an_item_that_is_not_sent_stays_as_it_is_and_null_clears_one(service: Service) -> None:
    """A8, B7: absent leaves, null clears; a descriptor that is cleared is not assessed, never absent."""
    record = build.assessed(service, "BASELINE", -6, "rash", "arthritis")

    first = service.site.correct(DEMO, SUBJECT, "assessments", record, {"answers": {"fever": True}}, MISREAD)["records"][0]
    second = service.site.correct(DEMO, SUBJECT, "assessments", first, {"answers": {"rash": None}}, MISREAD)["records"][0]
    total = build.verdicts(service)["sledai2k", record["record_id"]]

    assert build.sledai("rash", "arthritis", "fever") == first["answers"]
    assert build.sledai("arthritis", "fever", rash=None) == second["answers"]
    assert ("not_evaluable", "5", "7") == (total["value"], total["lowest"], total["highest"])


def test_an_item_that_the_instrument_has_not_is_refused_in_a_correction_too(service: Service) -> None:
    record = build.assessed(service, "BASELINE", -6, "rash")
    body = {"answers": {"rush": True}, "reason": {"code": "TRANSCRIPTION"}}

    answer = service.send("PATCH", f"{build.below()}/assessments/{record['record_id']}", body, If_Match='"1"')

    assert (422, "/answers/rush") == (answer.status_code, answer.json()["errors"][0]["pointer"])


def test_the_records_of_one_visit_are_read_alone(service: Service) -> None:
    build.assessed(service, "BASELINE", -6, "rash")
    build.assessed(service, "M3", 90)

    read = service.get(f"{build.below()}/assessments", visit="M3")["records"]

    assert {"M3"} == {one["visit"] for one in read}
    assert {"SLEDAI-2K", "BILAG-2004", "PGA"} == {one["instrument"] for one in read}
