"""What holds for the house as a whole, whatever stands in its rooms."""

from __future__ import annotations

import ast
import csv
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from importlinter.cli import lint_imports

from app.casebook.database import connect
from app.main import create_app
from app.rules.verdict import Rule
from app.settings import Settings
from app.tables import CAPTURED, KEPT, OPERATIONAL, Base
from app.tables.base import fields
from cdisc.sdtm.algorithms import ALGORITHMS
from tests.servers import ROOT

CODE = sorted(
    path for room in ("app", "cdisc", "seed", "migrations", "docs", "bench", "tests") for path in (ROOT / room).rglob("*.py")
)

RULES = [path for path in CODE if path.is_relative_to(ROOT / "app" / "rules")]


def spec(name: str) -> list[dict[str, str]]:
    """The rows of one table of the export's specification."""
    with (ROOT / "cdisc" / "specs" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


FORM_FIELDS = {(name, column): field for name, form in CAPTURED.items() for column, field in fields(form).items()}


def test_every_captured_table_is_a_guarded_one() -> None:
    """A4: `guards_missing` asks for the guards of exactly these, on both databases."""
    assert set(CAPTURED) < set(KEPT)
    assert set(Base.metadata.tables) == {*KEPT, *OPERATIONAL}


def test_the_study_leads_every_key_of_what_belongs_to_a_study() -> None:
    """So that rows of one study lie together, and can be distributed by study."""
    keyed = {name: table for name, table in Base.metadata.tables.items() if not name.startswith("token")}
    for name, table in keyed.items():
        assert next(iter(table.primary_key.columns)).name == "study_id", name
        for key in table.foreign_key_constraints:
            assert key.column_keys[0] == "study_id", (name, key.name)


def test_a_captured_field_has_the_label_of_the_standard_where_the_variable_is_the_standards() -> None:
    standard = {(row["dataset"], row["variable"]): row["label"] for row in spec("variables")}
    forms = {(CAPTURED[name].__form__.domain, column.upper()): field.label for (name, column), field in FORM_FIELDS.items()}

    common = standard.keys() & forms.keys()

    assert {key: standard[key] for key in common} == {key: forms[key] for key in common}
    assert len(common) > 100


def test_a_label_has_at_most_the_40_characters_that_a_transport_file_carries() -> None:
    assert {} == {place: field.label for place, field in FORM_FIELDS.items() if not 1 <= len(field.label) <= 40}


def test_every_coded_field_names_a_codelist_that_stands() -> None:
    codelists = {row["codelist"] for row in spec("codelists")}
    coded = {place: field.codelist for place, field in FORM_FIELDS.items() if field.kind in ("code", "codes", "flag")}

    assert {} == {place: codelist for place, codelist in coded.items() if codelist not in codelists}
    assert len(coded) > 50


@pytest.mark.parametrize("name", ["variables", "mapping", "supplements", "wide_findings"])
def test_every_row_of_the_specification_names_what_stands(name: str) -> None:
    codelists = {row["codelist"] for row in spec("codelists")} | {""}
    datasets = {row["dataset"] for row in spec("datasets")}
    variables = {(row["dataset"], row["variable"]) for row in spec("variables")}

    rows = spec(name)

    assert [row for row in rows if row["dataset"] not in datasets or row.get("codelist", "") not in codelists] == []
    assert [row for row in rows if "variable" in row and (row["dataset"], row["variable"]) not in variables] == []
    assert [row for row in rows if "algorithm" in row and row["algorithm"] not in ALGORITHMS] == []
    assert [row for row in rows if "column" in row and row["column"] not in fields(CAPTURED[row["table"]])] == []
    assert len(rows) > 10


def test_every_form_has_a_path_of_its_own() -> None:
    paths = [form.__form__.path for form in CAPTURED.values()]

    assert sorted(set(paths)) == sorted(paths)


def test_imports_keep_their_contracts() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml")) == 0


def test_a_command_that_does_not_speak_to_the_api_does_not_wait_for_it() -> None:
    """Assembling it takes seconds: no module of the command line imports it, or the cohort, before it is asked to."""
    slow = ("app.api", "app.main", "fastapi", "seed.load", "seed.demo")
    rooms = [path for path in CODE if path.parent == ROOT / "app" / "cli"]
    early = [node for path in rooms for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.ImportFrom)]

    assert [node.module for node in early if node.module and node.module.startswith(slow)] == []
    assert len(rooms) > 5


def test_rules_import_the_standard_library_and_rules_alone() -> None:
    imported = {(path.name, name) for path in RULES for name in imports(path)}

    foreign = {(file, name) for file, name in imported if name.split(".")[0] not in sys.stdlib_module_names}

    assert set() == {(file, name) for file, name in foreign if not name.startswith("app.rules")}
    assert len(imported) > 0


def test_every_rule_names_its_source_and_has_an_id_of_its_own() -> None:
    modules = [module(path) for path in RULES]
    rules = {id(rule): rule for room in modules for rule in named_rules(room)}.values()

    assert [rule.id for rule in rules if not (rule.source and rule.title and rule.version)] == []
    assert len({rule.id for rule in rules}) == len(rules) > 20


def test_every_rule_has_tests_of_its_own_with_cases_to_review() -> None:
    """A table that a clinician reads, one row a case, in the test of the same name."""
    tests = ROOT / "tests" / "rules"
    ruled = [path.relative_to(ROOT / "app" / "rules") for path in RULES if re.search(r'\bRule\(f?"', path.read_text("utf-8"))]
    reviewed = {path for path in tests.rglob("test_*.py") if re.search(r'@cases\("|\btable\("', path.read_text("utf-8"))}

    assert [rule for rule in ruled if tests / rule.with_name(f"test_{rule.name}") not in reviewed] == []
    assert len(ruled) > 10


def test_every_route_is_documented(tmp_path: Path) -> None:
    """In a sentence for the list, and in words on what it answers and refuses."""
    engine = connect(f"sqlite:///{tmp_path}/unused.db")
    routes = create_app(Settings(), engine).openapi()["paths"]
    engine.dispose()

    assert [(path, act) for path, acts in routes.items() for act, route in acts.items() if not route.get("summary")] == []
    assert [(path, act) for path, acts in routes.items() for act, route in acts.items() if not route.get("description")] == []
    assert len(routes) > 20


def test_a_file_holds_one_subject() -> None:
    lines = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in CODE}

    assert {} == {path: count for path, count in lines.items() if count > 400}


def test_what_a_room_shows_says_what_it_is() -> None:
    """Every module has a docstring, and every public function of the house but its tests."""
    rooms = [path for path in CODE if not path.is_relative_to(ROOT / "tests") and "versions" not in path.parts]

    assert [] == [what for path in rooms for what in silent(path)]


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def module(path: Path) -> ModuleType:
    """A file of the rules as it is imported."""
    return import_module(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))


def named_rules(room: ModuleType) -> Iterator[Rule]:
    """The rules that a module holds, by themselves or in a table of them."""
    for thing in vars(room).values():
        yield from (rule for rule in (thing.values() if isinstance(thing, dict) else [thing]) if isinstance(rule, Rule))


def silent(path: Path) -> Iterator[str]:
    """What a file shows without a word on it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if tree.body and ast.get_docstring(tree) is None:
        yield str(path.relative_to(ROOT))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not ast.get_docstring(node):
            yield f"{path.relative_to(ROOT)}: {node.name}"
