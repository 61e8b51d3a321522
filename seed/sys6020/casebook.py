"""
The synthetic subject of SYS6020-DEMO as a site would enter it. Everything about the subject stands in `acts.toml`.

One adult: consent, one infusion of autologous cells without lymphodepletion, a CRS of grade 1, six months of follow-up.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from seed.client import Body
from seed.kn5601.bedside import DESCRIPTORS, SYSTEMS
from seed.kn5601.steps import Entry
from seed.kn5601.treatment import ICE_ITEMS


@cache
def _told() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("acts.toml").read_text(encoding="utf-8"))


def subject() -> tuple[str, str]:
    """The subject's code, and its site."""
    return _told()["subject"], _told()["siteid"]


def lots() -> list[Body]:
    """The lot that was made of the subject's own cells."""
    return [_told()["lot"]]


def decisions(cut: str) -> list[Body]:
    """The committee opens the one level, having seen a data cut."""
    return [_told()["decision"] | {"cutname": cut}]


def casebook() -> list[Entry]:
    """Every act, in order."""
    return [Entry(act["form"], _bodies(act)) for act in _told()["acts"]]


def _bodies(act: Body) -> list[Body]:
    """The records of one act."""
    common = act.get("common", {})
    if "answers" in act:
        return [common | {"instrument": name, "answers": answers(name, said)} for name, said in act["answers"].items()]
    cells = [zip(act["columns"], row, strict=True) for row in act.get("rows", [])]
    return [common | {column: cell for column, cell in row if cell != ""} for row in cells] or [common]


def answers(instrument: str, said: Any) -> Body:
    """The answers of an instrument in full: what is not named is absent, of no activity, or right."""
    match instrument:
        case "SLEDAI-2K":
            return {key: key in said for key in DESCRIPTORS}
        case "BILAG-2004":
            return {system: said.get(system, "E") for system in SYSTEMS}
        case "PGA":
            return {"score": said, "scale": "0-3"}
        case _:
            return {item: int(number >= said) for number, item in enumerate(ICE_ITEMS)}
