"""
Trial design datasets: TA, TE, TV, TI and TS as the study document gives them, and what the cut itself adds to TS.

A synthetic cohort says so in the trial's title. Source: SDTMIG 3.4 section 7.
"""

from __future__ import annotations

import pandas as pd

from cdisc import specs, terminology
from cdisc.coding import Column, in_order
from cdisc.columns import complete, number, text
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
    read = {"Num": number, "Char": text}
    stated = [variable for variable in specs.variables(name) if variable.name in frame]
    given = {variable.name: read[variable.type](frame[variable.name]) for variable in stated}
    whole = complete(specs.variables(name), {**given, "STUDYID": trial.study_id, "DOMAIN": name}, frame.index)
    return in_order(whole, specs.dataset(name).keys)


REFERENCES = {"TSVALCD": "code", "TSVCDREF": "dictionary", "TSVCDVER": "version"}
"""What TS says of the dictionary of a value."""


def _references(frame: pd.DataFrame) -> dict[str, Column]:
    """The dictionary of each value: the document's where it names one, else that of the parameter; of a null value none."""
    stated = text(frame["TSVCDREF"]) != ""
    told = zip(frame["TSPARMCD"], text(frame["TSVAL"]), strict=True)
    known = [specs.reference(parm, value) if value else specs.Reference() for parm, value in told]
    return {
        name: frame[name].where(stated, pd.Series([getattr(one, part) for one in known], index=frame.index))
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
    return whole.assign(TSVAL=whole["TSVAL"].mask(unmarked, SYNTHETIC + ": " + whole["TSVAL"]))
