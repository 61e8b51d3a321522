"""
Frames of a cut to SDTM datasets, by the mapping.

A dataset is built part by part, put together, sorted by its keys, and finished with what needs the whole of it (--SEQ, --DY,
EPOCH, flags). Text is never null but empty; numbers are floating point, NaN where missing. A permissible variable without any
value is not sent, nor is a dataset without rows. Sources: SDTM 2.0, SDTMIG 3.4.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from cdisc import specs
from cdisc.coding import Column, below_each_other, in_order, plain
from cdisc.columns import by_value, complete, each
from cdisc.sdtm import design, relations
from cdisc.sdtm.algorithms import ALGORITHMS
from cdisc.sdtm.export import Export
from cdisc.sdtm.shapes import part
from cdisc.specs import Variable
from cdisc.trial import Trial

HIDDEN = ["_part", "_record"]
"""What a row remembers of the captured record it came from, until all relations are drawn."""

COLLECTED = [name for name, dataset in specs.datasets().items() if dataset.group not in ("TRIAL DESIGN", "RELATIONSHIP")]

NAMES = [name for name in specs.datasets() if name != "SUPPQUAL"] + sorted(
    {f"SUPP{supplement.dataset}" for supplement in specs.supplements()}
)
"""Every dataset that a package can have, in the order in which it lists them."""


def built(frames: Mapping[str, pd.DataFrame], trial: Trial) -> Export:
    """
    The export of some subjects with what was collected of them built as datasets.

    Args:
        frames: The live rows of each captured table at the cut, with `subject` and `verdict`.
        trial: The study at the cut.
    """
    export = Export(frames, trial)
    for name in COLLECTED:
        rows = _built(export, name)
        if len(rows):
            export.built[name] = rows
    return export


def of_subjects(export: Export) -> dict[str, pd.DataFrame]:
    """
    The rows of some subjects in every SDTM dataset in which they have any, each dataset with all its variables.

    Nothing in them follows from another subject, so the datasets of a study are those of its blocks, one after another.
    """
    found = {name: frame.drop(columns=HIDDEN) for name, frame in export.built.items()}
    found |= relations.supplements(export) | {"RELREC": relations.related(export)}
    return {name: frame for name, frame in found.items() if len(frame)}


def of_trial(trial: Trial, valued: Mapping[str, Collection[str]]) -> dict[str, pd.DataFrame]:
    """What belongs to no subject: the trial's design, and the relations between datasets whose `valued` variables link them."""
    found = design.design_datasets(trial) | {"RELREC": relations.between_datasets(valued, trial)}
    return {name: frame for name, frame in found.items() if len(frame)}


def datasets(frames: Mapping[str, pd.DataFrame], trial: Trial) -> dict[str, pd.DataFrame]:
    """All SDTM datasets of frames that hold a whole study, as they are sent, in the order in which a package lists them."""
    found = of_subjects(built(frames, trial))
    for name, frame in of_trial(trial, {name: _valued(name, frame) for name, frame in found.items()}).items():
        found[name] = below_each_other([frame, found[name]]) if name in found else frame
    valued = {name: _valued(name, frame) for name, frame in found.items()}
    return {name: plain(found[name][[variable.name for variable in sent(name, valued)]]) for name in NAMES if name in found}


REFERENCES = ("IDVAR", "IDVARVAL")
"""What says which record a comment is about: sent with or without a value, since readers join by it."""


def sent(dataset: str, valued: Mapping[str, Collection[str]]) -> tuple[Variable, ...]:
    """
    The variables of a dataset that are sent: required and expected ones, and those with a value, a date together with its study
    day. `valued` names the variables of each dataset that have a value in any of its rows.
    """
    return tuple(
        variable
        for variable in specs.variables(dataset)
        if variable.core in ("Req", "Exp")
        or variable.name in REFERENCES
        or (_said(variable, valued[dataset]) and not relations.links_nothing(variable.name, valued))
    )


def _said(variable: Variable, valued: Collection[str]) -> bool:
    dated = f"{variable.name[:-2]}DTC"
    has_date = variable.name.endswith("DY") and dated in {each.name for each in specs.variables(variable.dataset)}
    return (dated if has_date else variable.name) in valued


def _valued(dataset: str, frame: pd.DataFrame) -> set[str]:
    return {variable.name for variable in specs.variables(dataset) if _has_values(frame[variable.name], variable.type)}


def _part(export: Export, dataset: str, name: str) -> pd.DataFrame:
    steps = [step for step in specs.steps(dataset) if step.part == name]
    base = by_value(part(export, name), {"subject_id", *(step.source for step in steps)})
    made = {step.variable: ALGORITHMS[step.algorithm].compute(export, base, step) for step in steps}
    subjects = each(base["subject_id"], lambda subject: export.people[subject].usubjid, "str")
    given = {**made, "STUDYID": export.trial.study_id, "DOMAIN": dataset, "USUBJID": subjects}
    return complete(specs.variables(dataset), given, base.index).assign(_part=name, _record=base["record_id"])


def _built(export: Export, dataset: str) -> pd.DataFrame:
    names = dict.fromkeys(step.part for step in specs.steps(dataset) if step.part != specs.WHOLE)
    parts = [_part(export, dataset, name) for name in names if len(part(export, name))]
    if not parts:
        return pd.DataFrame()
    whole = in_order(below_each_other(parts), specs.dataset(dataset).keys)
    for step in specs.steps(dataset):
        if step.part == specs.WHOLE:
            whole[step.variable] = ALGORITHMS[step.algorithm].compute(export, whole, step)
    return whole


def _has_values(column: Column, kind: str) -> bool:
    return bool(column.notna().any() if kind == "Num" else (column != "").any())
