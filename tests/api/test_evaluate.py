"""The evaluation bench over HTTP: the same answers as the command, nothing stored."""

from __future__ import annotations

import json

from app.evaluate import cases
from seed.client import API
from tests.api import site
from tests.casebook.build import Service
from tests.servers import ROOT

FILE = (ROOT / "tests" / "evaluate" / "cases.json").read_bytes()


def test_cases_are_answered_as_the_command_answers_them_and_nothing_is_stored(service: Service) -> None:
    before = site.stored(service.engine)
    answer = service.http.post(f"{API}/evaluate", content=FILE, headers={"Authorization": f"Bearer {service.site.token}"})
    expected = cases.results([cases.evaluate(case) for case in cases.read(FILE)])

    assert (200, json.loads(json.dumps(expected))) == (answer.status_code, answer.json())
    assert before == site.stored(service.engine)


def test_a_faulty_case_leaves_the_others_answered(service: Service) -> None:
    faulty, sound = {"id": "a", "system": "none"}, {"id": "b", "system": "BSA_MOSTELLER", "inputs": {}}
    told = service.send("POST", "/evaluate", {"format": cases.FORMAT, "cases": [faulty, sound]}).json()["results"]

    assert ("a", "unknown_system", "/system") == (told[0]["id"], told[0]["error"]["code"], told[0]["error"]["pointer"])
    assert ("b", None) == (told[1]["id"], told[1]["result"]["value"])


def test_a_body_that_is_no_file_of_cases_is_refused(service: Service) -> None:
    told = site.problem(service.send("POST", "/evaluate", {"format": "cases"}), 422, "unknown_format")

    assert "/format" == told["errors"][0]["pointer"]
