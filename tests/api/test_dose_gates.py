"""What must stand before a dose is recorded as given, and what follows where it does not: refused, asked, or off (B12)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest

from seed.client import Body
from tests.api import site
from tests.api.variants import variant
from tests.casebook import build
from tests.casebook.build import DEMO, LOT, MISREAD, Service

with (Path(__file__).parent / "dose_gates.csv").open(encoding="utf-8", newline="") as file:
    CASES = list(csv.DictReader(file))
NUMBERS = count(500)
LOTS: list[Body] = [
    {"eclot": "LOT-QUARANTINED", "lotstat": "QUARANTINED", "expdtc": "2027-01"},
    {"eclot": "LOT-OLD", "lotstat": "RELEASED", "expdtc": "2025-01"},
    {"eclot": "LOT-OTHER", "lotstat": "RELEASED", "expdtc": "2027-01", "dsubjid": "SYN-999"},
    {"eclot": "LOT-COI", "lotstat": "RELEASED", "expdtc": "2027-01", "coiid": "COI-1"},
]
LOW, HIGH = '{ tier = "LOW", min_kg = 10, max_kg = 40, dose = 1 }', '{ tier = "HIGH", min_kg = 40, dose = 2 }'
TIERS = ('{ level = "1*10^9", dose = 1 }', f'{{ level = "1*10^9", tiers = [{LOW}, {HIGH}] }}')


def someone(service: Service, study: str = DEMO) -> str:
    """A subject who may be treated, of a code that nobody had."""
    return build.eligible(service, f"SYN-{next(NUMBERS)}", study)


def send(service: Service, subject: str, body: Any, study: str = DEMO) -> httpx2.Response:
    """Infusions as a site sends them."""
    return service.send("POST", f"{build.below(subject, study)}/infusions", body, Idempotency_Key=build.key())


def differing(body: Body, differs: str) -> Body:
    """A body that differs as `field=value` says; `?` is left out."""
    pairs = dict(pair.split("=") for pair in filter(None, differs.split("; ")))
    return {name: value for name, value in (body | pairs).items() if value != "?"}


def asked(service: Service, subject: str, study: str = DEMO) -> Iterator[tuple[str, str, str]]:
    """The queries of the gates: rule, state, words."""
    for one in service.get(f"{build.below(subject, study)}/queries")["queries"]:
        if one["rule"].startswith("gate_"):
            yield one["rule"], one["state"], one["text"]


@pytest.fixture(scope="module", autouse=True)
def lots(service: Service) -> None:
    """Lots of which something is wrong."""
    for lot in LOTS:
        service.sponsor.add_lot(DEMO, lot)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_dose_passes_its_gates_or_is_refused_in_words(service: Service, case: dict[str, str]) -> None:
    """Every gate that stops it is named with the field it speaks about; nothing is stored."""
    mode = case["study"]
    study = (
        variant(service, mode.rpartition(" ")[2].upper(), ('identity = "refuse"', mode.replace("= ", '= "') + '"'))
        if mode
        else DEMO
    )
    subject = someone(service, study)
    body = differing(build.dose(service, subject=subject, study=study), case["differs"])
    before = site.stored(service.engine)

    answer = send(service, subject, body, study)

    if case["gates"]:
        told = site.problem(answer, 409, "dose_stopped")
        assert case["gates"].split() == [fault["code"] for fault in told["errors"]]
        assert all(word in told["detail"] for word in (subject, body.get("doselvl", "not recorded"), case["words"]))
        assert before == site.stored(service.engine)
    else:
        assert answer.status_code == 201, answer.text
        assert bool(case["words"]) == any(case["words"] in words.lower() for _, _, words in asked(service, subject, study))


def test_of_a_panel_the_infusion_that_is_stopped_is_pointed_to(service: Service) -> None:
    subject = someone(service)
    panel = [build.dose(service, subject=subject), build.dose(service, 3, subject) | {"infusno": 2, "eclot": "LOT-9"}]
    with site.nothing_stored(service):
        answer = send(service, subject, panel)

    assert {"/1/eclot": "gate_lot"} == site.faults(answer)


def correct(service: Service, subject: str, record: Body, **changes: Any) -> httpx2.Response:
    """A correction of an infusion as a site sends it."""
    path = f"{build.below(subject)}/infusions/{record['record_id']}"
    return service.send("PATCH", path, changes | {"reason": {"code": MISREAD.code}}, If_Match=f'"{record["version"]}"')


def test_a_correction_is_refused_for_what_it_brings_about_and_for_nothing_else(service: Service) -> None:
    """A dose that was not given is not made given past a gate; of one that was given, what was learnt since stops nothing."""
    subject = someone(service)
    missed = build.infuse(service, subject=subject, ecoccur="N", ecreasoc="Infection", eclot="LOT-9")["records"][0]
    given = build.infuse(service, 3, subject, infusno=2)["records"][0]

    assert {"/eclot": "gate_lot"} == site.faults(correct(service, subject, missed, ecoccur="Y", ecreasoc=None))
    assert {"/eclot": "gate_lot"} == site.faults(correct(service, subject, given, eclot="LOT-QUARANTINED"))

    recorded = service.get(f"/studies/{DEMO}/lots")["records"]
    (lot,) = (one for one in recorded if one["eclot"] == LOT)
    path = f"/studies/{DEMO}/lots/{lot['record_id']}"
    headers = {"Authorization": f"Bearer {service.sponsor.token}"}
    for version, status in ((lot["version"], "RECALLED"), (lot["version"] + 1, "RELEASED")):
        changed = {"lotstat": status, "reason": {"code": "SOURCE_CHANGED"}}
        answer = service.http.patch(f"/api/v1{path}", json=changed, headers=headers | {"If-Match": f'"{version}"'})
        assert answer.status_code == 200, answer.text
        if status == "RECALLED":
            refused = send(service, subject, build.dose(service, 6, subject) | {"infusno": 3})
            learnt = correct(service, subject, given, ecdose="1")
            open_ = list(asked(service, subject))

    assert {"/eclot": "gate_lot"} == site.faults(refused)
    assert learnt.status_code == 200, learnt.text
    assert [("gate_lot", "open")] == [one[:2] for one in open_]
    assert [("gate_lot", "closed")] == [one[:2] for one in asked(service, subject)]


def test_open_cytokine_release_stops_the_next_dose_and_asks_about_the_one_before(service: Service) -> None:
    """Seen in time it refuses; entered late it asks about the dose that was recorded already."""
    subject = someone(service)
    build.infuse(service, subject=subject)
    low = {"hypotens": "Y", "hypototh": "N"}
    build.enter(service, "toxicity-observations", build.fever(60) | low, subject)

    refused = send(service, subject, build.dose(service, 3, subject) | {"infusno": 2})
    well = build.fever(66, temp="36.8")
    build.enter(service, "toxicity-observations", well, subject)
    passed = send(service, subject, build.dose(service, 3, subject) | {"infusno": 2})
    build.enter(service, "toxicity-observations", build.fever(70) | low, subject)

    assert {"/ecstdtc": "gate_toxicity"} == site.faults(refused)
    assert "CRS when last observed: grade 2" in refused.json()["detail"]
    assert passed.status_code == 201, passed.text
    assert [("gate_toxicity", "open")] == [one[:2] for one in asked(service, subject)]


def test_an_infection_stops_a_dose_until_it_is_over(service: Service) -> None:
    """By the adverse event, and by what is asked of the prespecified events; entered late it asks about the dose."""
    study = variant(service, "INFECTION", ('infection = "off"', 'infection = "refuse"'))
    subject = someone(service, study)
    pneumonia = {"aespid": "AE-9", "aeterm": "Pneumonia", "aecat": "INFECTION", "aestdtc": build.day(-8)}
    event = build.enter(service, "adverse-events", pneumonia, subject, study)["records"][0]
    given = build.dose(service, 0, subject, study)

    refused = send(service, subject, given, study)
    service.site.correct(study, subject, "adverse-events", event, {"aeendtc": build.day(-2)}, MISREAD)
    none = {"ceterm": "INFECTION", "ceoccur": "N", "cedtc": build.day(-1)}
    build.enter(service, "prespecified-events", none, subject, study)
    passed = send(service, subject, given, study)
    late = {"ceterm": "INFECTION", "ceoccur": "Y", "cestdtc": build.day(-1)}
    build.enter(service, "prespecified-events", late, subject, study)

    assert {"/ecstdtc": "gate_infection"} == site.faults(refused)
    assert f"Pneumonia, from {build.day(-8)} to no recorded end" in refused.json()["detail"]
    assert passed.status_code == 201, passed.text
    assert [("gate_infection", "open")] == [one[:2] for one in asked(service, subject, study)]


def test_an_open_dose_limiting_toxicity_stops_the_next_dose_until_it_is_over(service: Service) -> None:
    subject = someone(service)
    build.infuse(service, subject=subject)
    liver = {"aespid": "AE-7", "aeterm": "Hepatitis", "aestdtc": build.day(1), "aetoxgr": "4"}
    event = build.enter(service, "adverse-events", liver, subject)["records"][0]
    limiting = {"dltdtc": build.day(2), "dltyn": "Y", "aespid": "AE-7", "dltitem": "REL4"}
    limiting |= {"dltby": "Committee", "dltreas": "Grade 4 and related"}
    build.enter(service, "dlt-assessments", limiting, subject)

    refused = send(service, subject, build.dose(service, 3, subject) | {"infusno": 2})
    service.site.correct(DEMO, subject, "adverse-events", event, {"aeendtc": build.day(4)}, MISREAD)
    passed = send(service, subject, build.dose(service, 5, subject) | {"infusno": 2})

    assert {"/ecstdtc": "gate_dlt"} == site.faults(refused)
    assert f"AE-7, from {build.day(1)} to no recorded end" in refused.json()["detail"]
    assert passed.status_code == 201, passed.text


def test_a_weight_that_moved_to_another_tier_asks_a_query(service: Service) -> None:
    """Weight tier is not dose level: the level is that of the arm, and the dose is taken."""
    study = variant(service, "TIERS", TIERS)
    subject = someone(service, study)

    first = build.infuse(service, subject=subject, study=study, ecwt="39.5", dosetier="LOW")
    build.visit(service, "M1", 30, subject, study)
    weight = {"visit": "M1", "vstestcd": "WEIGHT", "vsorres": "40.5", "vsorresu": "kg"}
    build.enter(service, "vital-signs", weight, subject, study)
    second = build.infuse(service, 31, subject, study, infusno=2, ecwt="39.5", dosetier="LOW")

    assert [[], ["gate_weight_tier"]] == [[one["rule"] for one in answer["queries"]] for answer in (first, second)]
    assert "weight measured since: 40.5 kg, tier HIGH" in next(asked(service, subject, study))[2]


def test_a_level_that_was_closed_is_closed_from_that_minute_on(service: Service) -> None:
    study = variant(service, "CLOSED")
    subject = someone(service, study)
    stopped = build.decision("1*10^9", decision="STOP", decreas="Two toxicities", effdtc=f"{build.day(3)}T10:00")
    service.sponsor.decide(study, stopped)

    answers = [
        send(service, subject, build.dose(service, 0, subject, study) | {"ecstdtc": f"{build.day(3)}T{time}"}, study)
        for time in ("09:59", "10:00")
    ]

    assert [201, 409] == [answer.status_code for answer in answers]
    assert "STOP on dose level 1*10^9" in answers[1].json()["detail"]


def test_an_autologous_lot_is_the_subjects_own(service: Service) -> None:
    """Law 5: that the product is autologous stands in the document."""
    study = variant(service, "OWN", ('source = "allogeneic"', 'source = "autologous"'))
    subject, other = someone(service, study), someone(service, study)
    lots = {whose: build.dose(service, subject=whose, study=study) for whose in (subject, other)}

    nobody = send(service, subject, lots[subject] | {"eclot": LOT}, study)
    another = send(service, subject, lots[other], study)
    own = send(service, subject, lots[subject], study)

    assert [{"/eclot": "gate_lot"}] * 2 == [site.faults(answer) for answer in (nobody, another)]
    assert "subject of the lot: not recorded" in nobody.json()["detail"].lower()
    assert own.status_code == 201, own.text
