"""
The physician's global assessment on its scale of 0 to 3, whatever scale it was marked on.

Marks at 1 and 2 divide mild, moderate and severe; the preceding month counts, damage and serology do not. 0 to 10 cm and
0 to 100 mm are brought to 0 to 3 in proportion, exactly: 10 mm are 0.3. Marks are never compared on different scales. It has
worsened when it rose by 0.30 or more.

Ruling: a rise of exactly 0.30 is a worsening. Marks are compared as the decimals entered, so that 0.9 to 1.2 is exactly 0.30.

Source: Piga M et al. Lupus Sci Med 2020 (PISCOS); Furie RA et al. Arthritis Rheum 2009;61:1143-1151 (worsening of 0.3).
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from app.rules.exact import decimal, plain
from app.rules.facts import Pga, VisitFacts
from app.rules.verdict import Criterion, Evidence, Rule, Truth, Value, Verdict

RULE = Rule("pga", "1", "PGA (0 to 3)", "Piga M et al. Lupus Sci Med 2020 (PISCOS)")
WORSENING = Decimal("0.30")
_LENGTH = {"0-3": 3, "0-10cm": 10, "0-100mm": 100}


def on_0_3(pga: Pga | None) -> Fraction | None:
    """The mark on 0 to 3; None where it was not made, its scale is not one of the three, or it lies off its scale."""
    if pga is None or pga.mark is None or pga.scale not in _LENGTH:
        return None
    length = _LENGTH[pga.scale]
    return Fraction(pga.mark) * 3 / length if 0 <= pga.mark <= length else None


def missing(visit: VisitFacts) -> tuple[str, ...]:
    """The PGA of a visit in words, where it is missing."""
    return (f"PGA at {visit.name}",) if on_0_3(visit.pga) is None else ()


def shown(visit: VisitFacts) -> Evidence:
    """A visit's PGA on 0 to 3 as evidence."""
    what, value = f"PGA at {visit.name}", plain(on_0_3(visit.pga))
    if visit.pga is None:
        return Evidence(what, value, "on 0 to 3")
    return Evidence(what, value, "on 0 to 3", visit.pga.at or visit.at, visit.pga.source)


def not_worsened(now: VisitFacts, then: VisitFacts, worsening: Decimal = WORSENING) -> Criterion:
    """The PGA rose by less than `worsening` (on 0 to 3) since the reference visit; unknown where either is missing."""
    after, prior = on_0_3(now.pga), on_0_3(then.pga)
    holds = None if after is None or prior is None else after - prior < Fraction(worsening)
    limit = Evidence("rise that is a worsening", plain(worsening), "on 0 to 3")
    return Criterion("pga_not_worsened", holds, (shown(then), shown(now), limit), (*missing(then), *missing(now)))


def below(key: str, visit: VisitFacts, limit: Decimal, *, inclusive: bool) -> Criterion:
    """The PGA of a visit lies below a limit on 0 to 3, or on it where that is included; unknown where it is missing."""
    value = on_0_3(visit.pga)
    holds: Truth = None
    if value is not None:
        holds = value < Fraction(limit) or (inclusive and value == Fraction(limit))
    return Criterion(key, holds, (shown(visit),), missing(visit))


def pga(visit: VisitFacts) -> Verdict:
    """The PGA of a visit on 0 to 3 about the assessment (or the visit, where no record is known)."""
    value, basis = on_0_3(visit.pga), shown(visit)
    mark = None if visit.pga is None else visit.pga
    as_marked = Evidence("mark", plain(mark.mark), f"on {mark.scale}", basis.at, basis.source) if mark else basis
    return Verdict(
        RULE,
        visit.name if basis.source is None else basis.source.record,
        Value.NOT_EVALUABLE if value is None else Value.COMPUTED,
        amount=None if value is None else decimal(value),
        missing=missing(visit),
        evidence=(basis, as_marked),
    )
