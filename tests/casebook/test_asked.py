"""What a study document asks for beyond the usual rules, derived in the transaction of the write."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.casebook import cut
from app.casebook.database import reading
from app.casebook.exports import frames
from app.casebook.studies import library
from cdisc.sdtm.export import Export
from cdisc.sdtm.instruments import rs_totals
from seed.client import Body
from seed.load import HERE, study_document
from tests.casebook import build
from tests.casebook.build import DEMO, MISREAD, SUBJECT, Service
from tests.rules.build import QUIET_ITEMS

ITEMS, FLARE = (HERE / "instruments" / name for name in ("bilag-2004-items.toml", "selena-flare.toml"))
STEADY = dict.fromkeys(
    ("new_immunosuppressant", "nsaid_or_antimalarial_added", "prednisone_for_lupus", "hospitalised", "severe_organ_feature"),
    "N",
)
QUIET = {key: str(answer) if isinstance(answer, Decimal) else answer for key, answer in QUIET_ITEMS.items()}
SECOND = "check_second_form"
GRADES = [("bilag_items", "BASELINE mucocutaneous"), ("bilag_items", "M3 mucocutaneous"), ("bilag_renal", "M3 renal")]


@pytest.fixture
def asking(service: Service) -> Service:
    """The study amended to ask for more, with a subject who was infused."""
    amended = study_document(DEMO).replace("\nversion = 1\n", '\nversion = 2\namendment = "More"\n', 1)
    amended = amended.replace("\n[instruments]\n", '\n[instruments]\n"BILAG-2004-ITEMS" = 1\n"SELENA-FLARE" = 1\n', 1)
    service.sponsor.publish_study(amended.replace("\n[toxicity]\n", '\n[toxicity]\nfurther = ["iechs_screen", "licats"]\n', 1))
    build.infuse(service)
    return service


def test_a_local_toxicity_is_graded_when_its_b_cells_are_counted(asking: Service) -> None:
    """B5: the count of its day decides that it is one; an answer corrected moves its grade."""
    signs = {"aeloc": "SKIN", "aeorgbef": "Y", "aeothcau": "N", "aegcweek": "Y", "aeinnorg": "N", "aeshosp": "N", "aeicu": "N"}
    event = {"aespid": "AE-1", "aeterm": "Rash", "aecat": "LICATS", "aetoxgr": "1", "aestdtc": build.day(10)} | signs
    entered = build.enter(asking, "adverse-events", event)
    cells = {"cptestcd": "BLYCE", "cporresu": "10^6/L", "cpspec": "BLOOD", "cporres": "<5", "cpdtc": build.day(10)}
    counted = build.enter(asking, "flow-cytometry", cells)
    corrected = asking.site.correct(DEMO, SUBJECT, "adverse-events", entered["records"][0], {"aegcweek": "N"}, MISREAD)

    assert (None, "not_gradable") == build.moved(entered)["licats", "AE-1"]
    assert ("not_gradable", "graded") == build.moved(counted)["licats", "AE-1"]
    assert ("licats", "AE-1") in build.moved(corrected)
    assert "1" == build.verdicts(asking)["licats", "AE-1"]["amount"]
    asked = [(one["rule"], one["state"]) for answer in (counted, corrected) for one in answer["queries"]]
    assert [("check_licats_grade", "open"), ("check_licats_grade", "closed")] == asked


def test_haemophagocytosis_in_a_tissue_raises_the_screen_of_a_high_ferritin(asking: Service) -> None:
    ferritin = {"lbtestcd": "FERRITIN", "lbspec": "SERUM", "lborresu": "ug/L", "lbornrhi": "150", "lborres": "900"}
    screened = build.enter(asking, "laboratory", ferritin | {"lbdtc": build.day(12)})
    about = screened["records"][0]["record_id"]
    marrow = {"mitestcd": "HEMOPHAG", "mispec": "BONE MARROW", "miorres": "PRESENT", "midtc": build.day(11)}
    seen = build.enter(asking, "biopsies", marrow)

    assert (None, "not_evaluable") == build.moved(screened)["iechs_screen", about]
    assert ("not_evaluable", "flagged") == build.moved(seen)["iechs_screen", about]
    assert ["iechs_screen"] == [one["rule"] for one in seen["queries"]]


def test_items_of_bilag_2004_give_the_grades_that_endpoints_and_export_read(asking: Service) -> None:
    """B1, B5: each grade is a verdict that a correction moves, and a derived row of RS."""
    asking.sponsor.publish_instrument(DEMO, ITEMS.read_text(encoding="utf-8"))
    for name, day, skin in (("BASELINE", -6, 3), ("M3", 90, 1)):
        build.visit(asking, name, day)
        build.assess(asking, name, build.sledai(*build.ACTIVE))
        entered = build.assess(asking, name, QUIET | {"skin_eruption_severe": skin}, "BILAG-2004-ITEMS")
    change = {"answers": {"skin_eruption_severe": 0, "upcr": "120.50"}}
    corrected = asking.site.correct(DEMO, SUBJECT, "assessments", entered["records"][0], change, MISREAD)
    said = build.verdicts(asking)

    assert (None, "not_met") == build.moved(entered)["bilag_flare", "M3"]
    assert {"M3 mucocutaneous", "M3 renal"} == {about for rule, about in build.moved(corrected) if rule.startswith("bilag_")}
    assert ["4", "1", "3"] == [said[rule, about]["amount"] for rule, about in GRADES]
    assert ["A", "D", "B"] == exported(asking, "BLGMUCO", "BLGRENAL")


def test_grades_beside_items_of_one_visit_are_asked_about_and_the_grades_count(asking: Service) -> None:
    """The entered grades count and none is derived; once they are withdrawn the items are graded and nothing is asked."""
    asking.sponsor.publish_instrument(DEMO, ITEMS.read_text(encoding="utf-8"))
    build.visit(asking, "BASELINE", -6)
    entered = build.assess(asking, "BASELINE", build.bilag(renal="A"), "BILAG-2004", **build.TRAINED)
    second = build.assess(asking, "BASELINE", QUIET, "BILAG-2004-ITEMS", **build.TRAINED)
    (grades,) = entered["records"]
    beside = {rule for rule, _ in build.verdicts(asking)}
    withdrawn = asking.site.withdraw(DEMO, SUBJECT, "assessments", grades, build.MISTAKE)

    assert ([], [(SECOND, grades["record_id"], "open")]) == (queries(entered), queries(second))
    (words,) = [one["text"] for one in second["queries"]]
    assert f"BILAG-2004 at BASELINE that counts: {build.day(-6)}." in words
    assert f"BILAG-2004-ITEMS at BASELINE that does not count: {build.day(-6)}." in words
    assert [] == [rule for rule in beside if rule.startswith("bilag_")]
    assert [(SECOND, grades["record_id"], "closed")] == queries(withdrawn)
    assert (None, "graded") == build.moved(withdrawn)["bilag_renal", "BASELINE renal"]


def queries(answer: Body) -> list[tuple[str, str, str]]:
    """The queries that a write opened or closed: their rule, the record they are about, and their state."""
    return [(one["rule"], one["record_id"], one["state"]) for one in answer["queries"]]


def test_the_form_of_the_selena_index_says_what_the_points_do_not(asking: Service) -> None:
    """B5: without the form the index is a range; with it no flare, and a severe one where the form is corrected to say so."""
    asking.sponsor.publish_instrument(DEMO, FLARE.read_text(encoding="utf-8"))
    for name, day in (("BASELINE", -6), ("M3", 90)):
        build.visit(asking, name, day)
        build.enter(asking, "lupus-reviews", {"visit": name, "rvdtc": build.day(day), "glucoc": "N"})
        build.assess(asking, name, build.sledai())
        build.assess(asking, name, build.pga("0.5"), "PGA")
    alone = build.verdicts(asking)["selena_flare", "M3"]
    entered = build.assess(asking, "M3", STEADY, "SELENA-FLARE")
    corrected = asking.site.correct(
        DEMO, SUBJECT, "assessments", entered["records"][0], {"answers": {"hospitalised": "Y"}}, MISREAD
    )

    assert ("not_gradable", "0", "2") == (alone["value"], alone["lowest"], alone["highest"])
    assert ("not_gradable", "graded") == build.moved(entered)["selena_flare", "M3"]
    (moved,) = [each for each in corrected["moved"] if each["rule"] == "selena_flare"]
    assert ("0", "2", {"hospital": [False, True]}) == (moved["amount_before"], moved["amount_after"], moved["criteria"])


def exported(of: Service, *codes: str) -> list[str]:
    """The derived results of RS that are active or were, in order of time."""
    of.sponsor.cut(DEMO, "C1")
    with reading(of.engine) as connection:
        taken = cut.named(connection, DEMO, "C1")
        (block,) = frames.blocks(connection, DEMO, taken["cut_id"])
        sent = rs_totals(Export(block, cut.trial(connection, library.study(connection, DEMO), taken, "test")))
    return [row["stresc"] for row in sent.to_dict("records") if row["testcd"] in codes and row["stresc"] != "E"]
