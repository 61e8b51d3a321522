"""
SLEDAI-2K descriptors beside the data that they are scored from: agree, or ask. The tick is the score and is never overwritten.

| descriptor | source | met where |
| --- | --- | --- |
| proteinuria | protein of 24 h, else UPCR | above 0.5 g/24 h; 0.5 mg/mg or g/g; 500 mg/g; 50 mg/mmol, in the unit reported |
| hematuria, pyuria | microscopy | above 5 a field |
| urinary_casts | microscopy | heme-granular or red-cell casts |
| low_complement | C3, C4, CH50 | any below the laboratory's lower limit |
| increased_dna_binding | anti-dsDNA | above the upper limit of that assay |
| thrombocytopenia, leukopenia | counts | below 100, below 3.0 x 10^9/L |
| fever | temperature | above 38.0 degrees Celsius |
| arthritis | active joints | two or more |
| any clinical finding | last present | at most 30 days before the visit |

A dipstick, cells per uL for a count per field, and a result without its reference limit check nothing. A sample counts from as
many days before the visit up to it as the study looks back (30, if it says nothing else); one taken after the visit never does.
Evidence that what was scored has another cause: growth in the urine (hematuria, pyuria); cytopenia in the 28 days after the
start of the lymphodepletion or after the first infusion; fever in the 28 days after the first infusion, or a CRS.

Rulings. A 24-hour collection outranks a UPCR of its day; of different days either may score; where it is not known whether
they are of one day, a UPCR that alone is above its limit decides nothing, and the message says that this is what is open. A
complement fraction that was not measured says nothing. In a casebook a tick is held beside the last day up to the visit whose
results can be compared; where it is scored and that day does not meet it, beside an earlier day of the look-back that does. So
nothing is asked twice: what an older sample showed was in the investigator's sight. A censored result counts where all that it
may be lies on one side of the limit. Red-cell casts are read from a count or from words for yes and no; other words say
nothing. Of a quantity that was never measured in the subject nothing is said.

Disputed. One public protocol scores haematuria and pyuria only beside an abnormal urine protein; the definition does not ask
for it, and it is not asked here.

Source: Gladman DD et al. J Rheumatol 2002;29:288-291 (definitions); EULAR points to consider on attribution, as reviewed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from app.rules.exact import plain
from app.rules.laboratory.units import converted
from app.rules.verdict import Criterion, Evidence, Rule, Truth, Value, Verdict, any_of, not_

RULE = Rule("check_sledai_laboratory", "1", "SLEDAI-2K beside its data", "Gladman DD et al. J Rheumatol 2002;29:288-291")
LOOK_BACK_DAYS = 30
CONDITIONED_TO_DAY = 28
UPCR_LIMIT: Mapping[str, Fraction] = {
    "mg/mg": Fraction(1, 2),
    "g/g": Fraction(1, 2),
    "mg/g": Fraction(500),
    "mg/mmol": Fraction(50),
}
PROTEIN_LIMIT: Mapping[str, Fraction] = {
    "g/24h": Fraction(1, 2),
    "g/day": Fraction(1, 2),
    "mg/24h": Fraction(500),
    "mg/day": Fraction(500),
}
ONE_DAY = (
    "the UPCR is above its limit and the protein of 24 h is not; of one day the 24 hours decide, of two days either may, and "
    "whether they are of one day is not known"
)
"""What is open where the two measures of protein disagree."""
_SCORING_CAST = re.compile(r"\b(rbc|red|erythrocyt\w*|hem\w*|haem\w*)\b", re.IGNORECASE)
_NO_CAST = re.compile(r"\s*(no|none|nil|absent|negative)\b", re.IGNORECASE)
_NO_GROWTH = re.compile(r"negative|no growth|sterile|no significant|contaminat|pending|not done", re.IGNORECASE)


class Status(StrEnum):
    """How a tick and the data stand to each other."""

    AGREE = "agree"
    NOT_SCORED = "query_threshold_met_not_scored"
    EXPLAINED = "explained_excluded"
    BELOW = "query_scored_below_threshold"
    EXCLUDED = "query_scored_despite_exclusion_evidence"
    CANNOT_CHECK = "lab_missing_cannot_check"
    OUTSIDE_WINDOW = "lab_outside_window"


@dataclass(frozen=True, slots=True)
class Observation:
    """
    What the record holds beside one tick; None is not recorded. `sample_day`: the sample's day counted from the visit, which
    is 0; `look_back`: the days before it that count; `study_day`: days since the first infusion; `depletion_day`: since the
    start of the lymphodepletion; `last_present_days`: days before the visit on which a finding was last there. `crs`: whether a
    CRS was reported; `reported`: a result in the words of its report by its name (`C4`), where they are not its number alone
    (`<0.05`).
    """

    sample_day: int
    look_back: int = LOOK_BACK_DAYS
    upcr: Decimal | None = None
    protein_24h: Decimal | None = None
    same_day: Truth = None
    cells_per_field: Decimal | None = None
    casts: str | None = None
    complement: Mapping[str, tuple[Decimal | None, Decimal | None]] | None = None
    anti_dsdna: Decimal | None = None
    uln: Decimal | None = None
    count: Decimal | None = None
    temperature_c: Fraction | None = None
    active_joints: Decimal | None = None
    last_present_days: int | None = None
    unit: str | None = None
    protein_unit: str | None = None
    urine_culture: str | None = None
    crs: bool = False
    study_day: int | None = None
    depletion_day: int | None = None
    sampled_on: str | None = None
    exclusion_reason: str | None = None
    reported: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """What the data say of a descriptor: whether it is met, what was measured, the limit and what leaves it open in words."""

    met: Truth
    measured: tuple[Evidence, ...]
    limit: str
    open: str = "there is no usable result or no reference limit"


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """A tick beside its data: the status, whether the data meet the descriptor, and the words of the query."""

    status: Status
    derived: Truth
    message: str
    verdict: Verdict


def _quantity(what: str, value: Decimal | None, unit: str | None, limits: Mapping[str, Fraction]) -> tuple[Truth, Evidence]:
    limit = limits.get(unit or "")
    met = None if value is None or limit is None else Fraction(value) > limit
    return met, Evidence(what, plain(value), unit)


def _proteinuria(seen: Observation) -> Finding:
    collected = _quantity("protein of 24 h", seen.protein_24h, seen.protein_unit, PROTEIN_LIMIT)
    ratio = _quantity("UPCR", seen.upcr, seen.unit, UPCR_LIMIT)
    said = [truth for truth, _ in (collected, ratio) if truth is not None]
    apart = said == [False, True]
    met = not_(seen.same_day) if apart else next(iter(said), None)
    measured = tuple(fact for _, fact in (collected, ratio) if fact.value is not None)
    found = Finding(met, measured, f"above {_protein_limit(collected[1], ratio[1])}")
    return replace(found, open=ONE_DAY) if apart else found


def _protein_limit(collected: Evidence, ratio: Evidence) -> str:
    """The limits of what was measured, each with its unit where there are two."""
    pairs = ((collected, PROTEIN_LIMIT), (ratio, UPCR_LIMIT))
    limits = [(plain(of[unit]), unit) for fact, of in pairs if fact.value and (unit := fact.unit or "") in of]
    if len(limits) == 1:
        return str(limits.pop()[0])
    return " or ".join(f"{limit} {unit}" for limit, unit in limits) or "0.5 g/24 h or 0.5 mg/mg"


def _per_field(seen: Observation) -> Finding:
    cells = seen.cells_per_field
    met = None if cells is None else cells > 5
    return Finding(met, (Evidence("cells", plain(cells), "per field"),), "above 5 per field")


def _casts(seen: Observation) -> Finding:
    met: Truth = None
    if seen.casts is not None:
        met = _SCORING_CAST.search(seen.casts) is not None and _NO_CAST.match(seen.casts) is None
    return Finding(met, (Evidence("casts", seen.casts),), "heme-granular or red-cell casts")


def _complement(seen: Observation) -> Finding:
    measured = {name: (value, lln) for name, (value, lln) in (seen.complement or {}).items() if value is not None}
    each = [None if lln is None or value is None else value < lln for value, lln in measured.values()]
    shown = (Evidence(name, plain(value), seen.unit) for name, (value, _) in measured.items())
    limits = ", ".join(f"{name} {plain(lln) or 'not recorded'}" for name, (_, lln) in measured.items())
    return Finding(any_of(each) if each else None, tuple(shown), f"below the lower limit ({limits})")


def _dna_binding(seen: Observation) -> Finding:
    met = None if seen.anti_dsdna is None or seen.uln is None else seen.anti_dsdna > seen.uln
    limit = f"above the upper limit ({plain(seen.uln) or 'not recorded'})"
    return Finding(met, (Evidence("anti-dsDNA", plain(seen.anti_dsdna), seen.unit),), limit)


def _cytopenia(limit: Decimal) -> Callable[[Observation], Finding]:
    def finding(seen: Observation) -> Finding:
        count = converted(seen.count, seen.unit, "10^9/L")
        met = None if count is None else count < limit
        return Finding(met, (Evidence("count", plain(seen.count), seen.unit),), f"below {limit} x 10^9/L")

    return finding


def _fever(seen: Observation) -> Finding:
    met = None if seen.temperature_c is None else seen.temperature_c > 38
    return Finding(met, (Evidence("temperature", plain(seen.temperature_c), "Cel"),), "above 38.0 degrees Celsius")


def _arthritis(seen: Observation) -> Finding:
    met = None if seen.active_joints is None else seen.active_joints >= 2
    return Finding(met, (Evidence("active joints", plain(seen.active_joints)),), "two joints or more")


def _finding(seen: Observation) -> Finding:
    days = seen.last_present_days
    met = None if days is None else abs(days) <= seen.look_back
    shown = Evidence("last present", None if days is None else str(abs(days)), "days before the visit")
    return Finding(met, (shown,), f"within {seen.look_back} days before the visit")


SOURCES: Mapping[str, Callable[[Observation], Finding]] = {
    "proteinuria": _proteinuria,
    "hematuria": _per_field,
    "pyuria": _per_field,
    "urinary_casts": _casts,
    "low_complement": _complement,
    "increased_dna_binding": _dna_binding,
    "thrombocytopenia": _cytopenia(Decimal(100)),
    "leukopenia": _cytopenia(Decimal("3.0")),
    "fever": _fever,
    "arthritis": _arthritis,
}
"""How each descriptor is read from data; every other one is a clinical finding."""


def _derived(descriptor: str, seen: Observation) -> Finding:
    found = SOURCES.get(descriptor, _finding)(seen)
    return _finding(seen) if found.met is None and seen.last_present_days is not None else found


def _other_cause(descriptor: str, seen: Observation) -> str | None:
    """The likely non-lupus cause that the record itself holds, in words."""
    if descriptor in ("hematuria", "pyuria") and seen.urine_culture and not _NO_GROWTH.search(seen.urine_culture):
        return f"urine culture: {seen.urine_culture}"
    if descriptor in ("thrombocytopenia", "leukopenia"):
        return _depleted(seen)
    if descriptor == "fever" and (seen.crs or _conditioned(seen.study_day)):
        return "cytokine release syndrome after the infusion"
    return None


def _conditioned(days: int | None) -> bool:
    return days is not None and 0 <= days <= CONDITIONED_TO_DAY


def _depleted(seen: Observation) -> str | None:
    """That the sample is of the days under the effect of lymphodepletion, in words."""
    if _conditioned(seen.study_day):
        return f"lymphodepletion, on day {seen.study_day} after the first infusion"
    return f"lymphodepletion, on day {seen.depletion_day} after its start" if _conditioned(seen.depletion_day) else None


def _status(ticked: Truth, met: Truth, cause: str | None, reason: str | None) -> Status:
    if met is None:
        return Status.CANNOT_CHECK
    if met and not ticked:
        return Status.EXPLAINED if reason else Status.NOT_SCORED
    if ticked and not met:
        return Status.BELOW
    return Status.EXCLUDED if ticked and cause and not reason else Status.AGREE


def _message(status: Status, descriptor: str, found: Finding, seen: Observation, cause: str | None) -> str:
    """What is asked, or why nothing is: value, unit, date, limit and rule version."""
    values = [(fact.what, seen.reported.get(fact.what, fact.value), fact.unit or "") for fact in found.measured if fact.value]
    measured = "; ".join(f"{what} {value} {unit}".strip() for what, value, unit in values)
    on = f" on {seen.sampled_on}" if seen.sampled_on else ""
    likely = f" A likely other cause is {cause}." if cause else ""
    says = {
        Status.AGREE: "the tick and the data agree",
        Status.NOT_SCORED: f"the limit is met and {descriptor} is not scored. Score it, or give the non-lupus reason",
        Status.EXPLAINED: f"the limit is met and {descriptor} is excluded: {seen.exclusion_reason}",
        Status.BELOW: f"{descriptor} is scored and the limit is not met. Confirm the score, or correct it",
        Status.EXCLUDED: f"{descriptor} is scored. Confirm that lupus is the cause",
        Status.CANNOT_CHECK: f"{found.open}; the tick was not checked",
        Status.OUTSIDE_WINDOW: f"the sample is not within {seen.look_back} days before the visit; the tick was not checked",
    }[status]
    return f"{measured or 'No result'}{on} (limit: {found.limit}): {says}.{likely} [{RULE.id} version {RULE.version}]"


def _lacking(descriptor: str, found: Finding) -> str:
    return (
        "whether UPCR and protein of 24 h are of one day"
        if found.open == ONE_DAY
        else f"usable data for {in_words(descriptor)}"
    )


def in_words(descriptor: str) -> str:
    """A descriptor as a sentence names it."""
    return descriptor.replace("_", " ").replace("dna", "DNA")


_VALUE = {Status.AGREE: Value.CLEAR, Status.EXPLAINED: Value.CLEAR}
_UNCHECKED = (Status.CANNOT_CHECK, Status.OUTSIDE_WINDOW)


def crosscheck(descriptor: str, seen: Observation, ticked: Truth, about: str = "assessment") -> CrossCheck:
    """A descriptor's tick beside its data; a query is flagged, what cannot be checked is not evaluable."""
    inside = -seen.look_back <= seen.sample_day <= 0
    found = _derived(descriptor, seen)
    cause = _other_cause(descriptor, seen) if found.met else None
    met = found.met if inside else None
    status = _status(ticked, met, cause, seen.exclusion_reason) if inside else Status.OUTSIDE_WINDOW
    value = Value.NOT_EVALUABLE if status in _UNCHECKED else _VALUE.get(status, Value.FLAGGED)
    criterion = Criterion(descriptor, met, found.measured, (_lacking(descriptor, found),) if met is None else ())
    verdict = Verdict(RULE, about, value, (criterion,), missing=criterion.missing)
    return CrossCheck(status, met, _message(status, in_words(descriptor), found, seen, cause), verdict)
