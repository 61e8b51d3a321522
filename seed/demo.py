"""
What the service says of the synthetic cohort, beside what was published: a table, rates with intervals, a summary.

Every endpoint here was derived by the service from items, doses and dates and is only read. Which subjects respond was
chosen by the generator, so a rate repeats the published one and estimates nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table
from scipy.stats import binomtest  # type: ignore[import-untyped]

from seed.client import Body, Client
from seed.load import DEMO

SUBJECT_PREFIX = "SYN-"
BASELINE = "baseline of SLEDAI-2K"
SAYS = {"met": "met", "not_met": "not met", "not_evaluable": "not evaluable", "not_applicable": "not applicable"}
COLUMNS = ("Subject", "Age", "Sex", "Dose", "CRS", "Baseline", "Latest", "SRI-4 at 3M", "LLDAS at 4M", "DORIS at 6M")
PUBLISHED = {
    "Subjects": "11",
    "Completed treatment": "11",
    "SRI-4 at 3 months": "3 of 6",
    "LLDAS at 4 months": "reported in one subject",
    "DORIS at 6 months": "reported in one subject",
    "CRS grade 1": "3",
    "CRS grade 2": "1",
    "CRS grade 3 or 4": "0",
    "ICANS": "0",
}
"""The totals of abstract SA-OR088; LLDAS and DORIS are told of one subject, without a denominator."""


@dataclass(frozen=True, slots=True)
class Row:
    """
    One subject as the service tells it. `crs`, `icans`: the highest grade derived, None where it could not be graded;
    `baseline`, `latest`: SLEDAI-2K totals, None where incomplete; endpoints: met, not_met, not_evaluable, or None (no verdict).
    """

    subject: str
    age: int
    sex: str
    dose: str
    completed: bool
    crs: int | None
    icans: int | None
    baseline: int | None
    latest: int | None
    sri4_3m: str | None
    lldas_4m: str | None
    doris_6m: str | None

    @property
    def number(self) -> str:
        """The published number that the subject stands for."""
        return self.subject.removeprefix(SUBJECT_PREFIX)


def cohort(client: Client, study: str = DEMO) -> tuple[Row, ...]:
    """Every subject of the study, read through the API."""
    return tuple(_row(client, study, subject["subject_id"]) for subject in client.subjects(study))


def _row(client: Client, study: str, subject: str) -> Row:
    (person,) = client.records(study, subject, "demographics")
    infusions = client.records(study, subject, "infusions")
    verdicts = {(one["rule"], one["about"]): one for one in client.verdicts(study, subject)}
    totals = _totals(client, study, subject, verdicts)
    return Row(
        subject=subject,
        age=client.records(study, subject, "toxicity-observations")[0]["age"],
        sex=person["sex"],
        dose=infusions[0]["doselvl"],
        completed=_completed(client.records(study, subject, "dispositions")),
        crs=_amount(verdicts, "crs_max", "subject"),
        icans=_amount(verdicts, "icans_max", "subject"),
        baseline=totals[0],
        latest=totals[1],
        sri4_3m=_value(verdicts, "sri4", "M3"),
        lldas_4m=_value(verdicts, "lldas", "M4"),
        doris_6m=_value(verdicts, "doris", "M6"),
    )


Verdicts = dict[tuple[str, str], Body]


def _totals(client: Client, study: str, subject: str, verdicts: Verdicts) -> tuple[int | None, int | None]:
    """The SLEDAI-2K total of the assessment that the service took as baseline, and of the last one."""
    why = client.verdict(study, subject, verdicts["baseline", "subject"]["verdict_id"])
    first = next(fact["source"]["record"] for fact in why["rests_on"] if fact["what"] == BASELINE)
    done = [one for one in client.records(study, subject, "assessments") if one["instrument"] == "SLEDAI-2K"]
    last = max(done, key=lambda one: str(one["rsdtc"]))["record_id"]
    return _amount(verdicts, "sledai2k", first), _amount(verdicts, "sledai2k", last)


def _amount(verdicts: Verdicts, rule: str, about: str) -> int | None:
    amount = verdicts[rule, about]["amount"]
    return None if amount is None else int(amount)


def _value(verdicts: Verdicts, rule: str, about: str) -> str | None:
    found = verdicts.get((rule, about))
    return None if found is None else str(found["value"])


def _completed(dispositions: Iterable[Body]) -> bool:
    return any(one["dsscat"] == "STUDY TREATMENT" and one["dsdecod"] == "COMPLETED" for one in dispositions)


def summary(rows: Sequence[Row], study: str = DEMO) -> dict[str, Any]:
    """The totals of the cohort in the shape of `var/demo/summary.json`, subjects by their published number."""
    sri4 = [row.sri4_3m for row in rows]
    return {
        "study": study,
        "subjects": len(rows),
        "completed_treatment": sum(row.completed for row in rows),
        "sri4_3m": {"met": sri4.count("met"), "evaluable": sri4.count("met") + sri4.count("not_met")},
        "lldas_4m": {"met": [row.lldas_4m for row in rows].count("met")},
        "doris_6m": {"met": [row.doris_6m for row in rows].count("met")},
        "crs": {str(grade): [row.crs for row in rows].count(grade) for grade in range(1, 5)},
        "icans": {"any": sum(1 for row in rows if row.icans)},
        "sledai2k": {row.number: {"baseline": row.baseline, "latest": row.latest} for row in rows},
    }


def cohort_table(rows: Iterable[Row]) -> Table:
    """The cohort, one line a subject."""
    table = Table(title="KN5601-DEMO: SYNTHETIC cohort; SLEDAI-2K at baseline and latest, endpoints derived by the service")
    for name in COLUMNS:
        table.add_column(name, justify="left" if name == "Subject" else "right")
    for row in rows:
        counts = (row.age, row.sex, row.dose, row.crs, row.baseline, row.latest)
        ends = (SAYS.get(str(end), "-") for end in (row.sri4_3m, row.lldas_4m, row.doris_6m))
        table.add_row(row.subject, *("?" if one is None else str(one) for one in counts), *ends)
    return table


def totals_table(rows: Sequence[Row]) -> Table:
    """The totals beside the published ones; rates with their denominators and exact 95 % intervals."""
    table = Table(title="Totals beside abstract SA-OR088; who responds was chosen by the generator")
    for name in ("", "SYNTHETIC cohort", "Published"):
        table.add_column(name)
    for name, value in _totals_by_name(rows).items():
        table.add_row(name, value, PUBLISHED[name])
    return table


def _totals_by_name(rows: Sequence[Row]) -> dict[str, str]:
    told, many = summary(rows), len(rows)
    crs = told["crs"]
    return {
        "Subjects": str(many),
        "Completed treatment": rate(told["completed_treatment"], many),
        "SRI-4 at 3 months": rate(told["sri4_3m"]["met"], told["sri4_3m"]["evaluable"]),
        "LLDAS at 4 months": reported(told["lldas_4m"]["met"]),
        "DORIS at 6 months": reported(told["doris_6m"]["met"]),
        "CRS grade 1": rate(crs["1"], many),
        "CRS grade 2": rate(crs["2"], many),
        "CRS grade 3 or 4": rate(crs["3"] + crs["4"], many),
        "ICANS": rate(told["icans"]["any"], many),
    }


def rate(count: int, of: int) -> str:
    """
    A count with its denominator and the exact (Clopper-Pearson) 95 % interval in percent; the bare words where of is 0.

    >>> rate(3, 6)
    '3 of 6 (50 %, 95 % CI 12 to 88)'
    """
    if of == 0:
        return "0 of 0"
    interval = binomtest(count, of).proportion_ci(confidence_level=0.95, method="exact")
    low, high = 100 * interval.low, 100 * interval.high
    return f"{count} of {of} ({100 * count / of:.0f} %, 95 % CI {low:.0f} to {high:.0f})"


def reported(subjects: int) -> str:
    """
    An endpoint that was told of single subjects: no rate, because nobody said how many could have met it.

    >>> reported(1)
    'reported in one subject'
    """
    return "reported in one subject" if subjects == 1 else f"reported in {subjects} subjects"
