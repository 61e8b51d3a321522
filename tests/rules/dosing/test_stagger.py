"""The first subject of a level alone for so many days, by a table; in whatever order the subjects are told."""

from __future__ import annotations

from app.rules.dosing.stagger import stagger
from tests.rules.cases import cases


@cases("stagger")
def test_a_level_is_staggered(case: dict[str, str]) -> None:
    pairs = [one.split() for one in filter(None, case["starts"].split("; "))]
    starts = {subject: None if at == "?" else at for subject, at in pairs}
    days = int(case["days"]) if case["days"] else None

    found = [stagger(days, told) for told in (starts, dict(reversed(starts.items())))]

    told = [(each.first, each.until or "", " ".join(each.early), " ".join(each.unknown)) for each in found if each is not None]
    assert [tuple(case[name] for name in ("first", "until", "early", "unknown"))] * (2 if case["first"] else 0) == told
