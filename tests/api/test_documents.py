"""Studies and instruments as documents: what contradicts itself is refused in words, what is published never changes (E1)."""

from __future__ import annotations

import csv
from pathlib import Path

import httpx2
import pytest

from app.casebook.studies.documents import checksum
from seed.client import API
from seed.load import DEMO, instrument_documents, study_document
from tests.api import site
from tests.casebook import build
from tests.casebook.build import Service

with (Path(__file__).parent / "bad_studies.csv").open(encoding="utf-8", newline="") as file:
    BAD_STUDIES = list(csv.DictReader(file))
SOURCE = study_document(DEMO)
(PGA,) = (document for document in instrument_documents() if 'id = "PGA"' in document)
AMENDED = SOURCE.replace("version = 1\n", 'version = 2\namendment = "Two more criteria"\n', 1)
BAD_INSTRUMENTS = {
    "no items": ("[[items]]", "[[thing]]", "items is required"),
    "an item twice": ('key = "scale"', 'key = "score"', "key score is used twice"),
    "a choice of nothing": ('type = "number"', 'type = "choice"', "item score is a choice without answers"),
    "a type of its own": (
        'type = "number"',
        'type = "colour"',
        "items.0.type should be 'boolean', 'choice', 'number' or 'integer'",
    ),
    "a version as text": ("version = 1", 'version = "1"', "version should be a valid integer"),
    "a version beyond count": ("version = 1", "version = 99999999999", "version should be less than or equal to 1000"),
}


def publish(service: Service, source: str, place: str = "/studies") -> httpx2.Response:
    """A document sent by the data manager."""
    headers = {"Authorization": f"Bearer {service.sponsor.token}", "Content-Type": "application/toml"}
    return service.http.post(API + place, content=source.encode(), headers=headers)


@pytest.mark.parametrize("case", BAD_STUDIES, ids=[case["case"] for case in BAD_STUDIES])
def test_a_study_that_contradicts_itself_is_refused_with_what_does(service: Service, case: dict[str, str]) -> None:
    """One change to a document that is right; the words name it, and nothing is stored."""
    assert case["find"] in SOURCE
    with site.nothing_stored(service):
        told = site.problem(publish(service, SOURCE.replace(case["find"], case["replace"])), 422, "document_refused")

    assert case["words"] in told["detail"]
    assert told["errors"]


@pytest.mark.parametrize("case", BAD_INSTRUMENTS)
def test_an_instrument_that_contradicts_itself_is_refused_with_what_does(service: Service, case: str) -> None:
    find, replace, words = BAD_INSTRUMENTS[case]
    assert find in PGA
    with site.nothing_stored(service):
        answer = publish(service, PGA.replace(find, replace), f"/studies/{DEMO}/instruments")

    assert words in site.problem(answer, 422, "document_refused")["detail"]


@pytest.mark.parametrize("version", [1, 3, 1000])
def test_a_version_follows_the_one_in_force(service: Service, version: int) -> None:
    """E1: neither the same number again, whatever it says, nor one ahead."""
    with site.nothing_stored(service):
        told = publish(service, AMENDED.replace("version = 2", f"version = {version}"))

    assert "stands at version 1" in site.problem(told, 409, "version_does_not_follow")["detail"]


def test_an_amendment_says_why(service: Service) -> None:
    with site.nothing_stored(service):
        told = publish(service, SOURCE.replace("version = 1\n", "version = 2\n", 1))

    assert {"/study/amendment": "missing"} == site.faults(told)


def test_a_published_document_is_told_with_the_checksum_of_its_text(service: Service) -> None:
    """E1: whoever holds the file can tell that it is the one in force."""
    told = service.get(f"/studies/{DEMO}")

    assert (1, checksum(SOURCE)) == (told["version"], told["checksum"])
    assert DEMO == told["document"]["study"]["id"]


def test_an_instrument_once_published_stays(service: Service) -> None:
    """E1: the same version with other words is refused, and so is the same again."""
    with site.nothing_stored(service):
        for source in (PGA, PGA.replace("Physician", "Any")):
            site.problem(publish(service, source, f"/studies/{DEMO}/instruments"), 409, "already_published")


def test_an_instrument_that_is_not_in_force_is_not_assessed(service: Service, enrolled: str) -> None:
    """A later version that is published is not yet the study's; an assessment is made by the one in force."""
    assert publish(service, PGA.replace("version = 1", "version = 2"), f"/studies/{DEMO}/instruments").status_code == 201

    (record,) = build.assess(service, "BASELINE", build.pga("1.0"), "PGA", enrolled)["records"]
    with site.nothing_stored(service):
        unknown = site.post(service, "assessments", enrolled, {"instrument": "TAROT", "answers": {}})

    assert 1 == record["instrver"]
    assert {"/instrument": "unknown_instrument"} == site.faults(unknown)
    assert "SLEDAI-2K" in unknown.json()["detail"]


def test_an_amendment_is_in_force_from_its_publication_on(service: Service, enrolled: str) -> None:
    """E1, E3: what was assessed before keeps the look-back that its form printed, corrections of it too."""
    (before,) = build.assess(service, "BASELINE", build.sledai("rash"), subject=enrolled)["records"]
    amended = AMENDED.replace("look_back_days = 30", "look_back_days = 10")

    told = publish(service, amended)
    (after,) = build.assess(service, "BASELINE", build.sledai("rash"), subject=enrolled)["records"]
    corrected = site.patch(service, "assessments", enrolled, before, {"answers": build.sledai()}).json()["records"][0]
    (graded,) = build.assess(service, "BASELINE", {"renal": "C"}, "BILAG-2004", enrolled)["records"]

    assert (201, checksum(amended)) == (told.status_code, told.json()["checksum"])
    assert [30, 10, 30] == [record["lookback"] for record in (before, after, corrected)]
    assert 28 == graded["lookback"], "BILAG-2004 asks about four weeks, whatever the study asks of SLEDAI-2K"
    assert "Asked about the last 10 days" == service.get(f"/studies/{DEMO}/instruments/SLEDAI-2K")["description"]
    assert 2 == service.get(f"/studies/{DEMO}")["version"]
