"""
The datasets of a study, gathered block by block of subjects past the gate, before anything is written.

Rows become frames (the caller's), frames datasets (`sdtm`, and of sound ones `adam`), datasets pass the gate and wait in their
spools: memory holds one block and what is known of each whole dataset. What blocks cannot see one by one is asked of all: which
variables are sent, whether a test has one name, and which row of the whole a finding means.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from cdisc import specs
from cdisc.adam import checks
from cdisc.adam import datasets as adam
from cdisc.checks import consistency, gate
from cdisc.files.spool import Spool
from cdisc.findings import Datasets, Finding, Refused
from cdisc.sdtm import datasets as sdtm
from cdisc.sdtm.export import Export
from cdisc.specs import ADAM, STANDARDS, Standard
from cdisc.trial import Trial

NAMES = (*sdtm.NAMES, *specs.datasets(ADAM))
"""Every dataset that a package can have, SDTM and ADaM, in the order in which it lists them."""


class Gathered(NamedTuple):
    """The datasets that have rows, in the order in which a package lists them; and what the data say of themselves."""

    datasets: dict[str, Spool]
    reported: list[Finding]


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
    study = _Gathering(trial, folder, ADAM in standards)
    through = 0
    with _collected_by_block() as collect:
        for frames in blocks:
            study.add(sdtm.built(frames, trial))
            through += len(frames["subject"])
            progress(through)
            collect()
        return study.complete()


@contextmanager
def _collected_by_block() -> Iterator[Callable[[], int]]:
    """
    What stood before is left alone by the garbage collector, and what a block leaves is collected after it.

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


_Findings = dict[tuple[str, str, str, str], Finding]
Agree = Callable[[Datasets], list[Finding]]
"""What asks datasets whether they agree with themselves and with each other."""


@dataclass
class _Gathering:
    """What has been gathered so far. `disagreements` count where no value is unsound in itself."""

    trial: Trial
    folder: Path
    analyses: bool
    spools: dict[str, Spool] = field(default_factory=dict)
    tests: Datasets = field(default_factory=dict)
    findings: _Findings = field(default_factory=dict)
    disagreements: _Findings = field(default_factory=dict)

    @cached_property
    def design(self) -> Datasets:
        """The trial's design."""
        return sdtm.of_trial(self.trial, {})

    def add(self, export: Export) -> None:
        """
        The rows of a block, and all that the gate finds in them; the design stands beside every block.

        Of what is unsound nothing is analysed: a value is named once, where it comes from.
        """
        tabulated = sdtm.of_subjects(export)
        self._take(tabulated, self.design, consistency.findings)
        if self.analyses and not self.findings:
            self._take(adam.of_subjects(export, tabulated), tabulated, checks.findings)

    def _take(self, datasets: Datasets, beside: Datasets, agree: Agree) -> None:
        rows = {name: spool.profile.rows for name, spool in self.spools.items()}
        self._ask(datasets, beside, rows, agree)
        for name, frame in datasets.items():
            self._name_tests(name, frame, rows.get(name, 0))
            self._spool(name).add(frame)

    def complete(self) -> Gathered:
        """What belongs to no subject, and the gate's word on all of it."""
        valued = {name: spool.profile.valued for name, spool in self.spools.items()}
        found = sdtm.of_trial(self.trial, valued)
        self._ask(
            found, {name: spool.profile.witnesses.iloc[:0] for name, spool in self.spools.items()}, {}, consistency.findings
        )
        for name, frame in found.items():
            self._spool(name).lead(frame)
        for spool in self.spools.values():
            spool.close()
        findings = list((self.findings or self.disagreements).values())
        if any(not finding.collected for finding in findings):
            raise Refused([finding for finding in findings if not finding.collected])
        return Gathered({name: self.spools[name] for name in NAMES if name in self.spools}, findings)

    def _spool(self, name: str) -> Spool:
        if name not in self.spools:
            self.spools[name] = Spool(name, specs.variables(name), self.folder / name)
        return self.spools[name]

    def _ask(self, datasets: Datasets, beside: Datasets, rows_before: Mapping[str, int], agree: Agree) -> None:
        """What the gate finds in some datasets, and in what way they disagree with each other and with those beside them."""
        _note(self.findings, gate.values(datasets, beside), rows_before)
        if not self.findings:
            found = agree({**beside, **datasets})
            _note(self.disagreements, (each for each in found if each.dataset in datasets), rows_before)

    def _name_tests(self, name: str, frame: pd.DataFrame, rows_before: int) -> None:
        """Whether a test has one name in all blocks."""
        pairs = gate.tests(frame)
        pairs.index += rows_before
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
