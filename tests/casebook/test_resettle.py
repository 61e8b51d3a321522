"""A study settled anew: what moves under another version of a rule, why, and that nothing is rewritten silently."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.casebook import verify
from app.casebook.database import reading
from app.casebook.resettle import Resettled, because, report, resettle
from app.errors import Invalid, NotFound
from app.rules import checks, derive
from app.rules.efficacy import pga, sri
from app.rules.facts import VisitFacts
from app.rules.verdict import Criterion
from seed.client import Body
from seed.load import study_document
from tests.casebook import build
from tests.casebook.build import DEMO, OTHER, SUBJECT, Service
from tests.servers import ROOT, Database, Fill

WHY = "The safety review committee adopted version 2"
NO_WORSENING = pga.not_worsened


def anew(service: Service, why: str = WHY) -> list[Resettled]:
    """The study settled anew by a statistician at the command line; what moved."""
    return list(resettle(service.engine, because(why, "A. Statistician", "test"), DEMO))


def trail(service: Service, subject: str = SUBJECT) -> list[Body]:
    told: list[Body] = service.get(f"{build.below(subject)}/trail")["entries"]
    return told


def told(service: Service, **at: str) -> tuple[str, str]:
    """What is said of SRI-4 at M3, and by which version of the rule."""
    found = build.verdicts(service, **at)["sri4", "M3"]
    return found["value"], found["rule_version"]


def improved(now: VisitFacts, then: VisitFacts, worsening: Decimal = pga.WORSENING) -> Criterion:
    """A stricter rule: the PGA must have fallen by more than 1.5."""
    return NO_WORSENING(now, then, Decimal("-1.5"))


@contextmanager
def stricter() -> Iterator[None]:
    """Version 2 of SRI-4, under which `build.responder`, whose PGA fell from 2.0 to 1.0, is no responder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sri.RULES, 4, replace(sri.RULES[4], version="2"))
        patch.setattr(pga, "not_worsened", improved)
        yield


@pytest.fixture
def stands() -> Fill:
    """A responder stands."""
    return build.responds


def test_rules_that_did_not_change_write_nothing(service: Service) -> None:
    before = trail(service)

    assert [] == anew(service)
    assert before == trail(service)


def test_another_version_of_a_rule_gives_a_new_version_of_its_verdicts_with_the_reason(service: Service) -> None:
    """A9, B6: one entry, by the system, naming who set it off and why; the ledger fits, and once is enough."""
    entries = len(trail(service))
    with stricter():
        (found,) = anew(service)
        again = anew(service)
        last = trail(service)[-1]
        now = told(service)
    with reading(service.engine) as connection:
        checked = verify.verify(connection, DEMO)

    moved = next(one for one in report(found) if (one["rule"], one["about"]) == ("sri4", "M3"))
    assert ("met", "not_met", "1", "2") == tuple(moved[name] for name in ("from", "to", "rule_version_from", "rule_version_to"))
    assert {"pga_not_worsened": {"from": True, "to": False}} == moved["criteria"]
    assert ("resettle", "casebook", "system", "RULE_VERSION") == tuple(
        last[name] for name in ("act", "actor", "role", "reason_code")
    )
    assert f"{WHY} (set off by A. Statistician)" == last["reason"]
    assert (entries + 1, ("not_met", "2"), []) == (len(trail(service)), now, again)
    assert isinstance(checked, verify.Checked)


def test_a_cut_and_an_instant_before_it_still_show_what_the_rules_said_then(service: Service) -> None:
    """F4: the moves of the verdict tell both, each with its reason."""
    service.sponsor.cut(DEMO, "C1")
    instant = trail(service)[-1]["at"]
    frozen = service.get(f"{build.below()}/verdicts", cut="C1")
    with stricter():
        anew(service)
    verdict_id = build.verdicts(service)["sri4", "M3"]["verdict_id"]
    moves = service.get(f"{build.below()}/verdicts/{verdict_id}")["moves"]

    assert [("met", "1"), ("met", "1"), ("not_met", "2")] == [told(service, cut="C1"), told(service, at=instant), told(service)]
    assert frozen == service.get(f"{build.below()}/verdicts", cut="C1")
    assert ("not_met", f"{WHY} (set off by A. Statistician)") == (moves[-1]["value"], moves[-1]["reason"])


def test_a_version_that_says_the_same_is_a_new_version_all_the_same(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pga, "RULE", replace(pga.RULE, version="2"))
    (found,) = anew(service)

    assert {("pga", "1", "2", "computed", "computed")} == {
        (one.rule, one.version_before, one.version_after, one.before, one.after) for one in found.moved
    }
    assert [False, False] == [one.says_more for one in found.moved]


def test_an_amended_setting_moves_what_it_decides(service: Service) -> None:
    """E3: SRI-5 in place of SRI-4, under the study version in force, which the entry names."""
    amended = study_document(DEMO).replace("\nversion = 1\n", '\nversion = 2\namendment = "SRI-5"\n', 1)
    service.sponsor.publish_study(amended.replace("\n[endpoints]\n", "\n[endpoints]\nsri_points = 5\n"))
    (found,) = anew(service, "Amendment 1")

    moved = {(one.rule, one.about): (one.before, one.after) for one in found.moved}
    assert ("met", "withdrawn") == moved["sri4", "M3"]
    assert (None, "met") == moved["sri5", "M3"]
    assert 2 == trail(service)[-1]["study_version"]


def test_a_check_that_flags_anew_opens_a_query_and_one_that_is_clear_again_closes_it(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B6: by the same mechanism as a save."""
    build.enter(service, "toxicity-observations", build.fever(sysbp="110"))
    with monkeypatch.context() as patch:
        patch.setattr(checks, "hypotensive", lambda age, pressure: True)
        opened = anew(service)
        asked = [one for one in service.get(f"{build.below()}/queries")["queries"] if one["rule"] == "check_hypotension"]
    closed = anew(service)
    after = [one for one in service.get(f"{build.below()}/queries")["queries"] if one["rule"] == "check_hypotension"]

    assert [1, 1] == [one.queries for one in (*opened, *closed)]
    assert [("clear", "flagged"), ("flagged", "clear")] == [
        (one.before, one.after) for found in (*opened, *closed) for one in found.moved
    ]
    assert (["open"], ["closed"]) == ([one["state"] for one in asked], [one["state"] for one in after])


def test_a_rule_that_is_no_longer_in_force_ends_its_verdicts_and_can_be_read_where_it_was(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.sponsor.cut(DEMO, "C1")
    monkeypatch.setattr(derive, "RULES", {rule: card for rule, card in derive.RULES.items() if rule != "sri4"})
    (found,) = anew(service)

    assert {("sri4", "withdrawn")} == {(one.rule, one.after) for one in found.moved}
    assert ("sri4", "M3") not in build.verdicts(service)
    assert ("met", "1") == told(service, cut="C1")


def test_nobody_waits_for_more_than_one_subject(service: Service) -> None:
    """A save goes through between two subjects, and what it changes is settled under the rules in force."""
    build.responder(service, OTHER)
    saved: list[Body] = []

    def save(done: int, of: int) -> None:
        if done == 1:
            saved.append(build.assess(service, "M3", build.pga("0.1"), "PGA"))

    with stricter():
        found = list(resettle(service.engine, because(WHY, "a test", "test"), DEMO, save))

    assert [SUBJECT, OTHER] == [one.subject_id for one in found]
    assert [("not_met", "met")] == [build.moved(answer)["sri4", "M3"] for answer in saved]


@pytest.mark.parametrize(
    ("why", "by", "words"),
    [
        ("", "a test", "why the study is settled anew"),
        ("   ", "a test", "why the study is settled anew"),
        ("x" * 801, "a test", "why the study is settled anew"),
        (WHY, " ", "who sets it off"),
        (WHY, "x" * 101, "who sets it off"),
    ],
    ids=["no reason", "a blank reason", "too long a reason", "nobody", "too long a name"],
)
def test_why_and_who_are_said_in_words_and_not_too_many(why: str, by: str, words: str) -> None:
    """A2, A9."""
    with pytest.raises(Invalid, match=words):
        because(why, by, "test")


def test_the_longest_reason_and_name_fit_an_entry() -> None:
    assert len(because("x" * 800, "y" * 100, "test").reason or "") <= 1000


def test_a_study_that_there_is_not_is_refused(service: Service) -> None:
    with pytest.raises(NotFound):
        list(resettle(service.engine, because(WHY, "a test", "test"), "NO-SUCH"))


PATCHED = """
from dataclasses import replace
from decimal import Decimal
from app.rules.efficacy import doris, pga
pga.RULE, doris.RULE = replace(pga.RULE, version="2"), replace(doris.RULE, version="2")
doris.PGA_BELOW = Decimal("1.5")
from app.cli import main
main()
"""


def command(database: Database, *options: str) -> subprocess.CompletedProcess[str]:
    """`casebook resettle` in a process of its own, where PGA and DORIS are at version 2 and DORIS asks for less of the PGA."""
    return subprocess.run(
        [sys.executable, "-c", PATCHED, "resettle", DEMO, *options],
        env=os.environ | {"CASEBOOK_DATABASE_URL": database.url, "COLUMNS": "200"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_prints_what_moved_and_writes_it_down(service: Service, database: Database, tmp_path: Path) -> None:
    out = tmp_path / "reports" / "moved.json"
    done = command(database, "--because", WHY, "--by", "a statistician", "--out", str(out))
    rows: list[dict[str, Any]] = json.loads(out.read_text(encoding="utf-8"))
    again, refused = (command(database, "--because", words, "--out", str(out)) for words in (WHY, " "))
    empty = out.read_text(encoding="utf-8")

    assert (0, 0, 1) == (done.returncode, again.returncode, refused.returncode), done.stderr
    assert "pga 1 > 2: 2 with the same answer" in done.stdout
    assert "pga_lt_0_5: no > yes" in done.stdout
    assert "8 verdicts of 1 subjects have a new version; 0 queries opened or closed" in done.stdout
    assert {("doris", "1", "2"), ("pga", "1", "2")} == {
        (row["rule"], row["rule_version_from"], row["rule_version_to"]) for row in rows if row["rule"] in ("doris", "pga")
    }
    assert [("1", "1"), ("2", "2")] == sorted((row["amount_from"], row["amount_to"]) for row in rows if row["rule"] == "pga")
    assert {"pga_lt_0_5": {"from": False, "to": True}} == next(
        row["criteria"] for row in rows if (row["rule"], row["about"]) == ("doris", "M3")
    )
    assert f"{WHY} (set off by a statistician)" == trail(service)[-1]["reason"]
    assert ("0 verdicts of 0 subjects have a new version; 0 queries opened or closed\n", "[]\n") == (again.stdout, empty)
    assert "characters why the study is settled anew" in refused.stderr
