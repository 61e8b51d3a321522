"""
ICAHT, immune effector cell-associated haematotoxicity: early (day 0 to 30) by the longest neutropenia, late (after day 30).

Early: ANC of 500/uL or less for 1 to 6 days is 1, 7 to 13 is 2, 14 or more is 3; 100/uL or less for 7 to 13 days is 3, 14 or
more is 4; never above 500, or neutropenic from days 0 to 3 and not recovered, is 4. Late: two values of 1500 or less are 1,
1000 is 2, 500 is 3, 100 is 4. A value on the limit counts.

Rulings. A run of low days goes on across one or two higher ones; three make a stable recovery, for the limit of 100 as for the
limit of 500. Days without a value between two values at most eight days apart are interpolated in a straight line; a longer
gap may have been anything, and so may the days after a last value that was still low. A late grade needs two values at or
below its limit, since a single one may be transient. Day 0 is the first infusion of the cycle or, where the study says so, the
last one given. Lymphodepletion confounds it.
In a casebook a count reported as below a limit counts where that limit is 100 or less; no other censored count does.

Source: Rejeski K et al. Blood 2023;142:865-877 (EHA/EBMT); days counted as in the public automated grading of Liang EC et al.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from app.rules.grades import ANY, NONE, Domain, Grade, exactly, graded, worst
from app.rules.verdict import Evidence, Rule, Truth, Verdict

RULE = Rule("icaht", "1", "ICAHT grade", "Rejeski K et al. Blood 2023;142:865-877")
SEVERE, PROFOUND = 500, 100
LAST_DAY = 30
STARTS_BY_DAY = 3
STABLE_DAYS = 3
INTERPOLATED_DAYS = 7
LATE_LIMITS = ((100, 4), (500, 3), (1000, 2), (1500, 1))

Days = tuple[int, int | None]
"""The least and the most days that a run may have lasted; None: no upper limit."""


def _steps(days: int | None, steps: tuple[tuple[int, int], ...]) -> int:
    reached = (grade for least, grade in steps if days is None or days >= least)
    return max(reached, default=0)


def by_days(name: str, days: Days, table: tuple[tuple[int, int], ...]) -> Domain:
    """What the longest run contributes: the grade from so many days on, by a table of days and grades."""
    least, most = days
    shown = str(least) if least == most else f"{least} to {'any number of' if most is None else most}"
    grade = Grade(_steps(least, table), _steps(most, table))
    return Domain(name, grade, (Evidence(f"longest run of {name.replace('_', ' ')}", shown, "days"),), (f"days of {name}",))


def _early(severe: Days, profound: Days, never: Truth) -> Verdict:
    unrecovered = ANY if never is None else exactly(4) if never else NONE
    said = Evidence("never above 500/uL", None if never is None else "yes" if never else "no")
    domains = (
        by_days("anc_le_500", severe, ((1, 1), (7, 2), (14, 3))),
        by_days("anc_le_100", profound, ((7, 3), (14, 4))),
        Domain("no_recovery", unrecovered, (said,), ("whether ANC ever was above 500/uL",)),
    )
    return graded(RULE, "early", worst(domain.grade for domain in domains), tuple(domain.criterion() for domain in domains))


def early(severe_days: int | None, profound_days: int | None, never_above_500: Truth) -> Verdict:
    """The early grade from the longest days at or below 500 and 100/uL; a day at or below 100 is one at or below 500 too."""
    severe = (profound_days or 0, None) if severe_days is None else (severe_days, severe_days)
    profound = (0, severe_days) if profound_days is None else (profound_days, profound_days)
    return _early(severe, profound, never_above_500)


Course = dict[int, Fraction | None]
"""ANC per uL by day; None: not known."""


Low = Callable[[Fraction], bool]
"""Whether a count is low."""


def course(by_day: Mapping[int, Decimal], start: int, end: int, low: Low) -> Course:
    """
    Every day of a window from the first value to the last, to its end where the last was low: as measured, interpolated or
    unknown.
    """
    known = sorted(day for day in by_day if start <= day <= end)
    days: Course = {day: Fraction(by_day[day]) for day in known}
    for before, after in pairwise(known):
        left, slope = Fraction(by_day[before]), Fraction(by_day[after] - by_day[before]) / (after - before)
        for day in range(before + 1, after):
            days[day] = left + slope * (day - before) if after - before - 1 <= INTERPOLATED_DAYS else None
    if not known or low(Fraction(by_day[known[-1]])):
        days |= dict.fromkeys(range(max(known, default=start - 1) + 1, end + 1))
    return days


def runs(days: Course, low: Low, *, unknown_is_low: bool) -> list[tuple[int, int]]:
    """The first and last low day of each run; fewer than three higher days between two low ones do not end it."""
    found: list[tuple[int, int]] = []
    for day, count in sorted(days.items(), key=lambda each: each[0]):
        is_low = unknown_is_low if count is None else low(count)
        if is_low and found and day - found[-1][1] <= STABLE_DAYS:
            found[-1] = (found[-1][0], day)
        elif is_low:
            found.append((day, day))
    return found


def longest(found: Iterable[tuple[int, int]]) -> int:
    """The days of the longest of some runs."""
    return max((last - first + 1 for first, last in found), default=0)


def _at_most(limit: int) -> Low:
    return lambda anc: anc <= limit


def _unrecovered(found: Iterable[tuple[int, int]], days: Course) -> bool:
    return any(first <= STARTS_BY_DAY and last == max(days) for first, last in found)


def early_series(anc_by_day: Mapping[int, Decimal]) -> Verdict:
    """The early grade from ANC per uL by day since day 0, the lowest of each day; days outside 0 to 30 do not count."""
    days = course(anc_by_day, 0, LAST_DAY, _at_most(SEVERE))
    best, worst_case = (
        {limit: runs(days, _at_most(limit), unknown_is_low=low) for limit in (SEVERE, PROFOUND)} for low in (False, True)
    )
    never: Truth = None if _unrecovered(worst_case[SEVERE], days) else False
    if _unrecovered(best[SEVERE], days):
        never = True
    severe, profound = ((longest(best[limit]), longest(worst_case[limit])) for limit in (SEVERE, PROFOUND))
    return _early(severe, profound, never)


def late(lowest: Iterable[Decimal] | None) -> Verdict:
    """The late grade from the two lowest ANC per uL after day 30; a single value leaves open whether it was transient."""
    values = None if lowest is None else sorted(lowest)
    grade = ANY if values is None else _late(values)
    shown = None if values is None else ", ".join(f"{value:f}" for value in values) or "none"
    basis = Evidence("two lowest ANC after day 30", shown, "/uL")
    return graded(RULE, "late", grade, (Domain("late", grade, (basis,), ("a second ANC after day 30",)).criterion(),))


def _late(values: list[Decimal]) -> Grade:
    if not values:
        return NONE
    lowest, *others = values
    return exactly(_late_grade(others[0])) if others else Grade(0, _late_grade(lowest))


def _late_grade(anc: Decimal) -> int:
    return next((grade for limit, grade in LATE_LIMITS if anc <= limit), 0)
