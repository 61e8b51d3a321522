"""
What a B-cell depletion leads to: depletion and reconstitution of B cells, loss of anti-dsDNA, normal complement.

Depletion: the first count below the study's limit. Reconstitution: the first of two consecutive counts after it that reach
the study's limit. Seroconversion: anti-dsDNA above the assay's upper limit at baseline and at or below it in two consecutive
later results of the same assay. Normalisation: a complement fraction below its lower limit at baseline and at or above it in
two consecutive later results. The limits are the study's: no universal one is published.

Rulings. A result that is missing between two others does not count as either. A censored result is below or above a limit only
where all that it may be is, and leaves it open whether B cells went or came back where nothing else decides it. A result in
another unit is one of another assay. Baseline is the last result certainly before the treatment began, later results are those
certainly after the first infusion.

Source: Mackensen A et al. Nat Med 2022;28:2124-2132 (reappearance); limits and confirmation are the protocol's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from app.rules.dates import sort_key
from app.rules.exact import plain
from app.rules.spans import at_least, exact, observed
from app.rules.verdict import Criterion, Evidence, Rule, Source, Truth, Value, Verdict, judge

B_CELLS_RULE = Rule("b_cells", "1", "B-cell depletion and reconstitution", "Mackensen A et al. Nat Med 2022;28:2124-2132")
DNA_RULE = Rule("dsdna_conversion", "1", "Anti-dsDNA seroconversion", "Study settings: two results at or below the limit")
COMPLEMENT_RULE = Rule(
    "complement_normal", "1", "Complement normalisation", "Study settings: two results at or above the limit"
)


@dataclass(frozen=True, slots=True)
class Result:
    """
    One dated result with the reference limit of its laboratory and the assay that it was made by; `qualifier`: `<` or `>` of
    a censored result, which is below or above a limit only where all that it may be is.
    """

    at: str
    value: Decimal | None
    limit: Decimal | None = None
    assay: str | None = None
    source: Source | None = None
    qualifier: str | None = None
    unit: str | None = None

    def at_least(self, limit: Decimal | None) -> Truth:
        """Whether the result reaches a limit; None where either was not recorded, or a censored result leaves it open."""
        return None if self.value is None or limit is None else at_least(observed(self.value, self.qualifier), exact(limit))

    def at_most(self, limit: Decimal | None) -> Truth:
        """Whether the result does not exceed a limit, in the same way."""
        return None if self.value is None or limit is None else at_least(exact(limit), observed(self.value, self.qualifier))


def _evidence(what: str, result: Result) -> Evidence:
    value = plain(result.value)
    return Evidence(what, None if value is None else f"{result.qualifier or ''}{value}", result.unit, result.at, result.source)


def _in_order(results: Iterable[Result]) -> list[Result]:
    return sorted((result for result in results if result.value is not None), key=lambda result: sort_key(result.at))


def b_cells(counts: Iterable[Result], depleted_below: Decimal, reconstituted_from: Decimal) -> Verdict:
    """
    Whether the B cells were depleted and came back, from absolute counts after the first infusion in the unit of the limits.

    Computed with the moments of both as evidence; not evaluable without a count, or where a censored one leaves either open.
    """
    ordered = _in_order(counts)
    if not ordered:
        return Verdict(B_CELLS_RULE, "subject", Value.NOT_EVALUABLE, missing=("B-cell count",))
    low = next((place for place, count in enumerate(ordered) if count.at_least(depleted_below) is False), None)
    after = [] if low is None else [(count, count.at_least(reconstituted_from)) for count in ordered[low + 1 :]]
    back = next((count for (count, first), (_, second) in pairwise(after) if first and second), None)
    depletion = () if low is None else (_evidence("depletion", ordered[low]),)
    reconstitution = () if back is None else (_evidence("reconstitution", back),)
    depleted = _came(depletion, (count.at_least(depleted_below) for count in ordered))
    reconstituted = None if depleted is None else _came(reconstitution, (reaches for _, reaches in after))
    missing = ("exact B-cell count",) if reconstituted is None else ()
    criteria = (
        Criterion("depleted", depleted, depletion, missing),
        Criterion("reconstituted", reconstituted, reconstitution, missing),
    )
    value = Value.NOT_EVALUABLE if missing else Value.COMPUTED
    return Verdict(B_CELLS_RULE, "subject", value, criteria, missing=missing, evidence=(*depletion, *reconstitution))


def _came(moment: tuple[Evidence, ...], reached: Iterable[Truth]) -> Truth:
    """Whether a moment came: it was found, or a count that may reach the limit or not leaves it open."""
    return True if moment else None if None in list(reached) else False


def _converted(rule: Rule, key: str, baseline: Result, later: Iterable[Result], normal: Callable[[Result], Truth]) -> Verdict:
    """Met where a baseline that is not normal becomes so twice in a row; not applicable where it was normal."""
    if normal(baseline) is True:
        return Verdict(rule, "subject", Value.NOT_APPLICABLE, evidence=(_evidence("baseline", baseline),))
    same = [result for result in _in_order(later) if result.assay == baseline.assay]
    confirmed = next((one for one, other in pairwise(same) if normal(one) and normal(other)), None)
    because = (_evidence("baseline", baseline), *((_evidence("first normal", confirmed),) if confirmed else ()))
    unknown = normal(baseline) is None or (confirmed is None and any(normal(result) is None for result in same))
    holds = None if unknown else confirmed is not None
    return judge(rule, "subject", (Criterion(key, holds, because, ("a reference limit or a baseline",)),))


def dsdna_conversion(baseline: Result, later: Iterable[Result]) -> Verdict:
    """Loss of anti-dsDNA: two consecutive results of the baseline's assay at or below its upper limit."""
    return _converted(DNA_RULE, "seroconverted", baseline, later, lambda result: result.at_most(result.limit))


def complement_normal(baseline: Result, later: Iterable[Result]) -> Verdict:
    """Normal complement: two consecutive results of the baseline's assay at or above its lower limit."""
    return _converted(COMPLEMENT_RULE, "normalised", baseline, later, lambda result: result.at_least(result.limit))
