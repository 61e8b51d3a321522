"""
ADSL: one row a subject, whoever it is: identity, arms, the dates of treatment, populations, how the study ended, the baseline.

Source: ADaMIG 1.3 section 3.2. The populations are this package's own and are defined where define.xml names them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from cdisc.adam import verdicts
from cdisc.adam.source import Source
from cdisc.adam.verdicts import Said
from cdisc.coding import Column
from cdisc.columns import as_float, each
from cdisc.dates import UNKNOWN, day_number

AGE_GROUPS = ((12, "<12"), (18, "12-17"), (float("inf"), ">=18"))
"""The completed years below which an age belongs to a group, and the group."""
DAYS = {"RFICDT": "RFICDTC", "TRTSDT": "RFSTDTC", "TRTEDT": "RFENDTC", "DTHDT": "DTHDTC"}
"""The dates that are days of DM's."""
LEFT = ("COMPLETED", "DISCONTINUED")
"""How a subject stands whose study has ended."""
BASELINES = {"BSLEDAI": ("sledai2k", "SLEDAI-2K"), "BPGA": ("pga", "PGA")}
"""The baseline values, each with the rule that measures it and the instrument whose baseline it is."""


def rows(source: Source) -> pd.DataFrame:
    """The subjects of DM, with what belongs to each of them as a whole."""
    people = source.of("DM")
    base = people[["STUDYID", "USUBJID"]].assign(**source.copied("ADSL", people))
    base = base.assign(**{name: each(people[origin], day_number, "float64") for name, origin in DAYS.items()})
    base = base.assign(**_age_group(base["AGE"]), **_baselines(source, people), **_treated(source, people))
    base["TRTEDT"] = base["TRTEDT"].where(base["_dosed"] == "Y")  # without an infusion RFENDTC is the last contact
    efficacy = (base["_dosed"] == "Y") & base["BSLEDAI"].notna()
    flags = {"ENRLFL": people["ARMCD"] != "", "SAFFL": base["_treated"] == "Y", "EFFFL": efficacy}
    yes_no = {name: flag.map({True: "Y", False: "N"}) for name, flag in flags.items()}
    return base.assign(**yes_no, **_end_of_study(source, people), DLTFL=_dose_limiting(source, people))


def _age_group(age: Column) -> dict[str, Column]:
    def place(years: float) -> int:
        return next((n for n, (below, _) in enumerate(AGE_GROUPS, 1) if years < below), 0)

    names = {n: name for n, (_, name) in enumerate(AGE_GROUPS, 1)}
    places = each(age, lambda years: float(place(years)) or UNKNOWN, "float64")
    return {"AGEGR1": each(places, lambda n: names.get(n, ""), "str"), "AGEGR1N": places}


def _treated(source: Source, people: pd.DataFrame) -> dict[str, list[Any]]:
    """Whether anything of the protocol, and whether the product was given; and when lymphodepletion began."""
    given = source.of("EX")
    before = given["EXCAT"] == "LYMPHODEPLETION"
    start = given[before & (given["EXSTDTC"] != "")].groupby("USUBJID")["EXSTDTC"].min().to_dict()
    any_, product = set(given["USUBJID"]), set(given["USUBJID"][~before])
    return {
        "_treated": ["Y" if who in any_ else "" for who in people["USUBJID"]],
        "_dosed": ["Y" if who in product else "" for who in people["USUBJID"]],
        "LDSDT": [day_number(start.get(who, "")) for who in people["USUBJID"]],
    }


def _baselines(source: Source, people: pd.DataFrame) -> dict[str, list[float]]:
    said = verdicts.by_subject(source.export.table("analysis"))
    of_subject = [said.get(source.export.by_usubjid[who].subject_id, []) for who in people["USUBJID"]]
    found = {name: [_baseline(each, *which) for each in of_subject] for name, which in BASELINES.items()}
    reported = _reported(source)
    pairs = zip(people["USUBJID"], found["BSLEDAI"], strict=True)
    return found | {"BSLEDAI": [reported.get(who, value) if value != value else value for who, value in pairs]}


def _baseline(said: Iterable[Said], rule: str, instrument: str) -> float:
    """The amount of the assessment that is the baseline of an instrument."""
    record = verdicts.baselines(said).get(instrument)
    measured = (as_float(one.amount) for one in said if one.rule == rule and one.record == record)
    return next(measured, UNKNOWN)


def _reported(source: Source) -> dict[str, float]:
    """The totals at baseline that a published source reports without an assessment, by USUBJID."""
    found = source.of("RS")
    found = found[(found["RSTPT"] == "BASELINE") & found["RSSTRESN"].notna()]
    return dict(zip(found["USUBJID"], found["RSSTRESN"], strict=True))


def _end_of_study(source: Source, people: pd.DataFrame) -> dict[str, list[Any]]:
    ends = source.of("DS")
    ends = ends[(ends["DSCAT"] == "DISPOSITION EVENT") & (ends["DSSCAT"] == "STUDY PARTICIPATION")]
    how = dict(zip(ends["USUBJID"], ends["DSDECOD"], strict=True))
    when = dict(zip(ends["USUBJID"], ends["DSSTDTC"], strict=True))
    said = [how.get(who, "") for who in people["USUBJID"]]
    told = zip(said, people["DTHFL"], people["ARMCD"], strict=True)
    status = [_status(one, died == "Y", arm != "") for one, died, arm in told]
    reasons = [one if ended == "DISCONTINUED" else "" for one, ended in zip(said, status, strict=True)]
    ended = [when.get(who, died) for who, died in zip(people["USUBJID"], people["DTHDTC"], strict=True)]
    left = [day_number(day) if one in LEFT else UNKNOWN for day, one in zip(ended, status, strict=True)]
    return {"EOSSTT": status, "EOSDT": left, "DCSREAS": reasons}


def _status(how: str, died: bool, entered: bool) -> str:
    if not entered:
        return ""
    if how or died:
        return "COMPLETED" if how == "COMPLETED" and not died else "DISCONTINUED"
    return "ONGOING"


def _dose_limiting(source: Source, people: pd.DataFrame) -> list[str]:
    found = source.of("FA")
    said = found[found["FATESTCD"] == "DLT"].groupby("USUBJID")["FASTRESC"].agg(set).to_dict()
    return [_any(said.get(who, set())) for who in people["USUBJID"]]


def _any(answers: set[str]) -> str:
    return "Y" if "Y" in answers else "N" if answers == {"N"} else ""
