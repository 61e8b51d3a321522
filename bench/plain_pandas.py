"""
LB as a programmer would first write it: one query, merges, `groupby`, and the writers of pandas and pyreadstat.

It holds the whole table. It knows the tests of the bench in their standard units, and no result that is not a number.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
from sqlalchemy import Connection, text

from cdisc import specs
from tests.casebook.build import DEMO

RESULTS = text(
    """
    SELECT l.subject_id, l.lbtestcd, l.lborres, l.lborresu, l.lbornrlo, l.lbornrhi, l.lbspec, l.lbdtc, v.visit, v.visitnum
    FROM laboratory l
    JOIN cut c ON c.study_id = l.study_id AND c.name = :cut
    JOIN cut_head h ON h.study_id = c.study_id AND h.cut_id = c.cut_id AND h.head_subject_id = l.subject_id
    JOIN record r ON r.study_id = l.study_id AND r.record_id = l.record_id
    JOIN visit v ON v.study_id = r.study_id AND v.record_id = r.visit_id AND v.version = 1
    WHERE l.study_id = :study AND NOT l.withdrawn AND l.chain_no <= h.head_no
      AND NOT EXISTS (SELECT 1 FROM laboratory n WHERE n.study_id = l.study_id AND n.subject_id = l.subject_id
                      AND n.record_id = l.record_id AND n.version > l.version AND n.chain_no <= h.head_no)
    """
)
FIRST_DOSES = text("SELECT subject_id, min(ecstdtc) AS rfstdtc FROM infusion WHERE study_id = :study GROUP BY subject_id")
COLUMNS = [
    "STUDYID",
    "DOMAIN",
    "USUBJID",
    "LBSEQ",
    "LBTESTCD",
    "LBTEST",
    "LBCAT",
    "LBORRES",
    "LBORRESU",
    "LBORNRLO",
    "LBORNRHI",
    "LBSTRESC",
    "LBSTRESN",
    "LBSTRESU",
    "LBSTNRLO",
    "LBSTNRHI",
    "LBNRIND",
    "LBSPEC",
    "LBLOBXFL",
    "LBBLFL",
    "VISITNUM",
    "VISIT",
    "VISITDY",
    "EPOCH",
    "LBDTC",
    "LBDY",
]
NAMES = {
    "HGB": "Hemoglobin",
    "WBC": "Leukocytes",
    "NEUT": "Neutrophils",
    "PLAT": "Platelets",
    "CREAT": "Creatinine",
}


def mapped(connection: Connection, cut: str, planned_days: dict[str, float]) -> pd.DataFrame:
    """The rows of LB at a cut, sorted by its keys; `planned_days`: the study day of each planned visit."""
    found = pd.read_sql(RESULTS, connection, params={"study": DEMO, "cut": cut})
    frame = found.merge(pd.read_sql(FIRST_DOSES, connection, params={"study": DEMO}), on="subject_id")
    number, low, high = (pd.to_numeric(frame[name]) for name in ("lborres", "lbornrlo", "lbornrhi"))
    day, first = pd.to_datetime(frame["lbdtc"].str[:10]), pd.to_datetime(frame["rfstdtc"].str[:10])
    since, earlier = (day - first).dt.days, frame["lbdtc"] < frame["rfstdtc"]
    made = pd.DataFrame(
        {
            "STUDYID": DEMO,
            "DOMAIN": "LB",
            "USUBJID": DEMO + "-" + frame["subject_id"],
            "LBTESTCD": frame["lbtestcd"],
            "LBTEST": frame["lbtestcd"].map(NAMES),
            "LBCAT": np.where(frame["lbtestcd"] == "CREAT", "CHEMISTRY", "HEMATOLOGY"),
            "LBORRES": frame["lborres"],
            "LBORRESU": frame["lborresu"],
            "LBORNRLO": frame["lbornrlo"],
            "LBORNRHI": frame["lbornrhi"],
            "LBSTRESC": frame["lborres"].str.rstrip("0").str.rstrip("."),
            "LBSTRESN": number,
            "LBSTRESU": frame["lborresu"],
            "LBSTNRLO": low,
            "LBSTNRHI": high,
            "LBNRIND": np.select([number < low, number > high], ["LOW", "HIGH"], "NORMAL"),
            "LBSPEC": frame["lbspec"],
            "VISITNUM": pd.to_numeric(frame["visitnum"]),
            "VISIT": frame["visit"],
            "VISITDY": frame["visit"].map(planned_days),
            "EPOCH": np.select([earlier, frame["lbdtc"] == frame["rfstdtc"]], ["SCREENING", "TREATMENT"], "FOLLOW-UP"),
            "LBDTC": frame["lbdtc"],
            "LBDY": since + (since >= 0),
            "before": earlier,
        }
    )
    made = made.sort_values(["USUBJID", "LBTESTCD", "LBSPEC", "LBDTC", "VISITNUM"], kind="stable", ignore_index=True)
    made["LBSEQ"] = made.groupby("USUBJID").cumcount() + 1
    last = made[made["before"]].groupby(["USUBJID", "LBTESTCD", "LBSPEC"]).tail(1).index
    made["LBLOBXFL"] = made["LBBLFL"] = ""
    made.loc[last, ["LBLOBXFL", "LBBLFL"]] = "Y"
    return made[COLUMNS]


def write_transport(frame: pd.DataFrame, path: Path) -> None:
    """The transport file, by pyreadstat."""
    labels = {variable.name: variable.label for variable in specs.variables("LB")}
    about = specs.dataset("LB").label
    pyreadstat.write_xport(frame, path, about, [labels[str(name)] for name in frame], table_name="LB", file_format_version=5)


def write_json(frame: pd.DataFrame, path: Path) -> None:
    """The rows as Dataset-JSON has them, without its metadata."""
    rows = frame.astype(object).replace("", None).to_json(orient="values", double_precision=15)
    path.write_text(f'{{"rows":{rows}}}', encoding="utf-8")


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """The Parquet file."""
    frame.replace("", None).to_parquet(path, compression="zstd")
