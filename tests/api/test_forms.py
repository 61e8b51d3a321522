"""Every captured form: what it takes, what it gives back, digit for digit, and what it refuses; on both databases."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from app.casebook import links
from app.tables import CAPTURED
from app.tables.base import Field, fields
from cdisc import terminology
from seed.client import Body
from tests.api import site
from tests.api.site import BODIES, FORMS
from tests.casebook.build import Service

EVERY = [(path, n) for path, bodies in BODIES.items() for n in range(len(bodies))]
ENTERED = {
    (path, name): field
    for path, form in FORMS.items()
    for name, field in fields(form).items()
    if name not in form.__form__.given
}


def of_kind(*kinds: str) -> list[tuple[str, str]]:
    """The fields of some kinds, each with the path of its form."""
    return [place for place, field in ENTERED.items() if field.kind in kinds]


def plausible(path: str, **changes: Any) -> Body:
    """A body that its form takes, changed; under a name that no record has."""
    named = {"adverse-events": "aespid", "lots": "eclot"}.get(path)
    return BODIES[path][0] | ({named: f"X-{next(NUMBERS)}"} if named else {}) | changes


NUMBERS = iter(range(10_000))


@pytest.fixture(scope="module")
def subject(enrolled: str) -> str:
    """Of whom everything but demographics and infusions may be entered without end."""
    return enrolled


def test_every_form_has_plausible_bodies_that_fill_every_field() -> None:
    filled = {(path, name) for path, bodies in BODIES.items() for body in bodies for name in body}

    assert set(FORMS) == set(BODIES)
    assert set() == set(ENTERED) - filled - {("visits", "visit")} - NEVER_TOGETHER
    assert len(FORMS) == len(CAPTURED) > 15


NEVER_TOGETHER = {("assessments", "rstotal"), ("comments", "corecord"), ("dispositions", "dsaeno")}
"""A total belongs to an instrument that has one, a comment or an end names a record; tests of their own give them."""


@pytest.mark.parametrize(("path", "n"), EVERY, ids=[f"{path} {n}" for path, n in EVERY])
def test_a_plausible_body_is_taken_and_told_as_it_was_entered(
    service: Service, newcomer: Callable[[], str], enrol: Callable[[], str], subject: str, path: str, n: int
) -> None:
    """B8, B9: the digits, the partial dates and the empty lists that were entered; in the answer, the list and the history."""
    body, form = BODIES[path][n], FORMS[path]
    who = newcomer() if form.__form__.once else enrol() if links.naming(form) else subject
    site.enter_what_it_names(service, path, who, body)

    (record,) = site.enter(service, path, who, body)["records"]

    assert body == {name: record[name] for name in body}
    by_the_service = {*form.__form__.given, form.__form__.named}
    assert all(record[name] is None for name in fields(form) if name not in body and name not in by_the_service)
    below = site.where(path, who).removeprefix("/api/v1")
    assert record in service.get(below)["records"]
    (version,) = service.get(f"{below}/{record['record_id']}/history")["history"]
    assert record == {name: version[name] for name in record}
    told = {name: change["to"] for name, change in version["changed"].items()}
    assert told == {name: record[name] for name in fields(form) if record[name] is not None}


@pytest.mark.parametrize("sent", ["12.50", "0.00", "-0.10", "100", "0.000000001", "123456789012345.123456789012345"])
@pytest.mark.parametrize("raw", ["string", "number"])
@pytest.mark.parametrize("field", ["lborres", "lbornrlo"], ids=["a finding as reported", "a number"])
def test_a_number_keeps_the_digits_it_was_sent_with(service: Service, subject: str, field: str, raw: str, sent: str) -> None:
    """B9: whether it came as a JSON string or as a JSON number."""
    value = f'"{sent}"' if raw == "string" else sent
    other = '"lborres": "1"' if field == "lbornrlo" else '"lbspec": "SERUM"'
    body = f'{{"lbtestcd": "C3", {other}, "{field}": {value}}}'.encode()

    (record,) = site.enter(service, "laboratory", subject, body)["records"]

    assert sent == record[field]


def test_minus_zero_is_zero(service: Service, subject: str) -> None:
    (record,) = site.enter(service, "laboratory", subject, plausible("laboratory", lbornrlo="-0.00"))["records"]

    assert "0.00" == record["lbornrlo"]


@pytest.mark.parametrize("entered", ["2025", "2025-03", "2025-03-04", "2025---15", "--03-15", "2025-03-04T08", "2024-02-29"])
def test_a_partial_date_stays_as_it_was_entered(service: Service, subject: str, entered: str) -> None:
    """B8: nothing is completed, nothing is cut off."""
    (record,) = site.enter(service, "laboratory", subject, plausible("laboratory", lbdtc=entered))["records"]

    assert entered == record["lbdtc"]


def test_none_recorded_and_not_recorded_are_two_answers(service: Service, subject: str) -> None:
    """An empty list says that nothing was given; null says that nobody looked."""
    moments = ("2025-03-08T10:00", "2025-03-08T11:00")
    lists: tuple[list[str] | None, ...] = ([], None)
    for moment, given in zip(moments, lists, strict=True):
        body = {"fadtc": moment, "age": 13, "given": given, "pressors": given}
        (record,) = site.enter(service, "toxicity-observations", subject, body)["records"]
        assert (given, given) == (record["given"], record["pressors"])


def test_text_is_kept_in_normal_form_whatever_its_script(service: Service, subject: str) -> None:
    (record,) = site.enter(service, "medical-history", subject, {"mhterm": "Raynaud\u0065\u0301 狼疮\tsince"})["records"]

    assert "Raynaud\u00e9 狼疮\tsince" == record["mhterm"]


def refused(service: Service, subject: str, path: str, body: Any) -> dict[str, str]:
    """The faults of a body that its form does not take; nothing of it is stored."""
    with site.nothing_stored(service):
        answer = site.post(service, path, subject, body)
    site.problem(answer, 422)
    return site.faults(answer)


@pytest.mark.parametrize("path", sorted(FORMS))
def test_an_unknown_key_is_refused_and_named(service: Service, subject: str, path: str) -> None:
    assert {"/colour~1~0": "unknown_key"} == refused(service, subject, path, plausible(path, **{"colour/~": "red"}))


@pytest.mark.parametrize("path", sorted(FORMS))
def test_every_required_field_that_is_left_out_is_named(service: Service, subject: str, path: str) -> None:
    """With its label, so that a coordinator finds it on the page."""
    required = {name: field for (of, name), field in ENTERED.items() if of == path and field.required}
    required |= {"visit": Field("Visit Name", "text")} if FORMS[path].__form__.visit == "required" else {}
    answer = site.post(service, path, subject, {})

    told = {fault["pointer"]: fault for fault in answer.json()["errors"]}

    assert {f"/{name}" for name in required} == set(told)
    assert all(told[f"/{name}"]["detail"] == f"{field.label} ({name}) is required" for name, field in required.items())


@pytest.mark.parametrize(("path", "name"), of_kind("code", "codes", "flag"))
def test_a_term_that_is_not_on_the_codelist_is_refused_with_what_is(
    service: Service, subject: str, path: str, name: str
) -> None:
    field = ENTERED[path, name]
    several = field.kind == "codes"
    with site.nothing_stored(service):
        answer = site.post(service, path, subject, plausible(path, **{name: ["NO SUCH"] if several else "NO SUCH"}))

    (fault,) = site.problem(answer, 422, "form_refused")["errors"]

    assert (f"/{name}/0" if several else f"/{name}", "not_allowed") == (fault["pointer"], fault["code"])
    assert name in fault["detail"]
    assert "NO SUCH" in fault["detail"]
    terms = ("Y", "N", "U") if field.kind == "flag" else terminology.terms(str(field.codelist))
    assert all(term in fault["detail"] for term in terms) if len(terms) <= 60 else str(field.codelist) in fault["detail"]


@pytest.mark.parametrize(("path", "name"), of_kind("number", "whole"))
def test_an_impossible_number_is_refused_with_the_bounds(service: Service, subject: str, path: str, name: str) -> None:
    """B2: as a hard check, only what cannot be."""
    field = ENTERED[path, name]
    for bound, beyond in ((field.least, Decimal(-1)), (field.most, Decimal(1))):
        if bound is None:
            continue
        sent = bound + beyond
        value = int(sent) if field.kind == "whole" else str(sent)
        with site.nothing_stored(service):
            answer = site.post(service, path, subject, plausible(path, **{name: value}))
        (fault,) = site.problem(answer, 422, "form_refused")["errors"]
        assert (f"/{name}", "out_of_range") == (fault["pointer"], fault["code"])
        assert field.label in fault["detail"]
        assert format(bound.normalize(), "f") in fault["detail"]


@pytest.mark.parametrize(("path", "name"), of_kind("text", "result"))
def test_a_text_that_is_too_long_or_blank_is_refused(service: Service, subject: str, path: str, name: str) -> None:
    """Measured as it is kept: one sign that is two in normal form counts as two."""
    length = ENTERED[path, name].length or 0
    for value in ("x" * (length + 1), "\u0958" * length, "   ", "a\x00b", "a\x1bb"):
        assert "not_allowed" == refused(service, subject, path, plausible(path, **{name: value}))[f"/{name}"]


WRONG = {
    "text": [7, True, [], {}],
    "result": [True, [], {}],
    "code": [1, True, ["Y"], {}],
    "codes": ["X", 1, {}, [1]],
    "flag": ["y", "", 1, True, "YES"],
    "date": [
        2025,
        "",
        "04/03/2025",
        "2025-3-4",
        "2025-13",
        "2025-02-30",
        "0000",
        "9999",
        "1066-10-14",
        "2025-03-04T24:00",
        "now",
    ],
    "number": ["", "1e5", "1,5", "１２", "0x1F", "NaN", "Infinity", True, [], {}, "1" * 16, "+1", " 1"],
    "whole": ["1", 1.0, 1.5, True, [], {}, 10**30],
    "answers": [[], "x", 1, True],
}


@pytest.mark.parametrize(("path", "name"), sorted(ENTERED), ids=[f"{path} {name}" for path, name in sorted(ENTERED)])
def test_nothing_is_taken_for_what_it_is_not(service: Service, subject: str, path: str, name: str) -> None:
    """Strict: no coercion from one type to another, and every refusal points to the field."""
    for value in WRONG[ENTERED[path, name].kind]:
        told = refused(service, subject, path, plausible(path, **{name: value}))
        assert all(pointer.split("/")[1] == name for pointer in told), (value, told)
        assert told, value


@pytest.mark.parametrize("born", ["2011-08-14", "2011-08-14T10:00", "--08-14", "2011---14", "-----14"])
def test_a_day_of_birth_is_not_kept(service: Service, newcomer: Callable[[], str], born: str) -> None:
    """G3: the year, and the month where it is needed; not by a date with other parts left out either."""
    assert {"/brthdtc": "not_allowed"} == refused(service, newcomer(), "demographics", {"sex": "F", "brthdtc": born})


@pytest.mark.parametrize("moment", ["2025-03-04", "2025-03", "2025-03-04T08", "2025---04T08:30", "--03-04T08:30"])
def test_a_moment_is_told_to_the_minute(service: Service, subject: str, moment: str) -> None:
    body = {"fadtc": moment, "age": 13}

    assert {"/fadtc": "not_allowed"} == refused(service, subject, "toxicity-observations", body)


def test_a_list_names_nothing_twice(service: Service, subject: str) -> None:
    """Two vasopressors are grade 4, one vasopressor written twice is not."""
    body = {"fadtc": "2025-03-08T12:00", "age": 13, "pressors": ["NOREPINEPHRINE", "NOREPINEPHRINE"]}

    assert {"/pressors": "not_allowed"} == refused(service, subject, "toxicity-observations", body)


FINDINGS = {path: form for path, form in FORMS.items() if f"{form.__form__.domain.lower()}stat" in fields(form)}


@pytest.mark.parametrize("path", sorted(FINDINGS))
def test_a_finding_has_a_result_or_was_not_done(service: Service, subject: str, path: str) -> None:
    """Done without a result, not done with one, a reason without NOT DONE: each is refused; a plain NOT DONE is taken."""
    form, stem = FINDINGS[path], FINDINGS[path].__form__.domain.lower()
    result = next(name for name, field in fields(form).items() if field.kind in ("result", "answers"))
    body = {name: value for name, value in plausible(path).items() if name != result}
    stat, why = f"{stem}stat", f"{stem}reasnd"
    site.enter_what_it_names(service, path, subject, body)

    assert {f"/{result}": "no_result"} == refused(service, subject, path, body)
    assert {f"/{stat}": "not_done_with_result"} == refused(service, subject, path, plausible(path, **{stat: "NOT DONE"}))
    assert {f"/{why}": "reason_out_of_place"} == refused(service, subject, path, plausible(path, **{why: "Because"}))
    assert site.enter(service, path, subject, body | {stat: "NOT DONE"})["records"][0][stat] == "NOT DONE"
    assert len(FINDINGS) == 10


def test_a_comment_may_be_about_a_record_of_the_subject_and_of_nobody_else(
    service: Service, subject: str, newcomer: Callable[[], str]
) -> None:
    (found,) = site.enter(service, "vital-signs", subject, plausible("vital-signs"))["records"]
    about = {"coval": "Measured twice", "corecord": found["record_id"].upper()}

    (record,) = site.enter(service, "comments", subject, about)["records"]

    assert found["record_id"] == record["corecord"]
    site.enter(service, "dispositions", other := newcomer(), site.CONSENT)
    assert {"/corecord": "unknown_record"} == refused(service, other, "comments", about)
    assert {"/corecord": "unknown_record"} == refused(service, subject, "comments", about | {"corecord": "the weight"})
    assert {"/codtc": "date_out_of_place"} == refused(service, subject, "comments", about | {"codtc": "2025-03-04"})


@pytest.mark.parametrize("given", ["visitnum", "svpresp"])
def test_what_the_service_gives_to_a_visit_no_client_sends(service: Service, subject: str, given: str) -> None:
    """It was taken and silently replaced before."""
    body = {"visit": "M3", "svoccur": "Y", "svstdtc": "2025-06-01", given: {"visitnum": "77", "svpresp": "N"}[given]}

    assert {f"/{given}": "unknown_key"} == refused(service, subject, "visits", body)


@pytest.mark.parametrize("given", ["instrver", "lookback"])
def test_what_the_service_gives_to_an_assessment_no_client_sends(service: Service, subject: str, given: str) -> None:
    assert {f"/{given}": "unknown_key"} == refused(service, subject, "assessments", plausible("assessments", **{given: 7}))
