"""Everything that ships, loaded through the API: the documents of four studies, the published table, the synthetic subjects."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path

from seed.client import Body, Client, Refused
from seed.kn5601 import published
from seed.kn5601.cohort import casebook
from seed.kn5601.people import people, rows
from seed.kn5601.play import play
from seed.kn5601.treatment import decisions, lots
from seed.sys6020 import casebook as sys6020

HERE = Path(__file__).parent
DEMO = "KN5601-DEMO"
SECOND_DEMO = "SYS6020-DEMO"
STUDIES = {"KN5601": "kn5601", DEMO: "kn5601-demo", "SYS6020-SLE": "sys6020-sle", SECOND_DEMO: "sys6020-demo"}
"""Study identifiers and the files of their documents."""
BEFORE_THE_FIRST = "BEFORE-THE-FIRST-SUBJECT"
"""The data cut of a demonstration that the committee saw when it opened the dose levels."""
Progress = Callable[[int, int], None]
"""Called after each act with the acts done and the acts in all."""


def load(
    data_manager: Client, medical_monitor: Client, coordinator: Client, *, progress: Progress = lambda done, all_: None
) -> None:
    """
    Publish the documents and enter both KN5601 studies and SYS6020-DEMO: the data manager publishes, registers lots and records
    the committee's decisions, the medical monitor signs them, the coordinator of all sites enters. Loading again adds nothing:
    what stands is left, and an interrupted load is carried to its end.
    """
    cohort = [(person, casebook(person)) for person in people()]
    table = sum(len(list(published.entries(row))) for row in rows("published"))
    count = Count(table + sum(len(steps) for _, steps in cohort) + sum(len(one.steps) for one in sys6020.casebooks()), progress)
    for study in STUDIES:
        open_study(data_manager, study)
    published.load(coordinator, count.one_more)
    make_ready(data_manager, medical_monitor, DEMO, lots(), decisions(BEFORE_THE_FIRST))
    for person, steps in cohort:
        coordinator.register(DEMO, person.subject, person.siteid)
        play(coordinator, DEMO, person.subject, steps, count.one_more)
    load_second(data_manager, medical_monitor, coordinator, count.one_more)


def load_second(
    data_manager: Client, medical_monitor: Client, coordinator: Client, done: Callable[[], None] = lambda: None
) -> None:
    """Enter the subjects of SYS6020-DEMO, whose document stands open; `done` is called after each act."""
    make_ready(data_manager, medical_monitor, SECOND_DEMO, sys6020.lots(), sys6020.decisions(BEFORE_THE_FIRST))
    for one in sys6020.casebooks():
        coordinator.register(SECOND_DEMO, one.subject, one.siteid)
        play(coordinator, SECOND_DEMO, one.subject, one.steps, done)


def make_ready(
    data_manager: Client, medical_monitor: Client, study: str, lots: Iterable[Body], decisions: Iterable[Body]
) -> None:
    """The lots, the cut of the empty study that the committee saw, and its decisions, signed; what stands is not done again."""
    for lot in lots:
        data_manager.add_lot(study, lot)
    if BEFORE_THE_FIRST not in {stands["name"] for stands in data_manager.cuts(study)}:
        data_manager.cut(study, BEFORE_THE_FIRST)
    for decision in decisions:
        _signed(medical_monitor, study, data_manager.decide(study, decision)["records"][0])


def _signed(medical_monitor: Client, study: str, decision: Body) -> None:
    try:
        medical_monitor.sign(study, "decisions", decision)
    except Refused as refusal:
        if refusal.code != "signed_already":
            raise


def study_document(study: str) -> str:
    """The document of a study that ships, as TOML."""
    return (HERE / "studies" / f"{STUDIES[study]}.toml").read_text(encoding="utf-8")


def instrument_documents() -> list[str]:
    """The documents of the instruments that ship, as TOML."""
    return [path.read_text(encoding="utf-8") for path in sorted((HERE / "instruments").glob("*.toml"))]


def instruments_of(study: str) -> list[str]:
    """The documents of the instruments that a study names."""
    named = tomllib.loads(study_document(study))["instruments"]
    return [document for document in instrument_documents() if tomllib.loads(document)["id"] in named]


def open_study(data_manager: Client, study: str) -> None:
    """Publish a study that ships and the instruments that it uses: documents, and no line of code."""
    if study not in {stands["study_id"] for stands in data_manager.studies()}:
        data_manager.publish_study(study_document(study))
    for document in instruments_of(study):
        _publish_instrument(data_manager, study, document)


def _publish_instrument(data_manager: Client, study: str, document: str) -> None:
    try:
        data_manager.publish_instrument(study, document)
    except Refused as refusal:
        if refusal.code != "already_published":
            raise


class Count:
    """How many acts are done, told to `progress` after each."""

    def __init__(self, all_: int, progress: Progress) -> None:
        self.all, self.progress, self.done = all_, progress, 0

    def one_more(self) -> None:
        self.done += 1
        self.progress(self.done, self.all)
