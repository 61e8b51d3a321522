"""
Hypotension for age: systolic pressure below 70 mmHg in the first year, below 70 + 2 x age from 1 to 9 completed years, below 90
from 10 years. It under-calls adolescents, so the investigator's own judgement wins over it, see `crs`.

Source: American Heart Association, Pediatric Advanced Life Support 2020 (hypotension by systolic pressure and age).
"""

from __future__ import annotations

from decimal import Decimal

from app.rules.verdict import Rule

RULE = Rule("hypotension_pals", "1", "Hypotension for age", "Pediatric Advanced Life Support 2020, hypotension by age")
_FROM_TEN_YEARS = 90


def threshold(age_years: int) -> int:
    """The systolic pressure in mmHg below which a subject of so many completed years is hypotensive."""
    return min(70 + 2 * age_years, _FROM_TEN_YEARS)


def hypotensive(age_years: int, systolic: Decimal) -> bool:
    """Whether a systolic pressure in mmHg is below the threshold for age; on the threshold it is not."""
    return systolic < threshold(age_years)
