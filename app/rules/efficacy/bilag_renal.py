"""
BILAG-2004 renal grade from findings and laboratory.

Six features: (1) severe proteinuria, more than 1 g a day, UPCR or ACR above 100 mg/mmol, not decreased by 25 % or more;
(2) accelerated hypertension; (3) creatinine above 130 umol/L and above 130 % of the previous, or GFR below 80 and below 67 % of
it, or GFR below 50 after one above 50 or none; (4) active sediment; (5) active histology within three months; (6) nephrotic
syndrome. A: two of them, one being 1, 4 or 5. B: one of them; or 0.5 g a day, UPCR or ACR of 50 or more, not decreased by
25 %; or creatinine above 130 and 115 % or more of the previous. C: above 0.25 g a day, UPCR or ACR above 25, or blood
pressure above 140/90 with a rise of 30 and of 15 or more. The dipstick speaks only where nothing was quantified: two levels
up is feature 1, one level up to 2+ is B, 1+ is C. Else D or E.

Rulings. What rises or falls is held beside the previous assessment. Where that has no such value, it is unknown whether a
creatinine, a pressure or a dipstick has risen, or a GFR of 50 or more fallen: never a no, and never a rise from nothing; the
grade is open where it could decide. Two comparisons ask for no earlier value: a proteinuria of a first assessment has not
decreased, and a GFR below 50 counts where it was never measured before. After an earlier assessment without that measure it is
unknown whether a proteinuria has decreased. The adult limits are insensitive between 12 and 17 years: reason enough to let
investigators grade.

Disputed. A first assessment: public code counts a first dipstick as risen from negative and a first creatinine as not risen; no
source that was read says either, and both are unknown here. That a newly documented proteinuria counts is said of the older
BILAG, in a review.

Source: Isenberg DA et al. Rheumatology 2005;44:902-906; UK JSLE registry's public code (read); details recalled: unverified.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from fractions import Fraction

from app.rules.efficacy.bilag_items import quiet, verdict
from app.rules.verdict import Evidence, Rule, Truth, Verdict, all_of, any_of

RULE = Rule(
    "bilag_renal", "1", "BILAG-2004 renal grade", "Isenberg DA et al. Rheumatology 2005;44:902-906 (details unverified)"
)


@dataclass(frozen=True, slots=True)
class Measured:
    """
    A measurement and that of the previous assessment; one that was `asked` for and has no value was not done. `first`: there
    was no previous assessment.
    """

    value: Decimal | None = None
    previous: Decimal | None = None
    asked: bool = False
    first: bool = True

    def says(self, condition: Callable[[Fraction], Truth]) -> Truth:
        """What the value says; unknown where it was asked for and not done, no where nobody asked."""
        if self.value is None:
            return None if self.asked else False
        return condition(Fraction(self.value))

    def beside(self, condition: Callable[[Fraction], bool]) -> Truth:
        """What the previous value says; unknown without one."""
        return None if self.previous is None else condition(Fraction(self.previous))


NOT_ASKED = Measured()


@dataclass(frozen=True, slots=True)
class RenalFindings:
    """Protein in g a day, UPCR and ACR in mg/mmol, creatinine in umol/L, GFR in mL/min, pressures in mmHg, dipstick in plus."""

    protein_24h: Measured = NOT_ASKED
    upcr: Measured = NOT_ASKED
    acr: Measured = NOT_ASKED
    dipstick: Measured = NOT_ASKED
    creatinine: Measured = NOT_ASKED
    gfr: Measured = NOT_ASKED
    systolic: Measured = NOT_ASKED
    diastolic: Measured = NOT_ASKED
    accelerated_hypertension: Truth = False
    active_sediment: Truth = False
    active_histology: Truth = False
    nephrotic_syndrome: Truth = False


Parts = Mapping[str, Truth]
"""What each input says of one finding, by its name."""
_SIGNS = ("accelerated_hypertension", "active_sediment", "active_histology", "nephrotic_syndrome")
_SEVERE, _MODERATE, _MILD = (Decimal(1), Decimal(100)), (Decimal("0.5"), Decimal(50)), (Decimal("0.25"), Decimal(25))


def _persists(one: Measured, now: Fraction) -> Truth:
    """Whether it has not decreased by a quarter or more; what is measured at a first assessment has not."""
    if one.previous is None and one.first:
        return True
    return one.beside(lambda then: now > Fraction(3, 4) * then)


def _protein(seen: RenalFindings, limits: tuple[Decimal, Decimal], *, inclusive: bool, persistent: bool) -> Parts:
    """Whether each quantified protein passes its limit and, where that is asked, has not decreased by a quarter or more."""

    def passes(one: Measured, limit: Decimal) -> Truth:
        return one.says(
            lambda now: all_of(
                (now > limit or (inclusive and now == limit), _persists(one, now) if persistent else True),
            )
        )

    grams, ratio = limits
    return {"protein_24h": passes(seen.protein_24h, grams), "upcr": passes(seen.upcr, ratio), "acr": passes(seen.acr, ratio)}


def _dipstick(seen: RenalFindings, least: int, rise: int | None = None) -> Parts:
    """Whether the dipstick reads so many plus and has risen by so many; it does not speak where protein was quantified."""
    one = seen.dipstick
    if any(each.value is not None for each in (seen.protein_24h, seen.upcr, seen.acr)):
        return {"dipstick": False}

    def risen(now: Fraction) -> Truth:
        return True if rise is None else one.beside(lambda then: now - then >= rise)

    return {"dipstick": one.says(lambda now: all_of((now >= least, risen(now))))}


def _creatinine(seen: RenalFindings, share: Fraction, *, inclusive: bool) -> Parts:
    one = seen.creatinine

    def risen(now: Fraction) -> Truth:
        return one.beside(lambda then: now > share * then or (inclusive and now == share * then))

    return {"creatinine": one.says(lambda now: all_of((now > 130, risen(now))))}


def _filtration(seen: RenalFindings) -> Parts:
    one = seen.gfr
    unmeasured_or_more = one.previous is None or one.previous > 50

    def lower(now: Fraction) -> Truth:
        fallen = one.beside(lambda then: now < Fraction(67, 100) * then)
        return any_of((all_of((now < 80, fallen)), now < 50 and unmeasured_or_more))

    return {"gfr": one.says(lower)}


def _pressure(seen: RenalFindings) -> Parts:
    """Whether both pressures are high and have risen; where that is open, by those of them that leave it so."""
    each = {"systolic": _risen(seen.systolic, 140, 30), "diastolic": _risen(seen.diastolic, 90, 15)}
    both = all_of(each.values())
    return {name: None if both is None and truth is None else both is True for name, truth in each.items()}


def _risen(one: Measured, limit: int, rise: int) -> Truth:
    return one.says(lambda now: all_of((now > limit, one.beside(lambda then: now - then >= rise))))


def features(seen: RenalFindings) -> dict[str, Parts]:
    """The six features of a severe or moderate renal lupus."""
    severe = {**_protein(seen, _SEVERE, inclusive=False, persistent=True), **_dipstick(seen, 2, rise=2)}
    function = {**_creatinine(seen, Fraction(13, 10), inclusive=False), **_filtration(seen)}
    signs: dict[str, Parts] = {name: {name: getattr(seen, name)} for name in _SIGNS}
    return {"severe_proteinuria": severe, "deteriorating_function": function, **signs}


def _moderate(seen: RenalFindings) -> Parts:
    protein, risen = _protein(seen, _MODERATE, inclusive=True, persistent=True), Fraction(23, 20)
    return {**protein, **_dipstick(seen, 2, rise=1), **_creatinine(seen, risen, inclusive=True)}


def _mild(seen: RenalFindings) -> Parts:
    protein = _protein(seen, _MILD, inclusive=False, persistent=False)
    return {**protein, **_dipstick(seen, 1), **_pressure(seen)}


_DECIDING = ("severe_proteinuria", "active_sediment", "active_histology")


def _grade(found: Mapping[str, Truth], moderate: Truth, mild: Truth, *, unknown: bool) -> str | None:
    """The grade where everything unknown holds, or nothing unknown does."""
    holds = {name: unknown if truth is None else truth for name, truth in found.items()}
    if sum(holds.values()) > 1 and any(holds[name] for name in _DECIDING):
        return "A"
    if any(holds.values()) or moderate or (moderate is None and unknown):
        return "B"
    return "C" if mild or (mild is None and unknown) else None


def bilag_renal(seen: RenalFindings, ever_active: Truth) -> Verdict:
    """The renal grade over every completion of what was asked and not done, now or before; None where it is open."""
    parts = features(seen)
    found = {name: any_of(each.values()) for name, each in parts.items()}
    lesser = {"moderate": _moderate(seen), "mild": _mild(seen)}
    moderate, mild = (any_of(each.values()) for each in lesser.values())
    lowest = _grade(found, moderate, mild, unknown=False) or quiet(ever_active)
    highest = _grade(found, moderate, mild, unknown=True) or quiet(ever_active, worst=True)
    told = {**found, "moderate": moderate, "mild": mild}
    because = tuple(Evidence(name, "present") for name, truth in told.items() if truth)
    missing = _missing(seen, (*parts.values(), *lesser.values()))
    missing += ("whether the domain was ever active",) if ever_active is None else ()
    return verdict(RULE, "renal", lowest, highest, because, missing)


def _missing(seen: RenalFindings, parts: Iterable[Parts]) -> tuple[str, ...]:
    """The inputs that leave a finding open: themselves where they were not done, else their previous values."""
    open_ = {name for each in parts for name, truth in each.items() if truth is None}
    entered = {field.name: getattr(seen, field.name) for field in fields(seen) if field.name in open_}
    return tuple(
        f"previous_{name}" if isinstance(one, Measured) and one.value is not None else name for name, one in entered.items()
    )
