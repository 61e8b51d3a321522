"""
The synthetic subjects of SYS6020-DEMO as a site would enter them, one file each: nothing here was observed in anybody.

SYN-601 goes as planned: consent, one infusion of autologous cells without lymphodepletion, six months of follow-up. The
others go as trials go: SYN-602 fails screening, SYN-603 misses visits and dies, SYN-604 withdraws consent while it is screened.

An act of a file is one form, or a panel of one: `common` is what its records share, `rows` their fields by `columns`, an empty
cell being no answer; `answers` holds instruments, of SLEDAI-2K the descriptors that are present, of BILAG-2004 the grades
other than E, of PGA the mark, of ICE the points lost. An act with `withdrawn` was made in error: it is
withdrawn in these words.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from seed.client import Body, Reason
from seed.kn5601.bedside import DESCRIPTORS, SYSTEMS
from seed.kn5601.steps import Entry, Step, Steps, Withdrawal
from seed.kn5601.treatment import ICE_ITEMS

HERE = Path(__file__).parent
TRAINED = {"BILAG-2004": {"rsevalid": "INV-01", "rstrndtc": "2025-02-03"}}
"""Who assessed by the instruments that ask for it, and when that person was trained: a choice, as all dates are."""


@dataclass(frozen=True, slots=True)
class Casebook:
    """Everything that was collected on one subject, act by act; `lot`: what was made of the subject's own cells."""

    subject: str
    siteid: str
    steps: list[Step]
    lot: Body | None


@cache
def casebooks() -> list[Casebook]:
    """The subjects, in the order of their codes."""
    return [_casebook(_read(path)) for path in sorted(HERE.glob("syn-*.toml"))]


def lots() -> list[Body]:
    """The lots that were made, one of the cells of each subject who was to be dosed."""
    return [one.lot for one in casebooks() if one.lot]


def decisions(cut: str) -> list[Body]:
    """The committee opens the one level, having seen a data cut."""
    return [_read(HERE / "decision.toml") | {"cutname": cut}]


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _casebook(told: dict[str, Any]) -> Casebook:
    steps = [step for number, act in enumerate(told["acts"]) for step in _steps(str(number), act)]
    return Casebook(told["subject"], told["siteid"], steps, told.get("lot"))


def _steps(name: str, act: Body) -> Steps:
    bodies = list(_bodies(act))
    yield Entry(act["form"], bodies if act["form"] != "visits" else bodies[0], name)
    if "withdrawn" in act:
        yield Withdrawal(name, Reason("ENTERED_IN_ERROR", act["withdrawn"]))


def _bodies(act: Body) -> Iterator[Body]:
    """The records of one act."""
    common = act.get("common", {})
    if "answers" in act:
        for name, said in act["answers"].items():
            yield common | {"instrument": name, "answers": answers(name, said)} | TRAINED.get(name, {})
    elif "rows" in act:
        cells = [zip(act["columns"], row, strict=True) for row in act["rows"]]
        yield from (common | {column: cell for column, cell in row if cell != ""} for row in cells)
    else:
        yield common


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
