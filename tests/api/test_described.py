"""The API as it describes itself: whole, without a reference that leads nowhere, and true of what is sent and answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, cast

import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from app.api.answers import PROBLEM
from app.casebook import links
from app.tables.base import fields
from seed.client import API
from seed.load import DEMO
from tests.api import site
from tests.api.site import BODIES, FORMS
from tests.casebook import build
from tests.casebook.build import Service

Json = dict[str, Any]


@pytest.fixture(scope="module")
def whole(service: Service) -> Json:
    """The document as a client fetches it, without a token."""
    answer = service.http.get("/openapi.json")
    assert answer.status_code == 200
    return dict(answer.json())


def operations(whole: Json) -> Iterator[tuple[str, str, Json]]:
    """Method, path and description of every route."""
    return ((method, path, route) for path, acts in whole["paths"].items() for method, route in acts.items())


def references(part: Any) -> Iterator[str]:
    """Every reference in a part of the document."""
    if isinstance(part, dict):
        yield from [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        yield from (ref for inner in part.values() for ref in references(inner))
    elif isinstance(part, list):
        yield from (ref for inner in part for ref in references(inner))


def schema_of(whole: Json, content: Json, kind: str = "application/json") -> Json:
    """A schema with what it refers to, so that it stands by itself."""
    return {**content[kind]["schema"], "components": whole["components"]}


def wrong(whole: Json, content: Json, value: Any, kind: str = "application/json") -> list[str]:
    """What of a value does not fit the description."""
    validator = Draft202012Validator(schema_of(whole, content, kind))
    return [f"{error.json_path}: {error.message}"[:200] for error in validator.iter_errors(value)]


def test_the_pages_that_show_it_open(service: Service, whole: Json) -> None:
    """`/docs` and `/redoc` load the document from where it stands."""
    for page in ("/docs", "/redoc"):
        answer = service.http.get(page)
        assert (200, True) == (answer.status_code, "/openapi.json" in answer.text)
    assert cast(FastAPI, service.http.app).openapi() == whole


def test_every_reference_leads_somewhere_and_nothing_stands_for_nobody(whole: Json) -> None:
    """It was `#/$defs/Reason` once, in a document without `$defs`."""
    leads = {f"#/components/schemas/{name}" for name in whole["components"]["schemas"]}

    assert leads == set(references(whole))
    assert len(leads) > 100


def test_every_component_is_a_json_schema(whole: Json) -> None:
    for schema in whole["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_route_says_what_it_does_and_how_it_refuses(whole: Json) -> None:
    """A name of its own, words for the list, words for the page, and a problem document for every refusal."""
    names = [route["operationId"] for _, _, route in operations(whole)]

    for method, path, route in operations(whole):
        assert route["summary"], path
        assert route["description"], path
        refused = {status: answer for status, answer in route["responses"].items() if not status.startswith("2")}
        assert {PROBLEM} == {kind for answer in refused.values() for kind in answer["content"]} or path == "/livez"
        assert ("401" in refused) == path.startswith(API), (method, path)
        assert bool(route.get("security")) == path.startswith(API), (method, path)
    assert len(names) == len(set(names)) > 100
    assert all(name.isidentifier() for name in names)


def test_every_answer_has_a_shape(whole: Json) -> None:
    for _, path, route in operations(whole):
        (answer,) = (answer for status, answer in route["responses"].items() if status.startswith("2"))
        for kind, content in answer["content"].items():
            assert content.get("schema") or kind == "application/zip", path


def test_every_write_describes_its_body(whole: Json) -> None:
    """Every field with its label, closed to other keys; documents as TOML, a study whole as XML."""
    writes = [(path, route) for method, path, route in operations(whole) if method in ("post", "patch")]
    for path, route in writes:
        ((kind, content),) = route["requestBody"]["content"].items()
        if kind in ("application/toml", "application/xml"):
            assert content["schema"]["title"]
            continue
        (name,) = {ref.rpartition("/")[2] for ref in references(content)}
        body = whole["components"]["schemas"][name]
        assert body["description"], name
        assert all(shown["title"] for shown in body["properties"].values()), name
        assert (body.get("additionalProperties") is False) == (path != f"{API}/evaluate"), name
    assert len(writes) > 50


@pytest.mark.parametrize("path", sorted(FORMS))
def test_a_form_is_described_as_it_is_printed(whole: Json, path: str) -> None:
    """The standard's label, the codelist, unit and bounds, from the table that the export is made from too."""
    form = FORMS[path]
    shown = whole["components"]["schemas"][form.__name__]["properties"]
    entered = {name: field for name, field in fields(form).items() if name not in form.__form__.given}

    assert set(entered) == set(shown) - ({"origin", "source", "visit"} - set(entered))
    for name, field in entered.items():
        (inner,) = [one for one in shown[name].get("anyOf", [shown[name]]) if one.get("type") != "null"]
        inner = inner.get("items", inner)
        assert field.label == shown[name]["title"]
        assert (field.codelist or None) == inner.get("x-codelist"), name
        assert field.unit == inner.get("x-unit"), name
        limits = [None if (limit := inner.get(name)) is None else Decimal(str(limit)) for name in ("minimum", "maximum")]
        assert [field.least, field.most] == limits
        assert field.kind != "flag" or ["Y", "N", "U"] == inner["enum"]


def test_a_form_asked_for_by_itself_is_the_same(service: Service, whole: Json) -> None:
    told = service.get(f"/studies/{DEMO}/forms/vital-signs")

    assert whole["components"]["schemas"]["VitalSign"] == told
    assert {form.__form__.path for form in FORMS.values()} == {
        form["path"] for form in service.get(f"/studies/{DEMO}/forms")["forms"]
    }


def test_an_instrument_is_described_by_its_document(service: Service) -> None:
    """Every item with its label, and the answers that fit; those that do not are refused by the description too."""
    schema = service.get(f"/studies/{DEMO}/instruments/SLEDAI-2K")
    fits = Draft202012Validator(schema).is_valid

    assert fits(build.sledai("rash", fever=None))
    assert not fits({"rash": "yes"})
    assert not fits({"tarot": True})
    assert 24 == len(schema["properties"])
    assert all(item["title"] for item in schema["properties"].values())


CHANGES = {"demographics": {"brthdtc": "2012"}, "reported-results": {"rporres": "15"}}


def other_date(path: str) -> str:
    """The first field of a form that tells a date."""
    return next(name for name, field in fields(FORMS[path]).items() if field.kind == "date")


@pytest.mark.parametrize("path", sorted(FORMS))
def test_what_is_sent_and_answered_is_as_described(
    service: Service, whole: Json, enrol: Callable[[], str], enrolled: str, path: str
) -> None:
    """Bodies, records, histories, corrections and withdrawals of every form."""
    form = FORMS[path]
    enrolled = enrol() if links.naming(form) else enrolled
    place = site.where(path, "{subject}", "{study}")
    record = f"{place}/{{record}}"
    reader = {"Authorization": f"Bearer {service.sponsor.token}"}
    routes = {(method, at): route for method, at, route in operations(whole)}

    def fits(method: str, at: str, status: str, answer: Any) -> None:
        assert int(status) == answer.status_code, answer.text
        assert [] == wrong(whole, routes[method, at]["responses"][status]["content"], answer.json())

    for body in BODIES[path]:
        assert [] == wrong(whole, routes["post", place]["requestBody"]["content"], body)
    panel = [BODIES[path][0]]
    assert [] == wrong(whole, routes["post", place]["requestBody"]["content"], panel)
    site.enter_what_it_names(service, path, enrolled, panel[0])
    entered = site.post(service, path, enrolled, panel)
    fits("post", place, "201", entered)
    (made,) = entered.json()["records"]
    at = f"{site.where(path, enrolled)}/{made['record_id']}"
    fits("get", place, "200", service.http.get(site.where(path, enrolled), headers=reader))
    fits("get", record, "200", service.http.get(at, headers=reader))
    fits(
        "patch",
        record,
        "200",
        site.patch(service, path, enrolled, made, CHANGES.get(path) or {other_date(path): "2025-03-02T08:00"}),
    )
    fits("get", f"{record}/history", "200", service.http.get(f"{at}/history", headers=reader))
    headers = {"Authorization": f"Bearer {site.writer(service, form)}", "If-Match": '"2"'}
    reason = {"reason": {"code": "ENTERED_IN_ERROR"}}
    assert [] == wrong(whole, routes["post", f"{record}/withdraw"]["requestBody"]["content"], reason)
    fits("post", f"{record}/withdraw", "200", service.http.post(f"{at}/withdraw", json=reason, headers=headers))
    again = service.http.post(f"{at}/withdraw", json=reason, headers=headers | {"If-Match": '"3"'})
    assert [] == wrong(whole, routes["post", f"{record}/withdraw"]["responses"]["409"]["content"], again.json(), PROBLEM)


def test_every_other_page_answers_as_described(service: Service, whole: Json, enrol: Any) -> None:
    """Pages about a study and about a subject of whom something is known."""
    subject = enrol()
    service.sponsor.cut(DEMO, "DESCRIBED")
    job = service.sponsor.follow(service.sponsor.ask_export(DEMO, "DESCRIBED"))
    build.infuse(service, 0, subject)
    site.enter(service, "toxicity-observations", subject, build.fever())
    site.enter(service, "adverse-events", subject, {"aespid": "1", "aeterm": "CRS", "aestdtc": build.day(0), "aetoxgr": "4"})
    first = service.get(f"{build.below(subject)}/verdicts")["verdicts"][0]["verdict_id"]
    known = {"study": DEMO, "subject": subject, "path": "visits", "instrument": "PGA", "verdict": first}
    known |= {"first": "DESCRIBED", "second": "DESCRIBED", "job": job["job_id"]}
    pages = [
        (path, route)
        for method, path, route in operations(whole)
        if method == "get" and path not in ("/livez", "/readyz") and "{record}" not in path
        if "application/json" in route["responses"]["200"]["content"]
    ]
    for path, route in pages:
        answer = service.http.get(path.format(**known), headers={"Authorization": f"Bearer {service.sponsor.token}"})
        assert 200 == answer.status_code, answer.text
        assert [] == wrong(whole, route["responses"]["200"]["content"], answer.json()), path
    assert service.get(f"{build.below(subject)}/queries")["queries"]
    assert len(pages) > 25


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/studies/KN5601-DEMO/subjects", {"subject_id": "SYN-777", "siteid": "901"}),
        ("/studies/KN5601-DEMO/cuts", {"name": "NEW"}),
    ],
)
def test_a_subject_and_a_cut_are_made_as_described(service: Service, whole: Json, path: str, body: Json) -> None:
    route = whole["paths"][API + path.replace("KN5601-DEMO", "{study}")]["post"]
    token = service.site.token if "subjects" in path else service.sponsor.token
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": build.key()}

    answer = service.http.post(API + path, json=body, headers=headers)

    assert 201 == answer.status_code
    assert [] == wrong(whole, route["requestBody"]["content"], body)
    assert [] == wrong(whole, route["responses"]["201"]["content"], answer.json())
