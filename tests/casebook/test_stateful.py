"""
Whatever is recorded, corrected, withdrawn and cut, in whatever order, on two subjects (Hypothesis, stateful):

what the service concluded step by step is what another database concludes from the live records alone, entered once, through
the API; the chains verify; a cut never changes. (A5, B5, B6, F4)

A service compiles each of its statements once, which takes longer than an example: so both databases live as long as the test,
and each example has two subjects whom neither has seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    multiple,
    rule,
    run_state_machine_as_test,
)

from app.casebook import cut, ledger, settle, verify
from app.casebook.database import reading
from app.casebook.exports.frames import whole as frames_of
from app.tables import CAPTURED
from app.tables.base import STUDY_CHAIN, fields
from seed.client import Body
from seed.kn5601.bedside import SYSTEMS
from seed.load import open_study, study_document
from tests.casebook import build
from tests.casebook.build import ACTIVE, DEMO, MISREAD, MISTAKE, Service
from tests.servers import Database

SUBJECTS = (0, 1)
DAYS = {"BASELINE": -6, "M3": 90, "M4": 120}
EXAMPLES = {"sqlite": 10, "postgresql": 5}
STEPS = 15

present = st.fixed_dictionaries({key: st.sampled_from([True, False, None]) for key in ACTIVE})
grades = st.fixed_dictionaries({system: st.sampled_from("ABCE") for system in SYSTEMS[:3]})
said = st.sampled_from(["Y", "N", None])
moments = st.sampled_from([f"{build.day(day)}T10:00" for day in (0, 3, 9)])
VISIT = st.sampled_from(sorted(DAYS)).map(lambda name: {"visit": name, "svoccur": "Y", "svstdtc": build.day(DAYS[name])})
said_on = st.sampled_from([build.day(-6), build.day(90), None])
TESTS: tuple[Body, ...] = (
    {"lbtestcd": "CREAT", "lbspec": "SERUM", "lborresu": "umol/L", "lbornrhi": "66"},
    {"lbtestcd": "PROTCRT", "lbspec": "URINE", "lborresu": "g/g"},
    {"lbtestcd": "PLAT", "lbspec": "BLOOD", "lborresu": "10^9/L"},
    {"lbtestcd": "C3", "lbspec": "SERUM", "lborresu": "g/L", "lbornrlo": "0.8"},
)
BODIES: dict[str, st.SearchStrategy[Body]] = {
    "SLEDAI-2K": st.builds(lambda answers: {"answers": build.sledai() | answers}, present),
    "BILAG-2004": st.builds(lambda answers: {"answers": build.bilag() | answers}, grades),
    "PGA": st.builds(lambda mark: {"answers": build.pga(mark)}, st.sampled_from(["0.5", "1.0", "1.29", "1.3", "2.8"])),
    "lupus-reviews": st.fixed_dictionaries(
        {"haemolys": said, "giactiv": said, "glucoc": said, "bgstable": said, "bgtolrtd": said}
    ),
    "medications": st.fixed_dictionaries({"cmdose": st.sampled_from(["5", "7.5", "10", None]), "cmongo": said}),
    "intercurrent-events": st.fixed_dictionaries(
        {"icecount": said, "icestdtc": st.sampled_from([build.day(40), build.day(100)])}
    ),
    "infusions": st.fixed_dictionaries({"ecstdtc": moments, "ecoccur": st.sampled_from(["Y", "N"])}),
    "toxicity-observations": st.fixed_dictionaries(
        {"temp": st.sampled_from(["36.9", "39.1", None]), "hypotens": said, "age": st.integers(12, 14)}
    ),
    "adverse-events": st.fixed_dictionaries(
        {"aetoxgr": st.sampled_from(["1", "2", None]), "aeser": said, "aeendtc": st.sampled_from([build.day(-1), None])}
    ),
    "laboratory": st.builds(
        lambda test, reported, at: test | {"lborres": reported, "lbdtc": at},
        st.sampled_from(TESTS),
        st.sampled_from(["0.4", "1.2", "<50", "61", "99"]),
        st.sampled_from([*(build.day(day) for day in (-6, 0, 20, 85)), None]),
    ),
    "vital-signs": st.fixed_dictionaries({"vsorres": st.sampled_from(["38.4", "152"]), "vsdtc": said_on}),
    "demographics": st.fixed_dictionaries({"brthdtc": st.sampled_from(["2011", "2011-08", "2012-05", None])}),
    "visits": st.fixed_dictionaries({"svstdtc": st.sampled_from([build.day(day) for day in (-6, 0, 85, 100, 130)])}),
}
"""What may be said, and corrected, on each form."""
PREDNISONE = {"cmtrt": "Prednisone", "cmdecod": "PREDNISONE", "cmcat": "GLUCOCORTICOID", "cmdosu": "mg", "cmdosfrq": "QD"}
FIXED: dict[str, Body] = {
    **{instrument: {"instrument": instrument} for instrument in ("SLEDAI-2K", "BILAG-2004", "PGA")},
    "lupus-reviews": {"rvdtc": build.day(90)},
    "medications": PREDNISONE | {"cmroute": "ORAL", "cmstdtc": "2024-09"},
    "intercurrent-events": {"icetype": "RESCUE_GLUCOCORTICOID"},
    "infusions": {"ectrt": "KN5601", "eclot": build.LOT, "doselvl": "1*10^9", "ecidchk": "Y"},
    "toxicity-observations": build.fever(),
    "adverse-events": {"aeterm": "Cytokine release syndrome", "aestdtc": build.day(0)},
    "laboratory": {},
    "vital-signs": {"vstestcd": "HEIGHT", "vsorresu": "cm"},
}
"""What else a new record of each form says; the forms of `AT_VISIT` name a visit as well."""
AT_VISIT = ("SLEDAI-2K", "BILAG-2004", "PGA", "lupus-reviews")
FIRST = ("demographics", "disposition", "eligibility", "visit")
"""What a casebook is rebuilt from first: the rest asks for it."""


@dataclass
class Kept:
    """One record of a subject, at the version that the machine last saw."""

    subject: str
    kind: str
    record: Body

    @property
    def path(self) -> str:
        return "assessments" if self.kind in AT_VISIT[:3] else self.kind


class Casebooks(RuleBasedStateMachine):
    """Two subjects whose casebooks anything may happen to; `fresh` is where they are entered again at the end."""

    service: ClassVar[Service]
    fresh: ClassVar[Service]
    numbers: ClassVar[Iterator[int]]
    records: Bundle[Kept] = Bundle("records")

    def __init__(self) -> None:
        super().__init__()
        self.subjects = [f"SYN-{next(self.numbers):03}" for _ in SUBJECTS]
        self.cuts: dict[str, Any] = {}
        for subject in self.subjects:
            self.fresh.site.register(DEMO, subject, "901")

    @initialize(target=records)
    def enrol(self) -> Any:
        """Both consent, are eligible, come to a baseline visit and are infused."""
        kept = []
        for subject in self.subjects:
            build.eligible(self.service, subject)
            (person,) = self.service.get(f"{build.below(subject)}/demographics")["records"]
            kept += [Kept(subject, "demographics", person), self.at(subject, "BASELINE")]
            kept.append(Kept(subject, "infusions", build.infuse(self.service, subject=subject)["records"][0]))
        return multiple(*kept)

    def at(self, subject: str, name: str) -> Kept:
        return Kept(subject, "visits", build.visit(self.service, name, DAYS[name], subject))

    @rule(
        target=records,
        which=st.sampled_from(SUBJECTS),
        name=st.sampled_from(sorted(DAYS)),
        kind=st.sampled_from(sorted(FIXED)),
        data=st.data(),
    )
    def record(self, which: int, name: str, kind: str, data: st.DataObject) -> Any:
        """A new record; where its visit does not stand, the visit first."""
        subject, kept, body = self.subjects[which], [], FIXED[kind] | data.draw(BODIES[kind])
        if kind in AT_VISIT:
            standing = {visit["visit"] for visit in self.service.get(f"{build.below(subject)}/visits")["records"]}
            kept = [] if name in standing else [self.at(subject, name)]
            body |= {"visit": name}
        if kind == "adverse-events":
            body |= {"aespid": build.key()[:20]}
        made = Kept(subject, kind, {})
        made.record = build.enter(self.service, made.path, body, subject)["records"][0]
        return multiple(*kept, made)

    @rule(kept=records, data=st.data())
    def correct(self, kept: Kept, data: st.DataObject) -> None:
        """A correction; one that says what stands is refused."""
        changes = data.draw(BODIES[kept.kind])
        path = f"{build.below(kept.subject)}/{kept.path}/{kept.record['record_id']}"
        body = changes | {"reason": {"code": MISREAD.code}}
        answer = self.service.send("PATCH", path, body, If_Match=f'"{kept.record["version"]}"')
        assert answer.status_code == 200 or answer.json()["code"] == "nothing_changes", answer.text
        if answer.status_code == 200:
            kept.record = answer.json()["records"][0]

    @rule(target=records, kept=consumes(records))
    def withdraw(self, kept: Kept) -> Any:
        """The end of a record; a visit to which records belong stays."""
        path = f"{build.below(kept.subject)}/{kept.path}/{kept.record['record_id']}/withdraw"
        answer = self.service.send("POST", path, {"reason": {"code": MISTAKE.code}}, If_Match=f'"{kept.record["version"]}"')
        stays = (kept.kind, answer.json().get("code")) == ("visits", "visit_has_records")
        assert stays or answer.status_code == 200, answer.text
        return multiple(*[kept] * stays)

    @rule()
    def cut(self) -> None:
        """A cut, and what is in it."""
        name = f"{self.subjects[0]}.{len(self.cuts)}"
        self.service.sponsor.cut(DEMO, name)
        self.cuts[name] = frames(self.service, name)

    def teardown(self) -> None:
        """At the end: each cut is as it was, and the verdicts are those of a casebook entered once."""
        assert self.cuts == {name: frames(self.service, name) for name in self.cuts}
        known = rebuilt(self.service, self.fresh, self.subjects)
        for subject in self.subjects:
            assert concluded(self.fresh, subject, {}) == concluded(self.service, subject, known)


def frames(service: Service, name: str) -> dict[str, list[Any]]:
    """Every frame of a cut as plain rows."""
    with reading(service.engine) as connection:
        made = frames_of(connection, DEMO, cut.named(connection, DEMO, name)["cut_id"])
    return {table: frame.to_dict("records") for table, frame in made.items()}


def rebuilt(service: Service, fresh: Service, subjects: list[str]) -> dict[str, str]:
    """Enter every live record anew in a fresh service, in the order in which they were created; old identifiers to new ones."""
    known = _of_study(service, fresh)
    forms = (*FIRST, *(name for name in CAPTURED if name not in FIRST and CAPTURED[name].__form__.scope == "subject"))
    with reading(service.engine) as connection:
        live = {
            name: [row for subject in subjects for row in ledger.live(connection, CAPTURED[name], DEMO, subject)]
            for name in forms
        }
    visits = {row["record_id"]: row["visit"] for row in live["visit"]}
    for name in forms:
        for row in live[name]:
            if row["visit_id"] is None or row["visit_id"] in visits:
                again = build.enter(fresh, CAPTURED[name].__form__.path, body(name, row, visits), row["subject_id"])
                known[str(row["record_id"])] = again["records"][0]["record_id"]
    return known


def _of_study(service: Service, fresh: Service) -> dict[str, str]:
    """The records of the study as a whole, which both services were given alike."""
    paths = [form.__form__.path for form in CAPTURED.values() if form.__form__.scope == "study"]
    each = [[to.get(f"/studies/{DEMO}/{path}")["records"] for path in paths] for to in (service, fresh)]
    old, new = ([one["record_id"] for records in found for one in records] for found in each)
    return dict(zip(old, new, strict=True))


def body(name: str, row: ledger.Row, visits: Mapping[Any, str]) -> Body:
    """A record as it would have been entered at once; what the service gives by itself is left to it."""
    given = CAPTURED[name].__form__.given
    own = {field: row[field] for field in fields(CAPTURED[name]) if field not in given and row[field] is not None}
    plain: Body = {field: format(value, "f") if isinstance(value, Decimal) else value for field, value in own.items()}
    return plain | ({"visit": visits[row["visit_id"]]} if row["visit_id"] else {})


def concluded(service: Service, subject: str, known: Mapping[str, str]) -> dict[tuple[str, str], Any]:
    """
    What stands concluded of a subject, records under the names that `known` gives them.

    A version that a verdict rests on is told as whether it is the record's latest. A rule that does not apply may say so or,
    where nothing it reads was ever written, be silent.
    """
    with reading(service.engine) as connection:
        rows = [row for row in settle.stored(connection, DEMO, subject) if row["value"] != "not_applicable"]
        live = {
            str(row["record_id"]): row["version"]
            for form in CAPTURED.values()
            for row in ledger.live(connection, form, DEMO, subject if form.__form__.scope == "subject" else STUDY_CHAIN)
        }

    def renamed(part: Any) -> Any:
        match part:
            case {"form": form, "record": record, "version": version}:
                return form, known.get(record, record), live[record] == version
            case dict():
                return {key: renamed(value) for key, value in part.items()}
            case list():
                return [renamed(each) for each in part]
            case _:
                return part

    told = ("value", "amount", "lowest", "highest", "criteria", "missing", "rests_on")
    return {(row["rule"], known.get(row["about"], row["about"])): [renamed(row[name]) for name in told] for row in rows}


@pytest.fixture
def services(fresh: Callable[[], Database]) -> Iterator[list[Service]]:
    """
    Two services, each over a database of its own, whose study has room for every example's subjects.

    What was seen before a dose asks a query there: whether it refuses would depend on the order of entry, as it should.
    """
    with ExitStack() as stack:
        running = [stack.enter_context(build.service(fresh().engine)) for _ in range(2)]
        for each in running:
            room = study_document(DEMO).replace("[0-9]{3}$", "[0-9]{3,}$")
            each.sponsor.publish_study(room.replace('toxicity = "refuse"', 'toxicity = "query"'))
            open_study(each.sponsor, DEMO)
            build.open_levels(each)
        yield running


def test_any_sequence_of_acts_leaves_what_the_live_records_alone_would_give(services: list[Service]) -> None:
    class Here(Casebooks):
        """The machine, on these two."""

    Here.service, Here.fresh = services
    Here.numbers = count(1)
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=EXAMPLES[Here.service.engine.dialect.name],
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )

    for each in services:
        with reading(each.engine) as connection:
            assert isinstance(verify.verify(connection, DEMO), verify.Checked)
