"""
Edit checks on what the rules know: each asks a question of the person who entered the data, and none changes a value.

A check is flagged, clear, or not evaluable where what it needs is missing; where it does not apply it says nothing. What
was ticked is the record. The grades of an investigator are held beside those computed by `investigator`.

| check | asks where |
| --- | --- |
| baseline and lymphodepletion | it was made after lymphodepletion began, where the study takes the last before infusion |
| days of the baseline | the three instruments were not done on one day |
| PGA | the mark lies off its scale, or was made on another than that of the study |
| completed age | the date of birth, as far as it is known, does not allow it |
| high-flow cannula | it ran at 6 L/min or less, and grades as a plain cannula |
| hypotension | the investigator's flag and the pressure for age disagree; the flag stays, and grades |
| infusion | it has the number, or the start to the minute, of another that was given |
| CAPD | 9 or more, which grades 3, where the baseline was 9 or more already or is not known |

Source: rulings of the trial's design; Lee DW et al. Biol Blood Marrow Transplant 2019;25:625-638 (cannula);
Traube C et al. Crit Care Med 2014;42:656-663 (CAPD); Pediatric Advanced Life Support 2020 (pressure for age).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from app.rules.dates import before, completed_age, day, days_between
from app.rules.efficacy.pga import on_0_3
from app.rules.efficacy.visits import baseline, baseline_forms, in_order
from app.rules.exact import plain
from app.rules.facts import Facts, Given
from app.rules.grades import Grade
from app.rules.safety.crs import LOW_FLOW_TO
from app.rules.safety.episodes import by_time
from app.rules.safety.hypotension import hypotensive, threshold
from app.rules.safety.icans import POSITIVE_CAPD, asks_capd, capd_total
from app.rules.verdict import Evidence, Rule, Truth, Verdict, answered, any_of, check

_ASTCT = "Lee DW et al. Biol Blood Marrow Transplant 2019;25:625-638"
CONDITIONED = Rule("check_baseline_conditioned", "1", "Baseline after the start of lymphodepletion", "Study settings")
SCATTERED = Rule("check_baseline_days", "1", "Baseline assessments on different days", "Study settings")
PGA_MARK = Rule("check_pga_mark", "1", "PGA off its scale or on another than the study's", "Study settings: scale of the PGA")
AGE = Rule("check_age", "1", "Completed age beside the date of birth", "Study design: age at observation")
SLOW_CANNULA = Rule("check_high_flow", "1", "High-flow cannula at 6 L/min or less", _ASTCT)
PRESSURE = Rule("check_hypotension", "1", "Hypotension flag beside the pressure for age", "PALS 2020")
SERIOUS = Rule("check_ae_serious", "1", "Seriousness of an event beside its criteria", "ICH E2A 1994, section II.B")
EVENT_DATES = Rule("check_ae_dates", "1", "End of an event before its start", "CDASHIG 2.1, AE: start and end dates")
CAPD = Rule("check_capd", "1", "CAPD of 9 or more without a lower baseline", "Traube C et al. Crit Care Med 2014;42:656-663")
TWICE = Rule("check_infusion_twice", "1", "Infusion recorded twice", "Study design: one record an infusion")
RULES = (
    *(CONDITIONED, SCATTERED, PGA_MARK, AGE),
    *(SLOW_CANNULA, PRESSURE, CAPD, SERIOUS, EVENT_DATES, TWICE),
)


def _baseline_at(facts: Facts) -> dict[str, str]:
    """When the baseline of each instrument was made, of those that have one."""
    return {name: form.at or visit.at for name, visit, form in baseline_forms(baseline(facts)) if visit and form}


def conditioned_baseline(facts: Facts) -> Iterator[Verdict]:
    """A baseline assessment made after lymphodepletion had begun, where the study takes the last before the infusion."""
    start = facts.lymphodepletion_start
    if facts.first_infusion is None or start is None or facts.settings.baseline == "before_lymphodepletion":
        return
    began = Evidence("start of lymphodepletion", start, None, start, facts.sources.get("lymphodepletion"))
    at = _baseline_at(facts)
    order = {name: before(start, moment) for name, moment in at.items()}
    because = (Evidence(f"baseline of {name}", at[name], None, at[name]) for name in at if order[name] is not False)
    lacking = (f"time of the baseline of {name}" for name in at if order[name] is None)
    yield check(CONDITIONED, "subject", any_of(order.values()), (began, *because), lacking)


def scattered_baseline(facts: Facts) -> Iterator[Verdict]:
    """Baseline assessments of the three instruments that were not made on one day."""
    forms = _baseline_at(facts)
    if len(forms) > 1:
        days = [day(at) for at in forms.values()]
        apart = any_of(None if one is None or other is None else one != other for one, other in pairwise(days))
        because = (Evidence(f"baseline of {name}", at, None, at) for name, at in forms.items())
        yield check(SCATTERED, "subject", apart, because, (f"day of the baseline of {name}" for name in forms))


def marks(facts: Facts) -> Iterator[Verdict]:
    """A PGA that lies off the scale that it was marked on, or was marked on another scale than the study's."""
    for visit in in_order(facts.visits):
        form, scale = visit.pga, facts.settings.pga_scale
        if form is not None and form.mark is not None:
            wrong = on_0_3(form) is None or form.scale != scale
            marked = Evidence("PGA as marked", plain(form.mark), f"on {form.scale}", form.at or visit.at, form.source)
            about = visit.name if form.source is None else form.source.record
            yield check(PGA_MARK, about, wrong, (marked, Evidence("scale of the study", scale)))


def ages(facts: Facts) -> Iterator[Verdict]:
    """A completed age at an observation that the date of birth, as far as it is known, does not allow."""
    for seen in by_time(facts.toxicity):
        allowed = completed_age(facts.birth, seen.at)
        if allowed is not None:
            wrong = not allowed[0] <= seen.age_years <= allowed[1]
            stated = Evidence("completed age", str(seen.age_years), "years", seen.at, seen.source)
            born = Evidence("date of birth", facts.birth, None, None, facts.sources.get("demographics"))
            yield check(AGE, seen.id, wrong, (stated, born, Evidence("age that it allows", str(Grade(*allowed)), "years")))


def slow_cannulas(facts: Facts) -> Iterator[Verdict]:
    """A high-flow cannula at 6 L/min or less, which grades as a plain cannula."""
    for seen in by_time(facts.toxicity):
        if seen.o2_device == "HFNC":
            slow = None if seen.o2_flow is None else seen.o2_flow <= LOW_FLOW_TO
            flow = Evidence("oxygen flow by high-flow cannula", plain(seen.o2_flow), "L/min", seen.at, seen.source)
            yield check(SLOW_CANNULA, seen.id, slow, (flow,), (f"oxygen flow at {seen.at}",))


def hypotension_flags(facts: Facts) -> Iterator[Verdict]:
    """The investigator's hypotension flag and the systolic pressure for age disagree; the flag stays and grades."""
    for seen in by_time(facts.toxicity):
        if seen.hypotension is not None and seen.systolic is not None:
            differs = hypotensive(seen.age_years, seen.systolic) != seen.hypotension
            flag = answered("hypotension by the investigator", seen.hypotension, seen.at, seen.source)
            pressure = Evidence("systolic pressure", plain(seen.systolic), "mmHg", seen.at, seen.source)
            limit = Evidence("hypotension for age below", str(threshold(seen.age_years)), "mmHg")
            yield check(PRESSURE, seen.id, differs, (flag, pressure, limit))


def positive_capd(facts: Facts) -> Iterator[Verdict]:
    """A CAPD of 9 or more, which grades 3, where the baseline was 9 or more already or is not known."""
    for seen in by_time(facts.toxicity):
        span = capd_total(seen)
        if span is not None and asks_capd(seen) is not False and span[0] >= POSITIVE_CAPD:
            unexplained = seen.baseline_capd is None or seen.baseline_capd >= POSITIVE_CAPD
            now = Evidence("CAPD total", str(Grade(*span)), "points", seen.at, seen.capd_source)
            then = Evidence("CAPD before the first infusion", plain(seen.baseline_capd), "points")
            yield check(CAPD, seen.id, unexplained, (now, then))


def seriousness(facts: Facts) -> Iterator[Verdict]:
    """
    An event that is serious by no criterion, or that meets one and is not said to be serious.

    Nothing is said where neither the question nor any criterion was answered.
    """
    for event in sorted(facts.adverse_events, key=lambda event: event.id):
        met = any_of(event.criteria.values())
        if event.serious is None and all(answer is None for answer in event.criteria.values()):
            continue
        wrong = _contradicts(event.serious, met)
        said = answered(f"{event.term} is serious", event.serious, event.start, event.source)
        because = (answered(name, answer, event.start, event.source) for name, answer in event.criteria.items() if answer)
        yield check(SERIOUS, event.id, wrong, (said, *because), (f"whether {event.term} is serious",))


def _contradicts(serious: Truth, met: Truth) -> Truth:
    """Whether the answer is not what the criteria say; a criterion that was not recorded is none that makes it serious."""
    if serious:
        return met is not True
    return True if met else serious


def event_dates(facts: Facts) -> Iterator[Verdict]:
    """An event that ended before it began; dates too partial to tell leave it open, one day without times does not."""
    for event in sorted(facts.adverse_events, key=lambda event: event.id):
        if event.start is not None and event.end is not None:
            same_day = days_between(event.start, event.end) == 0
            wrong = before(event.end, event.start)
            began = Evidence(f"start of {event.term}", event.start, None, event.start, event.source)
            ended = Evidence(f"end of {event.term}", event.end, None, event.end, event.source)
            lacking = (f"complete dates of {event.term}",)
            yield check(EVENT_DATES, event.id, False if same_day and wrong is None else wrong, (began, ended), lacking)


def infusions_twice(facts: Facts) -> Iterator[Verdict]:
    """An infusion after the first that has the number or the start of one before it."""
    for place, dose in list(enumerate(facts.doses))[1:]:
        same = [other for other in facts.doses[:place] if _same(dose, other)]
        told = (_infused(each) for each in (dose, *same))
        yield check(TWICE, dose.id, bool(same), told)


def _same(one: Given, other: Given) -> bool:
    numbered = one.number is not None and one.number == other.number
    together = one.at is not None and "T" in one.at and one.at == other.at
    return numbered or together


def _infused(dose: Given) -> Evidence:
    number = "without a number" if dose.number is None else str(dose.number)
    return Evidence(f"infusion {number}", dose.at, None, dose.at, dose.source)
