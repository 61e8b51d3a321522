"""The pages of the rules are what the modules and their decision tables say now, and each can be signed."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

from app.rules import derive
from docs import pages
from docs.pages import FOLDER, Page, module_pages, sections, table

PAGES = {page.stem: page for page in module_pages()}


def test_the_pages_that_stand_are_those_that_the_modules_give() -> None:
    """After a change of a rule or of its cases, `make docs` writes them anew."""
    stand = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}

    assert pages.pages() == stand


def test_every_rule_in_force_has_its_page() -> None:
    paged = [card.id for page in PAGES.values() for card in page.cards]

    assert set(derive.RULES) <= set(paged)
    assert len(set(paged)) == len(paged)


@pytest.mark.parametrize("page", PAGES.values(), ids=list(PAGES))
def test_a_page_holds_what_is_signed(page: Page) -> None:
    """E5: definition, source and cases, and under the signature every rule with its version."""
    text = pages.rendered(page, PAGES)
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)

    assert ["Definition", "Source"] == [heading for heading in headings if heading in ("Definition", "Source")]
    assert any(heading.startswith("Decision table") for heading in headings)
    assert "Signature" == headings[-1]
    assert all(f"`{card.id}` {card.version}" in text.rpartition("## Signature")[2] for card in page.cards)


def test_every_link_of_a_page_leads_to_one() -> None:
    links = {target for text in pages.pages().values() for target in re.findall(r"\]\((\w+\.md)\)", text)}

    assert set() == {target for target in links if not (FOLDER / target).exists()}
    assert len(links) >= len(PAGES)


def test_an_unverified_source_is_marked_on_its_page_and_in_the_index() -> None:
    marked = {stem for stem, page in PAGES.items() if page.unverified}
    index = pages.index(PAGES.values())

    assert {"bsa", "iechs", "licats"} <= marked
    assert {"sledai", "sri", "crs"}.isdisjoint(marked)
    assert marked == {stem for stem, page in PAGES.items() if "**Unverified:**" in pages.rendered(page, PAGES)}
    assert len(marked) == len(re.findall(r"\| unverified \|$", index, re.MULTILINE))


def test_a_paragraph_stands_under_the_heading_that_its_first_word_names() -> None:
    docstring = """
    What it is: words
    over two lines.

    | a | b |
    | --- | --- |

    Rulings. The first.

    Ruling: the second.

    Disputed. One reading.

    Source: a paper, see `crs`.
    """

    found = sections("\n".join(line.strip() for line in docstring.splitlines()))

    assert {
        "Definition": "What it is: words over two lines.\n\n| a | b |\n| --- | --- |",
        "Rulings": "The first.\n\nThe second.",
        "Disputed points, and the reading chosen": "One reading.",
        "Source": "A paper, see `crs`.",
    } == found


@pytest.mark.parametrize(("cells", "line"), [(["a", ""], "| a |  |"), (["3|4", "b"], r"| 3\|4 | b |")])
def test_a_bar_in_a_cell_does_not_end_it(cells: Iterable[str], line: str) -> None:
    assert line == table(("one", "other"), [cells]).splitlines()[-1]
