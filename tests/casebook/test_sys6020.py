"""Two studies, one test: what differs between them stands in their documents, and no line here asks which one it is (law 5)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.casebook import build
from tests.casebook.build import ACTIVE
from tests.servers import Database

STUDIES = ("KN5601-DEMO", "SYS6020-SLE")


@pytest.mark.parametrize("study", STUDIES)
def test_a_study_that_is_a_document_enrols_doses_assesses_and_derives(fresh: Callable[[], Database], study: str) -> None:
    with build.opened(fresh().engine, study) as service:
        document = service.get(f"/studies/{study}")["document"]
        child = document["endpoints"]["paediatric"]
        subject = build.eligible(service, study=study, born="2011-08" if child else "1984-02")
        first, *_ = document["visits"]
        for name, offset, present, mark in ((first["visit"], -10, ACTIVE, "2.0"), ("M3", 90, ACTIVE[:1], "1.0")):
            build.visit(service, name, offset, study=study)
            build.assess(service, name, build.bilag(), "BILAG-2004", study=study)
            build.assess(service, name, build.pga(mark), "PGA", study=study)
            build.assess(service, name, build.sledai(*present), study=study)
        dose = build.infuse(service, study=study)
        seen = build.enter(service, "toxicity-observations", build.fever(age=14 if child else 41), study=study)
        said = build.verdicts(service, study=study)
        service.sponsor.cut(study, "C1")
        at_cut = build.verdicts(service, study=study, cut="C1")

    assert (None, "met") == build.moved(dose)["sri4", "M3"]
    assert ("met", "10") == (said["sri4", "M3"]["value"], said["sri4", "M3"]["amount"])
    assert ("graded", "1") == tuple(said["crs", seen["records"][0]["record_id"]][name] for name in ("value", "amount"))
    assert child == (("clldas", "M3") in said)
    assert at_cut == said
    assert "SYN-001" == subject


def test_a_dose_level_of_one_study_is_none_of_the_other(fresh: Callable[[], Database]) -> None:
    levels = {}
    with build.opened(fresh().engine, STUDIES[0]) as service:
        build.open_study(service.sponsor, STUDIES[1])
        build.open_levels(service, STUDIES[1])
        for study in STUDIES:
            levels[study] = service.get(f"/studies/{study}")["document"]["dosing"]["levels"][0]["level"]
        for study, other in (STUDIES, reversed(STUDIES)):
            build.eligible(service, study=study)
            body = build.dose(service, study=study)
            path = f"{build.below(study=study)}/infusions"
            refused = service.send("POST", path, body | {"doselvl": levels[other]}, Idempotency_Key=build.key())
            given = service.send("POST", path, body | {"doselvl": levels[study]}, Idempotency_Key=build.key())

            assert [(422, "unknown_level"), (201, None)] == [(a.status_code, a.json().get("code")) for a in (refused, given)]
