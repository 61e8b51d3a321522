"""
What nobody thought of, sent to every form and as a correction of every form: taken, or refused in words; never a fault of ours.

What is taken runs through every rule that reads it, is read back, explained, cut and verified.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.casebook import database, verify
from app.tables.base import Field, fields
from cdisc import terminology
from seed.load import DEMO
from tests.api import site
from tests.api.site import BODIES, FORMS
from tests.casebook.build import Service

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
"""Any JSON at all."""
QUIET = settings(max_examples=16, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)


def likely(field: Field) -> st.SearchStrategy[Any]:
    """What a field may well be told, rightly or nearly so, and sometimes anything."""
    match field.kind:
        case "code" | "codes" | "flag":
            term = st.sampled_from(("Y", "N", "U") if field.kind == "flag" else terminology.terms(str(field.codelist)))
            right: st.SearchStrategy[Any] = st.lists(term, max_size=3) if field.kind == "codes" else term
        case "number":
            right = st.decimals(field.least, field.most, allow_nan=False, allow_infinity=False, places=3).map(str)
        case "whole":
            right = st.integers(int(field.least or 0), int(field.most or 1000))
        case "date":
            right = st.sampled_from(DATES)
        case "answers":
            right = st.dictionaries(st.sampled_from(["score", "scale", "orientation_year"]), ANYTHING, max_size=3)
        case _:
            right = st.sampled_from(["0.5", "<1", "PGA", "BASELINE", "INCL01", "1*10^9", "999999999999999", "1e5", "x"])
    return st.none() | right | right | right | ANYTHING


DATES = ["1900", "2099-12-31T23:59:59", "2025-02", "2025-03-03T10:00", "2025---01", "--02-29", "2024-02-29", "2025-03-04T08"]


def any_body(path: str) -> st.SearchStrategy[Any]:
    """A plausible body, some fields of which were told something else."""
    entered = {name: field for name, field in fields(FORMS[path]).items() if name not in FORMS[path].__form__.given}
    changed = st.fixed_dictionaries({}, optional={name: likely(field) for name, field in entered.items()})
    start = st.sampled_from([*BODIES[path], {"visit": "BASELINE"}])
    return st.builds(lambda body, other: body | other, start, changed) | st.lists(changed, max_size=2) | ANYTHING


@pytest.mark.parametrize("path", sorted(FORMS))
def test_nothing_that_is_sent_to_a_form_breaks_the_service(service: Service, enrol: Callable[[], str], path: str) -> None:
    """
    Taken with 201 or refused with words, and stored in the one case alone; then read, explained, cut and verified.

    What is taken runs through every rule that reads it: none may fail for clinical data, however odd.
    """
    subject, answered = enrol(), Counter[int]()
    for body in BODIES[path]:
        site.enter_what_it_names(service, path, subject, body)

    @QUIET
    @given(body=any_body(path))
    def send(body: Any) -> None:
        before = site.stored(service.engine)
        answer = site.post(service, path, subject, json.dumps(body, allow_nan=False).encode())
        answered[answer.status_code] += 1
        if answer.status_code != 201:
            site.problem(answer, answer.status_code)
        assert answer.status_code in (201, 409, 422), answer.text
        assert (answer.status_code == 201) == (before < site.stored(service.engine))

    send()

    assert answered[201] > 0 < answered[422]
    below = f"/studies/{DEMO}/subjects/{subject}"
    for page in ("", "/queries", "/trail"):
        assert service.get(below + page)
    for verdict in service.get(f"{below}/verdicts")["verdicts"]:
        assert service.get(f"{below}/verdicts/{verdict['verdict_id']}")["sentences"]
    with database.reading(service.engine) as connection:
        assert isinstance(verify.verify(connection, DEMO), verify.Checked)


@pytest.mark.parametrize("path", sorted(FORMS))
def test_nothing_that_is_sent_as_a_correction_breaks_the_service(service: Service, enrol: Callable[[], str], path: str) -> None:
    """Each correction at the version that stands: a new version, or words and nothing stored; then the record is withdrawn."""
    subject = enrol()
    own_name = {"eclot": subject} if path == "lots" else {}
    site.enter_what_it_names(service, path, subject, BODIES[path][-1])
    (record,) = site.enter(service, path, subject, BODIES[path][-1] | own_name)["records"]
    stands = {"version": record["version"]}

    @QUIET
    @given(body=any_body(path))
    def send(body: Any) -> None:
        changes = body if isinstance(body, dict) else {"reason": body}
        before = site.stored(service.engine)
        answer = site.patch(service, path, subject, record | stands, changes)
        stands["version"] += answer.is_success
        assert answer.status_code in (200, 422), answer.text
        assert answer.is_success == (before < site.stored(service.engine))

    send()

    place = f"{site.where(path, subject)}/{record['record_id']}"
    headers = {"Authorization": f"Bearer {site.writer(service, FORMS[path])}", "If-Match": f'"{stands["version"]}"'}
    done = service.http.post(f"{place}/withdraw", json={"reason": {"code": "ENTERED_IN_ERROR"}}, headers=headers)
    assert (200, True) == (done.status_code, done.json()["records"][0]["withdrawn"])
    again = service.http.get(place, headers={"Authorization": f"Bearer {service.sponsor.token}"}).json()
    assert (True, stands["version"] + 1) == (again["withdrawn"], again["version"])
