"""
ADAE: every adverse event with its days, whether it was emergent, its causality as analysed, the queries that it answers, and
what an episode of CRS was treated with, and when LICATS and an infusion reaction began.

The casebook's verdicts on an episode stand with the adverse event that they name. An event that several episodes name, and an
episode that names several events, have none: nothing is divided by guess.

Source: OCCDS 1.1 (occurrence data structure), section 3.
"""

from __future__ import annotations

import pandas as pd

from cdisc.adam import verdicts
from cdisc.adam.source import Source
from cdisc.adam.verdicts import Said
from cdisc.coding import Column
from cdisc.columns import as_float, each, number, typed
from cdisc.dates import UNKNOWN, day_number, relative_days

QUERIES = {"CQ01NAM": ("CRS", "CYTOKINE RELEASE SYNDROME"), "CQ02NAM": ("ICANS", "ICANS")}
"""The customized queries: the category of the events that answer each, and its name."""
RELATED = frozenset({"RELATED", "PROBABLY RELATED", "POSSIBLY RELATED"})
NUMBERS = {
    "CRSTOCN": "crs_tocilizumab",
    "CRSGCN": "crs_glucocorticoid",
    "CRSICUD": "crs_intensive_care",
    "CRSVASH": "crs_vasopressor",
    "INFRMIN": "infusion_reaction",
}
"""What an episode of CRS was treated with, and the minutes to an infusion reaction, by the rule that counts it."""
SUMS = {"CRSTOCT": "crs_tocilizumab", "CRSGCT": "crs_glucocorticoid"}
"""What the doses come to, by the same rule."""
ONSET, CLASS = "licats_onset", "onset class"
"""The rule that says when LICATS began, and how its verdicts call the class."""
ABOUT_EVENTS = frozenset({ONSET, "infusion_reaction"})
"""The rules that speak of an event by its number, and not of an episode."""
EVENT, IN_ALL = "adverse event of the episode", " in all"
"""How a verdict calls the event of an episode, and what the doses of a drug come to."""
UNRELATED = frozenset({"NOT RELATED", "UNLIKELY RELATED"})


def rows(source: Source) -> pd.DataFrame:
    """The adverse events of AE."""
    events = source.of("AE")
    base = events[["STUDYID", "USUBJID"]].assign(**source.copied("ADAE", events))
    for name, origin, day in (("ASTDT", "AESTDTC", "ASTDY"), ("AENDT", "AEENDTC", "AENDY")):
        base[name] = each(base[origin], day_number, "float64")
        base[day] = relative_days(base[name], base["TRTSDT"])
    causes = zip(base["AEREL"], base["AERELLD"], strict=True)
    base["AREL"] = typed([causality(frozenset(said)) for said in causes], base.index, "str")
    return base.assign(AETOXGRN=number(base["AETOXGR"]), **_queries(base), **_found(source, base))


def causality(said: frozenset[str]) -> str:
    """RELATED where any answer says so, NOT RELATED where all do; empty where the answers leave it open."""
    if said & RELATED:
        return "RELATED"
    return "NOT RELATED" if said <= UNRELATED else ""


def _queries(base: pd.DataFrame) -> dict[str, Column]:
    return {
        name: typed([query if told == category else "" for told in base["AECAT"]], base.index, "str")
        for name, (category, query) in QUERIES.items()
    }


def _found(source: Source, base: pd.DataFrame) -> dict[str, Column]:
    """What the casebook counts of each event, and the class of an onset; empty where it leaves it open."""
    said, events = _of_events(source), list(zip(base["USUBJID"], base["AESPID"], strict=True))
    onsets = [said.get((ONSET, *event)) for event in events]
    of = {rule: [said.get((rule, *event)) for event in events] for rule in NUMBERS.values()}
    numbers = {name: [UNKNOWN if one is None else as_float(one.amount) for one in of[rule]] for name, rule in NUMBERS.items()}
    sums = {name: ["" if one is None else in_all(one) for one in of[rule]] for name, rule in SUMS.items()}
    return {
        **{name: typed(values, base.index, "float64") for name, values in numbers.items()},
        **{name: typed(values, base.index, "str") for name, values in sums.items()},
        "LICONSET": typed(["" if one is None else "".join(facts_called(CLASS, one)) for one in onsets], base.index, "str"),
    }


def _of_events(source: Source) -> dict[tuple[str, str, str], Said]:
    """The verdicts by rule, USUBJID and the one event that they are about, or that their episode alone is."""
    found: dict[tuple[str, str, str], list[Said]] = {}
    for subject, own in verdicts.by_subject(source.export.table("analysis")).items():
        for one in own:
            named = [one.about] if one.rule in ABOUT_EVENTS else facts_called(EVENT, one)
            for event in named if len(named) == 1 else ():
                found.setdefault((one.rule, source.export.people[subject].usubjid, event), []).append(one)
    return {key: of[0] for key, of in found.items() if len(of) == 1}


def facts_called(what: str, one: Said) -> list[str]:
    """The facts of a name that a verdict tells, those that are known."""
    return [str(fact["value"]) for fact in one.evidence if fact["what"] == what and fact["value"] is not None]


def in_all(one: Said) -> str:
    """What the doses of each drug come to in each unit; empty where that is not known of one."""
    sums = [fact for fact in one.evidence if fact["what"].endswith(IN_ALL)]
    if any(fact["value"] is None for fact in sums):
        return ""
    told = ((fact["what"].removesuffix(IN_ALL), fact["value"], fact["unit"] or "") for fact in sums)
    return "; ".join(" ".join(words).strip() for words in told)
