"""
Whatever a client sends, it is told in words what is wrong with it: never a fault of ours (500), and nothing is stored.

Each case is sent to a form, to a correction and to a document; what nobody thought of is in `test_anything`.
"""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from seed.client import API
from seed.load import DEMO
from tests.api import site
from tests.api.site import BODIES
from tests.casebook.build import Service

DEEP = 100_000
RESULT = b'{"lbtestcd": "C3", "lborres": %s}'
NOT_JSON = {
    "nothing": b"",
    "a word": b"lborres",
    "half an object": b'{"lbtestcd": "C3"',
    "two objects": b"{}{}",
    "a comment": b"{} // done",
    "a trailing comma": b'{"lbtestcd": "C3",}',
    "single quotes": b"{'lbtestcd': 'C3'}",
    "UTF-16": '{"lbtestcd": "C3"}'.encode("utf-16"),
    "Latin-1": '{"lbtestcd": "é"}'.encode("latin-1"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
    "an array without end": b"[" * DEEP,
    "an object without end": b'{"a":' * DEEP,
    "an array of arrays": b"[" * DEEP + b"]" * DEEP,
    "a deep answer": b'{"instrument": "PGA", "answers": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    "a key twice": b'{"lbtestcd": "C3", "lbtestcd": "C4", "lborres": "1"}',
    "a key twice, below": b'{"instrument": "PGA", "answers": {"score": 1, "score": 2}}',
    "not a number": RESULT % b"NaN",
    "infinity": RESULT % b"-Infinity",
    "half a character": RESULT % b'"\\ud800"',
    "half a character as a key": b'{"\\udfff": 1}',
    "half a character in a list": b'{"lbtestcd": ["\\ud800"]}',
    "a number without end": RESULT % (b"9" * 5000),
    "an exponent without end": RESULT % b"1e99999999999999999999",
}
NOT_ACCEPTABLE = {
    "null": b"null",
    "a string": b'"C3"',
    "a number": b"1",
    "true": b"true",
    "an array of nothing": b"[null]",
    "an array of arrays": b"[[]]",
    "an empty array": b"[]",
    "an object of nothing": b"{}",
    "a large exponent": RESULT % b"1e400",
    "an exponent that would fill the memory": RESULT % b"1e999999999",
    "a small exponent": RESULT % b"1e-999999999",
    "a large whole number": RESULT % (b"9" * 400),
    "a NUL": RESULT % b'"\\u0000"',
    "an escape": RESULT % b'"\\u001b[2J"',
    "an empty key": b'{"": 1}',
    "a key of NUL": b'{"\\u0000": 1}',
    "a prototype": b'{"__proto__": {"x": 1}, "__class__": 1}',
    "a deep value": RESULT % (b"[" * 200 + b"]" * 200),
    "an object for a text": RESULT % b'{"$ne": null}',
}


@pytest.fixture(scope="module")
def record(service: Service, enrolled: str) -> dict[str, Any]:
    """A laboratory result that stands."""
    (made,) = site.enter(service, "laboratory", enrolled, BODIES["laboratory"][0])["records"]
    return dict(made)


@pytest.mark.parametrize("name", NOT_JSON)
def test_what_is_not_json_is_refused(service: Service, enrolled: str, record: dict[str, Any], name: str) -> None:
    """In a new record and in a correction alike; quickly, whatever its depth."""
    place = f"{site.where('laboratory', enrolled)}/{record['record_id']}"
    headers = {"Authorization": f"Bearer {service.site.token}", "If-Match": '"1"'}
    with site.nothing_stored(service):
        site.problem(site.post(service, "laboratory", enrolled, NOT_JSON[name]), 422, "not_json")
        site.problem(service.http.patch(place, content=NOT_JSON[name], headers=headers), 422, "not_json")


@pytest.mark.parametrize("name", NOT_ACCEPTABLE)
def test_json_that_is_no_form_is_refused(service: Service, enrolled: str, record: dict[str, Any], name: str) -> None:
    place = f"{site.where('laboratory', enrolled)}/{record['record_id']}"
    headers = {"Authorization": f"Bearer {service.site.token}", "If-Match": '"1"'}
    with site.nothing_stored(service):
        site.problem(site.post(service, "laboratory", enrolled, NOT_ACCEPTABLE[name]), 422)
        site.problem(service.http.patch(place, content=NOT_ACCEPTABLE[name], headers=headers), 422)


LONG = {
    "keys": lambda: json.dumps({f"k{n}": 0 for n in range(70_000)}),
    "one key, often": lambda: "{" + ",".join(['"a":0'] * 150_000) + "}",
    "a term": lambda: json.dumps({"lbtestcd": "A" * 1_000_000, "lborres": "1"}),
    "a list": lambda: json.dumps({"lbtestcd": "C3", "lborres": ["A"] * 200_000}),
    "a codelist": lambda: json.dumps({"fadtc": "2025-03-08T10:00", "age": 13, "pressors": ["EPINEPHRINE"] * 60_000}),
    "wrong terms": lambda: json.dumps([{"lbtestcd": f"XQ{n}", "lborres": "1"} for n in range(500)]),
}


@pytest.mark.parametrize("name", LONG)
def test_a_megabyte_of_nonsense_costs_no_more_than_it_must(service: Service, enrolled: str, name: str) -> None:
    """No step takes the square of what is sent."""
    path = "toxicity-observations" if name == "a codelist" else "laboratory"
    began = time.process_time()
    with site.nothing_stored(service):
        answer = site.post(service, path, enrolled, LONG[name]().encode())

    site.problem(answer, 422)
    assert time.process_time() - began < 5
    assert len(answer.content) < 50_000


def test_a_body_over_a_megabyte_is_too_large(service: Service, enrolled: str) -> None:
    with site.nothing_stored(service):
        site.problem(site.post(service, "laboratory", enrolled, b" " * 1_048_577), 413, "body_too_large")
        document = service.http.post(
            f"{API}/studies", content=b"#" * 1_048_577, headers={"Authorization": f"Bearer {service.sponsor.token}"}
        )
    site.problem(document, 413, "body_too_large")


def test_a_panel_holds_five_hundred_and_no_more(service: Service, enrolled: str) -> None:
    """Nothing of 501 is stored, not even the first 500."""
    body = {"vstestcd": "TEMP", "vsorres": "36.7", "vsorresu": "C"}
    with site.nothing_stored(service):
        site.problem(site.post(service, "vital-signs", enrolled, [body] * 501), 422, "panel_size")

    told = site.enter(service, "vital-signs", enrolled, [body] * 500)

    assert len(told["records"]) == 500


ODD_PATHS = {
    "no study": "/studies//subjects",
    "a space": "/studies/KN%205601",
    "a NUL": "/studies/%00",
    "not UTF-8": "/studies/%ff",
    "a step up": f"/studies/{DEMO}/subjects/..%2f..%2fstudies",
    "a quote": "/studies/'%3B%20DROP%20TABLE%20entry%3B--",
    "a very long name": f"/studies/{'A' * 5000}",
    "an unknown form": f"/studies/{DEMO}/subjects/SYN-001/tarot-readings",
    "an unknown page": "/nowhere",
    "not a record": f"/studies/{DEMO}/subjects/SYN-001/visits/1",
    "nearly a record": f"/studies/{DEMO}/subjects/SYN-001/visits/01890a5d-ac96-774b-bcce-b302099a805",
    "a record in braces": f"/studies/{DEMO}/subjects/SYN-001/visits/%7B01890a5d-ac96-774b-bcce-b302099a8057%7D",
    "not a verdict": f"/studies/{DEMO}/subjects/SYN-001/verdicts/sri4",
    "a form's schema": f"/studies/{DEMO}/forms/tarot-readings",
    "an instrument's schema": f"/studies/{DEMO}/instruments/TAROT",
}


@pytest.mark.parametrize("path", ODD_PATHS.values(), ids=ODD_PATHS)
def test_a_path_that_leads_nowhere_is_not_found(service: Service, path: str) -> None:
    answer = service.http.get(API + path, headers={"Authorization": f"Bearer {service.site.token}"})

    site.problem(answer, 404)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_a_method_that_a_path_does_not_take_is_refused_with_those_it_takes(
    service: Service, enrolled: str, method: str
) -> None:
    """A4, A6, A8: there is no DELETE, and nothing that overwrites."""
    with site.nothing_stored(service):
        answer = service.http.request(
            method, site.where("visits", enrolled), headers={"Authorization": f"Bearer {service.site.token}"}
        )

    site.problem(answer, 405, "method_not_supported")
    assert answer.headers["allow"]


POSITIONS = {
    "no offset": "at=2025-01-01T00:00:00",
    "a date": "at=2025-01-01",
    "a number": "at=1735689600",
    "a plus that became a space": "at=2025-01-01T00:00:00+08:00",
    "before all time": "at=0001-01-01T00:00:00%2B14:00",
    "after all time": "at=9999-12-31T23:59:59-12:00",
    "no day": "at=2025-02-30T00:00:00Z",
    "a leap second": "at=2016-12-31T23:59:60Z",
    "other digits": "at=２０２５-01-01T00:00:00Z",
    "empty": "at=",
    "an odd cut": "cut=%00",
    "a cut with a space": "cut=C%201",
    "no cut": "cut=",
    "both": "cut=C1&at=2025-01-01T00:00:00Z",
    "a long cut": f"cut={'C' * 41}",
}


@pytest.mark.parametrize("query", POSITIONS.values(), ids=POSITIONS)
def test_a_position_that_is_none_is_refused(service: Service, enrolled: str, query: str) -> None:
    headers = {"Authorization": f"Bearer {service.site.token}"}

    site.problem(service.http.get(f"{site.where('visits', enrolled)}?{query}", headers=headers), 422)


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2025-01-01t00:00:00.123456z"])
def test_any_instant_with_an_offset_is_a_position(service: Service, enrolled: str, at: str) -> None:
    headers = {"Authorization": f"Bearer {service.site.token}"}
    answer = service.http.get(f"{site.where('visits', enrolled)}?at={at}", headers=headers)

    assert 200 == answer.status_code
    assert bool(answer.json()["records"]) == at.startswith("9999")


@pytest.mark.parametrize(
    "seen", ["", "1", "*", 'W/"1"', '"1", "2"', '"one"', '"-1"', '"1.0"', '"' + "9" * 40 + '"', "'1'", '"１"', '"1";', "\xff"]
)
def test_a_version_that_is_none_is_refused(service: Service, enrolled: str, record: dict[str, Any], seen: str) -> None:
    """A weak, a starred or a listed If-Match names no one version that the caller saw."""
    place = f"{site.where('laboratory', enrolled)}/{record['record_id']}"
    headers = [(b"Authorization", f"Bearer {service.site.token}".encode()), (b"If-Match", seen.encode())]
    with site.nothing_stored(service):
        for answer in (
            service.http.patch(place, json={"lborres": "9", "reason": {"code": "TRANSCRIPTION"}}, headers=headers),
            service.http.post(f"{place}/withdraw", json={"reason": {"code": "TRANSCRIPTION"}}, headers=headers),
        ):
            site.problem(answer, 422, "bad_version")


def test_a_change_without_a_version_and_one_with_a_stale_one_are_two_refusals(
    service: Service, enrolled: str, record: dict[str, Any]
) -> None:
    place = f"{site.where('laboratory', enrolled)}/{record['record_id']}"
    body, token = {"lborres": "9", "reason": {"code": "TRANSCRIPTION"}}, {"Authorization": f"Bearer {service.site.token}"}
    with site.nothing_stored(service):
        site.problem(service.http.patch(place, json=body, headers=token), 428, "no_version")
        stale = service.http.patch(place, json=body, headers=token | {"If-Match": '"999999999"'})

    assert '"1"' == site.problem(stale, 412, "stale_version")["current_etag"]


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 201, "tab\tkey"])
def test_an_odd_idempotency_key_is_refused(service: Service, enrolled: str, key: str) -> None:
    headers = [(b"Authorization", f"Bearer {service.site.token}".encode()), (b"Idempotency-Key", key.encode())]
    with site.nothing_stored(service):
        answer = service.http.post(site.where("vital-signs", enrolled), json=BODIES["vital-signs"][0], headers=headers)

    site.problem(answer, 422)


@pytest.mark.parametrize(
    "authorization", [b"Bearer \xff\xfe", b"Bearer a b", b"bearer", b"Bearer " + b"x" * 5000, b"\xff", b"Bearer \x00"]
)
def test_an_odd_token_is_no_token(service: Service, authorization: bytes) -> None:
    site.problem(service.http.get(f"{API}/studies", headers=[(b"Authorization", authorization)]), 401)


@pytest.mark.parametrize(
    ("sent", "kept"), [("run-2025.03_A", True), ("short", False), ("x" * 65, False), ("a b c d e f", False)]
)
def test_a_request_has_an_id_that_is_returned_and_stored(
    service: Service, enrolled: str, record: dict[str, Any], sent: str, kept: bool
) -> None:
    """A client's own where it is sound, so that its logs and the ledger can be laid side by side."""
    answer = site.post(service, "vital-signs", enrolled, BODIES["vital-signs"][0], **{"X-Request-Id": sent})

    told = answer.headers["x-request-id"]
    trail = service.get(f"/studies/{DEMO}/subjects/{enrolled}/trail")["entries"]
    assert kept == (told == sent)
    assert told in {entry["request_id"] for entry in trail}


BAD_DOCUMENTS = {
    "nothing": b"",
    "not TOML": b"study = ",
    "not UTF-8": b"\xff",
    "deep": b"a = " + b"[" * DEEP,
    "a number without end": b"a = " + b"9" * 5000,
    "half a character": b'a = "\\ud800"',
    "a key twice": b"a = 1\na = 2",
    "JSON": b"{}",
    "a NUL": b"a = \x00",
}


@pytest.mark.parametrize("document", BAD_DOCUMENTS.values(), ids=BAD_DOCUMENTS)
def test_a_document_that_is_none_is_refused(service: Service, document: bytes) -> None:
    headers = {"Authorization": f"Bearer {service.sponsor.token}"}
    with site.nothing_stored(service):
        for place in ("/studies", f"/studies/{DEMO}/instruments"):
            site.problem(service.http.post(API + place, content=document, headers=headers), 422)
