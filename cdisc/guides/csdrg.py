"""
The reviewer's guide of a package's SDTM (cSDRG, after the PHUSE template): what a reviewer must know before the first dataset.

Every fact is the package's own: the study document's, the specification's, the rows that are sent, what was found in them.
`csdrg.typ` says how it looks. Its date is that of the cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import pandas as pd
import typst

from cdisc import specs, terminology
from cdisc.checks.conformance import Conformance
from cdisc.files.spool import Spool
from cdisc.findings import Finding
from cdisc.terminology import CT_VERSION
from cdisc.trial import Trial
from cdisc.value_level import value_lists

TEMPLATE = Path(__file__).with_name("csdrg.typ")
ORIGINS = {
    "synthetic": "SYNTHETIC DATA: made by a program, observed in nobody.",
    "published": "PUBLISHED DATA: rows of a publication, entered as printed; nothing was collected by a site.",
    "collected": "",
}
"""What a reader must know first of where the data came from."""
BASELINES = {
    "before_first_infusion": "the last result before the first infusion of the study product",
    "before_lymphodepletion": "the last result before the first dose of lymphodepletion",
}
DESIGN = ("TA", "TE", "TV", "TI", "TS")
Fact = Mapping[str, Any]


def encode(datasets: Mapping[str, Spool], trial: Trial, found: Conformance) -> bytes:
    """The guide as a PDF; the same package has the same bytes."""
    return printed(TEMPLATE, _facts(datasets, trial, found), trial)


def printed(template: Path, facts: Fact, trial: Trial) -> bytes:
    """A template filled with facts as a PDF, dated to the cut."""
    inputs, at = {"guide": orjson.dumps(facts).decode()}, int(trial.cut_at.timestamp())
    made: bytes = typst.compile(template, format="pdf", sys_inputs=inputs, ignore_system_fonts=True, timestamp=at)
    return made


def of_the_study(trial: Trial) -> Fact:
    """What every guide says of its study and cut."""
    return {
        "study": trial.study_id,
        "title": trial.title,
        "protocol": trial.protocol,
        "version": trial.study_version,
        "origin": ORIGINS[trial.origin],
        "cut": trial.cut_name,
        "cut_at": f"{trial.cut_at:%Y-%m-%d %H:%M:%S} UTC",
        "date": f"{trial.cut_at:%Y-%m-%d}",
        "build": trial.build,
        "treatment": trial.treatment,
        "baseline": BASELINES[trial.baseline],
        "arms": [{"code": code, "arm": arm} for code, arm in trial.arms.items()],
    }


def _facts(datasets: Mapping[str, Spool], trial: Trial, found: Conformance) -> Fact:
    return {
        **of_the_study(trial),
        "standards": _standards(trial, found),
        "epochs": list(dict.fromkeys(trial.design["TA"]["EPOCH"])),
        "visits": [{"visit": name, "day": "" if day is None else str(day)} for name, (_, _, day) in trial.visits.items()],
        "instruments": [
            {"title": each.title, "domain": each.domain, "category": each.category} for each in trial.instruments.values()
        ],
        "datasets": [described(name, spool) for name, spool in datasets.items()],
        "design": [name for name in DESIGN if name in datasets],
        "absent": [name for name in specs.datasets() if name not in datasets and name != "SUPPQUAL"],
        "notes": list(_notes(datasets)),
        "own_terms": list(_own_terms(datasets)),
        "gate": {"asks": found.gate_asks, "reported": [reported(one) for one in found.gate_findings]},
        "engine": None if found.engine is None else _engine(found),
        "unasked": found.note,
        "criteria": [{"code": code, "kind": kind, "text": text} for code, (kind, text) in trial.criteria.items()],
    }


def _standards(trial: Trial, found: Conformance) -> list[Sequence[str]]:
    judged = found.engine
    return [
        ("Tabulation", "SDTM 2.0, SDTMIG 3.4"),
        ("Controlled terminology", f"CDISC SDTM CT {CT_VERSION}"),
        ("Definition", "Define-XML 2.1"),
        ("Transport", "SAS transport file version 5; Dataset-JSON 1.1"),
        ("Adverse events", f"Not MedDRA-coded; graded by CTCAE {trial.ctcae_version} where no other scale is named"),
        ("Medical history", "Not MedDRA-coded"),
        ("Medication", "Not coded in WHODrug"),
        ("Conformance rules", f"{judged.engine}, {judged.rules}" if judged else "The exporter's own gate"),
    ]


def described(name: str, spool: Spool) -> Fact:
    """A dataset in the words of its specification, with its rows."""
    about = specs.dataset(name)
    return {
        "name": name,
        "label": about.label,
        "group": about.group.capitalize(),
        "structure": about.structure,
        "rows": f"{spool.profile.rows:,}",
        "keys": ", ".join(about.keys),
    }


def _notes(datasets: Mapping[str, Spool]) -> Iterator[Fact]:
    """What the specification says of single variables, of those datasets that are sent; what holds for all of them first."""
    for row in terminology.rows("notes"):
        name = row["dataset"]
        sent = name == "*" or (name in datasets and row["variable"] in datasets[name].profile.valued)
        if row["text"] and sent:
            yield {"dataset": "all" if name == "*" else name, "variable": row["variable"], "text": row["text"]}


def _own_terms(datasets: Mapping[str, Spool]) -> Iterator[Fact]:
    """The codelists of what is sent for which no published one exists."""
    used = {name for dataset, spool in datasets.items() for name in _lists(dataset, spool.profile.witnesses)}
    for row in terminology.rows("codelists"):
        if row["origin"] == "sponsor" and row["codelist"] in used:
            yield {"name": row["codelist"], "title": row["name"]}


def _lists(dataset: str, witnesses: pd.DataFrame) -> Iterator[str]:
    """The codelists of a dataset: of its variables, and of values that another variable decides on."""
    yield from (each.codelist for each in specs.sent_variables(dataset, witnesses) if (witnesses[each.name] != "").any())
    for values in value_lists(dataset, witnesses).values():
        yield from (values.codelists.get(value, values.codelist) for value in witnesses[values.deciding[0]].unique())


def reported(one: Finding) -> Fact:
    """What the gate found, in words."""
    return {"dataset": one.dataset, "variable": one.variable, "rows": str(one.count), "words": one.detail}


def _engine(found: Conformance) -> Fact:
    engine = found.engine
    assert engine is not None
    return {
        "name": engine.engine,
        "rules": engine.rules,
        "terminology": engine.terminology,
        "define": "with" if engine.define_xml else "without",
        "passed": f"{engine.checks_passed:,}",
        "skipped": f"{engine.checks_skipped:,}",
        "errors": str(len(engine.engine_errors)),
        "findings": [
            {
                "rule": one.rule,
                "dataset": one.dataset,
                "rows": str(one.rows),
                "words": one.words,
                "reason": one.reason or "NOT EXPLAINED",
            }
            for one in engine.findings
        ],
    }
