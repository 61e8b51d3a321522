"""
What was asked of a package before it left, and what was found: `conformance.json`.

The exporter's own gate is always asked: a package in which it finds something wrong is not written, so what stands here are
the findings that the data say of themselves. The CDISC CORE engine is asked where it is there, as a command (`CASEBOOK_CORE`);
where it is not, the report says so. What the engine may find and why it stands is said in a list, one for published rows
without dates and one for every other study; a finding that no line explains has no reason. No clock and no path: the same
package before the same engine has the same report.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from inspect import cleandoc
from pathlib import Path
from typing import Any

import orjson

from cdisc.checks import consistency, gate
from cdisc.findings import Finding

HERE = Path(__file__).parent.parent
EXPLAINED = {"published": HERE / "core-allow-published.txt"}
"""The list of reasons by the origin of a study; of any other it is `core-allow.txt`."""
NOT_ASKED = "The CDISC CORE engine was not run on this package: none was configured (CASEBOOK_CORE)."


class EngineFailed(RuntimeError):
    """The engine was asked for and could not run: no report is better than half of one."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A finding of the engine: rule, dataset, in how many rows, in its words; `reason`: why it stands, None: nobody says."""

    rule: str
    dataset: str
    rows: int
    words: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Engine:
    """What the engine said: its name and version, the rules and their date, the terminology, the checks, the findings."""

    engine: str
    rules: str
    terminology: str
    define_xml: bool
    checks_passed: int
    checks_skipped: int
    findings: tuple[Explained, ...]
    engine_errors: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Conformance:
    """Who was asked what, and what each found. `engine`: None where it was not asked, and `note` says so."""

    build: str
    gate_asks: tuple[str, ...]
    gate_findings: tuple[Finding, ...]
    engine: Engine | None
    note: str

    def encode(self) -> bytes:
        """The report as JSON."""
        gate_ = {"build": self.build, "asks": self.gate_asks, "refused": 0, "reported": [asdict(f) for f in self.gate_findings]}
        engine = None if self.engine is None else asdict(self.engine)
        return orjson.dumps({"gate": gate_, "engine": engine, "note": self.note}, option=orjson.OPT_INDENT_2) + b"\n"


def conformance(reported: Sequence[Finding], build: str, origin: str, folder: Path, core: Path | None) -> Conformance:
    """
    The report on a package whose SDTM datasets and define.xml lie in `folder`.

    Args:
        reported: What the gate found that the data say of themselves.
        build: The software whose gate it was.
        origin: The origin of the study, which decides on the list of reasons.
        core: The command that runs the engine; None: it is not asked.

    Raises:
        EngineFailed: Where the engine is asked and cannot run.
    """
    asked = (gate.QUESTION, *map(question, consistency.CHECKS))
    engine = None if core is None else _engine(core, folder, reasons(EXPLAINED.get(origin, HERE / "core-allow.txt")))
    return Conformance(build, asked, tuple(reported), engine, NOT_ASKED if engine is None else "")


def reasons(path: Path) -> dict[tuple[str, str], str]:
    """Why a finding stands, by rule and dataset."""
    lines = (line.partition("#") for line in path.read_text(encoding="utf-8").splitlines() if line[:1] not in ("", "#"))
    return {(rule, dataset): why.strip() for (rule, dataset), why in ((said.split(), why) for said, _, why in lines)}


def question(check: Callable[..., object]) -> str:
    """What a check asks, in the first words of its own description."""
    return " ".join(cleandoc(check.__doc__ or "").partition("\n\n")[0].split())


def _engine(core: Path, folder: Path, known: Mapping[tuple[str, str], str]) -> Engine:
    with tempfile.TemporaryDirectory(prefix="casebook-core-") as place:
        report = Path(place) / "report.json"
        command = [str(core.resolve()), str(folder.resolve()), "--json", str(report)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1) or not report.exists():
            raise EngineFailed(f"The CORE engine ended with {done.returncode}: {(done.stdout + done.stderr).strip()[-500:]}")
        said: dict[str, Any] = orjson.loads(report.read_bytes())
    found = [
        Explained(one["core_id"], one["dataset"], one["count"], one["message"], known.get((one["core_id"], one["dataset"])))
        for one in said["findings"]
    ]
    return Engine(
        engine=said["engine"],
        rules=said["rules"],
        terminology=said["ct"],
        define_xml=said["define"],
        checks_passed=said["status"].get("success", 0),
        checks_skipped=said["status"].get("skipped", 0),
        findings=tuple(sorted(found, key=lambda one: (one.rule, one.dataset, one.words))),
        engine_errors=tuple(tuple(map(str, error)) for error in said["engine_errors"]),
    )
