"""
The parts of datasets that are not simply the rows of a captured table.

Each function gives a frame with `subject_id`, `record_id`, `visit_id` and the columns that `specs/mapping.csv` names.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from cdisc import columns, specs, terminology
from cdisc.columns import cell_text, missing
from cdisc.sdtm.demographics import demographic_row
from cdisc.sdtm.export import Export
from cdisc.sdtm.instruments import qs_items, qs_totals, rs_items, rs_totals

SCREENED = {"CRS": "Cytokine release syndrome", "ICANS": "Immune effector cell-associated neurotoxicity syndrome"}
"""The event that an observation screens for, by the category of its findings, where no adverse event was reported."""

EMERGENT = {
    "aetrtem": "treatment_emergent",
    "aeemaph": "emergent_apheresis",
    "aeemld": "emergent_lymphodepletion",
    "aeeminf": "emergent_infusion",
}
"""The flags of emergence with the rule that says each: as the study counts it, and from each start of treatment apart."""
ANSWERS = {"met": "Y", "not_met": "N"}

DLT = "DOSE-LIMITING TOXICITY"
"""What an adjudication is about that names no event."""
GRADED = "ADVERSE EVENT"
"""What a grade is about whose event is not in the package."""


def part(export: Export, name: str) -> pd.DataFrame:
    """One part of a dataset by the name that the mapping gives it; a captured table where no shape has that name."""
    if name not in export.parts:
        shape = SHAPES.get(name)
        found = shape(export) if shape else export.table(name)
        export.parts[name] = found.reset_index(drop=True)
    return export.parts[name]


def person(export: Export) -> pd.DataFrame:
    """One row per subject: what DM says, and the follow-up that a published source reports."""
    followed = _reported_follow_up(export)
    return pd.DataFrame(
        [
            {**demographic_row(who, export.trial), "record_id": name, "followup": followed.get(name)}
            for name, who in export.people.items()
        ]
    )


def _reported_follow_up(export: Export) -> dict[str, str]:
    reported = export.table("reported_result")
    if reported.empty:
        return {}
    rows = reported[reported["rptestcd"] == "FOLLOWUP"]
    said = zip(rows["subject_id"], rows["rporres"], rows["rporresu"], strict=True)
    return {subject: f"{cell_text(result)} {cell_text(unit)}".strip() for subject, result, unit in said}


def reported_total(export: Export) -> pd.DataFrame:
    """A SLEDAI-2K total as a source reports it, without items: its own kind of record, never flagged as derived."""
    reported = export.table("reported_result")
    if reported.empty:
        return reported
    rows = reported[reported["rptestcd"] == "SLEDAI2K"]
    testcd, test, category = _reported_instrument(export)
    timing = rows["rptiming"].map(cell_text)
    return rows.assign(
        testcd=testcd,
        test=test,
        cat=category,
        rsdtc=None,
        orres=rows["rporres"],
        stresc=rows["rporres"],
        stresn=rows["rporres"],
        tpt=timing,
        tptnum=timing.map({"BASELINE": "1", "AT PRESENT": "2"}),
    )


def _reported_instrument(export: Export) -> tuple[str, str, str]:
    """Code, name and category of the SLEDAI-2K total: the instrument's where the study has it in force."""
    for (name, _), instrument in export.trial.instruments.items():
        if name.upper().replace("-", "") == "SLEDAI2K" and instrument.total:
            return (*instrument.total, instrument.category)
    return "SLEDTOT", "SLEDAI-2K Total Score", "SLEDAI-2K"


def infusion(export: Export) -> pd.DataFrame:
    """One row per infusion with what is known of its lot."""
    frame, lots = export.table("infusion"), export.table("product_lot")
    wanted = ["viabpct", "carpct", "donorid", "coiid"]
    if frame.empty or lots.empty:
        return frame.assign(**dict.fromkeys(wanted))
    known = {lot["eclot"]: lot for lot in reversed(columns.records(lots))}
    of = [known.get(lot, {}) for (lot,) in columns.rows(frame["eclot"])]
    return frame.assign(**{name: [lot.get(name) for lot in of] for name in wanted})


def planned_infusion(export: Export) -> pd.DataFrame:
    """The infusions whose planned dose was recorded: as scheduled, beside as performed."""
    frame = export.table("infusion")
    return frame if frame.empty else frame[~columns.is_missing(frame["ecpdose"])]


def given_dose(export: Export) -> pd.DataFrame:
    """The doses of EC that were performed and occurred: what EX says again as exposure, to the product under its one name."""
    collected = export.built.get("EC")
    if collected is None:
        return pd.DataFrame()
    given = collected[(collected["ECMOOD"] == "PERFORMED") & (collected["ECOCCUR"] == "Y")]
    subject = given["USUBJID"].map(lambda name: export.by_usubjid[name].subject_id)
    treatment = columns.of_rows(
        lambda name, kind: name if kind == "LYMPHODEPLETION" else export.trial.treatment, "str", given["ECTRT"], given["ECCAT"]
    )
    return given.assign(subject_id=subject, record_id=given["_record"], treatment=treatment)


def adverse_event(export: Export) -> pd.DataFrame:
    """
    One row per adverse event, and whether it emerged after treatment by the casebook's own verdicts (unknown stays unknown).

    A grade by CTCAE that names no version is by the one that the study document sets.
    """
    frame = export.table("adverse_event")
    if frame.empty:
        return frame
    said = _emergent(export)
    events = list(zip(frame["subject_id"], frame["aespid"], strict=True))
    flags = {name: [said.get((rule, *event), "") for event in events] for name, rule in EMERGENT.items()}
    version = export.trial.ctcae_version
    said_versions = columns.rows(frame["aetoxver"], frame["aetoxscl"])
    versions = [version if missing(given) and scale == "CTCAE" else given for given, scale in said_versions]
    return frame.assign(**flags, aetoxver=versions)


def _emergent(export: Export) -> dict[tuple[str, str, str], str]:
    """What the rules of emergence say, by rule, subject and event; nothing where the casebook leaves it open."""
    verdicts = export.table("verdict")
    if verdicts.empty:
        return {}
    known = verdicts[verdicts["rule"].isin(list(EMERGENT.values()))]
    told = zip(known["rule"], known["subject_id"], known["about"], known["value"], strict=True)
    return {(rule, subject, event): ANSWERS[value] for rule, subject, event, value in told if value in ANSWERS}


def element(export: Export) -> pd.DataFrame:
    """One row per element that a subject lived."""
    return pd.DataFrame(
        [
            {
                "subject_id": who.subject_id,
                "record_id": f"{who.subject_id} {step.taetord}",
                "taetord": step.taetord,
                "etcd": step.etcd,
                "element": step.name,
                "epoch": step.epoch,
                "sestdtc": step.start,
                "seendtc": step.end,
            }
            for who in export.people.values()
            for step in export.elements[who.usubjid]
        ]
    )


def unmet_criterion(export: Export) -> pd.DataFrame:
    """The inclusion criteria answered N and the exclusion criteria answered Y."""
    frame = export.table("eligibility")
    if frame.empty:
        return frame
    wrong = {code: "N" if kind == "INCLUSION" else "Y" for code, (kind, _) in export.trial.criteria.items()}
    return frame[[wrong[code] == answer for code, answer in columns.rows(frame["ietestcd"], frame["ieorres"])]]


def sent_visit(export: Export) -> pd.DataFrame:
    """The visits; an unplanned one was not prespecified, so that it occurred is said by its row alone (CORE-000038)."""
    frame = export.table("visit")
    if frame.empty:
        return frame
    planned = frame["visit"].isin(list(export.trial.visits)) | (frame["svpresp"] == "Y")
    occurred = [said if was else "" for was, said in columns.rows(planned, frame["svoccur"])]
    return frame.assign(svpresp=planned.map({True: "Y", False: ""}), svoccur=occurred)


def _melted(frame: pd.DataFrame, table: str, dataset: str, date: str) -> pd.DataFrame:
    """The columns of a wide form as findings, one row an answer; a list gives a row an entry, an empty one `NONE`."""
    found = []
    for wide in specs.wide_findings(table, dataset):
        rows = frame[[not missing(answer) for (answer,) in columns.rows(frame[wide.column])]]
        unit = rows[wide.unit_column] if wide.unit_column else wide.unit
        answers: Any = [_answers(answer) for (answer,) in columns.rows(rows[wide.column])]
        said = rows.assign(testcd=wide.testcd, cat=wide.category, orres=answers, orresu=unit, dtc=rows[date])
        found.append(said.explode("orres"))
    return pd.concat(found) if found else frame


def _answers(answer: Any) -> list[Any]:
    if isinstance(answer, list):
        return answer or ["NONE"]
    return [answer]


def _observations(export: Export) -> pd.DataFrame:
    frame = export.table("toxicity_observation")
    if frame.empty:
        return frame
    ordered = frame.sort_values(["subject_id", "fadtc"], kind="stable")
    number = ordered.groupby("subject_id").cumcount() + 1
    return ordered.assign(lnkgrp=[f"OBS-{n:03d}" for n in number])


def toxicity_vital_sign(export: Export) -> pd.DataFrame:
    """Temperature, pressures and oxygen of the toxicity observations, one row a measurement."""
    frame = _observations(export)
    if frame.empty:
        return frame
    rows = _melted(frame, "toxicity_observation", "VS", "fadtc")
    rows = rows.assign(vsloc=rows["temploc"].where(rows["testcd"] == "TEMP"))
    return rows.rename(columns={"testcd": "vstestcd", "orres": "vsorres", "orresu": "vsorresu", "dtc": "vsdtc"})


def toxicity_finding(export: Export) -> pd.DataFrame:
    """The other inputs of CRS and ICANS grading, about the adverse event they belong to, else about what they screen for."""
    frame = _observations(export)
    if frame.empty:
        return frame
    rows = _melted(frame, "toxicity_observation", "FA", "fadtc")
    events = _events(export)
    about = [
        _about(events.get((subject, cell_text(number))), category)
        for subject, number, category in columns.rows(rows["subject_id"], rows["aespid"], rows["cat"])
    ]
    return rows.assign(obj=[name for name, _ in about], lnkid=[number for _, number in about])


def dlt_finding(export: Export) -> pd.DataFrame:
    """What was adjudicated, one row an answer: about the adverse event it names, else about dose-limiting toxicity as such."""
    frame = export.table("dlt_assessment")
    if frame.empty:
        return frame
    return _named(export, _melted(frame, "dlt_assessment", "FA", "dltdtc"), DLT)


def grade_finding(export: Export) -> pd.DataFrame:
    """The grades that adverse events went through, one row a grade, about the event."""
    frame = export.table("event_grade")
    if frame.empty:
        return frame
    return _named(export, _melted(frame, "event_grade", "FA", "fadtc"), GRADED)


def _named(export: Export, rows: pd.DataFrame, unnamed: str) -> pd.DataFrame:
    """Findings about the adverse event that each names by its number; `unnamed` where it names none that stands."""
    events = _events(export)
    named = [events.get((subject, cell_text(number))) for subject, number in columns.rows(rows["subject_id"], rows["aespid"])]
    about = [(event[0], event[2]) if event else (unnamed, "") for event in named]
    return rows.assign(obj=[name for name, _ in about], lnkid=[number for _, number in about])


def _events(export: Export) -> dict[tuple[str, str], tuple[str, str, str]]:
    """The adverse events by subject and number: decode, category of their grading inputs (empty: neither), number."""
    frame = export.table("adverse_event")
    if frame.empty:
        return {}
    known = (columns.text(frame[name]) for name in ("subject_id", "aespid", "aedecod", "aeterm", "aecat"))
    return {
        (subject, number): (decode or term.upper(), _screened(category), number)
        for subject, number, decode, term, category in columns.rows(*known)
    }


def _screened(category: str) -> str:
    sent = terminology.submission_value("AECAT", category) if category else ""
    return sent if sent in SCREENED else ""


def _about(event: tuple[str, str, str] | None, category: str) -> tuple[str, str]:
    if event and event[1] in ("", category):
        return event[0], event[2]
    return SCREENED[category], ""


def review_finding(export: Export) -> pd.DataFrame:
    """What a lupus review says of the disease and its background therapy, one row an answer."""
    frame = export.table("lupus_review")
    if frame.empty:
        return frame
    rows = _melted(frame, "lupus_review", "FA", "rvdtc")
    return rows.assign(obj="Systemic lupus erythematosus")


def exclusion_finding(export: Export) -> pd.DataFrame:
    """Why a SLEDAI-2K descriptor was not scored, one row an answer, about the descriptor."""
    frame = export.table("descriptor_exclusion")
    if frame.empty:
        return frame
    rows = _melted(frame, "descriptor_exclusion", "FA", "excldtc")
    return rows.assign(obj=[terminology.decode("S2KDESC", cell_text(one)).upper() for one in rows["descript"]])


def comment(export: Export) -> pd.DataFrame:
    """
    The comments, each with the rows of the record that it is about: one by its --SEQ, several by the variable that groups them,
    else their domain alone. About a record that is not in the package it is a comment on the subject.
    """
    frame = export.table("comment")
    if frame.empty:
        return frame
    wanted = {cell_text(record) for record in frame["corecord"]} - {""}
    found: dict[str, tuple[str, str, str]] = {}
    for name, built in export.built.items():
        for record, rows in built[built["_record"].isin(wanted)].groupby("_record"):
            found.setdefault(str(record), (name, *_identified(name, rows)))
    about = [found.get(cell_text(record), ("", "", "")) for record in frame["corecord"]]
    return frame.assign(**{name: [each[n] for each in about] for n, name in enumerate(("rdomain", "idvar", "idvarval"))})


def _identified(dataset: str, rows: pd.DataFrame) -> tuple[str, str]:
    """The variable and value that single out the rows of a record; those of the part that the mapping names first."""
    first = next(step.part for step in specs.steps(dataset) if step.part in set(rows["_part"]))
    done = rows[rows["_part"] == first]
    if len(done) == 1 and f"{dataset}SEQ" in done:
        return f"{dataset}SEQ", cell_text(done[f"{dataset}SEQ"].iloc[0])
    for name in (f"{dataset}GRPID", f"{dataset}LNKGRP"):
        if name in done and done[name].iloc[0]:
            return name, done[name].iloc[0]
    return "", ""


def derived_deviation(export: Export) -> pd.DataFrame:
    """The deviations that follow from what was recorded and that nobody reported, as the cut derived them."""
    return export.table("derived_deviation")


SHAPES: dict[str, Callable[[Export], pd.DataFrame]] = {
    "person": person,
    "element": element,
    "comment": comment,
    "derived_deviation": derived_deviation,
    "adverse_event": adverse_event,
    "infusion": infusion,
    "planned_infusion": planned_infusion,
    "given_dose": given_dose,
    "unmet_criterion": unmet_criterion,
    "sent_visit": sent_visit,
    "toxicity_vital_sign": toxicity_vital_sign,
    "toxicity_finding": toxicity_finding,
    "review_finding": review_finding,
    "exclusion_finding": exclusion_finding,
    "dlt_finding": dlt_finding,
    "grade_finding": grade_finding,
    "rs_item": rs_items,
    "qs_item": qs_items,
    "rs_total": rs_totals,
    "qs_total": qs_totals,
    "reported_total": reported_total,
}
