"""
The datasets of a study, gathered block by block of subjects past the gate, before anything is written.

Rows become frames (the caller's), frames datasets (`sdtm`), datasets pass the gate and wait in their spools: memory holds one
block and what is known of each whole dataset. What blocks cannot see one by one is asked of all: which variables are
sent, whether a test has one name, and which row of the whole a finding means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from cdisc import gate, sdtm, specs
from cdisc.gate import Finding
from cdisc.spool import Spool
from cdisc.trial import Trial

Datasets = dict[str, pd.DataFrame]


def gathered(blocks: Iterable[Datasets], trial: Trial, folder: Path, progress: Callable[[int], None]) -> dict[str, Spool]:
    """
    The datasets that have rows, in the order in which a package lists them, spooled in `folder`.

    `blocks`: frames of some subjects each, in the order of their identifiers; `progress` is told how many subjects are through.

    Raises:
        gate.Refused: Where a dataset breaks the standard; it carries every finding of every block.
    """
    study = _Gathering(trial, folder)
    through = 0
    for frames in blocks:
        study.add(sdtm.of_subjects(frames, trial))
        through += len(frames["subject"])
        progress(through)
    return study.complete()


@dataclass
class _Gathering:
    """What has been gathered so far."""

    trial: Trial
    folder: Path
    spools: dict[str, Spool] = field(default_factory=dict)
    tests: Datasets = field(default_factory=dict)
    findings: dict[tuple[str, str, str, str], Finding] = field(default_factory=dict)

    def add(self, datasets: Datasets) -> None:
        """The rows of a block, and all that the gate finds in them; the design stands beside every block."""
        rows = {name: spool.profile.rows for name, spool in self.spools.items()}
        design = sdtm.of_trial(self.trial, {})
        self._note(gate.findings({**design, **datasets}), {name: rows.get(name, 0) for name in datasets})
        for name, frame in datasets.items():
            self._name_tests(name, frame, rows.get(name, 0))
            self._spool(name).add(frame)

    def complete(self) -> dict[str, Spool]:
        """What belongs to no subject, and the gate's word on all of it."""
        valued = {name: spool.profile.valued for name, spool in self.spools.items()}
        found = sdtm.of_trial(self.trial, valued)
        self._note(gate.findings(found), {})
        for name, frame in found.items():
            self._spool(name).lead(frame)
        for spool in self.spools.values():
            spool.close()
        if self.findings:
            raise gate.Refused(list(self.findings.values()))
        return {name: self.spools[name] for name in sdtm.NAMES if name in self.spools}

    def _spool(self, name: str) -> Spool:
        if name not in self.spools:
            self.spools[name] = Spool(name, specs.variables(name), self.folder / name)
        return self.spools[name]

    def _note(self, found: Iterable[Finding], rows_before: Mapping[str, int]) -> None:
        """Keep each bad value once, at its row of the whole dataset."""
        for finding in found:
            shifted = replace(finding, row=finding.row + rows_before.get(finding.dataset, 0)) if finding.row else finding
            self.findings.setdefault((finding.dataset, finding.variable, finding.code, finding.detail), shifted)

    def _name_tests(self, name: str, frame: pd.DataFrame, rows_before: int) -> None:
        """Whether a test has one name in all blocks."""
        pairs = gate.tests(frame)
        pairs.index += rows_before
        self.tests[name] = pd.concat([self.tests[name], pairs]).drop_duplicates() if name in self.tests else pairs
        self._note(gate.one_to_one(name, self.tests[name]), {})
