"""
The reviewer's guide of the ADaM of a package (ADRG, after the PHUSE template), in the manner of the one of SDTM.

What it says of variables is what the specification says of those that are sent with a value; `adrg.typ` says how it looks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from cdisc import specs, terminology
from cdisc.adam import checks
from cdisc.adam.datasets import MADE
from cdisc.checks.conformance import Conformance, question
from cdisc.files.spool import Spool
from cdisc.guides.csdrg import Fact, described, of_the_study, printed, reported
from cdisc.specs import ADAM, PREDECESSOR
from cdisc.terminology import ADAM_CT_VERSION, CT_VERSION
from cdisc.trial import Trial

TEMPLATE = Path(__file__).with_name("adrg.typ")
SUBJECTS = ADAM.subjects
SECTIONS = {
    "populations": ("ENRLFL", "SAFFL", "EFFFL"),
    "treatments": ("TRT01P", "TRT01A", "TRTP", "TRTA", "TRTSDT", "TRTEDT", "LDSDT"),
    "special": ("AREL", "TRTEMFL", "NEREAS", "CNSR"),
    "selection": ("AVISIT", "AVISITN", "ABLFL", "ANL01FL", "ANL02FL"),
    "imputation": ("AVAL", "AVALC", "DTYPE", "ANLBASIS", "BASE", "CHG"),
}
"""The variables that each section of the template is about."""
STANDARDS = (
    ("Analysis datasets", f"{ADAM.name} {ADAM.version}"),
    ("Controlled terminology", f"CDISC ADaM CT {ADAM_CT_VERSION}, SDTM CT {CT_VERSION}"),
    ("Definition", "Define-XML 2.1"),
    ("Transport", "SAS transport file version 5; Dataset-JSON 1.1"),
    ("Adverse events", "Not MedDRA-coded"),
)


def encode(datasets: Mapping[str, Spool], trial: Trial, found: Conformance) -> bytes:
    """The guide as a PDF; the same package has the same bytes."""
    return printed(TEMPLATE, _facts(datasets, trial, found), trial)


def _facts(datasets: Mapping[str, Spool], trial: Trial, found: Conformance) -> Fact:
    notes = list(_notes(datasets))
    own = [note for note in notes if note["dataset"] == SUBJECTS or note["origin"] != PREDECESSOR]
    return {
        **of_the_study(trial),
        "standards": STANDARDS,
        "datasets": [{**described(name, spool), "copied": _copied(name, notes)} for name, spool in datasets.items()],
        "absent": [name for name in specs.datasets(ADAM) if name not in datasets],
        "core": list(_core(notes)),
        **{section: [note for note in own if note["variable"] in names] for section, names in SECTIONS.items()},
        "parameters": [fact for name, spool in datasets.items() for fact in _parameters(name, spool)],
        "derived": [note for note in notes if note["origin"] == "Derived"],
        "order": list(MADE),
        "asks": [question(check) for check in checks.CHECKS],
        "reported": [reported(one) for one in found.gate_findings if one.dataset in datasets],
    }


def _notes(datasets: Mapping[str, Spool]) -> Iterator[dict[str, str]]:
    """What the specification says of each variable that is sent with a value."""
    for row in terminology.rows("notes"):
        name = row["dataset"]
        if name in datasets and row["text"] and row["variable"] in datasets[name].profile.valued:
            yield row


def _copied(name: str, notes: list[dict[str, str]]) -> list[str]:
    sources = (note["text"].partition(".")[0] for note in notes if (note["dataset"], note["origin"]) == (name, PREDECESSOR))
    return list(dict.fromkeys(sources))


def _core(notes: list[dict[str, str]]) -> Iterator[Fact]:
    """The variables of ADSL that other datasets carry, with those that do."""
    into: dict[str, list[str]] = {}
    for note in notes:
        if note["origin"] == PREDECESSOR and note["text"].startswith(f"{SUBJECTS}."):
            into.setdefault(note["variable"], []).append(note["dataset"])
    yield from ({"variable": variable, "into": names} for variable, names in into.items())


def _parameters(name: str, spool: Spool) -> Iterator[Fact]:
    """The parameters that are sent, each with the rule, the state or the query that it comes from."""
    for one in specs.analysed(name):
        if (spool.profile.witnesses["PARAMCD"] == one.paramcd).any():
            yield {"dataset": name, "code": one.paramcd, "name": one.name, "kind": one.kind, "source": one.source}
