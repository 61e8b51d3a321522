"""
The pages of the rules, made from their modules: one a module that holds a rule's card, and an index.

A page holds what a clinician signs: the definition, the rulings and disputed points with the reading chosen, the source, the
forms it reads, and the decision tables that its tests run. What it says is the module's docstring, paragraph by paragraph; a
page is never edited by hand.

    python -m docs.pages
"""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from app.rules import derive
from app.rules.efficacy.bilag import DOMAINS
from app.rules.verdict import Rule
from app.tables import CAPTURED

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "rules"
RULES, CASES = ROOT / "app" / "rules", ROOT / "tests" / "rules"

SECTIONS = {
    "Ruling": "Rulings",
    "Disputed": "Disputed points, and the reading chosen",
    "Source": "Source",
}
"""The first word of a paragraph, and the heading under which it stands; any other belongs to the definition."""
DOUBT = re.compile(r"unverified|recalled|not seen|to be verified|read in the sponsor's summary")

INTRODUCTION = """\
One page a rule, made from its module in `app/rules` and from the decision tables that its tests run; `make docs` writes them
anew. A page ends with a block to be signed under the version of the rule that it describes.

Every rule answers with true, false or *unknown*: a missing input is never a zero and never a "no". "Derived" rules are settled
with every save; the others are asked through the evaluation bench (`casebook evaluate`). "Unverified" marks a rule of whose
source a part was recalled or read in another's words: it is to be checked against the source before it is relied on.
"""
NOTATIONS = ("build", "given")
"""The modules of the tests whose docstrings say how the cells of the decision tables are written."""
STATEMENT = "I have read the definition, the rulings, the source and the cases above, and agree with them for rule version {}."


@dataclass(frozen=True, slots=True)
class Page:
    """One module of rules as a page: its room and name, its cards, and the paragraphs of its docstring by heading."""

    room: str
    stem: str
    cards: tuple[Rule, ...]
    sections: Mapping[str, str]

    @property
    def title(self) -> str:
        """The first words of the docstring, up to the first colon, comma or full stop."""
        return re.split(r"[:,.](?=\s)", self.sections["Definition"] + " ", maxsplit=1)[0]

    @property
    def derived(self) -> bool:
        """Whether a save settles the rule."""
        return any(card.id in derive.RULES for card in self.cards)

    @property
    def unverified(self) -> bool:
        """Whether the module says that a part of its source was not read."""
        return bool(DOUBT.search(self.sections["Source"]))


def module_pages() -> list[Page]:
    """A page for each module that holds a card, by name."""
    found = ((path, ast.parse(path.read_text(encoding="utf-8"))) for path in RULES.rglob("*.py"))
    made = [
        Page("" if path.parent == RULES else path.parent.name, path.stem, tuple(cards), sections(ast.get_docstring(tree) or ""))
        for path, tree in found
        if (cards := _cards(path, tree))
    ]
    return sorted(made, key=lambda page: page.stem)


def _cards(path: Path, tree: ast.Module) -> list[Rule]:
    """The cards that a module makes, alone or in a table of them, each once and in the order in which they stand."""
    made = [node for node in tree.body if isinstance(node, ast.Assign) and _makes_a_card(node.value)]
    names = [target.id for node in made for target in node.targets if isinstance(target, ast.Name)]
    held = vars(import_module(".".join(path.relative_to(ROOT).with_suffix("").parts)))
    return [card for name in names for card in (held[name].values() if isinstance(held[name], dict) else [held[name]])]


def _makes_a_card(value: ast.expr) -> bool:
    calls = (node.func for node in ast.walk(value) if isinstance(node, ast.Call))
    return any(isinstance(called, ast.Name) and called.id == "Rule" for called in calls)


def sections(docstring: str) -> dict[str, str]:
    """A docstring's paragraphs by the heading that their first word names; lines are joined but for those of a table."""
    found: dict[str, str] = {}
    for paragraph in re.split(r"\n\s*\n", docstring.strip()):
        named = re.match(r"(Ruling|Disputed|Source)s?[.:]\s+", paragraph)
        heading = SECTIONS[named[1]] if named else "Definition"
        body = paragraph[named.end() :] if named else paragraph
        body = body if body.startswith("|") else " ".join(body.split())
        found[heading] = "\n\n".join(filter(None, (found.get(heading), body[:1].upper() + body[1:])))
    return found


def rendered(page: Page, stems: Iterable[str]) -> str:
    """The page as Markdown."""
    parts = [f"# {page.title}", _card_table(page.cards)]
    if page.unverified:
        parts.append("**Unverified:** a part of the source was recalled or read in another's words, see below.")
    for heading in ("Definition", *SECTIONS.values()):
        if heading in page.sections:
            parts += [f"## {heading}", _linked(page.sections[heading], page.stem, stems)]
    parts += ["## What it reads", _reads(page), *_decisions(page), "## Signature", _signature(page.cards)]
    return "\n\n".join(parts) + "\n"


def _card_table(cards: Iterable[Rule]) -> str:
    return table(("rule", "version", "title", "source"), ((f"`{c.id}`", c.version, c.title, c.source) for c in cards))


def _linked(text: str, stem: str, stems: Iterable[str]) -> str:
    """Modules that have a page of their own are linked where they are named."""
    others = set(stems) - {stem}
    return re.sub(r"`(\w+)`", lambda named: f"[{named[0]}]({named[1]}.md)" if named[1] in others else named[0], text)


def _reads(page: Page) -> str:
    """The captured tables of each card, those that read the same in one line."""
    if not page.derived:
        return "Not settled with a save: it is asked with inputs of its own through the evaluation bench."
    by_tables: dict[frozenset[str], list[str]] = {}
    for card in page.cards:
        if card.id in derive.READS:
            by_tables.setdefault(derive.READS[card.id], []).append(f"`{card.id}`")
    return "\n".join(f"- {', '.join(ids)}: {'; '.join(map(_form, sorted(names)))}" for names, ids in by_tables.items())


def _form(name: str) -> str:
    form = CAPTURED[name].__form__
    return f"{name.replace('_', ' ')} ({', '.join(filter(None, (form.title, form.domain)))})"


def _decisions(page: Page) -> Iterator[str]:
    """The tables that the tests of the module run; an empty cell is *not recorded*, or what the column says by default."""
    tests = CASES / page.room / f"test_{page.stem}.py"
    named = re.findall(r'\b(?:cases|table)\("(\w+)"\)', tests.read_text(encoding="utf-8")) if tests.exists() else []
    for name in dict.fromkeys(named):
        [path] = CASES.rglob(f"{name}.csv")
        with path.open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        yield f"## Decision table: {name.replace('_', ' ')}"
        yield f"`{path.relative_to(ROOT)}`, {len(rows)} cases, each run as a test of its name.\n\n{table(head, rows)}"


def _signature(cards: Iterable[Rule]) -> str:
    versions = ", ".join(f"`{card.id}` {card.version}" for card in cards)
    roles = (("", "Author", "", "", ""), ("", "Clinical reviewer", "", "", ""), ("", "Statistical reviewer", "", "", ""))
    return f"{STATEMENT.format(versions)}\n\n{table(('name', 'role', 'date', 'rule version', 'signature'), roles)}"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table; a bar within a cell is escaped."""
    columns = list(head)
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def index(pages: Iterable[Page]) -> str:
    """The index: a row a page, room by room, and how the cells of the decision tables are written."""
    rows = (
        (
            page.room,
            f"[{page.title}]({page.stem}.md)",
            ", ".join(f"`{card.id}` {card.version}" for card in page.cards),
            "derived" if page.derived else "bench",
            "unverified" if page.unverified else "",
        )
        for page in sorted(pages, key=lambda page: page.room)
    )
    listed = table(("room", "page", "rules and versions", "asked by", "source"), rows)
    return f"# The rules\n\n{INTRODUCTION}\n{listed}\n\n## How the decision tables are written\n\n{notation()}\n"


def notation() -> str:
    """The shorthand of the decision tables, as the tests that read them state it."""
    stated = (ast.get_docstring(ast.parse((CASES / f"{name}.py").read_text(encoding="utf-8"))) or "" for name in NOTATIONS)
    known = (" ".join(words.split("\n\n")[1].split()) for words in stated)
    return "\n\n".join((*known, f"The order of the domains of BILAG-2004: {', '.join(DOMAINS)}."))


def pages() -> dict[str, str]:
    """Every page by its file name, the index as `README.md`."""
    found = module_pages()
    stems = [page.stem for page in found]
    return {"README.md": index(found)} | {f"{page.stem}.md": rendered(page, stems) for page in found}


def main() -> None:
    """Write the pages, and take away those whose module is gone."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    now = pages()
    for path in FOLDER.glob("*.md"):
        if path.name not in now:
            path.unlink()
    for name, text in now.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
