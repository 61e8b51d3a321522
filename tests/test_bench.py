"""What the bench measures is what it says: two ways to the same verdicts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.rules import derive
from bench import vectorised
from bench.derive import SAME, equal


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_rules_say_of_complete_data_what_whole_array_arithmetic_says(seed: int) -> None:
    """An oracle that shares no code with the rules: SLEDAI-2K, SRI-4, LLDAS and DORIS at every visit."""
    cohort = vectorised.cohort(3, 8, seed)
    found = [derive.verdicts(each, SAME) for each in vectorised.facts(cohort)]

    equal(vectorised.said(cohort), found)


def test_the_study_of_the_bench_has_responders_and_others() -> None:
    said = vectorised.said(vectorised.cohort(100, 20))

    assert all(0.1 < said[rule].mean() < 0.9 for rule in SAME[1:])


@pytest.mark.parametrize("rule", SAME)
def test_one_verdict_that_differs_is_told(rule: str) -> None:
    cohort = vectorised.cohort(2, 3)
    found = [derive.verdicts(each, SAME) for each in vectorised.facts(cohort)]
    floor = vectorised.said(cohort)
    floor[rule] = np.where(np.arange(floor[rule].size).reshape(floor[rule].shape) == 1, floor[rule] ^ 1, floor[rule])

    with pytest.raises(AssertionError, match=f"{rule}: the rules and the arrays differ"):
        equal(floor, found)
