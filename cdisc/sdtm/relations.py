"""
Related records (RELREC) and supplemental qualifiers (SUPP--).

Linked as datasets: EC with EX by dose, AE with the findings about it, findings with the vital signs of one observation. Linked
as records: an adverse event with the medication or procedure that treats it, with the prespecified event under which it was
asked, with the stay in hospital and the disposition to which it led and with the organism that was found; a procedure with what
was seen in the tissue that it took.
Source: SDTMIG 3.4 sections 8.2 to 8.4.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from cdisc import specs
from cdisc.columns import cell_text, rows, text
from cdisc.sdtm.export import Export
from cdisc.sdtm.shapes import part
from cdisc.specs import Supplement
from cdisc.trial import Trial

LINKED = (
    ("ECEX", (("EC", "ECLNKID", "ONE"), ("EX", "EXLNKID", "ONE"))),
    ("AEFA", (("AE", "AELNKID", "ONE"), ("FA", "FALNKID", "MANY"))),
    ("FAVS", (("FA", "FALNKGRP", "MANY"), ("VS", "VSLNKGRP", "MANY"))),
)
"""Datasets that are related as a whole: identifier, and on each side the variable that links and how many may share it."""

NAMED = (
    ("AE", "CM", "medication", "cmaeno"),
    ("AE", "PR", "procedure", "praeno"),
    ("AE", "CE", "prespecified_event", "aespid"),
    ("AE", "HO", "healthcare_encounter", "hoaeno"),
    ("AE", "DS", "disposition", "dsaeno"),
    ("AE", "MB", "microbiology", "mbaeno"),
    ("PR", "MI", "biopsy", "miprno"),
)
"""Records that name another one by its number (--SPID): dataset of the other, own dataset, own table, own column."""

GROUPED = {"RS": "RSGRPID", "QS": "QSGRPID"}
"""Where a supplement belongs to all records of an assessment: the variable that groups them."""


def related(export: Export) -> pd.DataFrame:
    """RELREC as far as it relates records of one subject; without rows where nothing is related."""
    found = [row for named in NAMED for row in _named(export, *named)]
    return _relations(found, export.trial)


def between_datasets(valued: Mapping[str, Collection[str]], trial: Trial) -> pd.DataFrame:
    """RELREC as far as it relates whole datasets; `valued` names the variables of each dataset that have a value anywhere."""
    blank = {"USUBJID": "", "IDVARVAL": ""}
    stands = [(relation, sides) for relation, sides in LINKED if _both(sides, valued)]
    found = [
        {"RDOMAIN": name, **blank, "IDVAR": link, "RELTYPE": many, "RELID": relation}
        for relation, sides in stands
        for name, link, many in sides
    ]
    return _relations(found, trial)


def links_nothing(variable: str, valued: Mapping[str, Collection[str]]) -> bool:
    """Whether a variable is there to link datasets and no other dataset has anything to be linked to."""
    related = [_both(sides, valued) for _, sides in LINKED if variable in [link for _, link, _ in sides]]
    return bool(related) and not any(related)


def _both(sides: tuple[tuple[str, str, str], ...], valued: Mapping[str, Collection[str]]) -> bool:
    return all(link in valued.get(name, ()) for name, link, _ in sides)


def _relations(found: list[dict[str, str]], trial: Trial) -> pd.DataFrame:
    names = [variable.name for variable in specs.variables("RELREC")]
    frame = pd.DataFrame([{"STUDYID": trial.study_id, **row} for row in found], columns=names, dtype="str")
    return frame.sort_values(list(specs.dataset("RELREC").keys), kind="stable", ignore_index=True)


def _named(export: Export, parent: str, dataset: str, table: str, column: str) -> list[dict[str, str]]:
    base = part(export, table)
    if dataset not in export.built or parent not in export.built or base.empty:
        return []
    others = export.built[parent]
    known = {(usubjid, number): seq for usubjid, number, seq in rows(*(others[name] for name in _numbered(parent)))}
    names = dict(rows(base["record_id"], text(base[column])))
    found: list[dict[str, str]] = []
    children = export.built[dataset]
    for usubjid, record, seq in rows(children["USUBJID"], children["_record"], children[f"{dataset}SEQ"]):
        other = known.get((usubjid, names.get(record, ""))) if names.get(record) else None
        if other is not None:
            found += _pair(usubjid, (dataset, cell_text(seq)), (parent, cell_text(other)))
    return found


def _numbered(dataset: str) -> tuple[str, str, str]:
    return "USUBJID", f"{dataset}SPID", f"{dataset}SEQ"


def _pair(usubjid: str, child: tuple[str, str], parent: tuple[str, str]) -> list[dict[str, str]]:
    relation = f"{parent[0]}{child[0]}{child[1]}"
    return [
        {"USUBJID": usubjid, "RDOMAIN": name, "IDVAR": f"{name}SEQ", "IDVARVAL": seq, "RELTYPE": "", "RELID": relation}
        for name, seq in (parent, child)
    ]


def supplements(export: Export) -> dict[str, pd.DataFrame]:
    """SUPP-- by name, for each dataset that has something to say beyond its variables."""
    found: dict[str, list[pd.DataFrame]] = {}
    for supplement in specs.supplements():
        if supplement.dataset in export.built and (said := _said(export, supplement)):
            found.setdefault(f"SUPP{supplement.dataset}", []).append(_supplement(export, supplement, said))
    return {name: _together(frames) for name, frames in found.items()}


def _together(frames: list[pd.DataFrame]) -> pd.DataFrame:
    whole = pd.concat(frames, ignore_index=True)
    order = whole["IDVARVAL"].str.zfill(12)
    placed = whole.assign(_order=order).sort_values(["USUBJID", "IDVAR", "_order", "QNAM"], kind="stable", ignore_index=True)
    return placed.drop(columns="_order")


def _said(export: Export, supplement: Supplement) -> dict[str, str]:
    """What records say in a supplement's source, by record; those alone that say something."""
    base = part(export, supplement.part)
    if base.empty:
        return {}
    said = text(base[supplement.source])
    filled = said != ""
    return dict(rows(base["record_id"][filled], said[filled]))


def _supplement(export: Export, supplement: Supplement, said: Mapping[str, str]) -> pd.DataFrame:
    parent = export.built[supplement.dataset]
    parent = parent[(parent["_part"] == supplement.part) & parent["_record"].isin(list(said))]
    idvar, idvarval = _identified(supplement.dataset, parent)
    found = pd.DataFrame(
        {
            "STUDYID": export.trial.study_id,
            "RDOMAIN": supplement.dataset,
            "USUBJID": parent["USUBJID"],
            "IDVAR": idvar,
            "IDVARVAL": idvarval,
            "QNAM": supplement.qnam,
            "QLABEL": supplement.qlabel,
            "QVAL": [said[record] for (record,) in rows(parent["_record"])],
            "QORIG": supplement.origin,
            "QEVAL": "",
        },
        columns=[variable.name for variable in specs.variables("SUPPQUAL")],
    )
    return found.drop_duplicates()


def _identified(dataset: str, parent: pd.DataFrame) -> tuple[str, object]:
    if dataset == "DM":
        return "", ""
    idvar = GROUPED.get(dataset, f"{dataset}SEQ")
    return idvar, text(parent[idvar])
