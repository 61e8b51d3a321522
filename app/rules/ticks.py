"""
The laboratory ticks of every SLEDAI-2K of a subject, each beside the results that stand in the casebook: see `crosscheck`.

A descriptor that was assessed is held beside the results of one day: of the last day up to the visit on which any was measured
that can be compared. Where the descriptor is scored and that day does not meet it, an earlier day within the look-back that
does is taken. Of a quantity that was never measured in the subject nothing is said.

Rulings. The last sample decides where nothing is scored: what a sample before it showed within the look-back was in the
investigator's sight, and asking again would ask twice. A censored result counts where all that it may be lies on one side of
the limit. Red-cell casts are read from words (positive, negative) or a count; other words say nothing. CRS is named as a likely
cause of fever where an adverse event of that term lasts on the day of the sample. A result that a person excluded has no field
of its own: the reason is given in the answer to the query.

Source: Gladman DD et al. J Rheumatol 2002;29:288-291 (definitions); the choice of the sample is a ruling.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

from app.rules import crosscheck
from app.rules.checks import CRS_TERMS
from app.rules.crosscheck import LOOK_BACK_DAYS, CrossCheck, Observation, Status
from app.rules.dates import before, days_between, sort_key
from app.rules.facts import Facts, Measurement, Sledai, VisitFacts
from app.rules.verdict import Evidence, Truth, Value, Verdict, answered
from app.rules.visits import in_order

Sample = Sequence[Measurement]
"""What was measured for one descriptor on one day, in order of time."""

QUANTITIES: Mapping[str, tuple[str, ...]] = {
    "proteinuria": ("protein_24h", "upcr"),
    "hematuria": ("red_cells_per_field", "red_cells_in_urine"),
    "pyuria": ("white_cells_per_field", "white_cells_in_urine"),
    "urinary_casts": ("red_cell_casts",),
    "low_complement": ("c3", "c4", "ch50"),
    "increased_dna_binding": ("anti_dsdna",),
    "thrombocytopenia": ("platelets",),
    "leukopenia": ("white_cells",),
    "fever": ("temperature",),
}
"""The quantities that each descriptor is read from."""
BELOW = frozenset({"low_complement", "thrombocytopenia", "leukopenia"})
"""The descriptors that are met below a limit; the others are met above one."""
PER_FIELD = frozenset({"red_cells_per_field", "white_cells_per_field"})
CASTS = {"POSITIVE": "red-cell casts", "PRESENT": "red-cell casts", "NEGATIVE": "no casts", "ABSENT": "no casts", "NONE": "no casts"}
NAMES = {"upcr": "UPCR", "protein_24h": "protein of 24 h", "c3": "C3", "c4": "C4", "ch50": "CH50", "anti_dsdna": "anti-dsDNA"}


def checks(facts: Facts) -> Iterator[Verdict]:
    """A check about each visit and laboratory descriptor: flagged where a query is due, not evaluable where nothing compares."""
    samples = {descriptor: _samples(facts, names) for descriptor, names in QUANTITIES.items()}
    for visit in in_order(facts.visits):
        for descriptor, measured in samples.items():
            ticked = None if visit.sledai is None else visit.sledai.items.get(descriptor)
            near = [(day, sample) for sample in measured if (day := days_between(visit.at, sample[-1].at)) is not None]
            if visit.sledai is not None and ticked is not None and near:
                yield _verdict(visit, visit.sledai, descriptor, *_chosen(facts, descriptor, ticked, near))


def _samples(facts: Facts, names: Sequence[str]) -> list[Sample]:
    """The results of some quantities day by day, the last day first."""
    of = sorted((one for one in facts.results if one.quantity in names), key=lambda one: (sort_key(one.at), one.id))
    days = [list(each) for _, each in groupby(of, key=lambda one: sort_key(one.at)[:10])]
    return days[::-1]


def _chosen(
    facts: Facts, descriptor: str, ticked: bool, near: Sequence[tuple[int, Sample]]
) -> tuple[bool, Sample, CrossCheck]:
    """The tick, and the sample that it is held beside with what comes of it."""
    usable = [(day, sample) for day, sample in near if -LOOK_BACK_DAYS <= day <= 0]
    if not usable:
        day, sample = min(near, key=lambda each: abs(each[0]))
        return ticked, sample, _checked(facts, descriptor, ticked, sample, day)
    each = [(sample, _checked(facts, descriptor, ticked, sample, day)) for day, sample in usable]
    compared = [(sample, found) for sample, found in each if found.derived is not None]
    meeting = [(sample, found) for sample, found in compared if found.derived and ticked]
    return ticked, *(meeting or compared or each)[0]


def _checked(facts: Facts, descriptor: str, ticked: Truth, sample: Sample, day: int) -> CrossCheck:
    deciding = [one for one in sample if one.qualifier is None or _decides(descriptor, one)]
    on = sample[-1].at
    seen = _observation(
        {one.quantity: one for one in deciding or sample},
        sample_day=day,
        sampled_on=on,
        study_day=days_between(facts.first_infusion, on),
        crs=descriptor == "fever" and _reacting(facts, on),
        compared=bool(deciding),
    )
    return crosscheck.crosscheck(descriptor, seen, ticked)


def _decides(descriptor: str, censored: Measurement) -> bool:
    """Whether all that a censored result may be lies on one side of the descriptor's limit."""
    met = crosscheck.crosscheck(descriptor, _observation({censored.quantity: censored}), None).derived
    return met is not None and met == ((censored.qualifier == "<") == (descriptor in BELOW))


def _reacting(facts: Facts, at: str) -> bool:
    """Whether a CRS was reported that had begun and not ended at a time, as far as its dates tell."""
    return any(
        event.term.upper() in CRS_TERMS and event.start is not None and not before(at, event.start) and not before(event.end, at)
        for event in facts.adverse_events
    )


def _observation(
    by_quantity: Mapping[str, Measurement],
    *,
    sample_day: int = 0,
    sampled_on: str | None = None,
    study_day: int | None = None,
    crs: bool = False,
    compared: bool = True,
) -> Observation:
    """The results of a day as the cross-check takes them; `compared` False: none of them can be held against a limit."""
    of = by_quantity if compared else {}
    value = {name: one.value for name, one in of.items()}
    first = next(iter(by_quantity.values()))
    upcr, dna, casts, hot = (of.get(name) for name in ("upcr", "anti_dsdna", "red_cell_casts", "temperature"))
    return Observation(
        upcr=value.get("upcr"),
        protein_24h=value.get("protein_24h"),
        same_day=True,
        cells_per_field=next((value[name] for name in of if name in PER_FIELD), None),
        casts=_casts(casts) if casts else None,
        complement={NAMES[name]: (value[name], of[name].lower) for name in ("c3", "c4", "ch50") if name in of},
        anti_dsdna=value.get("anti_dsdna"),
        uln=dna.upper if dna else None,
        count=value.get("platelets", value.get("white_cells")),
        temperature_c=_celsius(hot) if hot else None,
        unit=upcr.unit if upcr else first.unit,
        protein_unit=of["protein_24h"].unit if "protein_24h" in of else None,
        crs=crs,
        study_day=study_day,
        sample_day=sample_day,
        sampled_on=sampled_on,
        reported={NAMES.get(name, "count"): one.reported for name, one in by_quantity.items() if one.qualifier},
    )


def _casts(found: Measurement) -> str | None:
    if found.value is not None:
        return "red-cell casts" if found.value else "no casts"
    return CASTS.get(found.reported.upper())


def _celsius(hot: Measurement) -> Fraction | None:
    if hot.value is None:
        return None
    return {"C": Fraction(hot.value), "F": (Fraction(hot.value) - 32) * 5 / 9}.get(hot.unit or "")


def _verdict(
    visit: VisitFacts, form: Sledai, descriptor: str, ticked: bool, sample: Sample, found: CrossCheck
) -> Verdict:
    said = "question" if found.verdict.value is Value.FLAGGED else "finding"
    evidence = (
        Evidence(said, found.message),
        Evidence("status", found.status),
        answered(f"{descriptor} as scored", ticked, form.at or visit.at, form.source),
        *(one.shown(NAMES.get(one.quantity)) for one in sample),
    )
    return Verdict(
        crosscheck.RULE, f"{visit.name} {descriptor.upper()}", found.verdict.value, missing=found.verdict.missing, evidence=evidence
    )
