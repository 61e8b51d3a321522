"""What counts as a mutant, and that the list of equivalent ones keeps up with the rules."""

from __future__ import annotations

import ast

import pytest

from tests.mutants.equivalent import listed
from tests.mutants.mutate import mutants
from tests.mutants.score import digest, scores
from tests.servers import ROOT


def mutated(source: str) -> list[str]:
    """What one line becomes, mutant by mutant."""
    return [mutant.mutated for mutant in mutants(ast.parse(source))]


@pytest.mark.parametrize(
    ("source", "becomes"),
    [
        ("a < b", ["a <= b", "a >= b"]),
        ("a >= b", ["a > b", "a < b"]),
        ("a <= b < c", ["a < b < c", "a > b < c", "a <= b <= c", "a <= b >= c"]),
        ("a == b", ["a != b"]),
        ("a is not b", ["a is b"]),
        ("a in b", ["a not in b"]),
        ("a and b", ["a or b"]),
        ("not a", ["not not a"]),
        ("AGE = 12", ["AGE = 13", "AGE = 11"]),
        ("FEVER = Decimal('38.0')", ["FEVER = Decimal('38.1')", "FEVER = Decimal('37.9')"]),
        ("LEVEL = Fraction('0.15')", ["LEVEL = Fraction('0.16')", "LEVEL = Fraction('0.14')"]),
        ("f(open=True)", ["f(open=False)"]),
        ("seen: Truth = None", ["seen: Truth = True", "seen: Truth = False"]),
        ("seen: str = None", []),
        ("zip(a, b, strict=True)", []),
        ("'1'", []),
    ],
)
def test_a_line_becomes(source: str, becomes: list[str]) -> None:
    assert becomes == mutated(source)


def test_an_answer_becomes_each_of_the_two_others() -> None:
    source = "def f(a) -> Truth:\n    return None if a else True"
    answers = ["True if a else True", "False if a else True", "None if a else False", "None if a else None"]

    assert [f"return {answer}" for answer in answers] == mutated(source)


def test_a_mutant_is_named_by_its_function_and_its_words_not_by_its_line() -> None:
    source = "class A:\n    def f(self, a):\n        g(a > 1)\n        g(a > 1)"
    keys = [mutant.key for mutant in mutants(ast.parse(source))]

    assert keys == [mutant.key for mutant in mutants(ast.parse("\n" + source))]
    assert ("A.f", "g(a > 1)", "g(a >= 1)") == keys[0]
    assert ("A.f", "g(a > 1) (2)", "g(a >= 1)") == keys[4]
    assert len(keys) == len(set(keys))


def test_the_module_is_whole_again_after_its_mutants() -> None:
    source = (ROOT / "app" / "rules" / "safety" / "crs.py").read_text(encoding="utf-8")
    tree = ast.parse(source)

    assert all(mutant.original for mutant in mutants(tree))
    assert ast.dump(ast.parse(source)) == ast.dump(tree)


def test_every_entry_of_the_list_names_a_mutant_that_there_is_and_has_a_reason() -> None:
    found = {
        (name, *mutant.key)
        for name in {entry.module for entry in listed()}
        for mutant in mutants(ast.parse((ROOT / "app" / "rules" / name).read_text(encoding="utf-8")))
    }
    entries = [(entry.module, *entry.key) for entry in listed()]

    assert set() == set(entries) - found
    assert len(entries) == len(set(entries))
    assert all(entry.reason for entry in listed())


def test_a_score_counts_every_mutant_of_the_text_that_it_was_counted_at() -> None:
    """A rule that changed since is not held to its old score: its digest tells."""
    files = {score.module: ROOT / "app" / "rules" / score.module for score in scores()}
    current = {score.module: score for score in scores() if score.digest == digest(files[score.module])}
    made = {name: sum(1 for _ in mutants(ast.parse(files[name].read_text(encoding="utf-8")))) for name in current}

    assert all(path.exists() for path in files.values())
    assert {name: score.killed + score.listed + score.survived for name, score in current.items()} == made
