"""
Glucocorticoids as prednisone equivalents in mg a day.

Ratios are fractions, not rounded factors: 0.75 mg of dexamethasone are exactly 5 mg of prednisone. Doses by mouth, vein and
muscle are added, each averaged over the days between administrations; inhaled, topical and injected into a joint do not
count. A drug without a ratio, or an unknown dose, interval or route, leaves the sum unknown. Not recorded is unknown;
recorded as none is 0.

Disputed. Other tables print 0.6 mg for betamethasone, 0.75 here; deflazacort is printed as 1.2 to 1 and up to 1.5 to 1, 1.2
here. Rounded factors are not used: 6.67 would make 0.75 mg of dexamethasone 5.0025 mg and end a remission.

Source: US prescribing information of prednisone (relative potencies 5, 5, 4, 4, 0.75, 0.75, 20, 25 mg); deflazacort 6 mg
(1.2 to 1): Parente L. BMC Pharmacol Toxicol 2017;18:1. Limits: Franklyn K et al. Ann Rheum Dis 2016;75:1615-1621 and the
childhood definitions, see `lldas` and `doris`.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from app.rules.exact import decimal, plain
from app.rules.facts import Dose, VisitFacts
from app.rules.verdict import Criterion, Evidence, Rule, Truth, Value, Verdict, all_of

RULE = Rule("prednisone", "1", "Prednisone equivalent", "US prescribing information of prednisone; Parente L. 2017;18:1")
PREDNISONE_PER_MG: Mapping[str, Fraction] = {
    "prednisone": Fraction(1),
    "prednisolone": Fraction(1),
    "methylprednisolone": Fraction(5, 4),
    "triamcinolone": Fraction(5, 4),
    "dexamethasone": Fraction(20, 3),
    "betamethasone": Fraction(20, 3),
    "hydrocortisone": Fraction(1, 4),
    "cortisone": Fraction(1, 5),
    "deflazacort": Fraction(5, 6),
}
SYSTEMIC = frozenset(
    {"oral", "iv", "im", "oral gavage", "intravenous", "intravenous bolus", "intravenous drip", "intramuscular"}
)
LOCAL = frozenset(
    {
        "inhaled",
        "respiratory (inhalation)",
        "nasal",
        "topical",
        "cutaneous",
        "intradermal",
        "intralesional",
        "ophthalmic",
        "conjunctival",
        "subconjunctival",
        "intravitreal",
        "auricular (otic)",
        "intra-articular",
        "intrasynovial",
        "periarticular",
        "intrabursal",
        "dental",
    }
)


def equivalent(drug: str, mg: Decimal) -> Fraction | None:
    """The mg of prednisone that stand for `mg` of a glucocorticoid, by its lower-case name; None for one without a ratio."""
    ratio = PREDNISONE_PER_MG.get(drug.strip().lower())
    return None if ratio is None else Fraction(mg) * ratio


def _per_day(dose: Dose) -> Fraction | None:
    route = dose.route.strip().lower()
    if route in LOCAL:
        return Fraction(0)
    if route not in SYSTEMIC or dose.mg is None or dose.interval_days is None or dose.interval_days <= 0:
        return None
    mg = equivalent(dose.drug, dose.mg)
    return None if mg is None else mg / Fraction(dose.interval_days)


def prednisone_mg_per_day(doses: tuple[Dose, ...] | None) -> Fraction | None:
    """The sum in mg of prednisone a day; None where not recorded or any systemic dose is unknown, 0 where recorded as none."""
    if doses is None:
        return None
    each = [_per_day(dose) for dose in doses]
    known = [amount for amount in each if amount is not None]
    return sum(known, Fraction(0)) if len(known) == len(each) else None


def missing(visit: VisitFacts) -> tuple[str, ...]:
    """What keeps the sum of a visit unknown, in words."""
    if visit.glucocorticoids is None:
        return (f"glucocorticoids at {visit.name}",)
    unknown = (dose.drug for dose in visit.glucocorticoids if _per_day(dose) is None)
    return tuple(f"prednisone equivalent of {drug} at {visit.name}" for drug in unknown)


def _interval(dose: Dose) -> str:
    if dose.interval_days is None:
        return "interval not known"
    return "daily" if dose.interval_days == 1 else f"every {plain(dose.interval_days)} days"


def _taken(visit: VisitFacts) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(
            f"{dose.drug}, {dose.route}, {_interval(dose)}",
            plain(dose.mg),
            "mg",
            visit.at,
            dose.source,
        )
        for dose in visit.glucocorticoids or ()
    )


def shown(visit: VisitFacts) -> tuple[Evidence, ...]:
    """The sum of a visit as evidence, with each dose it was made of."""
    total = plain(prednisone_mg_per_day(visit.glucocorticoids))
    return (Evidence(f"prednisone equivalent at {visit.name}", total, "mg/day", visit.at or None), *_taken(visit))


def _least(doses: tuple[Dose, ...] | None) -> Fraction:
    """What is known to be taken at the least: an unknown dose can only add to it."""
    return sum((amount for dose in doses or () if (amount := _per_day(dose)) is not None), Fraction(0))


def at_most(key: str, visit: VisitFacts, most: Decimal, most_per_kg: Decimal | None = None) -> Criterion:
    """
    At most so many mg of prednisone a day and, for a child, at most so many mg per kg of the weight at the visit.

    What is known to be taken may already exceed the limit, whatever else is unknown. Without a weight, no glucocorticoid is
    within a child's limit and more than the fixed limit is beyond it; between, unknown.
    """
    total, least = prednisone_mg_per_day(visit.glucocorticoids), _least(visit.glucocorticoids)
    limits: list[Fraction | None] = [Fraction(most)]
    facts, lacking = [*shown(visit), Evidence("limit", plain(most), "mg/day")], missing(visit)
    if most_per_kg is not None:
        weight = Evidence(f"weight at {visit.name}", plain(visit.weight_kg), "kg", visit.at or None, visit.weight_source)
        limits.append(None if visit.weight_kg is None else Fraction(visit.weight_kg) * Fraction(most_per_kg))
        facts += [Evidence(f"limit at {plain(most_per_kg)} mg/kg", plain(limits[-1]), "mg/day"), weight]
        lacking += (weight.what,) if visit.weight_kg is None else ()
    return Criterion(key, all_of(_within(total, least, limit) for limit in limits), tuple(facts), lacking)


def _within(total: Fraction | None, least: Fraction, limit: Fraction | None) -> Truth:
    if total == 0:
        return True
    if limit is None:
        return None
    return False if least > limit else None if total is None else True


def prednisone(visit: VisitFacts) -> Verdict:
    """The prednisone equivalent about a visit, in mg a day."""
    total = prednisone_mg_per_day(visit.glucocorticoids)
    return Verdict(
        RULE,
        visit.name,
        Value.NOT_EVALUABLE if total is None else Value.COMPUTED,
        amount=None if total is None else decimal(total),
        missing=missing(visit),
        evidence=_taken(visit),
    )
