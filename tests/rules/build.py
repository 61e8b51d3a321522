"""
Facts for tests, in the shorthand of the decision tables.

SLEDAI-2K: the descriptors that are present, apart by a space; `key?` was not assessed; `-` is a form not done. BILAG-2004: nine
letters in the order of the domains; `?` is a domain not done; `-` a form not done. PGA: the mark, on 0 to 3 unless a scale
follows it; `-` not done. Glucocorticoids: `mg drug`, apart by `+`; `none`; `-` not recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from app.rules.efficacy.bilag import DOMAINS
from app.rules.efficacy.bilag_forms import FOUND, LYMPHODEPLETION, Items
from app.rules.efficacy.bilag_haematology import FINDINGS, LIMITS, TTP
from app.rules.efficacy.bilag_items import items_of
from app.rules.efficacy.sledai import WEIGHTS
from app.rules.efficacy.visits import Baseline, Timepoint
from app.rules.facts import Background, Bilag, Dose, Event, EventGrade, Facts, Given, Pga, Sledai, Toxicity, VisitFacts
from app.rules.safety.icans import CAPD_ITEMS, ICE_ITEMS
from app.rules.study import Settings
from app.rules.verdict import Source, Truth, Verdict

INFUSION = "2025-03-03T10:00"
QUIET = "EEEEEEEEE"
SCORED_ITEMS = (*(item for domain in DOMAINS[:-2] for item in items_of(domain)), TTP)
QUIET_ITEMS: Items = {
    **dict.fromkeys(SCORED_ITEMS, 0),
    **dict.fromkeys((*FOUND, *FINDINGS, LYMPHODEPLETION), False),
    **dict.fromkeys((f"{domain}_ever" for domain in DOMAINS), False),
    **dict.fromkeys(LIMITS, Decimal(200)),
    "upcr": Decimal(10),
    "creatinine": Decimal(60),
    "gfr": Decimal(110),
    "systolic": Decimal(110),
    "diastolic": Decimal(60),
}
"""A form on which everything was done and nothing found; of the measures of protein one was made."""
ACTIVE = "arthritis proteinuria rash low_complement increased_dna_binding"


def sledai(text: str, record: str | None = None) -> Sledai | None:
    """A SLEDAI-2K form."""
    if text == "-":
        return None
    items: dict[str, Truth] = dict.fromkeys(WEIGHTS, False)
    for word in text.split():
        items[word.rstrip("?")] = None if word.endswith("?") else True
    assert len(items) == len(WEIGHTS)
    return Sledai(items, source=Source("assessment", record, 1) if record else None)


def bilag(text: str, record: str | None = None) -> Bilag | None:
    """A BILAG-2004 form."""
    if text == "-":
        return None
    grades = {domain: None if grade == "?" else grade for domain, grade in zip(DOMAINS, text, strict=True)}
    return Bilag(grades, source=Source("assessment", record, 1) if record else None)


def pga(text: str) -> Pga | None:
    """A PGA form; `?` is a form without a mark."""
    if text == "-":
        return None
    mark, _, scale = text.partition(" ")
    return Pga(None if mark == "?" else Decimal(mark), scale or "0-3")


def doses(text: str) -> tuple[Dose, ...] | None:
    """Glucocorticoids being taken by mouth every day."""
    if text in ("-", "none"):
        return () if text == "none" else None
    parts = (dose.split() for dose in text.split("+"))
    return tuple(Dose(drug, None if mg == "?" else Decimal(mg)) for mg, drug in parts)


STANDARD = Background((Dose("mycophenolate_mofetil", Decimal(1000)),), True, None, True, False)


def visit(
    name: str,
    at: str,
    *,
    present: str = "",
    grades: str = QUIET,
    mark: str = "0.2",
    taking: str = "5 prednisone",
    kind: str = "scheduled",
    background: Background | None = STANDARD,
    weight: str = "50",
    haemolysis: Truth = False,
    gut: Truth = False,
) -> VisitFacts:
    """A visit at which lupus is quiet, unless something else is said."""
    return VisitFacts(
        name,
        at,
        "scheduled" if kind == "scheduled" else "unscheduled",
        sledai(present),
        bilag(grades),
        pga(mark),
        doses(taking),
        background,
        Decimal(weight) if weight else None,
        haemolytic_anaemia=haemolysis,
        gi_activity=gut,
        source=Source("visit", f"V-{name}", 1),
    )


def active(name: str = "BL", at: str = "2025-03-02T09:00") -> VisitFacts:
    """A baseline with 14 points, a BILAG A and two B, and a PGA of 2."""
    return visit(name, at, present=ACTIVE, grades="EBEBEEEAE", mark="2.0", taking="15 prednisone")


def m3(**differs: Any) -> VisitFacts:
    """The visit at three months."""
    return visit("M3", "2025-06-01T09:00", **differs)


def infusions(text: str) -> tuple[Given, ...]:
    """Infusions by their starts, with a source each; `?` has no date."""
    starts = enumerate(text.split(), start=1)
    return tuple(Given(f"I{n}", None if at == "?" else at, source=Source("infusion", f"I{n}", 1)) for n, at in starts)


def facts(*visits: VisitFacts, events: tuple[Event, ...] = (), settings: Settings | None = None, **rest: Any) -> Facts:
    """A subject infused on 3 March 2025."""
    known: dict[str, Any] = {"first_infusion": INFUSION, **rest}
    return Facts(settings or Settings(), "SYN-001", visits=visits, events=events, **known)


def at_m3(target: VisitFacts | None, previous: VisitFacts | None = None) -> Timepoint:
    """The timepoint M3 as answered by a visit."""
    return Timepoint("M3", target, previous, "2025-06-16T00:00" if target is None else target.at, treated=True)


def base(visit_: VisitFacts) -> Baseline:
    """A baseline that one visit holds for all three instruments."""
    return Baseline(visit_, visit_, visit_)


def components(verdict: Verdict) -> dict[str, Truth]:
    """What each criterion of a verdict says."""
    return {criterion.key: criterion.holds for criterion in verdict.criteria}


def seen(id_: str = "T1", at: str = "2025-03-04T08:00", **differs: Any) -> Toxicity:
    """An observation of a subject of 15 years with nothing to report, all of it recorded."""
    quiet: dict[str, Any] = {
        "age_years": 15,
        "temperature_c": Decimal("36.8"),
        "fever_other_cause": False,
        "given": (),
        "systolic": Decimal(110),
        "hypotension": False,
        "hypotension_other_cause": False,
        "vasopressors": (),
        "o2_device": "NONE",
        "hypoxia_other_cause": False,
        "developmental_delay": False,
        "ice": ice(10),
        "capd_unable": False,
        "baseline_capd": 0,
        "consciousness": "ALERT",
        "consciousness_other_cause": False,
        "seizure": "NONE",
        "motor": "NONE",
        "icp": "NONE",
        "intracranial_haemorrhage": False,
        "death": "NO",
        "source": Source("toxicity_observation", id_, 1),
        "ice_source": Source("assessment", f"ICE-{id_}", 1),
        "capd_source": Source("assessment", f"CAPD-{id_}", 1),
    }
    return Toxicity(id_, at, **(quiet | differs))


def event_grades(text: str, event: str = "AE1") -> tuple[EventGrade, ...]:
    """The grades of an event over time: `2025-03-04 1; 2025-03-05 2`."""
    pairs = (one.split() for one in text.split("; ") if one)
    return tuple(
        EventGrade(f"G{number}", event, at, int(grade), Source("event_grade", f"G{number}", 1))
        for number, (at, grade) in enumerate(pairs, start=1)
    )


def ice(points: int, unanswered: int = 0) -> Mapping[str, int | None]:
    """ICE items that add up to so many points, with so many of the others not answered."""
    answers = [1] * points + [None] * unanswered + [0] * (10 - points - unanswered)
    return dict(zip(ICE_ITEMS, answers, strict=True))


def capd(points: int, unanswered: int = 0) -> Mapping[str, int | None]:
    """CAPD items that add up to so many points, with so many of the last items not answered."""
    answers: list[int | None] = [min(4, max(0, points - 4 * place)) for place in range(8)]
    if unanswered:
        answers[-unanswered:] = [None] * unanswered
    return dict(zip(CAPD_ITEMS, answers, strict=True))


truths = st.sampled_from([True, False, None])
sledai_forms = st.one_of(
    st.none(), st.fixed_dictionaries({key: st.sampled_from([True, False, False, None]) for key in WEIGHTS}).map(Sledai)
)
bilag_forms = st.one_of(
    st.none(), st.fixed_dictionaries({domain: st.sampled_from([*"ABCDE", None]) for domain in DOMAINS}).map(Bilag)
)
pga_forms = st.one_of(
    st.none(),
    st.builds(Pga, st.one_of(st.none(), st.decimals("0", "3", places=2)), st.sampled_from(["0-3", "0-10cm", "0-100mm", "NRS"])),
)
dose_forms = st.builds(
    Dose,
    st.sampled_from(["prednisone", "dexamethasone", "deflazacort", "budesonide"]),
    st.one_of(st.none(), st.decimals("0", "20", places=2)),
    st.sampled_from([Decimal("0.5"), Decimal(1), Decimal(2), Decimal(0), None]),
    st.sampled_from(["oral", "intravenous", "topical", "unknown"]),
)
backgrounds = st.builds(
    Background,
    st.one_of(st.none(), st.lists(dose_forms, max_size=2).map(tuple)),
    truths,
    st.sampled_from([None, "weight", "disease activity"]),
    truths,
    truths,
)


@st.composite
def visits(draw: st.DrawFn) -> VisitFacts:
    """Any visit from two months before the first infusion to eight months after it, with anything missing."""
    name = draw(st.sampled_from(["SCR", "BL", "M1", "M2", "M3", "UNS1", "UNS2", "M6"]))
    day = draw(st.dates(date(2025, 1, 1), date(2025, 11, 1))).isoformat()
    return VisitFacts(
        name,
        day + draw(st.sampled_from(["", "T09:00", "T11:30"])),
        draw(st.sampled_from(["scheduled", "unscheduled"])),
        draw(sledai_forms),
        draw(bilag_forms),
        draw(pga_forms),
        draw(st.one_of(st.none(), st.lists(dose_forms, max_size=2).map(tuple))),
        draw(st.one_of(st.none(), backgrounds)),
        draw(st.one_of(st.none(), st.decimals("20", "70", places=1))),
        None,
        draw(truths),
        draw(truths),
    )
