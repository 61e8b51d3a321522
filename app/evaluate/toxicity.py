"""Toxicity on the bench: CRS by two scales and in its course, ICANS, CAPD, hypotension, ICAHT, LICATS, the expedited clock."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from app.evaluate.answers import Answer, bounds, grade_of, graded, reasons, told
from app.evaluate.inputs import BadCase, Inputs
from app.rules.dates import completed_age
from app.rules.exact import plain
from app.rules.facts import Toxicity
from app.rules.grades import Grade, worst
from app.rules.safety import hypotension
from app.rules.safety.capd import RULE as CAPD_RULE
from app.rules.safety.capd import WORDS, capd, positive
from app.rules.safety.clocks import expedited
from app.rules.safety.crs import crs
from app.rules.safety.crs_lee import LeeSigns, crs_lee
from app.rules.safety.episodes import RULE as EPISODE_RULE
from app.rules.safety.episodes import course_of
from app.rules.safety.icaht import early, early_series, late
from app.rules.safety.icans import CAPD_ITEMS, ICE_ITEMS, icans
from app.rules.safety.licats import LocalToxicity, licats

DEVICES = (
    "NONE",
    "NASAL_CANNULA",
    "BLOW_BY",
    "HFNC",
    "SIMPLE_MASK",
    "VENTURI_MASK",
    "NON_REBREATHER",
    "CPAP",
    "BIPAP",
    "MECHANICAL_VENTILATION",
)
CRS_DEATHS = ("NO", "DUE_TO_CRS", "OTHER_CAUSE")
ICANS_DEATHS = ("NO", "DUE_TO_ICANS", "OTHER_CAUSE")
CONSCIOUSNESS = ("ALERT", "AWAKENS_SPONTANEOUSLY", "VOICE", "TACTILE", "VIGOROUS_TACTILE", "UNAROUSABLE")
SEIZURES = (
    "NONE",
    "CLINICAL_RESOLVED_RAPIDLY",
    "NONCONVULSIVE_RESOLVED_WITH_INTERVENTION",
    "PROLONGED",
    "REPETITIVE_NO_RETURN_TO_BASELINE",
)
OEDEMAS = ("NONE", "FOCAL_OEDEMA", "DIFFUSE_OEDEMA", "POSTURING", "CN6_PALSY", "PAPILLOEDEMA", "CUSHING_TRIAD")
OLDEST = 150
"""An age that no subject reaches: the upper bound where the date of birth is not known."""


def _celsius(case: Inputs) -> Decimal | None:
    reading = case.part("temperature")
    value = None if reading is None else reading.number("value", least=None)
    if reading is None or value is None:
        return None
    unit = reading.needed("unit", reading.word("unit", ("C", "F")))
    return value if unit == "C" else (value - 32) * 5 / 9


def _systolic(case: Inputs, age: Decimal | None) -> Decimal | None:
    """The systolic pressure, where it says the same of hypotension at every age that is left open."""
    pressure = case.number("sbp_mmhg")
    if age is not None or pressure is None:
        return pressure
    same = hypotension.hypotensive(0, pressure) == hypotension.hypotensive(OLDEST, pressure)
    return pressure if same else None


def _observation(case: Inputs, id_: str, at: str, given: tuple[str, ...] | None) -> Toxicity:
    age = case.number("age_years", most=OLDEST)
    return Toxicity(
        id=id_,
        at=at,
        age_years=int(age or 0),
        temperature_c=_celsius(case),
        fever_other_cause=case.truth("fever_other_cause"),
        given=given,
        systolic=_systolic(case, age),
        hypotension=case.truth("hypotension"),
        hypotension_other_cause=case.truth("hypotension_other_cause"),
        vasopressors=case.words("vasopressors"),
        o2_device=case.word("o2_device", DEVICES),
        o2_flow=case.number("o2_flow_lpm"),
        fio2=case.number("fio2"),
        hypoxia_other_cause=case.truth("hypoxia_other_cause"),
        death=case.word("death", CRS_DEATHS),
    )


def crs_astct(case: Inputs, _: str) -> Answer:
    """CRS_ASTCT_2019: one observation, told what went before it in its episode."""
    drugs = case.words("antipyretic_or_anticytokine_given")
    treated = None if drugs is None else bool(drugs)
    seen = _observation(case, "observation", "", None)
    return graded(crs(seen, prior_fever=case.truth("prior_qualifying_fever"), prior_treated=treated))


def crs_episode(case: Inputs, _: str) -> Answer:
    """CRS_EPISODE: observations over time; the grades come in the order of the rows."""
    rows = case.needed("assessments", case.parts("assessments"))
    seen = [
        _observation(row, f"{place:06}", row.needed("datetime", row.moment("datetime")), row.words("given_since_last"))
        for place, row in enumerate(rows)
    ]
    course, episodes = course_of(seen)
    by_row = {each.seen.id: each.grade for each in course}
    first = episodes[0] if episodes else None
    resolved = None if first is None else first.resolved
    result = {
        "grades": [_known(by_row[one.id]) for one in seen],
        "max_grade": _known(worst(by_row.values())),
        "onset": None if first is None else first.onset.seen.at,
        "resolved": None if resolved is None else resolved.seen.at,
        "episodes": len(episodes),
        "because": [f"{one.at}: grade {by_row[one.id]}" for one in seen],
    }
    return Answer(EPISODE_RULE, result)


def _known(grade: Grade) -> int | None:
    return grade.lowest if grade.graded else None


def crs_lee_2014(case: Inputs, _: str) -> Answer:
    """CRS_LEE_2014: a scale of its own."""
    signs = LeeSigns(
        fever=case.truth("fever"),
        constitutional=case.truth("constitutional"),
        hypotension=case.truth("hypotension"),
        vasopressors=case.words("vasopressors"),
        high_dose=case.truth("high_dose_vasopressor"),
        oxygen_percent=case.number("fio2_percent", most=100),
        ventilated=case.truth("mechanical_ventilation"),
        organ_toxicity=case.whole("max_organ_toxicity_ctcae", most=5),
        transaminitis=case.whole("transaminitis_ctcae", most=5),
        death=case.word("death", CRS_DEATHS),
    )
    return graded(crs_lee(signs))


def _items(case: Inputs, key: str, items: tuple[str, ...], most: int) -> Mapping[str, int | None] | None:
    form = case.part(key)
    return None if form is None else {item: form.whole(item, most=most) for item in items}


def icans_astct(case: Inputs, _: str) -> Answer:
    """ICANS_ASTCT_2019: the instrument follows from the completed age; an incomplete date leaves both ages open."""
    at = case.moment("assessment_date")
    ages = completed_age(case.moment("birth_date"), at) or (0, OLDEST)
    each = [icans(_bedside(case, at or "the assessment", age)) for age in sorted(set(ages))]
    if ages[0] < 0:
        raise case.refuse("birth_date", "the date of birth lies after the assessment")
    grades = [grade_of(verdict) for verdict in each]
    grade = Grade(min(one.lowest for one in grades), max(one.highest for one in grades))
    return Answer(each[-1].rule, bounds(grade) | reasons(each[-1]))


def _bedside(case: Inputs, at: str, age: int) -> Toxicity:
    return Toxicity(
        id="assessment",
        at=at,
        age_years=age,
        developmental_delay=case.truth("developmental_delay"),
        ice=_items(case, "ice", ICE_ITEMS, 1),
        ice_not_done_reason=case.word("ice_not_done_reason", ("UNAROUSABLE", "GLOBAL_APHASIA")),
        capd=_items(case, "capd", CAPD_ITEMS, 4),
        capd_unable=case.truth("capd_unable"),
        baseline_capd=case.whole("baseline_capd", most=32),
        consciousness=case.word("consciousness", CONSCIOUSNESS),
        consciousness_other_cause=case.truth("consciousness_other_cause"),
        seizure=case.word("seizure", SEIZURES),
        seizure_minutes=case.number("seizure_duration_min"),
        motor=case.word("motor", ("NONE", "DEEP_FOCAL_WEAKNESS")),
        icp=case.word("icp", OEDEMAS),
        intracranial_haemorrhage=case.truth("intracranial_haemorrhage"),
        death=case.word("death", ICANS_DEATHS),
    )


def capd_total(case: Inputs, _: str) -> Answer:
    """CAPD_TOTAL: eight words in the order of the items."""
    words = case.values.get("answers")
    if not isinstance(words, list) or len(words) != len(CAPD_ITEMS):
        raise case.refuse("answers", f"a list of {len(CAPD_ITEMS)} answers is expected")
    for place, word in enumerate(words):
        if word is not None and word not in WORDS:
            raise BadCase("unknown_value", f"an answer is one of {', '.join(WORDS)}, or null", f"{case.at('answers')}/{place}")
    found = capd(words)
    total = {"total": _known(found.grade), "total_min": found.grade.lowest, "total_max": found.grade.highest}
    because = {"because": told(found.because), "missing": list(found.missing)}
    return Answer(CAPD_RULE, total | {"positive": positive(found.grade)} | because)


def hypotension_pals(case: Inputs, _: str) -> Answer:
    """HYPOTENSION_PALS: the threshold for the completed age."""
    age, systolic = int(case.needed("age_years", case.number("age_years", most=OLDEST))), case.number("sbp_mmhg")
    low = None if systolic is None else hypotension.hypotensive(age, systolic)
    result = {"hypotension": low, "threshold": hypotension.threshold(age)}
    return Answer(hypotension.RULE, result | {"because": [f"systolic pressure: {plain(systolic) or 'not recorded'} mmHg"]})


def icaht(case: Inputs, _: str) -> Answer:
    """ICAHT_EHA_EBMT_2023: early from a summary or from daily counts, or late."""
    window = case.needed("window", case.word("window", ("EARLY", "EARLY_SERIES", "LATE")))
    if window == "EARLY":
        severe, profound = (case.whole(f"longest_days_anc_le_{limit}") for limit in (500, 100))
        return graded(early(severe, profound, case.truth("never_above_500")))
    return graded(early_series(_by_day(case)) if window == "EARLY_SERIES" else late(_lowest(case)))


def _by_day(case: Inputs) -> dict[int, Decimal]:
    days = case.part("anc_by_day") or Inputs({})
    found: dict[int, Decimal] = {}
    for key in days.values:
        if not key.lstrip("-").isdecimal():
            raise days.refuse(key, "a day is a whole number since day 0")
        count = days.number(key)
        found |= {} if count is None else {int(key): count}
    return found


def _lowest(case: Inputs) -> list[Decimal] | None:
    listed = case.values.get("anc_lowest_two_per_ul")
    if listed is None:
        return None
    if not isinstance(listed, list):
        raise case.refuse("anc_lowest_two_per_ul", "a list of at most two counts is expected", "bad_type")
    counts = Inputs({str(place): count for place, count in enumerate(listed)}, case.at("anc_lowest_two_per_ul"))
    return [count for key in counts.values if (count := counts.number(key)) is not None]


def licats_2025(case: Inputs, _: str) -> Answer:
    """LICATS_2025: one local toxicity."""
    hospital = case.word("hospitalisation", ("NONE", "NEW", "PROLONGED"))
    seen = LocalToxicity(
        organ_affected_before=case.truth("organ_previously_affected"),
        in_b_cell_aplasia=case.truth("during_b_cell_aplasia"),
        alternative_cause=case.truth("alternative_cause"),
        glucocorticoid_over_a_week=case.truth("glucocorticoid_for_symptoms_over_1_week"),
        inner_organ=case.truth("relevant_inner_organ_involvement"),
        hospital=None if hospital is None else hospital != "NONE",
        intensive_care=case.truth("icu"),
    )
    return graded(licats(seen))


def expedited_clock(case: Inputs, _: str) -> Answer:
    """EXPEDITED_CLOCK: whether a report is expedited, and when it is due."""
    clock = expedited(
        serious=case.truth("serious"),
        related=case.truth("suspected_related"),
        unexpected=case.truth("unexpected"),
        fatal_or_life_threatening=case.truth("fatal_or_life_threatening"),
        aware=case.moment("sponsor_awareness_date"),
    )
    return Answer(clock.verdict.rule, {"expedited": clock.expedited, "due_date": clock.due} | reasons(clock.verdict))
