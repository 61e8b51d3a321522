"""
T-ICAHT, thrombocytopenia after immune effector cells: early (day 0 to 30) by the longest run of low platelets, late (day 31 to
100) by the two lowest counts and by such a run.

Early: platelets below 50 x 10^9/L for 1 to 6 days are 1, for 7 or more 2; below 20 for 1 to 13 days 3, for 14 or more 4. Late:
two counts below 100 are 1, below 50 are 2; below 20 as early. A count on the limit is not below it.

Rulings. Runs are joined and interpolated as by `icaht`, and day 0 is the same. Late counts are rarely a week apart: a longer
gap between two of them held a count below 20 only where one of the two is. That a late grade of 1 or 2 needs two counts, since
a single one may be transient, is taken from ICAHT: assumed. In a casebook a count reported as below a number counts where
that number is below 20; no other censored count does.

Source: congress material of the American Society of Hematology on T-ICAHT (read in the sponsor's summary; the paper itself was
not seen).
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction

from app.rules.grades import NONE, Domain, Grade, exactly, graded, worst
from app.rules.safety.icaht import LAST_DAY, Course, Low, by_days, course, longest, runs
from app.rules.verdict import Evidence, Rule, Verdict

RULE = Rule("icaht_platelets", "1", "T-ICAHT grade (platelets)", "ASH congress material on T-ICAHT (unverified)")
SEVERE, PROFOUND = 50, 20
LAST_LATE_DAY = 100
LATE_LIMITS = ((50, 2), (100, 1))
SEVERE_DAYS, PROFOUND_DAYS = ((1, 1), (7, 2)), ((1, 3), (14, 4))


def _below(limit: int) -> Low:
    return lambda count: count < limit


def _run(days: Course, limit: int, table: tuple[tuple[int, int], ...]) -> Domain:
    least, most = (longest(runs(days, _below(limit), unknown_is_low=low)) for low in (False, True))
    return by_days(f"platelets_lt_{limit}", (least, most), table)


def _beside_low(days: Course) -> Course:
    """A late course without the unknown days of which neither neighbour that was counted is below 20."""
    known = {day: count for day, count in sorted(days.items()) if count is not None}
    return {day: count for day, count in days.items() if count is not None or min(_neighbours(known, day)) < PROFOUND}


def _neighbours(known: Mapping[int, Fraction], day: int) -> list[Fraction]:
    """The counts on both sides of a day; after the last one, that one alone."""
    place = bisect([*known], day)
    return [*known.values()][place - 1 : place + 1]


def early(by_day: Mapping[int, Decimal]) -> Verdict:
    """The early grade from platelets in 10^9/L by day since day 0, the lowest of each day; other days do not count."""
    days = course(by_day, 0, LAST_DAY, _below(SEVERE))
    return _graded("early", (_run(days, SEVERE, SEVERE_DAYS), _run(days, PROFOUND, PROFOUND_DAYS)))


def late(by_day: Mapping[int, Decimal]) -> Verdict:
    """The late grade from platelets in 10^9/L by day since day 0; days outside 31 to 100 do not count."""
    start = LAST_DAY + 1
    counts = sorted(count for day, count in by_day.items() if start <= day <= LAST_LATE_DAY)
    days = _beside_low(course(by_day, start, LAST_LATE_DAY, _below(PROFOUND))) if counts else {}
    return _graded("late", (_two_lowest(counts), _run(days, PROFOUND, PROFOUND_DAYS)))


def _two_lowest(counts: list[Decimal]) -> Domain:
    grade = NONE
    if counts:
        lowest, *others = counts
        grade = exactly(_late(others[0])) if others else Grade(0, _late(lowest))
    shown = ", ".join(f"{count:f}" for count in counts[:2]) or "none"
    basis = Evidence("two lowest platelets of days 31 to 100", shown, "10^9/L")
    return Domain("late_platelets", grade, (basis,), ("a second platelet count of days 31 to 100",))


def _late(count: Decimal) -> int:
    return next((grade for limit, grade in LATE_LIMITS if Fraction(count) < limit), 0)


def _graded(period: str, domains: Iterable[Domain]) -> Verdict:
    each = tuple(domains)
    return graded(RULE, period, worst(domain.grade for domain in each), tuple(domain.criterion() for domain in each))
