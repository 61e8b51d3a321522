"""
Trial design datasets: TA, TE, TV, TI and TS as the study document gives them, and what the cut itself adds to TS.

A synthetic cohort says so in the trial's title. Source: SDTMIG 3.4 section 7.
"""

from __future__ import annotations

import pandas as pd

from cdisc import specs, terminology
from cdisc.columns import Column, as_float, blank, each, text, typed
from cdisc.trial import Trial

NAMES = [name for name, dataset in specs.datasets().items() if dataset.group == "TRIAL DESIGN"]
SYNTHETIC = "SYNTHETIC"


def design_datasets(trial: Trial) -> dict[str, pd.DataFrame]:
    """The design datasets that the trial has, complete and sorted by their keys."""
    found = {name: trial.design[name] for name in NAMES if name in trial.design}
    if "TS" in found:
        found["TS"] = _summary(found["TS"], trial)
    return {name: _complete(name, frame, trial) for name, frame in found.items()}


def _complete(name: str, frame: pd.DataFrame, trial: Trial) -> pd.DataFrame:
    columns = {"STUDYID": trial.study_id, "DOMAIN": name}
    made = {}
    for variable in specs.variables(name):
        known = frame.get(variable.name)
        if variable.name in columns:
            made[variable.name] = text(pd.Series(columns[variable.name], index=frame.index))
        elif known is None:
            made[variable.name] = blank(variable.type, frame.index)
        else:
            made[variable.name] = each(known, as_float, "float64") if variable.type == "Num" else text(known)
    return pd.DataFrame(made).sort_values(list(specs.dataset(name).keys), kind="stable", ignore_index=True)


REFERENCES = {"TSVALCD": "code", "TSVCDREF": "dictionary", "TSVCDVER": "version"}
"""What TS says of the dictionary of a value."""


def _references(frame: pd.DataFrame) -> dict[str, Column]:
    """The dictionary of each value: the document's where it names one, else that of the parameter; of a null value none."""
    stated = text(frame["TSVCDREF"]) != ""
    told = zip(frame["TSPARMCD"], text(frame["TSVAL"]), strict=True)
    known = [specs.reference(parm, value) if value else specs.Reference() for parm, value in told]
    return {
        name: text(frame[name]).where(stated, typed([getattr(one, part) for one in known], frame.index, "str"))
        for name, part in REFERENCES.items()
    }


def _summary(frame: pd.DataFrame, trial: Trial) -> pd.DataFrame:
    """TS with the cut's own parameters, where the document does not give them, and the title of a synthetic cohort marked."""
    own = {"DCUTDTC": trial.cut_at.date().isoformat(), "DCUTDESC": trial.cut_name}
    rows = [
        {**dict.fromkeys(frame.columns), "TSSEQ": 1, "TSPARMCD": code, "TSVAL": value}
        for code, value in own.items()
        if code not in set(frame["TSPARMCD"])
    ]
    whole = pd.DataFrame([*frame.to_dict("records"), *rows])
    whole["TSPARM"] = [terminology.decode("TSPARMCD", code) for code in whole["TSPARMCD"]]
    whole = whole.assign(**_references(whole))
    if trial.origin != "synthetic":
        return whole
    unmarked = (whole["TSPARMCD"] == "TITLE") & ~text(whole["TSVAL"]).str.contains(SYNTHETIC)
    return whole.assign(TSVAL=whole["TSVAL"].mask(unmarked, SYNTHETIC + ": " + text(whole["TSVAL"])))
