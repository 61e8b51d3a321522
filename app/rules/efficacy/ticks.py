"""
The laboratory ticks of every SLEDAI-2K of a subject, each beside the results that stand in the casebook: see `crosscheck`.

Which sample a tick is held beside is a ruling of `crosscheck`. CRS is named as a likely cause of a fever where an adverse event
that is one lasts on the day of the sample. A cause other than lupus that was recorded for a descriptor of the visit explains
why what the laboratory shows is not scored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import chain, groupby
from typing import NamedTuple

from app.rules.dates import before, day, days_between, sort_key
from app.rules.efficacy import crosscheck, sledai
from app.rules.efficacy.crosscheck import CrossCheck, Observation
from app.rules.efficacy.visits import in_order
from app.rules.facts import Facts, Measurement, VisitFacts
from app.rules.safety.kinds import CRS
from app.rules.verdict import Evidence, Truth, Value, Verdict, answered


class Sample(NamedTuple):
    """What was measured for one descriptor on one day, in order of time; `at`: the last moment."""

    at: str
    results: Sequence[Measurement]


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
RED_CELL_CASTS, NO_CASTS = "red-cell casts", "no casts"
CASTS = {
    **dict.fromkeys(("POSITIVE", "PRESENT", "SEEN"), RED_CELL_CASTS),
    **dict.fromkeys(("NEGATIVE", "ABSENT", "NONE", "NONE SEEN", "NOT SEEN"), NO_CASTS),
}
NAMES = {"upcr": "UPCR", "protein_24h": "protein of 24 h", "c3": "C3", "c4": "C4", "ch50": "CH50", "anti_dsdna": "anti-dsDNA"}
CALLED = NAMES | {"platelets": "count", "white_cells": "count", **dict.fromkeys(PER_FIELD, "cells")}
"""What the cross-check calls a quantity; any other by its own name."""


def checks(facts: Facts) -> Iterator[Verdict]:
    """A check about each visit and descriptor: flagged where a query is due, not evaluable where nothing can be compared."""
    samples = {descriptor: _samples(facts, names) for descriptor, names in QUANTITIES.items()}
    for visit in in_order(facts.visits):
        for descriptor, measured in samples.items() if visit.sledai else ():
            ticked = sledai.items_of(visit).get(descriptor)
            near = [(gap, sample) for sample in measured if (gap := days_between(visit.at, sample.at)) is not None]
            if ticked is not None and near:
                yield _verdict(visit, descriptor, ticked, *_chosen(facts, visit, descriptor, ticked, near))


def _samples(facts: Facts, names: Sequence[str]) -> list[Sample]:
    """The results of some quantities day by day, the last day first; one without its day is beside none."""
    of = sorted((one for one in facts.results if one.quantity in names), key=lambda one: (sort_key(one.at), one.id))
    days = [list(each) for on, each in groupby(of, key=lambda one: day(one.at)) if on is not None]
    return [Sample(each[-1].at, each) for each in reversed(days)]


def _chosen(
    facts: Facts, visit: VisitFacts, descriptor: str, ticked: bool, near: Sequence[tuple[int, Sample]]
) -> tuple[Sample, CrossCheck]:
    """The sample that a tick is held beside, with what comes of it: the last one says why where none is any help."""
    usable = [(gap, sample) for gap, sample in near if -facts.settings.look_back_days <= gap <= 0]
    each = [
        (sample, _checked(facts, visit, descriptor, ticked, sample, gap))
        for gap, sample in usable or [min(near, key=lambda one: abs(one[0]))]
    ]
    helps = (one for one in each if one[1].derived or (one[1].derived is False and not ticked))
    compared = (one for one in each if one[1].derived is not None)
    return next(chain(helps, compared, each))


def _checked(facts: Facts, visit: VisitFacts, descriptor: str, ticked: Truth, sample: Sample, gap: int) -> CrossCheck:
    deciding = [one for one in sample.results if one.qualifier is None or _decides(descriptor, one, gap)]
    cause = visit.exclusions.get(descriptor)
    seen = replace(
        _observation({one.quantity: one for one in deciding or sample.results}, gap, compared=bool(deciding)),
        look_back=facts.settings.look_back_days,
        sampled_on=sample.at,
        depletion_day=days_between(facts.lymphodepletion_start, sample.at),
        study_day=days_between(facts.first_infusion, sample.at),
        crs=descriptor == "fever" and _reacting(facts, sample.at),
        exclusion_reason=cause.reason if cause else None,
    )
    return crosscheck.crosscheck(descriptor, seen, ticked)


def _decides(descriptor: str, censored: Measurement, gap: int) -> bool:
    """Whether all that a censored result may be lies on one side of the descriptor's limit."""
    met = crosscheck.SOURCES[descriptor](_observation({censored.quantity: censored}, gap)).met
    return met is not None and met == ((censored.qualifier == "<") == (descriptor in BELOW))


def _reacting(facts: Facts, at: str) -> bool:
    """Whether a CRS was reported that had begun and not ended at a time, as far as its dates tell."""
    return any(
        event.start is not None and not before(at, event.start) and not before(event.end, at)
        for event in CRS.of(facts.adverse_events)
    )


def _observation(by_quantity: Mapping[str, Measurement], gap: int, *, compared: bool = True) -> Observation:
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
        sample_day=gap,
        reported={CALLED.get(name, name): one.reported for name, one in by_quantity.items() if one.qualifier},
    )


def _casts(found: Measurement) -> str | None:
    if found.value is not None:
        return RED_CELL_CASTS if found.value else NO_CASTS
    return CASTS.get(found.reported.upper())


def _celsius(hot: Measurement) -> Fraction | None:
    if hot.value is None:
        return None
    return {"C": Fraction(hot.value), "F": (Fraction(hot.value) - 32) * 5 / 9}.get(hot.unit or "")


def _excluded(visit: VisitFacts, descriptor: str) -> Iterator[Evidence]:
    if (found := visit.exclusions.get(descriptor)) is not None:
        yield Evidence(
            f"cause of {crosscheck.in_words(descriptor)} other than lupus", found.reason, None, visit.at, found.source
        )


def _verdict(visit: VisitFacts, descriptor: str, ticked: bool, sample: Sample, found: CrossCheck) -> Verdict:
    form = sledai.points(visit)
    said = "question" if found.verdict.value is Value.FLAGGED else "finding"
    evidence = (
        Evidence(said, found.message),
        Evidence("status", found.status),
        answered(f"{crosscheck.in_words(descriptor)} as scored", ticked, form.at, form.source),
        *_excluded(visit, descriptor),
        *(one.shown(NAMES.get(one.quantity)) for one in sample.results),
    )
    return replace(found.verdict, about=f"{visit.name} {descriptor.upper()}", criteria=(), evidence=evidence)
