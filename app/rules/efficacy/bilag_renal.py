"""
BILAG-2004 renal grade from findings and laboratory.

Six features: (1) severe proteinuria, more than 1 g a day, UPCR or ACR above 100 mg/mmol, not decreased by 25 % or more;
(2) accelerated hypertension; (3) creatinine above 130 umol/L and above 130 % of the previous, or GFR below 80 and below 67 % of
it, or GFR below 50 after one above 50 or none; (4) active sediment; (5) active histology within three months; (6) nephrotic
syndrome. A: two of them, one being 1, 4 or 5. B: one of them; or 0.5 g a day, UPCR or ACR of 50 or more, not decreased by
25 %; or creatinine above 130 and 115 % or more of the previous. C: above 0.25 g a day, UPCR or ACR above 25, or blood
pressure above 140/90 with a rise of 30 and of 15 or more. The dipstick speaks only where nothing was quantified: two levels
up is feature 1, one level up to 2+ is B, 1+ is C. Else D or E.

Rulings. Without a previous value a proteinuria has not decreased and a creatinine has not risen. The adult limits are
insensitive between 12 and 17 years: reason enough to let investigators grade.

Source: Isenberg DA et al. Rheumatology 2005;44:902-906; UK JSLE registry's public code (read); details recalled: unverified.
"""

from __future__ import annotations

from collections.abc import Callable
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
    """A measurement and that of the previous assessment; one that was `asked` for and has no value was not done."""

    value: Decimal | None = None
    previous: Decimal | None = None
    asked: bool = False

    @property
    def open(self) -> bool:
        """Whether it was asked for and not done."""
        return self.asked and self.value is None


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


_SEVERE, _MODERATE, _MILD = (Decimal(1), Decimal(100)), (Decimal("0.5"), Decimal(50)), (Decimal("0.25"), Decimal(25))


def _passes(one: Measured, condition: bool) -> Truth:
    return None if one.open else condition


def _share(one: Measured) -> Fraction | None:
    """The value as a share of the previous; None without one."""
    if one.value is None or not one.previous:
        return None
    return Fraction(one.value) / Fraction(one.previous)


def _protein(seen: RenalFindings, limits: tuple[Decimal, Decimal], *, inclusive: bool, persistent: bool) -> Truth:
    """Whether any quantified protein passes its limit and, where that is asked, has not decreased by a quarter or more."""
    sources = ((seen.protein_24h, limits[0]), (seen.upcr, limits[1]), (seen.acr, limits[1]))
    each: list[Truth] = []
    for one, limit in sources:
        passed = one.value is not None and (one.value > limit or (inclusive and one.value == limit))
        share = _share(one) if persistent else None
        each.append(_passes(one, passed and (share is None or share > Fraction(3, 4))))
    return any_of(each)


def _dipstick(seen: RenalFindings, says: Callable[[Decimal, Decimal], bool]) -> Truth:
    """What the dipstick says by its level and its rise; it does not speak where protein was quantified."""
    one = seen.dipstick
    if any(each.value is not None for each in (seen.protein_24h, seen.upcr, seen.acr)):
        return False
    return _passes(one, one.value is not None and says(one.value, one.value - (one.previous or 0)))


def _creatinine(seen: RenalFindings, share: Fraction, *, inclusive: bool) -> Truth:
    one, ratio = seen.creatinine, _share(seen.creatinine)
    risen = ratio is not None and (ratio > share or (inclusive and ratio == share))
    return _passes(one, one.value is not None and one.value > 130 and risen)


def _filtration(seen: RenalFindings) -> Truth:
    one, ratio = seen.gfr, _share(seen.gfr)
    fallen = one.value is not None and one.value < 80 and ratio is not None and ratio < Fraction(67, 100)
    lost = one.value is not None and one.value < 50 and (one.previous is None or one.previous > 50)
    return _passes(one, fallen or lost)


def _pressure(seen: RenalFindings) -> Truth:
    return all_of((_risen(seen.systolic, 140, 30), _risen(seen.diastolic, 90, 15)))


def _risen(one: Measured, limit: int, rise: int) -> Truth:
    risen = one.value is not None and one.previous is not None and one.value - one.previous >= rise
    return _passes(one, risen and one.value is not None and one.value > limit)


def features(seen: RenalFindings) -> dict[str, Truth]:
    """The six features of a severe or moderate renal lupus."""
    protein = _protein(seen, _SEVERE, inclusive=False, persistent=True)
    return {
        "severe_proteinuria": any_of((protein, _dipstick(seen, lambda _, rise: rise >= 2))),
        "accelerated_hypertension": seen.accelerated_hypertension,
        "deteriorating_function": any_of((_creatinine(seen, Fraction(13, 10), inclusive=False), _filtration(seen))),
        "active_sediment": seen.active_sediment,
        "active_histology": seen.active_histology,
        "nephrotic_syndrome": seen.nephrotic_syndrome,
    }


_DECIDING = ("severe_proteinuria", "active_sediment", "active_histology")


def _grade(found: dict[str, Truth], moderate: Truth, mild: Truth, *, unknown: bool) -> str | None:
    """The grade where everything unknown holds, or nothing unknown does."""
    holds = {name: unknown if truth is None else truth for name, truth in found.items()}
    if sum(holds.values()) > 1 and any(holds[name] for name in _DECIDING):
        return "A"
    if any(holds.values()) or moderate or (moderate is None and unknown):
        return "B"
    return "C" if mild or (mild is None and unknown) else None


def bilag_renal(seen: RenalFindings, ever_active: Truth) -> Verdict:
    """The renal grade over every completion of what was asked and not done; None where it is open."""
    found = features(seen)
    moderate = any_of(
        (
            _protein(seen, _MODERATE, inclusive=True, persistent=True),
            _dipstick(seen, lambda level, rise: level >= 2 and rise >= 1),
            _creatinine(seen, Fraction(23, 20), inclusive=True),
        )
    )
    mild = any_of(
        (
            _protein(seen, _MILD, inclusive=False, persistent=False),
            _dipstick(seen, lambda level, _: level >= 1),
            _pressure(seen),
        )
    )
    lowest = _grade(found, moderate, mild, unknown=False) or quiet(ever_active)
    highest = _grade(found, moderate, mild, unknown=True) or quiet(ever_active, worst=True)
    because = tuple(Evidence(name, "present") for name, truth in found.items() if truth)
    because += tuple(Evidence(name, "present") for name, truth in (("moderate", moderate), ("mild", mild)) if truth)
    return verdict(RULE, "renal", lowest, highest, because, _missing(seen, ever_active))


def _missing(seen: RenalFindings, ever_active: Truth) -> tuple[str, ...]:
    entered = {field.name: getattr(seen, field.name) for field in fields(seen)}
    open_ = (name for name, one in entered.items() if one is None or (isinstance(one, Measured) and one.open))
    return (*open_, *(("whether the domain was ever active",) if ever_active is None else ()))
