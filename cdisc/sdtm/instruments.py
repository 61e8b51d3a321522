"""
Instruments as answered: one row an item, one row a derived total.

Original result, standard result and points follow from the instrument's document. An item without an answer is NOT DONE. A
total that the service derived carries --DRVFL = Y and no original result (SDTMIG 3.4 section 6.3.9, QRS assumption 4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cdisc.coding import column_of
from cdisc.columns import cell_text, each, records, rows, text
from cdisc.results import standard_text
from cdisc.sdtm.export import Export
from cdisc.trial import InstrumentItem

TRUTHS = {"true": ("PRESENT", "PRESENT"), "false": ("ABSENT", "ABSENT")}
"""How a yes-or-no item reads where its instrument does not say otherwise."""


GRADES = "EDCBA"
"""The letters that the amounts of derived grades stand for, from 0 on."""
GRADING = ("bilag_items", "bilag_renal", "bilag_haematology")
"""The rules that derive such grades."""
NO_REASON = "REASON NOT RECORDED"
"""Why an item has no answer, where the form was made: it does not ask."""
POINTS = {"Y": ("PRE-DOSE", "1"), "N": ("POST-DOSE", "2")}
"""The timepoint, and its number, by whether an assessment was made before the dose."""


class Said(NamedTuple):
    """What an item, a total or a grade says, by the names that the mapping has; empty: nothing."""

    testcd: str
    test: str
    cat: str
    stresc: str = ""
    stresn: str = ""
    orres: str = ""
    unit: str = ""
    stat: str = ""
    rsreasnd: str = ""


Found = tuple[int, Said]
"""What was said, and the place of the assessment that says it."""


def _key(answer: Any) -> str:
    return str(answer).lower() if isinstance(answer, bool) else cell_text(answer)


def item_said(item: InstrumentItem, category: str, answer: Any) -> Said:
    """One item as SDTM sends it; an answer of None is an item that was not done."""
    said = Said(item.testcd, item.test, category)
    if answer is None:
        return said._replace(stat="NOT DONE", rsreasnd=NO_REASON)
    key = _key(answer)
    if item.type in ("number", "integer"):
        number = standard_text(key)
        return said._replace(orres=key, stresc=number, stresn=number, unit=item.unit or "")
    original, standard = item.answers[key] if item.answers else TRUTHS[key]
    points = "" if key not in item.points else str(item.points[key])
    return said._replace(orres=original, stresc=points or standard, stresn=points)


def _assessments(export: Export, domain: str) -> pd.DataFrame:
    """The assessments of one domain with the instrument of each (`inforce`), numbered within the subject by time."""
    frame = export.table("assessment")
    if frame.empty:
        return frame
    ordered = frame.sort_values(["subject_id", "rsdtc", "instrument"], kind="stable", na_position="first", ignore_index=True)
    number = ordered.groupby("subject_id").cumcount() + 1
    timed = ordered.assign(grpid=each(number, lambda n: f"ASM-{n:03d}", "str"), **_times(ordered))
    named = rows(ordered["instrument"], ordered["instrver"])
    inforce = pd.Series([export.trial.instruments[name, int(version)] for name, version in named], dtype=object)
    mine = [instrument.domain == domain for instrument in inforce]
    return timed.assign(inforce=inforce)[mine].reset_index(drop=True)


def _times(frame: pd.DataFrame) -> dict[str, Any]:
    """The timepoint of each assessment, and the interval that it looks back on."""
    return {
        "tpt": each(frame["predose"], lambda said: POINTS.get(cell_text(said), ("", ""))[0], "str"),
        "tptnum": each(frame["predose"], lambda said: POINTS.get(cell_text(said), ("", ""))[1], "str"),
        "evlint": each(text(frame["lookback"]), lambda days: f"-P{days}D" if days else "", "str"),
    }


def _beside(assessments: pd.DataFrame, found: Iterable[Found]) -> pd.DataFrame:
    """What was said, each beside its assessment; whatever is said again is kept once."""
    places: list[int] = []
    codes: list[int] = []
    known: dict[Said, int] = {}
    for place, said in found:
        places.append(place)
        codes.append(known.setdefault(said, len(known)))
    if not places:
        return pd.DataFrame()
    columns = zip(Said._fields, zip(*known, strict=True), strict=True)
    told = {name: column_of(np.array(codes), values) for name, values in columns}
    return assessments.take(places).reset_index(drop=True).assign(**told)


def _items(export: Export, domain: str) -> pd.DataFrame:
    assessments = _assessments(export, domain)
    return _beside(assessments, _answered(assessments, domain))


def _answered(assessments: pd.DataFrame, domain: str) -> Iterator[Found]:
    said = lru_cache(maxsize=None, typed=True)(item_said)  # typed: an answer of 1 is no yes
    for place, row in enumerate(records(assessments)):
        instrument, answers = row["inforce"], row["answers"]
        if isinstance(answers, dict):
            yield from ((place, said(item, instrument.category, answers.get(item.key))) for item in instrument.items)
        else:
            why = cell_text(row["rsstat"]), cell_text(row["rsreasnd"])
            yield place, Said(f"{domain}ALL", "All Items", instrument.category, stat=why[0], rsreasnd=why[1])


def _totals(export: Export, domain: str) -> pd.DataFrame:
    """The totals that stand as verdicts about an assessment, under the rule that bears the instrument's name."""
    assessments = _assessments(export, domain)
    verdicts = export.table("verdict") if len(assessments) else pd.DataFrame()
    if verdicts.empty:
        return verdicts
    rules = {name: name.lower().replace("-", "") for name, _ in export.trial.instruments}
    known = verdicts[verdicts["rule"].isin(list(rules.values()))]
    named = zip(known["rule"], known["about"], known["amount"], strict=True)
    amounts = {(rule, about): cell_text(amount) for rule, about, amount in named}
    return _beside(assessments, _added(assessments, rules, amounts))


def _added(assessments: pd.DataFrame, rules: Mapping[str, str], amounts: Mapping[tuple[str, str], str]) -> Iterator[Found]:
    for place, (instrument, record) in enumerate(rows(assessments["inforce"], assessments["record_id"])):
        amount = amounts.get((rules[instrument.id], record))
        if instrument.total and amount:
            (code, name), number = instrument.total, standard_text(amount)
            yield place, Said(code, name, instrument.category, number, number)


def _grades(export: Export, domain: str) -> pd.DataFrame:
    """The grades that stand as verdicts about a visit and what is graded; one that is open is not sent."""
    assessments = _assessments(export, domain)
    verdicts = export.table("verdict") if len(assessments) else pd.DataFrame()
    if verdicts.empty:
        return verdicts
    known = verdicts[verdicts["rule"].isin(GRADING)]
    named = zip(known["subject_id"], known["about"], known["amount"], strict=True)
    letters = {(subject, about): GRADES[int(amount)] for subject, about, amount in named if cell_text(amount)}
    return _beside(assessments, _graded(export, assessments, letters))


def _graded(export: Export, assessments: pd.DataFrame, letters: Mapping[tuple[str, str], str]) -> Iterator[Found]:
    asked = rows(*(assessments[name] for name in ("inforce", "subject_id", "visit_id")))
    for place, (instrument, subject, record) in enumerate(asked):
        visit = export.visits[record].visit if record in export.visits else None
        for key, (code, name) in instrument.grades.items():
            if letter := letters.get((subject, f"{visit} {key}")):
                yield place, Said(code, name, instrument.category, letter)


def rs_items(export: Export) -> pd.DataFrame:
    """The items of the clinician-rated instruments."""
    return _items(export, "RS")


def qs_items(export: Export) -> pd.DataFrame:
    """The items of the questionnaires."""
    return _items(export, "QS")


def rs_totals(export: Export) -> pd.DataFrame:
    """The derived totals and grades of the clinician-rated instruments."""
    return pd.concat([_totals(export, "RS"), _grades(export, "RS")], ignore_index=True)


def qs_totals(export: Export) -> pd.DataFrame:
    """The derived totals of the questionnaires."""
    return _totals(export, "QS")
