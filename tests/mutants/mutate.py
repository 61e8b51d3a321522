"""
What is changed in a rule, one thing at a time: comparisons, numbers, `and`, `or`, `not`, the truth values.

A comparison moves its boundary and turns round; a number goes one step of its last digit up and down; what a function answers
as `Truth` becomes each of the two other answers, so that unknown is tried as no. Decorators, annotations and the `strict` of a
`zip` stay: they decide nothing about a subject.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

WIDEST = 100
"""A mutant is told by the widest expression around it of so many characters."""
_OTHERS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_STAYS = {"decorator_list", "annotation", "returns"}

_ASSIGNED = (ast.Assign, ast.AnnAssign)

Path = tuple[ast.AST, ...]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: in which function or under which name of the module, on which line, from what to what."""

    place: str
    line: int
    original: str
    mutated: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What names it in its module, however the lines move."""
        return self.place, self.original, self.mutated


def mutants(tree: ast.Module) -> Iterator[Mutant]:
    """Every mutant of a module in the order of its text; the tree is changed until the next one is asked for."""
    seen: Counter[tuple[str, str, str]] = Counter()
    answers = {id(constant) for constant in _answers(tree)}
    for path in _paths(tree, ()):
        node = path[-1]
        changes = [*_changes(node, truth=id(node) in answers)]
        if not changes:
            continue
        shown = _shown(path)
        original = ast.unparse(shown)
        for attribute, value in changes:
            kept = getattr(node, attribute)
            setattr(node, attribute, value)
            key = _place(path), original, ast.unparse(shown)
            seen[key] += 1
            again = f" ({seen[key]})" if seen[key] > 1 else ""
            yield Mutant(key[0], getattr(node, "lineno", 0), original + again, key[2])
            setattr(node, attribute, kept)


def _paths(node: ast.AST, above: Path) -> Iterator[Path]:
    """The way from the module down to each of its nodes; an entry of a dictionary is a dictionary of its own on it."""
    here = (*above, node)
    yield here
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            entry = ast.Dict([key], [value])
            for part in (key, value) if key else (value,):
                yield from _paths(part, (*here, entry))
        return
    for name, value in ast.iter_fields(node):
        parts = value if isinstance(value, list) else [value]
        for part in parts if name not in _STAYS else ():
            if isinstance(part, ast.AST) and not (isinstance(part, ast.keyword) and part.arg == "strict"):
                yield from _paths(part, here)


def _place(path: Path) -> str:
    """The function a way leads into, else the name that is given a value there."""
    functions = [part.name for part in path if isinstance(part, ast.FunctionDef | ast.ClassDef)]
    names = (part.targets[0] if isinstance(part, ast.Assign) else part.target for part in path if isinstance(part, _ASSIGNED))
    return ".".join(functions) or "".join(map(ast.unparse, names))


def _shown(path: Path) -> ast.AST:
    """The widest part of a way that a person reads on one line."""
    widest = path[-1]
    for part in reversed(path):
        text = ast.unparse(part) if isinstance(part, ast.expr | ast.stmt | ast.keyword | ast.arguments) else ""
        if len(text) > WIDEST or "\n" in text:
            break
        widest = part if text else widest
    return widest


def _answers(tree: ast.Module) -> Iterator[ast.Constant]:
    """The constants that a function answers as `Truth`, or that a name of that type is given."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and _is_truth(node.returns):
            for part in ast.walk(node):
                yield from _outcomes(part.value) if isinstance(part, ast.Return) else ()
        elif isinstance(node, ast.AnnAssign) and _is_truth(node.annotation):
            yield from _outcomes(node.value)


def _is_truth(annotation: ast.expr | None) -> bool:
    return isinstance(annotation, ast.Name) and annotation.id == "Truth"


def _outcomes(node: ast.expr | None) -> Iterator[ast.Constant]:
    if isinstance(node, ast.IfExp):
        yield from (*_outcomes(node.body), *_outcomes(node.orelse))
    elif isinstance(node, ast.Constant):
        yield node


def _changes(node: ast.AST, *, truth: bool) -> Iterator[tuple[str, Any]]:
    """The attributes of a node to set, each with its other value."""
    match node:
        case ast.Compare(ops=ops):
            for place, op in enumerate(ops):
                yield from (("ops", [*ops[:place], other(), *ops[place + 1 :]]) for other in _OTHERS[type(op)])
        case ast.BoolOp(op=op):
            yield "op", ast.Or() if isinstance(op, ast.And) else ast.And()
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "operand", ast.UnaryOp(ast.Not(), operand)
        case ast.Constant(value=None | bool() as value) if truth:
            yield from (("value", other) for other in (True, False, None) if other is not value)
        case ast.Constant(value=bool() as value):
            yield "value", not value
        case ast.Constant(value=int() as value):
            yield from (("value", value + step) for step in (1, -1))
        case ast.Call(func=ast.Name(id="Decimal" | "Fraction"), args=[ast.Constant(value=str() as text)]):
            yield from (("args", [ast.Constant(str(other))]) for other in _neighbours(text))


def _neighbours(text: str) -> tuple[Decimal, Decimal]:
    """The numbers one step of the last digit above and below."""
    places = len(text.partition(".")[2])
    return Decimal(text) + Decimal(1).scaleb(-places), Decimal(text) - Decimal(1).scaleb(-places)
