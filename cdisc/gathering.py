"""
The datasets of a study, gathered block by block of subjects past the gate, before anything is written.

Rows become frames (the caller's), frames datasets (`sdtm`, and of sound ones `adam`), datasets pass the gate and wait in their
spools: memory holds one block and what is known of each whole dataset. What blocks cannot see one by one is asked of all: which
variables are sent, whether a test has one name, and which row of the whole a finding means.
"""

from __future__ import annotations

import gc
import tempfile
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from cdisc import specs
from cdisc.adam import checks
from cdisc.adam import datasets as adam
from cdisc.checks import consistency, gate
from cdisc.files.spool import Spool, joined, spooled
from cdisc.findings import Datasets, Finding, Refused
from cdisc.sdtm import datasets as sdtm
from cdisc.specs import ADAM, STANDARDS, Standard
from cdisc.trial import Trial

NAMES = (*sdtm.NAMES, *specs.datasets(ADAM))
"""Every dataset that a package can have, SDTM and ADaM, in the order in which it lists them."""

_Findings = dict[tuple[str, str, str, str], Finding]
Agree = Callable[[Datasets], list[Finding]]
"""What asks datasets whether they agree with themselves and with each other."""


@dataclass
class Part:
    """
    The datasets of one block, spooled below `folder`, and what the gate finds in them; rows count from the first of the block.

    `tests`: the codes of tests beside their names. `disagreements` count where no value is unsound in itself.
    """

    folder: Path
    subjects: int = 0
    spools: dict[str, Spool] = field(default_factory=dict)
    tests: Datasets = field(default_factory=dict)
    findings: _Findings = field(default_factory=dict)
    disagreements: _Findings = field(default_factory=dict)

    def take(self, datasets: Datasets, beside: Datasets, agree: Agree) -> None:
        """Datasets, and all that the gate finds in them and in how they go with each other and with those beside them."""
        self.ask(datasets, beside, agree)
        for name, frame in datasets.items():
            self.tests[name] = gate.tests(frame)
            self.spools[name] = spooled(name, specs.variables(name), frame, self.folder / name)

    def ask(self, datasets: Datasets, beside: Datasets, agree: Agree) -> None:
        """What the gate finds in some datasets, those beside them being asked before."""
        _note(self.findings, gate.values(datasets, beside), {})
        if not self.findings:
            found = agree({**beside, **datasets})
            _note(self.disagreements, (each for each in found if each.dataset in datasets), {})


class Gathered(NamedTuple):
    """The datasets that have rows, in the order in which a package lists them; and what the data say of themselves."""

    datasets: dict[str, Spool]
    reported: list[Finding]


def _part(
    frames: Mapping[str, pd.DataFrame], trial: Trial, design: Datasets, folder: Path, standards: Collection[Standard]
) -> Part:
    """
    The datasets of some subjects, spooled below `folder`, past the gate; the trial's design stands beside every block.

    Of what is unsound nothing is analysed: a value is named once, where it comes from.
    """
    found = Part(Path(tempfile.mkdtemp(dir=folder)), len(frames["subject"]))
    export = sdtm.built(frames, trial)
    tabulated = sdtm.of_subjects(export)
    found.take(tabulated, design, consistency.findings)
    if ADAM in standards and not found.findings:
        found.take(adam.of_subjects(export, tabulated), tabulated, checks.findings)
    return found


def gathered(
    blocks: Iterable[Mapping[str, pd.DataFrame]],
    trial: Trial,
    folder: Path,
    progress: Callable[[int], None],
    standards: Collection[Standard] = STANDARDS,
) -> Gathered:
    """
    All datasets of a study, spooled in `folder`, and the findings that are reported with them.

    `blocks`: frames of some subjects each, in the order of their identifiers; `progress` is told how many subjects are through.
    `standards`: without ADaM nothing is analysed.

    Raises:
        Refused: Where the exporter breaks the standard; it carries every finding of every block.
    """
    study = _Gathering(trial, folder)
    design, through = sdtm.of_trial(trial, {}), 0
    with _collected_by_block() as collect:
        for frames in blocks:
            done = _part(frames, trial, design, folder, standards)
            study.add(done)
            through += done.subjects
            progress(through)
            collect()
    return study.complete()


@contextmanager
def _collected_by_block() -> Iterator[Callable[[], int]]:
    """
    What stands already is left alone by the garbage collector, and what a block leaves is collected after it.

    By itself the collector looks through all of it again and again while rows are read: a third of the time.
    """
    enabled = gc.isenabled()
    gc.freeze()
    gc.disable()
    try:
        yield gc.collect
    finally:
        gc.unfreeze()
        if enabled:
            gc.enable()


@dataclass
class _Gathering:
    """What has been gathered so far."""

    trial: Trial
    folder: Path
    spools: dict[str, list[Spool]] = field(default_factory=lambda: defaultdict(list))
    tests: Datasets = field(default_factory=dict)
    findings: _Findings = field(default_factory=dict)
    disagreements: _Findings = field(default_factory=dict)

    def add(self, done: Part) -> None:
        """A block, after those that are there: its rows follow on theirs."""
        rows = {name: sum(spool.profile.rows for spool in spools) for name, spools in self.spools.items()}
        _note(self.findings, done.findings.values(), rows)
        _note(self.disagreements, done.disagreements.values(), rows)
        for name, spool in done.spools.items():
            self._name_tests(name, done.tests[name], rows.get(name, 0))
            self.spools[name].append(spool)

    def complete(self) -> Gathered:
        """What belongs to no subject, and the gate's word on all of it."""
        datasets = {name: joined(spools) for name, spools in self.spools.items()}
        valued = {name: spool.profile.valued for name, spool in datasets.items()}
        whole = Part(self.folder)
        whole.take(
            sdtm.of_trial(self.trial, valued),
            {name: spool.profile.witnesses.iloc[:0] for name, spool in datasets.items()},
            consistency.findings,
        )
        for name, spool in whole.spools.items():
            datasets[name] = joined([spool, datasets[name]]) if name in datasets else spool
        _note(self.findings, whole.findings.values(), {})
        _note(self.disagreements, whole.disagreements.values(), {})
        findings = list((self.findings or self.disagreements).values())
        if any(not finding.collected for finding in findings):
            raise Refused([finding for finding in findings if not finding.collected])
        return Gathered({name: datasets[name] for name in NAMES if name in datasets}, findings)

    def _name_tests(self, name: str, pairs: pd.DataFrame, rows_before: int) -> None:
        """Whether a test has one name in all blocks."""
        pairs = pairs.set_axis(pairs.index + rows_before)
        self.tests[name] = pd.concat([self.tests[name], pairs]).drop_duplicates() if name in self.tests else pairs
        _note(self.findings, gate.one_to_one(name, self.tests[name]), {})


def _note(known: _Findings, found: Iterable[Finding], rows_before: Mapping[str, int]) -> None:
    """Keep each fault once, at its first row of the whole dataset, and count its rows."""
    for finding in found:
        key = (finding.dataset, finding.variable, finding.code, finding.detail)
        first = known.get(key) or replace(
            finding, row=finding.row and finding.row + rows_before.get(finding.dataset, 0), count=0
        )
        known[key] = replace(first, count=first.count + finding.count)
