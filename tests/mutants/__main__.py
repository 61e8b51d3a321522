"""
Try every mutant of the rules on the tests of the rules; one that no test notices is listed in `equivalent.csv`, or a failure.

Each mutant lives in a process of its own, in which the rules are imported anew. Its module's own tests come first, then the
others that reach its line (for a name of the module: that reach any of its lines), as a run of the tests under coverage has
shown. Hypothesis draws the same examples every time, so the outcome does not depend on luck, and makes none of them smaller.
"""

from __future__ import annotations

import argparse
import ast
import os
import resource
import sys
import time
import warnings
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import redirect_stdout
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from io import StringIO
from pathlib import Path
from types import CodeType, ModuleType
from typing import NamedTuple

import hypothesis
import pytest
from coverage import CoverageData

from tests.mutants.equivalent import listed
from tests.mutants.mutate import Mutant, mutants
from tests.mutants.score import RULES, count, digest, named

TESTS = Path("tests/rules")
REACHED = Path("var/mutants/reached")
"""What a run of the tests with `--cov-context=test` left behind."""
OPTIONS = ("-x", "-q", "--tb=no", "--noconftest", "-o", "addopts=--import-mode=importlib", "-p", "no:cacheprovider")
EXAMPLES = 25
SECONDS = 120
"""A mutant whose tests have worked for so long, waiting not counted, would never end, and is noticed."""


def main() -> int:
    """Try the modules that were asked for; 1 where a mutant was neither killed nor listed, or was listed and killed."""
    asked = _asked()
    _prepare()
    outcomes: Counter[str] = Counter()
    for path in asked.modules or sorted(RULES.rglob("*.py")):
        outcomes += _try(path)
    print(_score("all", outcomes))
    return 1 if outcomes["survived"] or outcomes["wrongly listed"] else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("modules", nargs="*", type=Path, help="modules of app/rules; without one, all of them")
    return parser.parse_args()


def _prepare() -> None:
    """Load what every process needs, by a run of the unchanged tests; then forget the rules and their tests."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    warnings.simplefilter("ignore", SyntaxWarning)
    hypothesis.settings.register_profile(
        "mutants",
        deadline=None,
        derandomize=True,
        database=None,
        max_examples=EXAMPLES,
        phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
        print_blob=False,
    )
    hypothesis.settings.load_profile("mutants")
    with redirect_stdout(StringIO()):
        pytest.main([*OPTIONS, str(TESTS / "test_verdict.py")])
    for name in [name for name in sys.modules if name.startswith(("app", "tests.rules"))]:
        del sys.modules[name]


def _try(path: Path) -> Counter[str]:
    """The outcomes of one module: killed, listed, survived, wrongly listed."""
    started, outcomes, runs = time.monotonic(), Counter[str](), _Runs(path)
    equivalent = {entry.key for entry in listed() if entry.module == named(path)}
    counted, tree = digest(path), ast.parse(path.read_text(encoding="utf-8"))
    for mutant in mutants(tree):
        killed = any(_fails(path, tree, run) for run in runs.of(mutant))
        outcome = ("wrongly listed" if killed else "listed") if mutant.key in equivalent else "killed" if killed else "survived"
        outcomes[outcome] += 1
        if outcome in ("survived", "wrongly listed"):
            print(f"{outcome}: {path}:{mutant.line} {mutant.place}: {mutant.original} -> {mutant.mutated}", flush=True)
    count(path, counted, outcomes)
    print(_score(str(path), outcomes), f"in {time.monotonic() - started:.0f} s", flush=True)
    return outcomes


def _score(what: str, outcomes: Counter[str]) -> str:
    told = ", ".join(f"{outcomes[outcome]} {outcome}" for outcome in ("killed", "listed", "survived", "wrongly listed"))
    return f"{what}: {outcomes.total()} mutants, {told}"


class _Runs:
    """Which tests are run for a mutant of one module, in which order."""

    def __init__(self, path: Path) -> None:
        data = CoverageData(str(REACHED))
        data.read()
        self._by_line = {
            line: {context.removesuffix("|run") for context in contexts if context}
            for line, contexts in data.contexts_by_lineno(str(path.resolve())).items()
        }
        self._all = set[str]().union(*self._by_line.values())
        own = TESTS / path.relative_to(RULES).with_name(f"test_{path.name}")
        self._own = own if own.exists() else TESTS / f"test_{path.parent.name}.py"

    def of(self, mutant: Mutant) -> Iterator[_Run]:
        """The module's own tests or its room's, then the others that reach the line, or where that is not known the module."""
        if self._own.exists():
            yield _Run([str(self._own)], None)
        reaching = self._by_line.get(mutant.line) or self._all
        others = {test for test in reaching if not test.startswith(f"{self._own}::")}
        if others:
            yield _Run(sorted({test.partition("::")[0] for test in others}), others)


class _Run(NamedTuple):
    """Files of tests, and which of their tests are meant; None: all."""

    files: Sequence[str]
    tests: Collection[str] | None

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep what is meant."""
        if self.tests is not None:
            items[:] = [item for item in items if item.nodeid in self.tests]


class _Changed(MetaPathFinder, Loader):
    """Imports one module as a mutant."""

    def __init__(self, path: Path, code: CodeType) -> None:
        self._name, self._path, self._code = ".".join(path.with_suffix("").parts).removesuffix(".__init__"), path, code
        self._within = [str(path.parent)] if path.stem == "__init__" else None

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        """The module where it is the one."""
        if fullname != self._name:
            return None
        return spec_from_file_location(fullname, self._path, loader=self, submodule_search_locations=self._within)

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed code as the module."""
        exec(self._code, module.__dict__)


def _fails(path: Path, tree: ast.Module, run: _Run) -> bool:
    """Whether a test notices the module as the tree now has it; a process that a signal ended has noticed."""
    code = compile(ast.fix_missing_locations(tree), str(path), "exec")
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        sys.meta_path.insert(0, _Changed(path, code))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        os._exit(pytest.main([*OPTIONS, *run.files], [run]))
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return ended not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)


if __name__ == "__main__":
    sys.exit(main())
