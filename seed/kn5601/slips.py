"""
Where the site slips, so that the trail has something to tell: a value entered wrong and put right, an entry withdrawn.

What is put right is what the generator meant in the first place, so that the cohort ends as it would have without slips.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from seed.client import Body, Reason
from seed.kn5601.steps import Correction, Entry, Step, Steps, Withdrawal


@dataclass(frozen=True, slots=True)
class Slip:
    """One field of the entry called `of` (in a panel, of its record number `row`) entered wrong; in answers, some items."""

    subject: str
    of: str
    row: int
    field: str
    wrong: Any
    why: Reason


SLIPS = (
    Slip("SYN-002", "vital signs M1", 6, "vsorres", "84.0", Reason("TRANSCRIPTION", "Digits of the weight transposed")),
    Slip("SYN-006", "instruments M3", 2, "answers", {"pyuria": None}, Reason("LATE_RESULT", "Urine microscopy came later")),
    Slip("SYN-007", "AE-CRS", 0, "aetoxgr", "1", Reason("MEDICAL_REVIEW", "Hypotension and oxygen by nasal cannula: grade 2")),
)
STRAYS = {
    "SYN-010": Entry(
        "medications",
        {
            "cmtrt": "Omeprazole",
            "cmdecod": "OMEPRAZOLE",
            "cmcat": "OTHER",
            "cmdose": "20",
            "cmdosu": "mg",
            "cmdosfrq": "QD",
            "cmroute": "ORAL",
            "cmstdtc": "2025-07",
            "cmongo": "Y",
        },
        name="stray medication",
    )
}
"""Entries that belong to another subject, made at the end of the casebook and withdrawn."""


def with_slips(subject: str, steps: Sequence[Step]) -> Steps:
    """The acts with this subject's slips: each is corrected before the next visit begins, or at the end."""
    slips = {slip.of: slip for slip in SLIPS if slip.subject == subject}
    waiting: list[Step] = []
    for step in steps:
        if isinstance(step, Entry) and step.path == "visits":
            yield from waiting
            waiting.clear()
        if isinstance(step, Entry) and step.name in slips:
            wrong, correction = _slipped(step, slips[step.name])
            waiting.append(correction)
            yield wrong
        else:
            yield step
    yield from waiting
    if subject in STRAYS:
        yield STRAYS[subject]
        yield Withdrawal(STRAYS[subject].name, Reason("ENTERED_IN_ERROR", "Belongs to another subject"))


def _slipped(entry: Entry, slip: Slip) -> tuple[Entry, Correction]:
    """The entry as it was made, and the correction that puts it right."""
    right = entry.bodies[slip.row][slip.field]
    wrong = right | slip.wrong if isinstance(right, dict) else slip.wrong
    made: list[Body] = [body | {slip.field: wrong} if row == slip.row else body for row, body in enumerate(entry.bodies)]
    as_made = replace(entry, body=made if isinstance(entry.body, list) else made[0])
    return as_made, Correction(entry.name, {slip.field: right}, slip.why, slip.row)
