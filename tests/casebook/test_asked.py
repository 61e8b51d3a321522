"""What a study document asks for beyond the usual rules, derived in the transaction of the write."""

from __future__ import annotations

import pytest

from seed.load import study_document
from tests.casebook import build
from tests.casebook.build import DEMO, MISREAD, SUBJECT, Service


@pytest.fixture
def asking(service: Service) -> Service:
    """The study amended to ask for more, with a subject who was infused."""
    amended = study_document(DEMO).replace("\nversion = 1\n", '\nversion = 2\namendment = "More"\n', 1)
    service.sponsor.publish_study(amended.replace("\n[toxicity]\n", '\n[toxicity]\nfurther = ["iechs_screen", "licats"]\n', 1))
    build.infuse(service)
    return service


def test_a_local_toxicity_is_graded_when_its_b_cells_are_counted(asking: Service) -> None:
    """B5: the count of its day decides that it is one; an answer corrected moves its grade."""
    signs = {"aeloc": "SKIN", "aeorgbef": "Y", "aeothcau": "N", "aegcweek": "Y", "aeinnorg": "N", "aeshosp": "N", "aeicu": "N"}
    event = {"aespid": "AE-1", "aeterm": "Rash", "aecat": "LICATS", "aestdtc": build.day(10)} | signs
    entered = build.enter(asking, "adverse-events", event)
    cells = {"cptestcd": "BLYCE", "cporresu": "10^6/L", "cpspec": "BLOOD", "cporres": "<5", "cpdtc": build.day(10)}
    counted = build.enter(asking, "flow-cytometry", cells)
    corrected = asking.site.correct(DEMO, SUBJECT, "adverse-events", entered["records"][0], {"aegcweek": "N"}, MISREAD)

    assert (None, "not_gradable") == build.moved(entered)["licats", "AE-1"]
    assert ("not_gradable", "graded") == build.moved(counted)["licats", "AE-1"]
    assert ("licats", "AE-1") in build.moved(corrected)
    assert "1" == build.verdicts(asking)["licats", "AE-1"]["amount"]


def test_haemophagocytosis_in_a_tissue_raises_the_screen_of_a_high_ferritin(asking: Service) -> None:
    ferritin = {"lbtestcd": "FERRITIN", "lbspec": "SERUM", "lborresu": "ug/L", "lbornrhi": "150", "lborres": "900"}
    screened = build.enter(asking, "laboratory", ferritin | {"lbdtc": build.day(12)})
    about = screened["records"][0]["record_id"]
    marrow = {"mitestcd": "HEMOPHAG", "mispec": "BONE MARROW", "miorres": "PRESENT", "midtc": build.day(11)}
    seen = build.enter(asking, "biopsies", marrow)

    assert (None, "not_evaluable") == build.moved(screened)["iechs_screen", about]
    assert ("not_evaluable", "flagged") == build.moved(seen)["iechs_screen", about]
    assert ["iechs_screen"] == [one["rule"] for one in seen["queries"]]
