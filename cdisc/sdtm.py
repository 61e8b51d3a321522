"""
Frames of a cut to SDTM datasets, by the mapping.

A dataset is built part by part, put together, sorted by its keys, and finished with what needs the whole of it (--SEQ, --DY,
EPOCH, flags). Text is never null but empty; numbers are floating point, NaN where missing. A permissible variable without any
value is not sent, nor is a dataset without rows. Sources: SDTM 2.0, SDTMIG 3.4.
"""

from __future__ import annotations

import pandas as pd

from cdisc import design, relations, specs
from cdisc.algorithms import ALGORITHMS
from cdisc.columns import Column, blank
from cdisc.export import Export
from cdisc.shapes import part
from cdisc.specs import Variable
from cdisc.trial import Trial

HIDDEN = ["_part", "_record"]
"""What a row remembers of the captured record it came from, until all relations are drawn."""

COLLECTED = [name for name, dataset in specs.datasets().items() if dataset.group not in ("TRIAL DESIGN", "RELATIONSHIP")]


def datasets(frames: dict[str, pd.DataFrame], trial: Trial) -> dict[str, pd.DataFrame]:
    """
    All SDTM datasets that have rows, in the order of `specs/datasets.csv`, then SUPP--.

    Args:
        frames: The live rows of each captured table at the cut, with `subject` and `verdict`.
        trial: The study at the cut.
    """
    export = Export(frames, trial)
    for name in COLLECTED:
        built = _built(export, name)
        if len(built):
            export.built[name] = built
    found = {name: frame.drop(columns=HIDDEN) for name, frame in export.built.items()}
    found |= relations.supplements(export)
    found |= {"RELREC": relations.related(export)}
    found |= design.design_datasets(trial)
    return {name: _sent(name, found[name]) for name in _ordered(found) if len(found[name])}


def _ordered(found: dict[str, pd.DataFrame]) -> list[str]:
    names = [name for name in specs.datasets() if name in found]
    return names + sorted(name for name in found if name.startswith("SUPP"))


def _part(export: Export, dataset: str, name: str) -> pd.DataFrame:
    base = part(export, name)
    steps = [step for step in specs.steps(dataset) if step.part == name]
    made = {step.variable: ALGORITHMS[step.algorithm].compute(export, base, step) for step in steps}
    subjects = [export.people[subject].usubjid for subject in base["subject_id"]]
    return pd.DataFrame({"USUBJID": subjects, **made, "_part": name, "_record": list(base["record_id"])}, index=base.index)


def _built(export: Export, dataset: str) -> pd.DataFrame:
    names = dict.fromkeys(step.part for step in specs.steps(dataset) if step.part != specs.WHOLE)
    parts = [_part(export, dataset, name) for name in names if len(part(export, name))]
    if not parts:
        return pd.DataFrame()
    whole = _complete(dataset, pd.concat(parts, ignore_index=True), export.trial)
    whole = whole.sort_values(list(specs.dataset(dataset).keys), kind="stable", ignore_index=True)
    for step in specs.steps(dataset):
        if step.part == specs.WHOLE:
            whole[step.variable] = ALGORITHMS[step.algorithm].compute(export, whole, step)
    return whole


def _complete(dataset: str, frame: pd.DataFrame, trial: Trial) -> pd.DataFrame:
    """A frame with all variables of its dataset in the standard's order, typed, missing ones empty; what is hidden follows."""
    frame = frame.assign(STUDYID=trial.study_id, DOMAIN=dataset)
    columns = {}
    for variable in specs.variables(dataset):
        known = frame.get(variable.name)
        if known is None:
            columns[variable.name] = blank(variable.type, frame.index)
        else:
            columns[variable.name] = known.astype("float64") if variable.type == "Num" else known.fillna("").astype("str")
    return pd.DataFrame({**columns, **{name: frame[name] for name in HIDDEN}})


def _sent(dataset: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The variables that are sent: required and expected ones, and those with a value, a date together with its study day."""
    names = [v.name for v in specs.variables(dataset) if v.core in ("Req", "Exp") or _is_sent(v, frame)]
    return frame[names].reset_index(drop=True)


def _is_sent(variable: Variable, frame: pd.DataFrame) -> bool:
    dated = f"{variable.name[:-2]}DTC"
    if variable.name.endswith("DY") and dated in frame:
        return _has_values(frame[dated], "Char")
    return _has_values(frame[variable.name], variable.type)


def _has_values(column: Column, kind: str) -> bool:
    return bool(column.notna().any() if kind == "Num" else (column != "").any())
