"""What follows from a write: verdicts of the same transaction, what moved, what is asked, and that nobody else writes them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest
from sqlalchemy import select

from app.casebook.database import reading
from app.main import create_app
from app.rules import derive
from app.settings import Settings
from app.tables import Base
from seed.client import Body
from tests.casebook import build
from tests.casebook.build import ACTIVE, DEMO, MISREAD, MISTAKE, SUBJECT, Service

VERDICT = Base.metadata.tables["verdict"]
REACTION = {"aespid": "AE-CRS", "aeterm": "CRS", "aestdtc": build.day(0), "aetoxgr": "2", "aetoxscl": "ASTCT 2019"}


def correct(service: Service, record: Body, path: str = "assessments", **changes: Any) -> Body:
    """A correction of a record; the answer."""
    return service.site.correct(DEMO, SUBJECT, path, record, changes, MISREAD)


def explained(service: Service, rule: str, about: str, **at: str) -> Body:
    """A verdict as the service explains it."""
    verdict_id = build.verdicts(service)[rule, about]["verdict_id"]
    told: Body = service.get(f"{build.below()}/verdicts/{verdict_id}", **at)
    return told


def queries(service: Service) -> list[Body]:
    told: list[Body] = service.get(f"{build.below()}/queries")["queries"]
    return told


def test_an_answer_tells_from_what_to_what_the_verdicts_moved_with_their_criteria(responder: Service) -> None:
    """B5, B6, B11."""
    m3 = build.at_m3(responder)

    answer = correct(responder, m3, answers=build.sledai(*ACTIVE))
    told = {(one["rule"], one["about"]): one for one in answer["moved"]}

    assert ("met", "not_met") == (told["sri4", "M3"]["before"], told["sri4", "M3"]["after"])
    assert {"sledai2k_drop_ge_4": [True, False]} == told["sri4", "M3"]["criteria"]
    assert ("6", "14") == tuple(told["sledai2k", m3["record_id"]][name] for name in ("amount_before", "amount_after"))
    assert ("bicla", "M3") not in told


def test_a_verdict_stands_in_the_entry_that_follows_the_write_in_the_systems_name(responder: Service) -> None:
    """A9, B6: one transaction, two entries; nobody can read between them."""
    m3 = build.at_m3(responder)
    answer = correct(responder, m3, answers=build.sledai(*ACTIVE))
    number = answer["entry"]["chain_no"]
    by_person, by_system = responder.get(f"{build.below()}/trail")["entries"][-2:]

    assert [number, number + 1] == [by_person["chain_no"], by_system["chain_no"]]
    assert ("correct", "a coordinator") == (by_person["act"], by_person["actor"])
    assert ("settle", "casebook", "system") == (by_system["act"], by_system["actor"], by_system["role"])
    assert by_person["request_id"] == by_system["request_id"]
    assert f"follows from entry {number}" == by_system["reason"]
    with reading(responder.engine) as connection:
        sri4 = select(VERDICT.c.chain_no).where(VERDICT.c.rule == "sri4", VERDICT.c.about == "M3").order_by(VERDICT.c.version)
        assert number + 1 == connection.scalars(sri4).all()[-1]


def test_a_changed_input_gives_a_new_version_that_rests_on_the_new_record_version(responder: Service) -> None:
    """B5, B6: the value stays `met`; history shows both results, each with what it rested on."""
    m3 = build.at_m3(responder)
    before = explained(responder, "sri4", "M3")

    answer = correct(responder, m3, answers=build.sledai("proteinuria", "rash"))
    after = explained(responder, "sri4", "M3")

    assert ("sri4", "M3") not in build.moved(answer)
    assert [("met", 1), ("met", 2)] == [(each["value"], versions(each)[m3["record_id"]]) for each in (before, after)]
    assert before["version"] + 1 == after["version"]
    assert before["moves"] == after["moves"][:-1]


def versions(verdict: Body) -> dict[str, int]:
    """The record versions that a verdict rests on."""
    criteria = [fact for criterion in verdict["criteria"] for fact in criterion["because"]]
    return {fact["source"]["record"]: fact["source"]["version"] for fact in criteria + verdict["rests_on"] if fact["source"]}


def test_an_entry_that_no_rule_reads_moves_nothing(responder: Service) -> None:
    before = build.verdicts(responder)
    answer = build.enter(responder, "biopsies", {"mitestcd": "ISNRPSCL", "miorres": "IV"})

    assert [] == answer["moved"]
    assert before == build.verdicts(responder)


def test_a_missing_input_is_named_and_nothing_is_assumed_in_its_place(responder: Service) -> None:
    """B7: with two descriptors not assessed the total lies between 4 and 10; without a total there is no response."""
    m3 = build.at_m3(responder)
    answer = correct(responder, m3, answers=build.sledai(*ACTIVE[:3], rash=None, arthritis=None))
    why = explained(responder, "sri4", "M3")
    total = explained(responder, "sledai2k", m3["record_id"])

    assert ("met", "not_evaluable") == build.moved(answer)["sri4", "M3"]
    assert {"sledai2k_drop_ge_4": None} == {each["key"]: each["holds"] for each in why["criteria"] if each["holds"] is not True}
    assert ["arthritis", "rash"] == sorted(name.split()[0].lower() for name in why["missing"])
    assert ("not_evaluable", None, "4", "10") == tuple(total[name] for name in ("value", "amount", "lowest", "highest"))


def test_what_is_withdrawn_counts_no_longer_and_its_verdicts_end(responder: Service) -> None:
    m3 = build.at_m3(responder)
    answer = responder.site.withdraw(DEMO, SUBJECT, "assessments", m3, MISTAKE)

    assert ("met", "not_evaluable") == build.moved(answer)["sri4", "M3"]
    assert ("computed", "withdrawn") == build.moved(answer)["sledai2k", m3["record_id"]]
    assert ("sledai2k", m3["record_id"]) not in build.verdicts(responder)


def test_correcting_back_gives_the_verdict_back(responder: Service) -> None:
    m3 = build.at_m3(responder)
    before = {key: (one["value"], one["amount"]) for key, one in build.verdicts(responder).items()}
    wrong = correct(responder, m3, answers=build.sledai(*ACTIVE))["records"][0]
    answer = correct(responder, wrong, answers=m3["answers"])

    assert ("not_met", "met") == build.moved(answer)["sri4", "M3"]
    assert before == {key: (one["value"], one["amount"]) for key, one in build.verdicts(responder).items()}


def test_a_verdict_is_explained_as_it_was_at_a_cut(responder: Service) -> None:
    """The value, the criteria, the record versions and the rule of then; the moves tell what came after."""
    m3 = build.at_m3(responder)
    responder.sponsor.cut(DEMO, "C1")
    at_cut = explained(responder, "sri4", "M3")
    correct(responder, m3, answers=build.sledai(*ACTIVE))
    then, now = explained(responder, "sri4", "M3", cut="C1"), explained(responder, "sri4", "M3")

    assert {name: at_cut[name] for name in at_cut if name != "moves"} == {name: then[name] for name in then if name != "moves"}
    assert ["met", "not_met"] == [then["value"], now["value"]]
    assert [1, 2] == [versions(each)[m3["record_id"]] for each in (then, now)]
    assert ["met", "not_met"] == [move["value"] for move in now["moves"]][-2:]
    assert {"sledai2k_drop_ge_4": [True, False]} == now["moves"][-1]["criteria"]
    assert asdict(derive.RULES["sri4"]) == then["rule"]
    assert any("SLEDAI-2K" in sentence for sentence in then["sentences"])


def test_no_route_writes_what_is_derived(responder: Service) -> None:
    """B5: verdicts and queries of checks can be read and nothing else, under any method, and no form has a field for one."""
    routes = create_app(Settings(), responder.engine).openapi()["paths"]
    derived = {path: set(acts) for path, acts in routes.items() if "verdict" in path}
    where = f"{build.below()}/verdicts"

    assert [{"get"}, {"get"}] == list(derived.values())
    for path in (where, f"{where}/{build.verdicts(responder)['sri4', 'M3']['verdict_id']}"):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            assert 405 == responder.send(method, path, {"value": "met"}, Idempotency_Key="k", If_Match='"1"').status_code


@pytest.mark.parametrize("key", ["verdict", "sledai2k", "total", "sri4", "crs_grade", "version", "entry_id", "withdrawn"])
def test_a_body_with_a_derived_value_is_refused(service: Service, key: str) -> None:
    """B5."""
    build.visit(service, "BASELINE", -6)
    body = {"visit": "BASELINE", "instrument": "SLEDAI-2K", "answers": build.sledai()}
    path = f"{build.below()}/assessments"

    beside = service.send("POST", path, body | {key: 4}, Idempotency_Key=build.key())
    among = service.send("POST", path, body | {"answers": build.sledai() | {key: 4}}, Idempotency_Key=build.key())

    assert [422, 422] == [answer.status_code for answer in (beside, among)]
    assert [[f"/{key}"], [f"/answers/{key}"]] == [[e["pointer"] for e in a.json()["errors"]] for a in (beside, among)]
    assert [] == service.get(path)["records"]


@pytest.mark.parametrize(
    ("answers", "total", "status"),
    [
        (build.sledai("arthritis", "rash"), "6", 201),
        (build.sledai("arthritis", "rash"), "6.0", 201),
        (build.sledai("arthritis", "rash"), "4", 422),
        (build.sledai("arthritis", "rash", fever=None), "6", 422),
        (build.sledai(), "0", 201),
    ],
    ids=["agrees", "agrees in other digits", "disagrees", "an item was not assessed", "nothing present"],
)
def test_a_total_that_disagrees_with_its_items_is_refused(service: Service, answers: Body, total: str, status: int) -> None:
    """B2, B5: it is the assessor's own sum, kept as entered; the derived total is the service's."""
    build.visit(service, "BASELINE", -6)
    body = {"visit": "BASELINE", "instrument": "SLEDAI-2K", "answers": answers, "rstotal": total}
    answer = service.send("POST", f"{build.below()}/assessments", body, Idempotency_Key="k")

    assert status == answer.status_code
    assert (answer.json()["code"] == "total_disagrees") if status == 422 else answer.json()["records"][0]["rstotal"] == total


def test_a_total_that_a_correction_of_its_items_leaves_behind_is_refused(service: Service) -> None:
    build.visit(service, "BASELINE", -6)
    record = build.assess(service, "BASELINE", build.sledai("rash"), rstotal="2")["records"][0]
    body = {"answers": build.sledai("arthritis"), "reason": {"code": "TRANSCRIPTION"}}
    path = f"{build.below()}/assessments/{record['record_id']}"

    answers = [service.send("PATCH", path, each, If_Match='"1"') for each in (body, body | {"rstotal": "4"})]

    assert [(422, "total_disagrees"), (200, None)] == [(each.status_code, each.json().get("code")) for each in answers]


def test_an_investigators_grade_that_differs_opens_a_query_and_stays(service: Service) -> None:
    """B2: the machine asks, and never overwrites; the query closes when the two agree again, whoever gave way."""
    build.infuse(service)
    build.enter(service, "toxicity-observations", build.fever(aespid="AE-CRS"))

    opened = build.enter(service, "adverse-events", REACTION)
    event = opened["records"][0]
    assert ["open"] == [one["state"] for one in opened["queries"]] == [one["state"] for one in queries(service)]
    assert ("2", event["record_id"]) == (event["aetoxgr"], queries(service)[0]["record_id"])
    assert "2" == service.get(f"{build.below()}/adverse-events")["records"][0]["aetoxgr"]

    unchanged = correct(service, event, "adverse-events", aeser="N")
    assert [] == unchanged["queries"]

    worse = {"hypotens": "Y", "hypototh": "N"}
    agrees = build.enter(service, "toxicity-observations", build.fever(18, aespid="AE-CRS") | worse)
    assert ["closed"] == [one["state"] for one in agrees["queries"]] == [one["state"] for one in queries(service)]

    differs = correct(service, unchanged["records"][0], "adverse-events", aetoxgr="3")
    gives_way = correct(service, differs["records"][0], "adverse-events", aetoxgr="2")
    assert ["open", "closed"] == [answer["queries"][0]["state"] for answer in (differs, gives_way)]
    assert ["closed", "closed"] == [one["state"] for one in queries(service)]


def test_a_query_says_what_it_is_about_in_words(service: Service) -> None:
    build.infuse(service)
    build.enter(service, "toxicity-observations", build.fever(aespid="AE-CRS"))
    asked = build.enter(service, "adverse-events", REACTION)["queries"][0]

    assert "check_crs_grade" == asked["rule"]
    assert "CRS" in asked["text"]
    assert asked["text"].endswith(".")


def test_a_casebook_has_the_grade_of_its_fever(service: Service) -> None:
    """A fever alone is CRS grade 1, with an ICE of 10 no ICANS; the highest of the subject follows."""
    build.infuse(service)
    build.enter(service, "assessments", {"instrument": "ICE", "rsdtc": f"{build.day(0)}T22:00", "answers": build.ice()})
    seen = build.enter(service, "toxicity-observations", build.fever(12))["records"][0]["record_id"]
    said = build.verdicts(service)

    assert {"crs": "1", "icans": "0"} == {rule: said[rule, seen]["amount"] for rule in ("crs", "icans")}
    assert {"crs_max": "1", "icans_max": "0"} == {rule: said[rule, "subject"]["amount"] for rule in ("crs_max", "icans_max")}
