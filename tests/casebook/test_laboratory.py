"""What the laboratory decides, in the transaction of the write: queries that open and close, grades, estimates, moves."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from app.casebook.database import reading
from app.casebook.facts.laboratory import COLUMNS, measurements, quantities
from app.casebook.settle import news
from app.casebook.studies.library import study
from app.rules.efficacy.crosscheck import RULE
from app.rules.efficacy.ticks import QUANTITIES
from app.rules.laboratory.ctcae import terms
from app.tables import CAPTURED
from app.tables.base import fields
from cdisc import terminology
from seed.client import Body
from tests.casebook import build
from tests.casebook.build import DEMO, MISREAD, MISTAKE, SUBJECT, Service

URINE = {"lbtestcd": "PROTCRT", "lborresu": "g/g", "lbspec": "URINE"}
BLOOD = {"lbspec": "BLOOD", "lborresu": "10^9/L"}
MOVE = ("rule", "about", "amount_before", "amount_after")
CREATININE = {"lbtestcd": "CREAT", "lborresu": "umol/L", "lbspec": "SERUM", "lbornrlo": "27", "lbornrhi": "66"}


def laboratory(service: Service, day: int, *results: Body) -> Body:
    """A panel of one day; the answer."""
    return build.enter(service, "laboratory", [{"lbdtc": build.day(day)} | result for result in results])


def correct(service: Service, record: Body, path: str = "laboratory", **changes: Any) -> Body:
    """A correction of a record; the answer."""
    return service.site.correct(DEMO, SUBJECT, path, record, changes, MISREAD)


def asked(answer: Body) -> list[tuple[str, str]]:
    """The queries of an answer: rule and state."""
    return [(one["rule"], one["state"]) for one in answer["queries"]]


def at_m3(service: Service, *present: str) -> Body:
    """A SLEDAI-2K at M3 of a subject who was infused; the answer."""
    build.infuse(service)
    build.visit(service, "M3", 90)
    return build.assess(service, "M3", build.sledai(*present))


def test_a_result_that_contradicts_a_tick_asks_and_a_corrected_tick_closes_it(service: Service) -> None:
    """B2: value, unit, date, limit and rule version are named; the tick stays as it was entered."""
    form = at_m3(service)["records"][0]
    opened = laboratory(service, 90, URINE | {"lborres": "0.62"})

    assert [(RULE.id, "open")] == asked(opened)
    query = opened["queries"][0]
    for word in ("UPCR", "0.62", "g/g", build.day(90), "0.5", f"version {RULE.version}", "proteinuria is not scored"):
        assert word in query["text"]
    assert form["record_id"] == query["record_id"]
    assert service.get(f"{build.below()}/assessments")["records"][0]["answers"]["proteinuria"] is False

    closed = correct(service, form, "assessments", answers={"proteinuria": True})
    assert [(RULE.id, "closed")] == asked(closed)
    assert ("flagged", "clear") == build.moved(closed)[RULE.id, "M3 PROTEINURIA"]


def test_a_recorded_cause_closes_the_question_and_leaves_the_tick_and_its_withdrawal_asks_again(service: Service) -> None:
    form = at_m3(service)["records"][0]
    laboratory(service, 90, URINE | {"lborres": "0.62"})
    cause = {"visit": "M3", "descript": "PROTEINURIA", "exclreas": "DAMAGE", "exclword": "Scarred glomeruli"}

    closed = build.enter(service, "descriptor-exclusions", cause)
    asks_again = service.site.withdraw(DEMO, SUBJECT, "descriptor-exclusions", closed["records"][0], MISTAKE)

    assert [[(RULE.id, "closed")], [(RULE.id, "open")]] == [asked(closed), asked(asks_again)]
    assert ("flagged", "clear") == build.moved(closed)[RULE.id, "M3 PROTEINURIA"]
    assert service.get(f"{build.below()}/assessments")["records"][0]["version"] == form["version"]


def test_a_corrected_result_closes_the_question_and_a_wrong_one_asks_again(service: Service) -> None:
    at_m3(service)
    result = laboratory(service, 90, URINE | {"lborres": "0.62"})["records"][0]
    right = correct(service, result, lborres="0.26")
    wrong = correct(service, right["records"][0], lborres="0.51")
    gone = service.site.withdraw(DEMO, SUBJECT, "laboratory", wrong["records"][0], MISTAKE)

    assert [[(RULE.id, state)] for state in ("closed", "open", "closed")] == [asked(each) for each in (right, wrong, gone)]
    assert (RULE.id, "M3 PROTEINURIA") not in build.verdicts(service)


@pytest.mark.parametrize(
    ("present", "path", "result", "words"),
    [
        (["leukopenia"], "laboratory", BLOOD | {"lbtestcd": "WBC", "lborres": "1.2"}, "lymphodepletion, on day 7"),
        ([], "laboratory", BLOOD | {"lbtestcd": "PLAT", "lborres": "88"}, "lymphodepletion, on day 7"),
        (["fever"], "vital-signs", {"vstestcd": "TEMP", "vsorres": "39.0", "vsorresu": "C"}, "cytokine release syndrome"),
        (["rash"], "immunogenicity", {"istestcd": "ATIGGAB", "isbdagnt": "DOUBLE STRANDED DNA", "isorres": "90"}, None),
    ],
    ids=["a leukopenia scored", "a thrombocytopenia not scored", "a fever scored", "no limit of the assay"],
)
def test_what_the_treatment_explains_is_named_and_what_cannot_be_compared_is_not_asked(
    service: Service, present: list[str], path: str, result: Body, words: str | None
) -> None:
    build.infuse(service)
    build.enter(service, "visits", {"svoccur": "Y", "svstdtc": build.day(7)})
    name = service.get(f"{build.below()}/visits")["records"][0]["visit"]
    build.assess(service, name, build.sledai(*present))
    dated = {"laboratory": "lbdtc", "vital-signs": "vsdtc", "immunogenicity": "isdtc"}[path]
    answer = build.enter(service, path, result | {dated: build.day(7)})

    assert [(RULE.id, "open")] * (words is not None) == asked(answer)
    assert all(str(words) in one["text"] for one in answer["queries"])


def test_a_panel_is_graded_result_by_result_and_a_correction_moves_its_own_alone(service: Service) -> None:
    build.infuse(service)
    neutrophils = BLOOD | {"lbtestcd": "NEUT", "lborres": "0.78", "lbornrlo": "1.8"}
    answer = laboratory(service, 7, neutrophils, BLOOD | {"lbtestcd": "PLAT", "lborres": "132", "lbornrlo": "125"})
    low, normal = (record["record_id"] for record in answer["records"])
    said = build.verdicts(service)

    assert ["3", "0"] == [said["ctcae_lab_5", record]["amount"] for record in (low, normal)]
    moved = correct(service, answer["records"][0], lborres="0.49")["moved"]
    assert [("ctcae_lab_5", low, "3", "4")] == [tuple(one[name] for name in MOVE) for one in moved]


def test_a_corrected_baseline_moves_the_grades_and_a_height_the_estimates_that_rest_on_it(service: Service) -> None:
    baseline = laboratory(service, -6, CREATININE | {"lborres": "50"})["records"][0]
    tall = {"vstestcd": "HEIGHT", "vsorres": "152", "vsorresu": "cm", "vsdtc": build.day(-6)}
    height = build.enter(service, "vital-signs", tall)["records"][0]
    build.infuse(service)
    later = laboratory(service, 30, CREATININE | {"lborres": "61"})["records"][0]["record_id"]
    before = build.verdicts(service)
    graded = correct(service, baseline, lborres="40")
    estimated = correct(service, height, "vital-signs", vsorres="160")

    assert {"0", "90.9737"} == {before[rule, later]["amount"] for rule in ("ctcae_lab_5", "egfr_schwartz")}
    assert "2" == build.verdicts(service)["ctcae_lab_5", later]["amount"]
    assert ("ctcae_lab_5", later) in build.moved(graded)
    assert {("egfr_schwartz", baseline["record_id"]), ("egfr_schwartz", later)} == set(build.moved(estimated))


def test_b_cells_and_serology_are_followed_from_visit_to_visit(service: Service) -> None:
    serum = {"lbtestcd": "C3", "lborresu": "g/L", "lbspec": "SERUM", "lbornrlo": "0.8"}
    laboratory(service, -6, serum | {"lborres": "0.5"})
    build.infuse(service)
    for day, count in ((16, "<1"), (60, "105"), (90, "160")):
        cells = {"cptestcd": "BLYCE", "cporresu": "10^6/L", "cpspec": "BLOOD", "cporres": count, "cpdtc": build.day(day)}
        build.enter(service, "flow-cytometry", cells)
        laboratory(service, day, serum | {"lborres": "1.0"})
    said = build.verdicts(service)
    why = service.get(f"{build.below()}/verdicts/{said['b_cells', 'subject']['verdict_id']}")

    assert {"depleted": True, "reconstituted": True} == {each["key"]: each["holds"] for each in why["criteria"]}
    assert "met" == said["complement_normal", "C3"]["value"]


EVENT = {"aespid": "AE-1", "aeterm": "Headache", "aestdtc": build.day(3)}


@pytest.mark.parametrize(
    ("wrong", "right", "rule"),
    [
        ({"aeser": "Y"}, {"aeshosp": "Y"}, "check_ae_serious"),
        ({"aeser": "N", "aeslife": "Y"}, {"aeser": "Y"}, "check_ae_serious"),
        ({"aeendtc": build.day(2)}, {"aeendtc": build.day(4)}, "check_ae_dates"),
    ],
)
def test_an_event_that_contradicts_itself_asks_until_it_is_put_right(
    service: Service, wrong: Body, right: Body, rule: str
) -> None:
    """B2."""
    opened = build.enter(service, "adverse-events", EVENT | wrong)
    closed = correct(service, opened["records"][0], "adverse-events", **right)

    assert [(rule, "open")] == asked(opened)
    assert [(rule, "closed")] == asked(closed)


def test_an_event_from_before_the_treatment_emerges_by_its_worsening_or_by_its_grades(service: Service) -> None:
    build.infuse(service)
    entered = build.enter(service, "adverse-events", EVENT | {"aestdtc": build.day(-20), "aetoxgr": "2"})
    worse = correct(service, entered["records"][0], "adverse-events", aeworse="Y", aewrsdtc=build.day(3))

    assert (None, "not_evaluable") == build.moved(entered)["emergent_infusion", "AE-1"]
    assert ("not_evaluable", "met") == build.moved(worse)["emergent_infusion", "AE-1"]

    build.enter(service, "adverse-events", EVENT | {"aespid": "AE-2", "aestdtc": build.day(-20), "aetoxgr": "2"})
    steps = [{"aespid": "AE-2", "fadtc": build.day(offset), "toxgr": grade} for offset, grade in ((-20, "1"), (3, "2"))]
    graded = build.enter(service, "adverse-event-grades", steps)

    assert ("not_evaluable", "met") == build.moved(graded)["emergent_infusion", "AE-2"]
    assert [] == asked(graded)


def test_what_is_derived_of_new_results_alone_is_what_all_would_give(service: Service) -> None:
    """B5: after any of these writes nothing is left to say anew."""
    form = at_m3(service, "proteinuria")["records"][0]
    first = laboratory(service, -6, CREATININE | {"lborres": "50"}, URINE | {"lborres": "1.2"})["records"][0]
    later = laboratory(service, 40, CREATININE | {"lborres": "61"}, BLOOD | {"lbtestcd": "NEUT", "lborres": "0.7"})["records"]
    correct(service, later[1], lborres="0.4")
    moved = correct(service, later[0], lbdtc=build.day(-3))["records"][0]
    correct(service, moved, lbdtc=build.day(50))
    service.site.withdraw(DEMO, SUBJECT, "laboratory", first, MISTAKE)
    correct(service, form, "assessments", answers={"proteinuria": False})

    with reading(service.engine) as connection:
        assert () == news(connection, study(connection, DEMO), SUBJECT).verdicts


def test_a_result_is_the_quantity_of_its_test_specimen_agent_and_unit() -> None:
    blank: Body = {"record_id": "R", "version": 1} | {name: None for form in COLUMNS for name in fields(CAPTURED[form])}
    of: dict[str, list[Body]] = {
        "laboratory": [
            {"lbtestcd": "WBC", "lbspec": "BLOOD", "lborres": "<0.5"},
            {"lbtestcd": "WBC", "lbspec": "URINE", "lborres": "7", "lborresu": "/HPF"},
            {"lbtestcd": "WBC", "lbspec": "URINE", "lborres": "70", "lborresu": "10^6/L"},
            {"lbtestcd": "WBC", "lborres": "5"},
            {"lbtestcd": "WBC", "lbspec": "BLOOD", "lborres": "5", "lbstat": "NOT DONE"},
            {"lbtestcd": "WBC", "lbspec": "BLOOD"},
            {"lbtestcd": "WBC", "lbspec": "BLOOD", "lborres": "5", "lbdtc": None},
            {"lbtestcd": "CSRBC", "lbspec": "URINE", "lborres": "NEGATIVE"},
            {"lbtestcd": "GFRE", "lborres": "95", "lbcat": "BEFORE FLARE"},
            {"lbtestcd": "GFRE", "lborres": "80", "lbcat": "CHEMISTRY"},
        ],
        "immunogenicity": [
            {"istestcd": "ATIGGAB", "isbdagnt": name, "isorres": "9"} for name in ("DOUBLE STRANDED DNA", "SMITH ANTIGEN")
        ],
        "biopsy": [{"mitestcd": "HEMOPHAG", "miorres": "PRESENT"}, {"mitestcd": "ISNRPSCL", "miorres": "III"}],
    }
    dates = {f"{letters}dtc": "2025-03-10" for letters in COLUMNS.values()}
    found = measurements({form: [blank | dates | row for row in rows] for form, rows in of.items()})

    assert [
        ("white_cells", Decimal("0.5"), "<"),
        ("white_cells_per_field", Decimal(7), None),
        ("white_cells_in_urine", Decimal(70), None),
        ("red_cell_casts", None, None),
        ("filtration_before_flare", Decimal(95), None),
        ("anti_dsdna", Decimal(9), None),
        ("haemophagocytosis", None, None),
    ] == [(one.quantity, one.value, one.qualifier) for one in found]


def test_the_table_of_quantities_speaks_in_current_terms() -> None:
    """Every code can be entered, every CTCAE term is one of a version, every quantity of a tick is there."""
    known = {term for version in ("5.0", "6.0") for term in terms(version)}
    rows = [(form, test, one) for (form, test), each in quantities().items() for one in each]

    for form, test, one in rows:
        lists = {name: field.codelist for name, field in fields(CAPTURED[form]).items()}
        letters = COLUMNS[form]
        assert terminology.is_term(str(lists[f"{letters}testcd"]), test)
        assert all(terminology.is_term("UNIT", unit) for unit in one.units)
        assert all(terminology.is_term("SPECTYPE", specimen) for specimen in one.specimens)
        assert all(terminology.is_term("ISBDAGT", agent) for agent in one.agents)
        assert all(terminology.is_term("LBCAT", category) for category in one.categories)
        assert set(one.terms) <= known
    assert {name for names in QUANTITIES.values() for name in names} <= {one.name for _, _, one in rows}
