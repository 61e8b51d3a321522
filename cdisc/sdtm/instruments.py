"""
Instruments as answered: one row an item, one row a derived total.

Original result, standard result and points follow from the instrument's document. An item without an answer is NOT DONE. A
total that the service derived carries --DRVFL = Y and no original result (SDTMIG 3.4 section 6.3.9, QRS assumption 4).
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from cdisc.columns import cell_text, records
from cdisc.results import standard_text
from cdisc.sdtm.export import Export
from cdisc.trial import InstrumentItem, InstrumentMetadata

TRUTHS = {"true": ("PRESENT", "PRESENT"), "false": ("ABSENT", "ABSENT")}
"""How a yes-or-no item reads where its instrument does not say otherwise."""


GRADES = "EDCBA"
"""The letters that the amounts of derived grades stand for, from 0 on."""
GRADING = ("bilag_items", "bilag_renal", "bilag_haematology")
"""The rules that derive such grades."""
NO_REASON = "REASON NOT RECORDED"
"""Why an item has no answer, where the form was made: it does not ask."""


def _key(answer: Any) -> str:
    return str(answer).lower() if isinstance(answer, bool) else cell_text(answer)


def item_row(item: InstrumentItem, answer: Any) -> dict[str, str]:
    """One item as SDTM sends it; an answer of None is an item that was not done."""
    row = {"testcd": item.testcd, "test": item.test, "orres": "", "stresc": "", "stresn": "", "unit": "", "stat": ""}
    if answer is None:
        return {**row, "stat": "NOT DONE", "rsreasnd": NO_REASON}
    key = _key(answer)
    if item.type in ("number", "integer"):
        number = standard_text(key)
        return {**row, "orres": key, "stresc": number, "stresn": number, "unit": item.unit or ""}
    original, standard = item.answers[key] if item.answers else TRUTHS[key]
    points = "" if key not in item.points else str(item.points[key])
    return {**row, "orres": original, "stresc": points or standard, "stresn": points}


def _assessments(export: Export, domain: str) -> list[tuple[dict[str, Any], InstrumentMetadata]]:
    """The assessments of one domain with their instrument, numbered within the subject by time."""
    frame = export.table("assessment")
    if frame.empty:
        return []
    ordered = frame.sort_values(["subject_id", "rsdtc", "instrument"], kind="stable", na_position="first")
    number = ordered.groupby("subject_id").cumcount() + 1
    found = []
    for row in records(ordered.assign(grpid=[f"ASM-{n:03d}" for n in number])):
        instrument = export.trial.instruments[str(row["instrument"]), int(row["instrver"])]
        if instrument.domain == domain:
            found.append((_timed(row), instrument))
    return found


def _timed(row: dict[str, Any]) -> dict[str, Any]:
    days = cell_text(row["lookback"])
    point = {"Y": ("PRE-DOSE", "1"), "N": ("POST-DOSE", "2")}.get(cell_text(row["predose"]), ("", ""))
    return {**row, "tpt": point[0], "tptnum": point[1], "evlint": f"-P{days}D" if days else ""}


def _items(export: Export, domain: str) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    for row, instrument in _assessments(export, domain):
        head = {**row, "cat": instrument.category}
        answers = row["answers"]
        if not isinstance(answers, dict):
            done = {"testcd": f"{domain}ALL", "test": "All Items", "stat": cell_text(row["rsstat"])}
            rows.append({**head, **dict.fromkeys(("orres", "stresc", "stresn", "unit"), ""), **done})
            continue
        rows += [{**head, **item_row(item, answers.get(item.key))} for item in instrument.items]
    return pd.DataFrame(rows)


def _totals(export: Export, domain: str) -> pd.DataFrame:
    """The totals that stand as verdicts about an assessment, under the rule that bears the instrument's name."""
    assessments = _assessments(export, domain)
    verdicts = export.table("verdict") if assessments else pd.DataFrame()
    if verdicts.empty:
        return verdicts
    rules = {name: name.lower().replace("-", "") for name, _ in export.trial.instruments}
    known = verdicts[verdicts["rule"].isin(list(rules.values()))]
    named = zip(known["rule"], known["about"], known["amount"], strict=True)
    amounts = {(rule, about): cell_text(amount) for rule, about, amount in named}
    rows = []
    for row, instrument in assessments:
        amount = amounts.get((rules[instrument.id], row["record_id"]))
        if instrument.total and amount:
            code, name = instrument.total
            number = standard_text(amount)
            rows.append({**row, "testcd": code, "test": name, "cat": instrument.category, "stresc": number, "stresn": number})
    return pd.DataFrame(rows)


def _grades(export: Export, domain: str) -> pd.DataFrame:
    """The grades that stand as verdicts about a visit and what is graded; one that is open is not sent."""
    assessments = _assessments(export, domain)
    verdicts = export.table("verdict") if assessments else pd.DataFrame()
    if verdicts.empty:
        return verdicts
    known = verdicts[verdicts["rule"].isin(GRADING)]
    named = zip(known["subject_id"], known["about"], known["amount"], strict=True)
    letters = {(subject, about): GRADES[int(amount)] for subject, about, amount in named if cell_text(amount)}
    rows = []
    for row, instrument in assessments:
        visit = export.visits[row["visit_id"]].visit if row["visit_id"] in export.visits else None
        for key, (code, name) in instrument.grades.items():
            if letter := letters.get((row["subject_id"], f"{visit} {key}")):
                head = {"testcd": code, "test": name, "cat": instrument.category}
                rows.append({**row, **head, "stresc": letter, "stresn": ""})
    return pd.DataFrame(rows)


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
